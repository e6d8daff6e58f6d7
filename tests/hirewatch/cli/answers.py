"""What commands answered, to people and to programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., int]
Said = pytest.CaptureFixture[str]


def told(command_line: Run, capsys: Said, *arguments: str, code: int = 0) -> str:
    """What a command said: its result, or the error that it ended with."""
    capsys.readouterr()
    assert command_line(*arguments) == code
    said = capsys.readouterr()
    return said.out if code == 0 else said.err


def document(command_line: Run, capsys: Said, *arguments: str) -> Any:
    """The result of a command as JSON."""
    return json.loads(told(command_line, capsys, *arguments, "--json"))
