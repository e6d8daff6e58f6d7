"""Turns what went wrong into one message on stderr and an exit code. Called once, around every command.

0 done · 1 done, but something needs a person · 2 usage · 3 configuration · 4 no such thing · 5 network ·
6 the database, for now · 130 interrupted
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import TextIO

import rich_click as click
from click.exceptions import NoArgsIsHelpError

from hirewatch.cli.front import NO_SPACE, OutputClosed
from postings.cleaning import clean
from postings.errors import (
    ConfigurationError,
    DatabaseUnavailable,
    HirewatchError,
    NetworkError,
    NotFoundError,
    UsageError,
)
from scheduler.memory import TOO_LITTLE, lacks_memory

DONE = 0
NEEDS_A_PERSON = 1
USAGE = 2
CONFIGURATION = 3
NOT_FOUND = 4
NETWORK = 5
UNAVAILABLE = 6
INTERRUPTED = 130

_CODES: tuple[tuple[type[HirewatchError], int], ...] = (
    (UsageError, USAGE),
    (DatabaseUnavailable, UNAVAILABLE),
    (ConfigurationError, CONFIGURATION),
    (NotFoundError, NOT_FOUND),
    (NetworkError, NETWORK),
)


_NO_HANDLES = frozenset({errno.EMFILE, errno.ENFILE})


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """Runs the command line with these arguments; what it answers is the exit code of the process."""
    _never_fail_to_print()
    try:
        code = command.main(args=list(arguments), prog_name="hirewatch", standalone_mode=False)
        sys.stdout.flush()
        # what was said to a person and found no room is no failure of what was done
        _close_quietly()
    except HirewatchError as error:
        _say(message(error))
        return exit_code(error)
    except click.ClickException as error:
        return _refused(error)
    except (click.Abort, KeyboardInterrupt):
        _say("Interrupted. What was recorded so far is kept.")
        return INTERRUPTED
    except (OutputClosed, BrokenPipeError):
        # whoever read our output has seen enough
        _close_quietly()
        return DONE
    except OSError as error:
        if error.errno in _NO_HANDLES:
            _say_nothing_of_ends()
            _say(
                f"Error: {clean(str(error.filename or 'a file or a connection'))}: cannot be opened, too many files are open"
            )
            _say("What to do: let hirewatch open more (`ulimit -n`), and try again; what was recorded so far is kept")
            return NEEDS_A_PERSON
        if error.errno not in NO_SPACE:
            raise
        _close_quietly()
        _say(f"Error: {clean(str(error.filename or 'the output'))}: cannot be written, no space is left")
        _say("What to do: make room, and try again; what was recorded so far is kept")
        return NEEDS_A_PERSON
    except (MemoryError, ImportError, RuntimeError) as error:
        if not lacks_memory(error):
            raise
        _say_nothing_of_ends()
        _say(f"Error: {TOO_LITTLE}")
        _say(
            "What to do: let hirewatch have more (`ulimit -v` and `-u`, MemoryMax= and TasksMax= of systemd), and try again; "
            "what was recorded so far is kept"
        )
        return NEEDS_A_PERSON
    return code if isinstance(code, int) else DONE


def exit_code(error: HirewatchError) -> int:
    """The exit code that an error stands for."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), NEEDS_A_PERSON)


def message(error: HirewatchError) -> str:
    """What a person reads: what is wrong with which thing, and what to do about it."""
    subject = f"{error.subject}: " if error.subject else ""
    lines = [f"Error: {subject}{error.problem}"]
    if error.remedy:
        lines.append(f"What to do: {error.remedy}")
    return "\n".join(clean(line, keep_lines=True) for line in lines)


def _say_nothing_of_ends() -> None:
    """What was half made for want of files or memory cannot be ended in order, and the interpreter would say so."""
    sys.unraisablehook = lambda _: None


def _refused(error: click.ClickException) -> int:
    """A command line that Click could not take: its own words, in our form."""
    if isinstance(error, NoArgsIsHelpError):
        click.echo(error.message)
        return USAGE
    context = getattr(error, "ctx", None)
    help_command = f"{context.command_path} --help" if context else "hirewatch --help"
    text = error.format_message().strip().rstrip(".")
    _say(clean(f"Error: {text}", keep_lines=True))
    _say(f"What to do: see `{help_command}`")
    return USAGE


def _say(text: str) -> None:
    try:
        click.echo(text, err=True)
    except BrokenPipeError:
        _close_quietly()


def _never_fail_to_print() -> None:
    """A terminal that cannot show a character gets a replacement, and who closed our output nothing: no traceback."""
    # Python leaves None where the descriptor was closed from the beginning
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")


def _close_quietly() -> None:
    """The interpreter flushes both streams at its end; without this it would complain about the closed pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
