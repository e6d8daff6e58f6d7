"""What every command shares: the options that stand everywhere, the settings behind them, and how it speaks.

Results go to stdout, everything else to stderr. A command gets a `Front` as its first argument.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.exceptions import NoSuchCommand

from hirewatch.cli.text import to_json
from postings.cleaning import clean
from postings.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from hirewatch.settings import Settings


@dataclass
class Front:
    """How this call of the command line was made, and what it needs to answer."""

    config: Path | None = None
    json: bool = False
    no_color: bool = False
    quiet: bool = False
    verbose: int = 0
    _settings: Settings | None = field(default=None, repr=False)

    @property
    def settings(self) -> Settings:
        """The settings of this call, read once. Raises ConfigurationError with everything that is wrong."""
        if self._settings is None:
            from hirewatch import config

            self._settings = config.load(self.config)
        return self._settings

    @property
    def terminal(self) -> bool:
        """Whether a person looks at stdout."""
        return sys.stdout.isatty()

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)

    def out(self) -> Console:
        """Where results go."""
        return _console(sys.stdout, self.no_color)

    def err(self) -> Console:
        """Where everything else goes."""
        return _console(sys.stderr, self.no_color)

    def say(self, text: str) -> None:
        """A line to the person who waits; nothing with -q.

        What nobody can read ends no command, least of all a service: whoever read has left, or the disk has no room.
        """
        if not self.quiet:
            try:
                click.echo(clean(text, keep_lines=True), err=True)
            except OSError as error:
                if error.errno not in NO_SPACE | _NO_READER:
                    raise

    def warn(self, text: str) -> None:
        """A line that -q does not silence."""
        click.echo(clean(text, keep_lines=True), err=True)

    def confirm(self, question: str, *, yes: bool) -> None:
        """Asks on a terminal, unless `yes` was said; where nobody can answer, it has to be. Raises UsageError or
        Abort."""
        if yes:
            return
        if not sys.stdin.isatty():
            raise UsageError("nobody can be asked here", remedy="say --yes if you mean it")
        click.confirm(question, abort=True, err=True)

    def print(self, text: str = "") -> None:
        """A line of the result."""
        click.echo(clean(text, keep_lines=True))

    def print_json(self, value: Any) -> None:
        """One document of the result, on one line (a line each makes JSON Lines)."""
        click.echo(to_json(value))


def _console(stream: Any, no_color: bool) -> Console:
    from rich.console import Console

    class Patient(Console):
        def on_broken_pipe(self) -> None:
            # Rich would raise SystemExit, which ends an event loop without ending its threads
            raise OutputClosed

    return Patient(file=stream, no_color=no_color or None, highlight=False, markup=False, emoji=False)


def _set(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """A callback that notes an option's value on the Front; an option not given leaves what stands there."""

    def note(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        if not value:
            return
        front = context.ensure_object(Front)
        setattr(front, name, value)
        if name == "no_color":
            os.environ["NO_COLOR"] = "1"

    return note


def _everywhere(*, json: bool) -> list[click.Parameter]:
    def option(name: str, *flags: str, **looks: Any) -> click.Parameter:
        return click.RichOption(
            list(flags), expose_value=False, is_eager=True, callback=_set(name), panel="Everywhere", **looks
        )

    options = [
        option(
            "config",
            "--config",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Take the settings from this file.",
        ),
        option("no_color", "--no-color", is_flag=True, help="No colours (as with NO_COLOR in the environment)."),
        option("quiet", "-q", "--quiet", is_flag=True, help="Say nothing but the result and errors."),
        option("verbose", "-v", "--verbose", count=True, help="Say more of what happens; twice for everything."),
    ]
    return [option("json", "--json", is_flag=True, help="The result as JSON."), *options] if json else options


#: errors of a disk that is full
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
#: what is said where there is nothing to show, and why
NO_SITE = "No site is watched yet.\nAdd one:  hirewatch add URL"
#: errors of a pipe whose other end is closed, and of a terminal that is gone
_NO_READER = frozenset({errno.EPIPE, errno.EIO})


class OutputClosed(Exception):
    """Whoever read our output wants no more of it."""


class Command(click.RichCommand):
    """A command with the options that stand everywhere."""

    def __init__(self, *args: Any, json_output: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_everywhere(json=json_output))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            # Click does not always say whose option it is, and with it whose help to read
            error.ctx = error.ctx or ctx
            raise


class Group(click.RichGroup):
    """A group whose commands take the options that stand everywhere."""

    command_class = Command


@dataclass(frozen=True, slots=True)
class Lazy:
    """Where a command is found, and what the help page of the root says of it."""

    module: str
    attribute: str
    line: str


class LazyGroup(Group):
    """The root: a command's module is imported when the command is asked for.

    Command modules import nothing heavy at their top either, but two dozen of them are half of what the page that lists
    them costs; so that page takes the line that is given here.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, Lazy], **kwargs: Any) -> None:
        """`lazy` says for each command where it is."""
        super().__init__(*args, **kwargs)
        self._lazy = lazy
        self._listing = False
        self.params.extend(_everywhere(json=False))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            # left as it is, rich-click would end the process with 1, which means something else here
            raise OutputClosed from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and (lazy := self._lazy.get(cmd_name)):
            if self._listing:
                return click.RichCommand(name=cmd_name, help=lazy.line)
            command: click.Command = getattr(importlib.import_module(lazy.module), lazy.attribute)
            self.add_command(command, cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self._lazy and not args[0].startswith("-"):
            raise NoSuchCommand(args[0], possibilities=self._lazy, ctx=ctx)
        return super().resolve_command(ctx, args)


def command(name: str, **options: Any) -> Callable[[Callable[..., Any]], Command]:
    """Makes a function a command with the options that stand everywhere."""
    decorate: Callable[[Callable[..., Any]], Command] = click.command(name, **{"cls": Command, **options})
    return decorate


pass_front = click.make_pass_decorator(Front, ensure=True)
