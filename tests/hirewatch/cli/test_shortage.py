"""Too little of what a machine has to give is one message, what to do, and exit code 1."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator

import click
import pytest

from hirewatch.cli import failures


@pytest.fixture(autouse=True)
def _hook() -> Iterator[None]:
    before = sys.unraisablehook
    yield
    sys.unraisablehook = before


def ends(error: Exception) -> int:
    @click.command()
    def command() -> None:
        raise error

    return failures.run(command, [])


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("can't start new thread"),
        ImportError("/lib/lxml.so: failed to map segment from shared object"),
    ],
)
def test_too_little_memory_is_said(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(error) == 1
    said = capsys.readouterr().err
    assert said.startswith("Error: there is not enough memory")
    assert "ulimit -v" in said


def test_too_many_open_files_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(OSError(errno.EMFILE, os.strerror(errno.EMFILE))) == 1
    assert "too many files are open" in capsys.readouterr().err


@pytest.mark.parametrize("error", [RuntimeError("a mistake of ours"), ImportError("no module named nowhere")])
def test_a_mistake_of_ours_is_no_shortage(error: Exception) -> None:
    with pytest.raises(type(error)):
        ends(error)
