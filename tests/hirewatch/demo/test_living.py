"""The demonstration after its play: the dashboard shows it, and the site lives on until somebody ends it."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from random import Random
from typing import Any, cast

import httpx
import pytest

from hirewatch.demo import living, run
from hirewatch.demo.site import CareerSite


class Visitor:
    """An audience that looks at the dashboard once, and ends it all at the first change of the site."""

    def __init__(self) -> None:
        self.page = ""
        self.scenes: list[str] = []

    def served(self, address: str) -> None:
        self.page = httpx.get(address, timeout=30).text

    def scene(self, what: str) -> None:
        self.scenes.append(what)
        os.kill(os.getpid(), signal.SIGINT)

    def __getattr__(self, name: str) -> Any:
        return lambda *_told: None


def test_the_dashboard_shows_the_demonstration_until_it_is_asked_to_end_though_its_port_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # what is called like us in the folder where somebody begins it is not imported
    (tmp_path / "hirewatch").mkdir()
    (tmp_path / "hirewatch/__init__.py").write_text("raise SystemExit(7)\n")
    monkeypatch.chdir(tmp_path)
    visitor, before = Visitor(), signal.getsignal(signal.SIGINT)
    with socket.socket() as other, run.stage(keep=False) as stage:
        other.bind(("127.0.0.1", 0))
        monkeypatch.setattr(living, "PORT", other.getsockname()[1])
        living.live_on(stage, cast(run.Audience, visitor), every=0.01)
    assert "From nothing to the first alert" in visitor.page
    assert len(visitor.scenes) == 1
    assert signal.getsignal(signal.SIGINT) is before


def test_the_employer_keeps_at_least_half_of_its_jobs_open() -> None:
    site, rng = CareerSite(run.JOBS), Random(1)
    said = {living.change(site, rng).split()[0] for _ in range(200)}
    assert len(site.open_jobs()) >= run.JOBS // 2
    assert {"The", "It", "Nothing"} < said
