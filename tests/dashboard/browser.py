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
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page

#: the widths that pages are looked at in: a small phone, and a desk
PHONE, DESK = 320, 1280

Scheme = Literal["light", "dark"]


# not for the session: while Playwright runs, its thread has a running loop, and a test with a loop of its own fails
# there
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
    """A tab that shows pages of `app` by their paths. `complaints=False`: whatever the browser says, it does not
    fail."""
    with (
        Running(app) as running,
        tab(
            chromium,
            f"http://127.0.0.1:{running.port}",
            width=width,
            height=height,
            scheme=scheme,
            script=script,
            complaints=complaints,
        ) as page,
    ):
        yield page


@contextmanager
def tab(
    chromium: Browser,
    address: str,
    *,
    width: int = DESK,
    height: int = 800,
    scheme: Scheme = "light",
    script: bool = True,
    complaints: bool = True,
    patience: float = 15,
) -> Iterator[Page]:
    """A tab that shows pages of the service at `address` by their paths, in a context of its own.

    Fails at the end if the console said anything bad, a policy was violated, a script failed, a dialog opened, or
    anything was asked of another host. `complaints=False`: it does not, as for pages of errors, which Chromium tells
    the console. `patience` is in seconds.
    """
    context = chromium.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
        java_script_enabled=script,
    )
    heard: list[str] = []
    host = urlsplit(address).netloc
    context.set_default_timeout(patience * 1000)
    context.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective, e.blockedURI))"
    )
    context.on("console", lambda said: _note_bad(said, heard))
    context.on("weberror", lambda failed: heard.append(str(failed.error)))
    context.on("request", lambda asked: _note_foreign(asked.url, host, heard))
    context.on("dialog", lambda opened: _close(opened, heard))
    try:
        yield context.new_page()
    finally:
        context.close()
    if complaints:
        assert not heard, heard[:5]


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


def _note_bad(said: ConsoleMessage, heard: list[str]) -> None:
    if said.type in {"error", "warning"}:
        heard.append(f"{said.text} ({said.location['url']})")


def _note_foreign(url: str, host: str, heard: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"data", "blob"} and parts.netloc != host:
        heard.append(f"asked another host: {url}")


def _close(opened: Dialog, heard: list[str]) -> None:
    heard.append(f"a dialog opened: {opened.message}")
    opened.dismiss()
