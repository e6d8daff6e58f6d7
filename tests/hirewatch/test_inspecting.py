"""Inspections of the web server: in processes of their own, few at a time, and ended when nobody waits any more."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from hirewatch import inspect_process, inspector
from hirewatch.inspect_process import Order
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


def test_a_folder_of_our_name_where_the_service_was_started_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hirewatch").mkdir()
    (tmp_path / "hirewatch/__init__.py").write_text("raise SystemExit(7)\n")
    monkeypatch.chdir(tmp_path)
    assert "unreadable" in told(Inspections(LOOPBACK)("http://127.0.0.1:9/"))


def test_a_machine_that_has_no_process_left_is_told_of_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_arguments: Any, **_options: Any) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refused)
    inspections = Inspections(LOOPBACK, at_once=1)
    for _ in range(2):
        with pytest.raises(NetworkError, match="Resource temporarily unavailable"):
            told(inspections("http://127.0.0.1:9/"))


def test_the_order_counts_and_not_what_stands_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service has read the environment already; what it hands on is stricter."""
    found: list[Settings] = []

    def look(_pages: Any, settings: Settings, tell: Any, *, now: Any) -> None:
        found.append(settings)
        raise NetworkError("was looked at")

    monkeypatch.setenv("HIREWATCH_CRAWL__SECONDS", "7200")
    monkeypatch.setenv("HIREWATCH_NETWORK__ALLOW_ADDRESSES", "10.0.0.0/8")
    monkeypatch.setattr(inspector, "inspect", look)
    order = Order(url="http://127.0.0.1/", deadline=9, crawl={"seconds": 9}, allow_addresses=("127.0.0.0/8",))
    assert inspect_process._looked_at(order)["error"]["problem"] == "was looked at"
    assert (found[0].crawl.seconds, found[0].network.allow_addresses) == (9, ("127.0.0.0/8",))
