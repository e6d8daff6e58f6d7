from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import rich_click as click

from hirewatch.cli.failures import message, run
from hirewatch.cli.front import command
from postings.errors import (
    AddressRefused,
    ConfigurationError,
    DatabaseError,
    DatabaseUnavailable,
    HirewatchError,
    NetworkError,
    NotFoundError,
    UsageError,
)


def raising(error: BaseException) -> click.Command:
    @command("fails")
    def fails() -> None:
        raise error

    return fails


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no"), 2),
        (ConfigurationError("no"), 3),
        (DatabaseError("no"), 3),
        (DatabaseUnavailable("no"), 6),
        (NotFoundError("no"), 4),
        (NetworkError("no"), 5),
        (AddressRefused("no"), 5),
        (click.UsageError("no"), 2),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 0),
        (OSError(errno.ENOSPC, "No space left on device"), 1),
    ],
)
def test_every_error_has_its_exit_code(error: BaseException, code: int) -> None:
    assert run(raising(error), []) == code


def test_an_error_names_its_subject_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    run(raising(NotFoundError("no site of this name is watched", subject="acme", remedy="did you mean `acne`?")), [])
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "Error: acme: no site of this name is watched\nWhat to do: did you mean `acne`?\n"


def test_an_error_that_quotes_a_page_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in message(NetworkError("answered \x1b[2Jnothing", subject="https://x.example/\x1b]0;a\x07"))


def test_a_command_may_choose_its_exit_code() -> None:
    @command("chooses")
    @click.pass_context
    def chooses(context: click.Context) -> None:
        context.exit(1)

    assert run(chooses, []) == 1


@pytest.mark.parametrize("arguments", [["vist"], ["visit", "--al"], ["add"], ["sites", "lst"]])
def test_what_cannot_be_typed_is_a_usage_error_with_the_way_to_help(
    arguments: list[str], capsys: pytest.CaptureFixture[str], command_line: Callable[..., int]
) -> None:
    assert command_line(*arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("Error: ")
    assert "--help`" in said


def test_the_help_is_that_of_the_command_whose_option_is_wrong(
    capsys: pytest.CaptureFixture[str], command_line: Callable[..., int]
) -> None:
    assert command_line("sites", "set", "acme", "--every") == 2
    assert "hirewatch sites set --help`" in capsys.readouterr().err


def test_a_mistyped_command_is_answered_with_the_nearest(
    capsys: pytest.CaptureFixture[str], command_line: Callable[..., int]
) -> None:
    command_line("postngs")
    assert "Did you mean 'postings'?" in capsys.readouterr().err


def test_every_error_of_the_tree_that_reaches_a_person_has_a_code_of_its_own() -> None:
    shown = {
        kind
        for kind in HirewatchError.__subclasses__()
        if kind.__name__ != "LeaseLost" and kind.__module__ == "postings.errors"
    }
    assert {run(raising(kind("no")), []) for kind in shown} == {2, 3, 4, 5}


VERSION = f'"{sys.executable}" -m hirewatch version'


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize(("to", "code", "said"), [("/dev/full", 1, "no space is left"), ("&-", 0, "")])
def test_an_output_that_takes_nothing_is_no_traceback(to: str, code: int, said: str) -> None:
    ran = subprocess.run(["sh", "-c", f"{VERSION} >{to}"], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, said in ran.stderr, "Traceback" in ran.stderr) == (code, True, False)
