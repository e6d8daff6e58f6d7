"""`sites import`: a list of sites comes in whole or not at all, and a second time changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.storage.watching import Watch

Run = Callable[..., int]
Said = pytest.CaptureFixture[str]


def names(command_line: Run, capsys: Said) -> list[str]:
    capsys.readouterr()
    assert command_line("sites", "list", "--json") == 0
    return [site["site"] for site in json.loads(capsys.readouterr().out)]


def test_a_list_is_watched_and_a_second_time_changes_nothing(
    watch: Watch, command_line: Run, capsys: Said, tmp_path: Path
) -> None:
    before = names(command_line, capsys)
    file = tmp_path / "sites.csv"
    file.write_text("url,name,every\nhttps://one.example/,first,6h\njobs.two.example/openings,,\n")
    assert command_line("sites", "import", str(file)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "first  https://one.example/",
        "two  https://jobs.two.example/openings",
    ]
    assert sorted(names(command_line, capsys)) == sorted([*before, "first", "two"])
    assert command_line("sites", "import", str(file), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"added": [], "known": 2, "dry_run": False}


def test_what_a_list_would_add_can_be_seen_first(watch: Watch, command_line: Run, capsys: Said, tmp_path: Path) -> None:
    before = names(command_line, capsys)
    (tmp_path / "sites").write_text("https://one.example/\n")
    assert command_line("sites", "import", str(tmp_path / "sites"), "--dry-run") == 0
    assert names(command_line, capsys) == before


def test_an_address_that_is_watched_under_another_spelling_is_known(
    watch: Watch, command_line: Run, capsys: Said, tmp_path: Path
) -> None:
    (tmp_path / "sites").write_text("https://one.example/\nhttp://www.one.example/\n")
    for added in (1, 0):
        capsys.readouterr()
        assert command_line("sites", "import", str(tmp_path / "sites"), "--json") == 0
        assert len(json.loads(capsys.readouterr().out)["added"]) == added


@pytest.mark.parametrize("line", ["ftp://two.example two", "https://two.example acme"], ids=["address", "taken name"])
def test_a_list_with_a_fault_adds_nothing(
    watch: Watch, command_line: Run, capsys: Said, tmp_path: Path, line: str
) -> None:
    before = names(command_line, capsys)
    (tmp_path / "sites").write_text(f"https://one.example/ one\n{line}\n")
    assert command_line("sites", "import", str(tmp_path / "sites")) == 2
    assert "nothing of" in capsys.readouterr().err
    assert names(command_line, capsys) == before


def test_what_one_installation_lists_another_one_takes(
    watch: Watch, command_line: Run, capsys: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capsys.readouterr()
    assert command_line("sites", "list", "--json") == 0
    (tmp_path / "sites.json").write_text(capsys.readouterr().out)
    monkeypatch.setenv("HIREWATCH_DATABASE", f"sqlite:///{tmp_path}/other.db")
    assert command_line("sites", "import", str(tmp_path / "sites.json")) == 0
    assert names(command_line, capsys) == ["acme"]
