"""The settings of a crawl: copies share what they hold, and nothing that is set."""

from __future__ import annotations

from crawler.visit import crawl_settings


def test_what_is_set_in_a_copy_stays_there() -> None:
    settings = crawl_settings(["127.0.0.0/8"])
    copied = settings.copy()
    copied.set("DOWNLOAD_TIMEOUT", 7, priority="cmdline")
    copied.set("DOWNLOAD_HANDLERS", {}, priority="cmdline")
    assert settings.getint("DOWNLOAD_TIMEOUT") == 30
    assert "http" in settings.getdict("DOWNLOAD_HANDLERS")


def test_a_copy_holds_the_same_with_the_same_priorities() -> None:
    settings = crawl_settings()
    copied = settings.copy()
    assert {name: (copied[name], copied.getpriority(name)) for name in copied} == {
        name: (settings[name], settings.getpriority(name)) for name in settings
    }


def test_a_frozen_copy_leaves_the_settings_open() -> None:
    settings = crawl_settings()
    settings.copy().freeze()
    settings.set("DOWNLOAD_TIMEOUT", 7, priority="cmdline")
    assert settings.getint("DOWNLOAD_TIMEOUT") == 7
