"""A person's first ten minutes with `hirewatch serve`, played in Chromium: a phone and a desk, in light and in dark.

The service is a process of its own, the career site and the receiver of webhooks are real servers on loopback.
"""

from __future__ import annotations

import queue
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from hirewatch.demo.receiver import Received, Receiver
from hirewatch.demo.site import CareerSite
from tests.dashboard.browser import DESK, PHONE, Scheme, assert_accessible, tab
from tests.end_to_end.house import House

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: the key that the receiver knows already
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#: seconds that a visit, an inspection or a delivery may take
PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A service that watches nothing yet, and everything around it."""

    address: str
    site: CareerSite
    receiver: Receiver
    #: what the receiver hears, as it comes
    heard: queue.Queue[Received]


@contextmanager
def served(house: House) -> Iterator[str]:
    """`hirewatch serve`; its address."""
    with house.start("serve", "--port", "0") as process:
        try:
            yield _address(process)
        finally:
            process.terminate()
            process.communicate(timeout=30)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found[0]
    raise AssertionError("the service did not start")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    # slow enough that a visit can be watched
    house = House(tmp_path_factory.mktemp("town"), CRAWL__DELAY="0.2", CRAWL__CONCURRENCY_PER_HOST="1")
    heard: queue.Queue[Received] = queue.Queue()
    with CareerSite(12) as site, Receiver(SECRET, told=heard.put) as receiver, served(house) as address:
        yield Town(address=address, site=site, receiver=receiver, heard=heard)


def look(page: Page) -> None:
    """What holds for every page that is visited: everybody can use it, and it fits a small phone."""
    assert_accessible(page)
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": PHONE, "height": size["height"]})
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.set_viewport_size(size)
    assert beyond <= 0, f"{page.url} is {beyond} px wider than a small phone"


def opened_by(page: Page, name: str) -> None:
    """Goes to the page of that name by the navigation."""
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
    page.locator("[aria-current=page]", has_text=name).wait_for()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_from_nothing_to_an_alert_that_arrives_once(chromium: Browser, town: Town) -> None:
    from playwright.sync_api import expect

    with tab(chromium, town.address, patience=PATIENCE) as page:
        # nothing is watched: the first page leads on
        page.goto("/")
        page.get_by_role("heading", name="From nothing to the first alert").wait_for()
        look(page)
        page.get_by_role("link", name="inspect it").click()
        page.get_by_label("Address of a posting").fill(town.site.url)
        page.get_by_role("button", name="Inspect").click()
        page.locator("#source").get_by_text("12 postings listed").wait_for()
        look(page)

        # the first visit is followed while it runs
        page.get_by_label("Name").fill("acme")
        page.get_by_role("button", name="Watch this site").click()
        page.locator("#progress").wait_for()
        look(page)
        expect(page.locator("#open")).to_have_text("12", timeout=PATIENCE * 1000)
        page.get_by_role("button", name="Visit now").wait_for()
        look(page)

        # postings: as it is typed, narrower by a click, walked by keys
        title = postings_are_searched(page)
        look(page)
        page.get_by_role("cell", name=title, exact=True).wait_for()
        assert page.get_by_role("region", name="Fields").get_by_role("row").count() > 5
        page.get_by_text("which answered 200").wait_for()

        # what is asked is kept, and somebody hears of it
        page.goto("/postings?q=title%3Arobotics")
        page.get_by_text("No posting matches").wait_for()
        look(page)
        page.goto("/searches")
        page.get_by_label("What it asks").press_sequentially("title:robotics")
        page.locator("#trial").get_by_text("0 postings").wait_for()
        look(page)
        page.get_by_label("Name").fill("robots")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("heading", name="robots").wait_for()
        look(page)
        number, came = an_outlet_is_added_and_tried(page, town), news(town)
        assert came.body["type"] != "posting.opened"
        look(page)

        # the site changes; the visit that finds it is asked for, and what it finds shows on an open page by itself
        with page.context.new_page() as live:
            live.goto("/events")
            live.wait_for_function("document.querySelector('#live')?._htmx?.sse !== undefined")
            handle = town.site.open("Robotics Technician", city="Hamburg", salary=(46_000, 54_000))
            renamed = town.site.open_jobs()[0]
            before = town.site.job(renamed).title
            town.site.edit(renamed, title=f"Principal {before}")
            page.goto("/sites/acme")
            page.get_by_role("button", name="Visit now").click()
            row = live.locator("#live > li", has_text="Robotics Technician")
            row.wait_for()
            row.get_by_text("opened").wait_for()
            look(live)
            live.locator("#live > li", has_text=f"Principal {before}").get_by_role("link", name="Principal").click()
            live.get_by_role("heading", name="What was changed").wait_for()
            live.locator("#difference ins", has_text="Principal").first.wait_for()
            look(live)
        told = news(town)
        assert (told.body["type"], told.body["data"]["posting"]["title"]) == (
            "posting.opened",
            town.site.job(handle).title,
        )
        page.get_by_role("button", name="Visit now").wait_for()
        expect(page.locator("#open")).to_have_text("13", timeout=PATIENCE * 1000)
        page.locator("#visits tbody a").first.click()
        page.locator("#events").get_by_text("Robotics Technician").wait_for()
        look(page)

        # how far the receiver is; what it was told is told again under the same id
        lagging_is_shown_and_ends(page, number)
        again = news(town)
        assert (again.id, again.body) == (told.id, told.body)
        assert [one.id for one in town.receiver.received].count(told.id) == 2
        assert town.receiver.refused == 0

        opened_by(page, "Overview")
        page.locator(".figures", has_text="13").wait_for()
        look(page)
        a_token_is_made_and_revoked(page, town.address)
        look(page)


def postings_are_searched(page: Page) -> str:
    """Types, clicks a facet, walks by keys and opens a posting; its title."""
    opened_by(page, "Postings")
    page.locator("#count", has_text="12 postings").wait_for()
    look(page)
    place = page.locator(".facets section", has_text="Location").get_by_role("link").first
    name = place.inner_text()
    place.click()
    page.get_by_role("link", name="Without location:").wait_for()
    count = page.locator("[data-row]").count()
    assert 0 < count < 12
    assert all(name in text for text in page.locator("[data-row]").all_inner_texts())
    page.get_by_role("link", name="Without location:").click()
    page.locator("#count", has_text="12 postings").wait_for()
    page.get_by_label("Search").press_sequentially("-title:welder")
    page.get_by_text("no title").or_(page.locator("#said", has_text="welder")).wait_for()
    page.keyboard.press("Tab")
    for key in "jjk":
        page.keyboard.press(key)
    title = page.locator("[data-open]").first.inner_text()
    assert page.evaluate("document.activeElement.textContent") == title
    page.keyboard.press("o")
    page.locator("h1", has_text=title).wait_for()
    return title


def an_outlet_is_added_and_tried(page: Page, town: Town) -> int:
    """Tells the receiver what the search finds, and sends it a sample; the number of the newest event."""
    opened_by(page, "Outlets")
    look(page)
    page.get_by_label("Address", exact=True).fill(town.receiver.url)
    page.get_by_label("Saved search").fill("robots")
    page.get_by_text("How and when it is told").click()
    page.get_by_label("Options of its kind").fill(f"secret={SECRET}")
    page.get_by_label("Name", exact=True).fill("hook")
    page.get_by_role("button", name="Tell from now on").click()
    assert page.locator("#secret").inner_text() == SECRET
    look(page)
    page.get_by_role("row").get_by_role("link", name="hook").click()
    page.get_by_role("button", name="Send test").click()
    page.locator("#result").get_by_text("It took the sample").wait_for()
    return int(page.locator("#first").get_attribute("max") or 0)


def lagging_is_shown_and_ends(page: Page, number: int) -> None:
    """Pauses the outlet, has it told again what came after the event `number`, sees it behind, and lets it go on."""
    opened_by(page, "Outlets")
    page.get_by_role("row", name="hook").get_by_text("up to date").wait_for()
    page.get_by_role("link", name="hook").click()
    page.get_by_role("table").get_by_text("accepted").wait_for()
    page.get_by_role("button", name="Disable").click()
    page.locator("#done").wait_for()
    page.get_by_text("Tell it again what it was told").click()
    page.get_by_label("From event number").fill(str(number + 1))
    page.get_by_role("button", name="Replay").click()
    page.locator("#stands", has_text="2 behind").wait_for()
    opened_by(page, "Outlets")
    page.get_by_role("row", name="hook").get_by_text("2 behind").wait_for()
    look(page)
    page.get_by_role("link", name="hook").click()
    page.get_by_role("button", name="Enable").click()
    page.locator("#done").wait_for()
    look(page)


def a_token_is_made_and_revoked(page: Page, address: str) -> None:
    """A token is shown once, lets a program in, and no more when it is revoked."""
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("A token for a program").fill("sheet")
    page.get_by_role("button", name="Make it").click()
    token = page.get_by_role("status").locator("code").first.inner_text()
    assert token.startswith("hw_")
    asked = httpx.get(f"{address}/api/v1/sites", headers={"Authorization": f"Bearer {token}"})
    assert [one["site"] for one in asked.json()["items"]] == ["acme"]
    look(page)
    page.get_by_role("button", name="Revoke sheet").click()
    page.get_by_role("button", name="Revoke sheet").wait_for(state="detached")
    assert httpx.get(asked.url, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def news(town: Town) -> Received:
    """What the receiver hears next."""
    return town.heard.get(timeout=PATIENCE)


@pytest.fixture
def watched(town: Town, chromium: Browser) -> Town:
    """The town with its site watched, whatever was played in it before."""
    api = httpx.Client(base_url=f"{town.address}/api/v1", timeout=30)
    with api:
        if not api.get("/sites").json()["items"]:
            api.post("/sites", json={"url": town.site.url, "name": "acme"}).raise_for_status()
            api.post("/searches", json={"name": "robots", "query": "title:robotics"}).raise_for_status()
            url: dict[str, Any] = {"name": "hook", "url": town.receiver.url, "search": "robots"}
            api.post("/outlets", json=url).raise_for_status()
            with tab(chromium, town.address, patience=PATIENCE) as page:
                page.goto("/sites/acme")
                page.get_by_role("button", name="Visit now").wait_for()
    return town


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "height", "scheme"), [(DESK, 800, "dark"), (390, 844, "light"), (390, 844, "dark")])
def test_a_reader_walks_from_page_to_page(
    chromium: Browser, watched: Town, width: int, height: int, scheme: Scheme
) -> None:
    with tab(chromium, watched.address, width=width, height=height, scheme=scheme, patience=PATIENCE) as page:
        page.goto("/")
        look(page)
        page.locator("#sites [data-open]", has_text="acme").click()
        page.locator("#visits tbody a").first.click()
        page.get_by_role("heading", name="Timeline").wait_for()
        look(page)
        opened_by(page, "Postings")
        page.get_by_label("Search").press_sequentially("-title:zzz")
        page.locator("#said", has_text="zzz").wait_for()
        look(page)
        title = page.locator("[data-open]").first.inner_text()
        page.locator("[data-open]").first.click()
        page.locator("h1", has_text=title).wait_for()
        look(page)
        for name, first in (("Searches", "robots"), ("Outlets", "hook"), ("Sites", "acme")):
            opened_by(page, name)
            look(page)
            page.get_by_role("link", name=first, exact=True).first.click()
            page.get_by_role("heading", level=1, name=first).wait_for()
            look(page)
        for name in ("Events", "Inspect"):
            opened_by(page, name)
            look(page)
        page.get_by_role("link", name="Settings").click()
        page.get_by_role("heading", name="What is set").wait_for()
        look(page)
