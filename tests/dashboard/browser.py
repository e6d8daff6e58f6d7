"""Pages in a real Chromium: a browser that loads them from a running server, and reports all it does not like."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import pytest
from starlette.types import ASGIApp

from crawler.chromium import find_chromium
from tests.dashboard.web import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: the widths that pages are looked at in: a small phone, and a desk
PHONE, DESK = 320, 1280

Scheme = Literal["light", "dark"]


# not for the session: while Playwright runs, its thread has a running loop, and a test with a loop of its own fails there
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A Chromium for the tests of a module; modules with it hold no test that runs a loop in the main thread."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium is installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else [], chromium_sandbox=False
        )
        yield browser
        browser.close()


@contextmanager
def looking(
    chromium: Browser,
    app: ASGIApp,
    *,
    width: int = DESK,
    height: int = 800,
    scheme: Scheme = "light",
    script: bool = True,
    complaints: bool = True,
) -> Iterator[Page]:
    """A tab that shows pages of `app` by their paths.

    Fails at the end if the console said anything bad (a violated policy stands there too), a script failed, or anything
    was asked of another host. `complaints=False`: it does not, as for pages of errors, which Chromium tells the console.
    """
    with Running(app) as running:
        context = chromium.new_context(
            base_url=f"http://127.0.0.1:{running.port}",
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        heard: list[str] = []
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda said: heard.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda asked: _note_foreign(asked.url, running.port, heard))
        try:
            yield page
        finally:
            context.close()
        if complaints:
            assert heard == []


def assert_accessible(page: Page, *, rules: Sequence[str] = ()) -> None:
    """That axe-core finds nothing to complain of in what the page shows now, and that nothing sticks out sideways.

    `rules`: only these of its rules.
    """
    from axe_playwright_python.sync_playwright import Axe, AxeResults

    # the package's own call sends the program anew each time, and takes back all that is well: three times as slow
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(Axe().axe_script)
    options = {"reporter": "no-passes"} | ({"runOnly": list(rules)} if rules else {})
    results: Any = AxeResults(page.evaluate("options => axe.run(options)", options))
    assert results.violations_count == 0, results.generate_report()
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert beyond <= 0, f"{beyond} px wider than the window"


def assert_accessible_everywhere(page: Page) -> None:
    """The same on a small phone and on a desk, in light and in dark: all rules at both widths, contrast everywhere."""
    before = page.viewport_size
    looks: tuple[tuple[int, Scheme, Scheme], ...] = ((PHONE, "dark", "light"), (DESK, "light", "dark"))
    for width, scheme, other in looks:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        assert_accessible(page)
        page.emulate_media(color_scheme=other)
        assert_accessible(page, rules=["color-contrast"])
    page.emulate_media(color_scheme="null")
    if before is not None:
        page.set_viewport_size(before)


def _note_foreign(url: str, port: int, heard: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"data", "blob"} and parts.netloc != f"127.0.0.1:{port}":
        heard.append(f"asked another host: {url}")
