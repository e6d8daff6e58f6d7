"""The pages of sites in a browser; one test with the whole service behind them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage import visits
from tests.dashboard.browser import DESK, PHONE, Scheme, assert_accessible, looking
from tests.dashboard.conftest import Board
from tests.dashboard.pages.test_inspect import Looked, app, told
from tests.dashboard.pages.test_overview import shrunken
from tests.dashboard.test_feeds import watched
from tests.sites.layouts import Layout, StaticSite, jobs, links, page, sitemap

if TYPE_CHECKING:
    from playwright.sync_api import Browser

JOBS = [f"/jobs/{number}" for number in range(5)]


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """`hirewatch serve` as a process of its own, which may ask this machine; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hirewatch", "serve", "--port", "0"],
        env={
            **os.environ,
            "HIREWATCH_HOME": str(home),
            "HIREWATCH_NETWORK__ALLOW_ADDRESSES": "127.0.0.0/8",
            "HIREWATCH_CRAWL__DELAY": "0",
        },
        cwd=home,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        else:
            raise AssertionError("the service did not start")
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.slow
def test_a_site_is_added_visited_now_and_its_postings_arrive(chromium: Browser, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    pages = {**jobs(JOBS), "/sitemap.xml": sitemap(JOBS), "/careers": page(f"<ul>{links(JOBS)}</ul>")}
    career = StaticSite(Layout(pages=pages, start="/careers", titles=frozenset()))
    with career, serving(tmp_path) as address:
        tab = chromium.new_page(base_url=address)
        tab.set_default_timeout(60_000)
        said: list[str] = []
        tab.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        tab.goto("/sites")
        tab.get_by_label("Address of the career site").fill(career.url)
        tab.get_by_role("button", name="Watch this site").click()
        # the first visit begins by itself, and the page follows it
        expect(tab.locator("#open")).to_have_text("5", timeout=60_000)
        tab.get_by_role("button", name="Visit now").wait_for()
        pages["/jobs/9"], pages["/sitemap.xml"] = jobs(["/jobs/9"])["/jobs/9"], sitemap([*JOBS, "/jobs/9"])
        pages["/careers"] = page(f"<ul>{links([*JOBS, '/jobs/9'])}</ul>")
        tab.get_by_role("button", name="Visit now").click()
        expect(tab.locator("#open")).to_have_text("6", timeout=60_000)
        tab.get_by_role("button", name="Visit now").wait_for()
        assert tab.locator("#visits tbody tr").count() == 2
        assert said == []
        tab.close()


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "dark"), (DESK, "light")])
def test_pages_of_sites_are_accessible_and_fit(chromium: Browser, board: Board, width: int, scheme: Scheme) -> None:
    with looking(chromium, app(board, Looked(told("hollow.html"))), width=width, scheme=scheme) as tab:
        watch = watched(board)
        shrunken(board, name="beta")
        visit = visits.recent(board.engine, watch.site.id, 1)[0].id
        for path in ("/sites", "/sites/beta", f"/sites/acme/visits/{visit}", "/inspect?url=acme.example"):
            tab.goto(path)
            assert_accessible(tab)


def test_typing_filters_the_list_and_an_inspection_is_shown_in_place(chromium: Browser, board: Board) -> None:
    from playwright.sync_api import expect

    for name in ("acme", "beta"):
        watched(board, name=name, host=f"{name}.example")
    with looking(chromium, app(board, Looked(told("hollow.html")))) as tab:
        tab.goto("/sites")
        tab.get_by_label("Name or address").press_sequentially("bet")
        expect(tab.locator("#found tbody tr")).to_have_count(1, timeout=15_000)
        assert tab.url.endswith("/sites?q=bet")
        tab.goto("/inspect")
        tab.get_by_label("Address of a posting").fill("acme.example/jobs/1")
        tab.get_by_role("button", name="Inspect").click()
        tab.locator("#fields").wait_for()
        assert tab.url.endswith("/inspect?url=acme.example%2Fjobs%2F1")
