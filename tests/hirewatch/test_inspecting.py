"""Inspections of the web server: in processes of their own, few at a time, and ended when nobody waits any more."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from hirewatch.inspecting import Inspections
from hirewatch.settings import Crawl, Network, Settings
from postings.errors import NetworkError, UsageError
from tests.sites.layouts import Layout, StaticSite, job

LOOPBACK = Settings(network=Network(allow_addresses=("127.0.0.0/8",)), crawl=Crawl(delay=0))


def site() -> StaticSite:
    return StaticSite(Layout(pages={"/jobs/1": job("Welder")}, start="/jobs/1", titles=frozenset({"Welder"})))


def children() -> set[int]:
    return {
        int(one.name)
        for one in Path("/proc").iterdir()
        if one.name.isdigit() and _is_inspection(one) and str(os.getpid()) in _parents(one)
    }


def _is_inspection(process: Path) -> bool:
    try:
        return b"hirewatch.inspect_process" in (process / "cmdline").read_bytes()
    except OSError:
        return False


def _parents(process: Path) -> list[str]:
    try:
        return [line.split()[1] for line in (process / "status").read_text().splitlines() if line.startswith("PPid")]
    except OSError:
        return []


def told(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def test_an_address_is_read_as_inspect_reads_it_with_the_settings_of_the_service() -> None:
    with site() as career:
        found = told(Inspections(LOOPBACK)(career.url))
    assert [one["title"] for one in found["postings"]] == ["Welder"]
    assert {"at", "rung", "outcome"} <= set(found["explanation"][0])


def test_the_address_policy_holds_there_too() -> None:
    with site() as career:
        found = told(Inspections(Settings())(career.url))
        assert career.asked == []
    assert "address policy" in found["unreadable"]


@pytest.mark.parametrize("typed", ["file:///etc/passwd", "/etc/passwd", "./page.html", "ftp://a.example/", ""])
def test_a_file_of_this_machine_is_no_address(typed: str) -> None:
    with pytest.raises(UsageError):
        told(Inspections(LOOPBACK)(typed))


def test_what_takes_too_long_is_ended_and_said_so() -> None:
    async def asked() -> None:
        with pytest.raises(NetworkError, match="could not be looked at within 0 seconds"):
            await Inspections(LOOPBACK, deadline=0.2)("http://127.0.0.1:9/")
        assert children() == set()

    told(asked())


def test_whoever_leaves_ends_the_process_and_frees_its_place() -> None:
    async def asked() -> None:
        inspections = Inspections(LOOPBACK, at_once=1)
        first = asyncio.ensure_future(inspections("http://127.0.0.1:9/"))
        while not children():
            await asyncio.sleep(0.01)
        with pytest.raises(NetworkError, match="other addresses are being looked at"):
            await inspections("http://127.0.0.1:9/")
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert children() == set()
        assert inspections._free == 1

    told(asked())
