"""The password and the tokens of the web server, through the command line."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import access
from storage.engine import connect

Run = Callable[..., int]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_a_token_is_shown_once_listed_without_it_and_revoked(
    command_line: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line("tokens", "create", "ci", "--write") == 0
    made = capsys.readouterr().out.strip()
    assert made.startswith("hw_")
    assert command_line("tokens", "list") == 0
    shown = capsys.readouterr().out
    assert "ci" in shown
    assert "write" in shown
    assert "never" in shown
    assert made not in shown
    engine = connect(f"sqlite:///{home}/hirewatch.db")
    assert access.token(engine, made, NOW) is not None
    assert command_line("tokens", "revoke", "ci") == 0
    assert access.token(engine, made, NOW) is None
    engine.dispose()
    assert command_line("tokens", "revoke", "ci") == 4


def test_tokens_speak_json(command_line: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line("tokens", "create", "reader", "--feeds", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["token"], made["scope"]) == ("reader", "feeds")
    assert command_line("tokens", "list", "--json") == 0
    [listed] = json.loads(capsys.readouterr().out)
    assert listed["last_used_at"] is None
    assert made["secret"] not in str(listed)


@pytest.mark.parametrize("scopes", [[], ["--read", "--write"]])
def test_a_token_opens_one_thing(command_line: Run, scopes: list[str]) -> None:
    assert command_line("tokens", "create", "ci", *scopes) == 2


def test_the_password_comes_from_standard_input_and_is_repeated_nowhere(
    command_line: Run, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def given(text: str) -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return command_line("password", "set")

    assert given("") == 2
    assert given("too short\n") == 2
    assert given("correct horse battery\nnot this line\n") == 0
    said = capsys.readouterr()
    assert "horse" not in said.out + said.err
    engine = connect(f"sqlite:///{home}/hirewatch.db")
    assert access.is_password(engine, "correct horse battery")
    assert command_line("password", "remove") == 0
    assert not access.has_password(engine)
    engine.dispose()
    assert command_line("password", "remove") == 4
