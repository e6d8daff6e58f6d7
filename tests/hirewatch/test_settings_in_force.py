from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hirewatch import config, settings, settings_in_force
from tests.hirewatch.settings_file import write


@pytest.fixture(autouse=True)
def alone(home: Path) -> None:
    """No file and no environment but what a test writes."""


def test_every_setting_is_described_with_its_origin_and_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write('[crawl]\ndelay = 2\n[mail]\nurl = "smtp://me:hunter2@mail.example:587"\n')
    monkeypatch.setenv("HIREWATCH_DATABASE", "postgresql://me:hunter2@db/x")
    told = {setting.name: setting for setting in settings_in_force.describe(config.load())}
    assert set(told) == set(settings.meanings())
    assert told["crawl.delay"].origin == str(path.resolve())
    assert told["database"].origin == "HIREWATCH_DATABASE"
    assert told["crawl.pages"].origin == "default"
    assert "hunter2" not in repr(told)


def test_what_is_exported_says_the_same_again(
    monkeypatch: pytest.MonkeyPatch, command_line: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HIREWATCH_NETWORK__ALLOW_ADDRESSES", "10.0.0.0/8, 127.0.0.0/8")
    write('[crawl]\ndelay = 2\nkeep_responses = "30d"\n[keep]\nvisits = "forever"\n[log]\nformat = "json"\n')
    before = config.load()
    assert command_line("config", "export") == 0
    written = capsys.readouterr().out
    monkeypatch.delenv("HIREWATCH_NETWORK__ALLOW_ADDRESSES")
    write(written)
    assert config.load() == before


def test_an_export_keeps_passwords_to_itself(
    monkeypatch: pytest.MonkeyPatch, command_line: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HIREWATCH_MAIL__URL", "smtp://me:hunter2@mail.example:587")
    assert command_line("config", "export") == 0
    written = capsys.readouterr().out
    assert "hunter2" not in written
    assert "\n# url = " in written
