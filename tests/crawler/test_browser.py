"""Sites that show nothing without script, with a real Chromium."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from crawler.chromium import find_chromium
from postings.sites import SourceKind
from tests.crawler.visits import Crawling, Visited
from tests.sites.javascript import Canary, JavascriptSite

pytest.importorskip("scrapy_playwright", reason="the extra `browser` is not installed")
pytestmark = [
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed"),
    pytest.mark.slow,
]

from crawler.connection import Limits  # noqa: E402

T = TypeVar("T")

RENDERING = Limits(delay=0.0, concurrency=2, timeout=20.0)
BRIEF = replace(RENDERING, timeout=3.0)


@pytest.fixture(scope="module", autouse=True)
def marked() -> Iterator[None]:
    name, value = _MARK.split("=")
    os.environ[name] = value
    yield
    del os.environ[name]


@pytest.fixture(scope="module")
def crawling(marked: None) -> Iterator[Crawling]:
    one = Crawling()
    yield one
    one.close()


@pytest.fixture
def site() -> Iterator[JavascriptSite]:
    one = JavascriptSite().start()
    yield one
    one.stop()


def shown(crawling: Crawling, site: JavascriptSite, **options: Any) -> Visited:
    return crawling.visit(site.url, render=True, limits=RENDERING, **options)


def until(ask: Callable[[], T]) -> T:
    """What `ask` says, once that is something."""
    end = time.monotonic() + 60
    while not (said := ask()):
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.05)
    return said


#: process groups of the browsers and drivers that were seen, and what marks the processes that these tests began
_groups: set[int] = set()
_drivers: set[int] = set()
_MARK = f"BROWSER_TEST={uuid4().hex}"


def browsers() -> set[int]:
    """Every process of a Chromium, or of the driver between it and us, that these tests began and that lives."""
    found: dict[int, tuple[int, int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            if state != "Z":
                found[int(folder.name)] = int(parent), int(group)
                if b"driver/node" in (folder / "cmdline").read_bytes():
                    _drivers.update({int(folder.name)} if _MARK.encode() in (folder / "environ").read_bytes() else ())
    _groups.update(group for pid, (parent, group) in found.items() if parent in _drivers and group == pid)
    return {pid for pid, (_, group) in found.items() if group in _groups or pid in _drivers}


def chromiums() -> set[int]:
    """The same without the driver."""
    return browsers() - _drivers


def test_a_site_that_needs_script_is_found_whole(crawling: Crawling, site: JavascriptSite) -> None:
    visited = shown(crawling, site)
    assert visited.titles == set(site.jobs.values())
    assert visited.told.source is not None
    assert visited.told.source.kind is SourceKind.LIST
    assert visited.told.listing.whole, visited.told.listing.doubts


def test_without_render_nothing_is_found_and_the_visit_says_what_to_do(
    crawling: Crawling, site: JavascriptSite
) -> None:
    visited = crawling.visit(site.url)
    assert not visited.sightings
    said = " ".join(visited.told.problems)
    assert "shows nothing without its scripts" in said
    assert "hirewatch sites set site --render on" in said
    assert not site.asked("/app.js")


@pytest.mark.parametrize("style", ["button", pytest.param("scroll", marks=pytest.mark.chaos)])
def test_a_list_that_shows_more_on_demand_is_shown_to_its_end(crawling: Crawling, style: str) -> None:
    site = JavascriptSite(8, batch=3, style=style).start()
    try:
        visited = shown(crawling, site)
        assert len(visited.told.listing.addresses) == 8
        assert visited.told.listing.whole, visited.told.listing.doubts
    finally:
        site.stop()


def test_scripts_are_asked_for_once_a_visit(crawling: Crawling, site: JavascriptSite) -> None:
    shown(crawling, site)
    assert len(site.asked("/app.js")) == 1
    assert len(site.asked("/api/jobs/")) == len(site.jobs)


def test_the_browser_says_who_it_is(crawling: Crawling, site: JavascriptSite) -> None:
    shown(crawling, site)
    assert {headers["User-Agent"].split("/")[0] for _, headers in site.requests} == {"hirewatch"}


def test_a_second_visit_sees_what_is_new_and_that_the_rest_is_as_it_was(
    crawling: Crawling, site: JavascriptSite
) -> None:
    first = shown(crawling, site)
    site.jobs[2000] = "Carpenter"
    second = crawling.again(first, site.url, render=True, limits=RENDERING)
    assert second.titles == {"Carpenter"}
    assert len(second.unchanged) == 3


def test_a_posting_that_is_gone_is_seen_to_be(crawling: Crawling, site: JavascriptSite) -> None:
    first = shown(crawling, site)
    del site.jobs[1002]
    second = crawling.again(first, site.url, render=True, limits=RENDERING)
    assert [look.address.rsplit("/", 1)[1] for look in second.told.looks] == ["1002"]
    assert second.told.listing.whole
    assert not any("1002" in address for address in second.told.listing.addresses)


def test_a_posting_page_that_needs_no_script_is_not_rendered(crawling: Crawling, site: JavascriptSite) -> None:
    markup = '{"@context": "https://schema.org", "@type": "JobPosting", "title": "%s", "description": "Weld."}'
    for number, title in site.jobs.items():
        script = f'<script type="application/ld+json">{markup % title}</script>'
        page = f'<html><body><h1>{title}</h1>{script}<script src="/app.js"></script></body></html>'
        site.pages[f"/jobs/{number}"] = 200, "text/html", page
    visited = shown(crawling, site)
    assert visited.titles == set(site.jobs.values())
    assert not site.asked("/api/jobs/")


def test_an_answer_that_fails_its_scripts_makes_the_list_doubtful(crawling: Crawling, site: JavascriptSite) -> None:
    first = shown(crawling, site)
    site.pages["/api/jobs"] = 503, "application/json", "{}"
    second = crawling.again(first, site.url, render=True, limits=RENDERING)
    assert not second.told.listing.whole
    assert any("answered 503 to its scripts" in doubt for doubt in second.told.listing.doubts)


def test_robots_txt_holds_for_what_scripts_ask_for(crawling: Crawling, site: JavascriptSite) -> None:
    site.robots = "User-agent: *\nDisallow: /api/\n"
    visited = shown(crawling, site)
    assert not site.asked("/api/")
    assert not visited.sightings


def test_where_scripts_lead_is_asked_like_every_address(crawling: Crawling, site: JavascriptSite) -> None:
    site.pages["/"] = 200, "text/html", '<html><body><script>location.replace("/all")</script></body></html>'
    visited = shown(crawling, site)
    assert visited.titles == set(site.jobs.values())


def test_where_scripts_lead_outside_of_the_site_nobody_goes(crawling: Crawling, site: JavascriptSite) -> None:
    canary = Canary("127.0.3.77", site.port)
    try:
        there = f"http://{canary.address}/"
        site.pages["/"] = 200, "text/html", f"<html><body><script>location.replace({there!r})</script></body></html>"
        visited = shown(crawling, site)
        assert not visited.sightings
        assert canary.connections == 0
    finally:
        canary.stop()


# -- safety

ENDLESS = "<html><body><script>for (;;) {}</script></body></html>"

ATTACK = """<!doctype html><html><head><link rel="dns-prefetch" href="//CANARY"><link rel="preconnect" href="http://CANARY">
<link rel="prefetch" href="http://CANARY/prefetch"><link rel="stylesheet" href="http://CANARY/style"></head><body>
<img src="http://CANARY/img"><iframe src="http://CANARY/frame"></iframe><iframe src="file:///etc/passwd"></iframe>
<video src="http://CANARY/video"></video><object data="http://CANARY/object"></object>
<script>
  fetch("http://CANARY/fetch").catch(() => {});
  fetch("/away").catch(() => {});
  fetch("file:///etc/passwd").then(answer => answer.text()).then(text => document.body.append(text)).catch(() => {});
  try { new WebSocket("ws://CANARY/socket") } catch (error) {}
  try { new EventSource("http://CANARY/events") } catch (error) {}
  try { new Worker(URL.createObjectURL(new Blob(["fetch('http://CANARY/worker')"]))) } catch (error) {}
  try { new SharedWorker(URL.createObjectURL(new Blob(["fetch('http://CANARY/shared')"]))) } catch (error) {}
  try { navigator.serviceWorker.register("/app.js") } catch (error) {}
  navigator.sendBeacon("http://CANARY/beacon");
  window.open("http://CANARY/window");
  const link = document.createElement("a");
  link.href = "http://CANARY/download"; link.download = "x"; document.body.append(link); link.click();
  try {
    const peer = new RTCPeerConnection({iceServers: [{urls: ["stun:CANARY", "turn:CANARY?transport=tcp"],
      username: "a", credential: "b"}]});
    peer.createDataChannel("x"); peer.createOffer().then(offer => peer.setLocalDescription(offer));
  } catch (error) {}
</script><script src="http://CANARY/script"></script></body></html>"""


SPELLINGS = ("127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "localhost")


def test_nothing_that_a_page_does_reaches_an_address_that_is_refused() -> None:
    site = JavascriptSite().start()
    canary = Canary("127.0.0.1", site.port)
    narrow = Crawling(allow=(f"{site.host}/32",))
    try:
        attacks = [ATTACK.replace("CANARY", f"{spelling}:{site.port}") for spelling in SPELLINGS]
        site.pages["/"] = 200, "text/html", "".join(attacks)
        site.pages["/away"] = 302, "text/plain", f"http://127.0.0.1:{site.port}/redirected"
        visited = narrow.visit(site.url, render=True, limits=RENDERING)
        assert visited.report is not None, visited.error
        assert site.asked("/away"), "the scripts did not run"
        assert canary.connections == 0
    finally:
        narrow.close()
        canary.stop()
        site.stop()


def test_the_canary_is_reached_where_its_address_is_allowed(crawling: Crawling, site: JavascriptSite) -> None:
    canary = Canary("127.0.0.1", site.port)
    # Its robots.txt, which is no web port, could not be asked for: so the way there is a redirect.
    site.pages["/"] = 200, "text/html", ATTACK.replace("CANARY", canary.address)
    site.pages["/away"] = 302, "text/plain", f"http://{canary.address}/redirected"
    try:
        shown(crawling, site)
        assert canary.connections > 0
    finally:
        canary.stop()


@pytest.mark.chaos
def test_the_environment_does_not_reach_the_browser(site: JavascriptSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_SECRET", "hunter2hunter2")
    site.pages["/"] = 200, "text/html", ENDLESS
    crawling = Crawling()
    try:
        crawling.order(site.url, render=True, limits=BRIEF)
        seen = b""
        for pid in until(chromiums):
            with suppress(OSError):
                seen += Path(f"/proc/{pid}/environ").read_bytes()
        assert b"hirewatch-browser-" in seen
        assert b"hunter2" not in seen
    finally:
        crawling.answer()
        crawling.close()


# -- crashes, hangs and endings


def test_a_page_that_never_ends_costs_its_time_and_not_the_visit(crawling: Crawling, site: JavascriptSite) -> None:
    site.pages["/jobs/1001"] = 200, "text/html", ENDLESS
    visited = crawling.visit(site.url, render=True, limits=BRIEF)
    assert visited.titles == set(site.jobs.values()) - {"Welder 1"}
    assert not browsers()


def test_a_browser_that_is_killed_costs_a_page_and_not_the_visit(site: JavascriptSite) -> None:
    crawling = Crawling()
    try:
        site.pages["/"] = 200, "text/html", ENDLESS
        crawling.order(site.url, render=True, limits=BRIEF)
        for pid in until(chromiums):
            # the first that ends takes others along
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        visited = crawling.answer()
        assert any("Chromium" in problem for problem in visited.told.problems)
        assert not browsers()
    finally:
        crawling.close()


@pytest.mark.chaos
def test_a_browser_that_hangs_is_gone_after_the_visit(site: JavascriptSite) -> None:
    crawling = Crawling()
    try:
        site.pages["/"] = 200, "text/html", ENDLESS
        crawling.order(site.url, render=True, limits=BRIEF)
        for pid in until(chromiums):
            os.kill(pid, signal.SIGSTOP)
        crawling.answer()
        assert not browsers()
    finally:
        crawling.close()


def test_nothing_is_left_of_a_browser_when_its_visit_is_stopped(site: JavascriptSite) -> None:
    crawling = Crawling()
    try:
        visited = crawling.visit(site.url, render=True, limits=RENDERING, stop_after=2)
        assert visited.told.cut_short == "stopped"
        assert visited.stopped_in is not None
        assert visited.stopped_in < 4.0
        assert not browsers()
    finally:
        crawling.close()


def test_nothing_is_left_of_a_browser_when_its_worker_is_killed(site: JavascriptSite) -> None:
    crawling = Crawling()
    site.pages["/"] = 200, "text/html", ENDLESS
    crawling.order(site.url, render=True, limits=RENDERING)
    until(chromiums)
    crawling.kill()
    assert until(lambda: not browsers())
