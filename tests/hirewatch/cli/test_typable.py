"""A command that is shown can be typed as it stands, whatever things are called."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., int]
NAME = "Ada's jobs; a/b"


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The words of the one command that was shown."""
    text = " ".join(capsys.readouterr().err.split())
    [command] = re.findall(r"hirewatch ((?:outlets|searches|tokens) \w+ .*?)`?$", text)
    return shlex.split(command)


def test_what_to_try_with_a_new_outlet_works(
    command_line: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("alerts", "others"):
        (tmp_path / folder).mkdir()
    assert command_line("outlets", "add", NAME, f"file://{tmp_path}/alerts") == 0
    assert command_line(*shown(capsys)) == 0
    capsys.readouterr()
    assert command_line("outlets", "add", NAME, f"file://{tmp_path}/others") == 2
    assert command_line(*shown(capsys), "--yes") == 0


def test_what_to_do_with_a_search_works(command_line: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line("searches", "add", NAME, "title:welder") == 0
    assert command_line(*shown(capsys)) == 0
    capsys.readouterr()
    assert command_line("searches", "add", NAME, "title:welder") == 2
    assert command_line(*shown(capsys), "--yes") == 0


def test_a_token_whose_name_is_taken_is_revoked_as_it_says(
    command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line("tokens", "create", NAME, "--read") == 0
    capsys.readouterr()
    assert command_line("tokens", "create", NAME, "--read") == 2
    assert command_line(*shown(capsys)) == 0
