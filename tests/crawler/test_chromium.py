from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from crawler.chromium import chromium, find_chromium, how_to_render
from postings.errors import ConfigurationError


def test_without_the_extra_its_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError) as raised:
        chromium()
    assert "uv tool install '.[browser]'" in str(raised.value.remedy)
    assert "uv tool install '.[browser]'" in how_to_render("acme")
    assert "hirewatch sites set acme --render on" in how_to_render("acme")


def test_a_chromium_that_is_named_is_the_one(tmp_path: Path) -> None:
    mine = tmp_path / "chromium"
    assert find_chromium(str(mine)) is None
    mine.touch()
    assert find_chromium(str(mine)) == str(mine)


def test_without_a_chromium_the_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    with pytest.raises(ConfigurationError, match="no Chromium was found") as raised:
        chromium()
    assert "HIREWATCH_CRAWL__BROWSER" in str(raised.value.remedy)
