"""The command line in this process, with a data folder of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hirewatch.cli import cli
from hirewatch.cli.failures import run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder; nothing else of the environment sets hirewatch."""
    for name in os.environ:
        if name.startswith("HIREWATCH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HIREWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def command_line(home: Path) -> Callable[..., int]:
    """Runs a command and returns its exit code."""
    return lambda *arguments: run(cli, arguments)
