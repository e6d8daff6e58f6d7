"""Outlets as pages: how they stand, and what a person can do about it."""

from __future__ import annotations

import json
import threading
from urllib.parse import quote

import httpx
import pytest
from lxml import html

from dashboard.pages import outlet as page
from dashboard.templating import piece
from delivery import outlets as kinds
from storage import deliveries, events, outlets, searches
from storage.deliveries import Delivery, DeliveryStatus
from storage.outlets import Outlet
from tests.dashboard.conftest import Board
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.delivery.receiver import SECRET, Request, receiving

HOSTILE = "<script>alert(1)</script>\u202e"


def shown(answer: httpx.Response, status: int = 200) -> html.HtmlElement:
    assert answer.status_code == status, answer.text
    return html.document_fromstring(answer.text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def hook(board: Board, name: str = "hook", address: str = "https://hooks.example/t0ken?key=t0ken") -> Outlet:
    return kinds.add(board.engine, name=name, address=address, options={"secret": SECRET}, now=board.now)


def row(board: Board, outlet: Outlet, event: int, status: str, error: str | None = None) -> Delivery:
    return Delivery(
        outlet_id=outlet.id,
        event=event,
        status=DeliveryStatus(status),
        attempts=1,
        first_attempt_at=board.now,
        last_attempt_at=board.now,
        next_attempt_at=board.now if status == "retry" else None,
        error=error,
    )


def failing(board: Board, error: str = "answered 500") -> Outlet:
    """An outlet that took one event, gave up the next, tries the third again and has not come to the fourth."""
    outlet = hook(board)
    outlets.replay(board.engine, outlet.id, 0)
    watched(board)
    rows = [
        row(board, outlet, 1, "sent"),
        row(board, outlet, 2, "parked", error),
        row(board, outlet, 3, "retry", error),
    ]
    assert deliveries.settle(board.engine, outlet.id, seen=0, cursor=2, rows=rows, now=board.now)
    return outlet


def test_an_outlet_says_how_far_it_is_since_when_and_what_went_wrong(board: Board) -> None:
    failing(board)
    with browsing(board.app()) as web:
        (line,) = shown(web.get("/outlets")).cssselect("tbody tr")
        one = shown(web.get("/outlets/hook"))
        told = web.get("/outlets/hook.json").json()
    assert "✕fails answered 500 (1 attempt, next just now); 2 behind, since just now" in words(line)
    assert "1 event given up" in words(line)
    assert line.cssselect("time")[1].get("datetime") == "2026-11-24T13:00:00+00:00"
    assert "1 event was not taken" in words(one.cssselect("#given-up")[0])
    given_up, *_ = one.cssselect("#given-up tbody tr")
    assert words(given_up).startswith("2 ")
    assert "given up answered 500" in words(given_up)
    assert [(sent["number"], sent["status"]) for sent in told["sent"]] == [(3, "retry"), (2, "parked"), (1, "sent")]
    assert (told["line"]["behind"], told["line"]["behind_since"]) == (2, "2026-11-24T13:00:00Z")


def test_no_secret_is_shown_anywhere(board: Board) -> None:
    failing(board)
    with browsing(board.app()) as web:
        for path in ("/outlets", "/outlets.json", "/outlets/hook", "/outlets/hook.json"):
            text = web.get(path).text
            assert "https://hooks.example/…" in text
            assert "t0ken" not in text
            assert SECRET not in text


def test_a_new_outlet_shows_its_secret_once_and_hears_what_was_asked_for(board: Board) -> None:
    searches.add(board.engine, name="nurses", query="title:nurse", grammar=1, now=board.now)
    asked = {
        "address": "https://hooks.example/t0ken",
        "name": "my hook",
        "search": "nurses",
        "only": "remote:yes",
        "when": "hourly",
        "settings": "description=none\n\nevents = opened,closed",
    }
    with browsing(board.app()) as web:
        answer = web.post("/outlets", data=asked)
        secret = outlets.find(board.engine, "my hook").options["secret"][0]
        assert shown(answer).cssselect("#secret")[0].text == secret
        assert secret not in web.get("/outlets").text + web.get("/outlets/my%20hook").text
        assert web.post("/outlets", data={"address": "mailto:me@example.org"}).headers["location"] == "/outlets/email"
    found = outlets.find(board.engine, "my hook")
    assert (found.search, found.options["only"], found.options["when"]) == ("nurses", "remote:yes", "hourly")
    assert (found.options["description"], sorted(found.options["events"])) == ("none", ["closed", "opened"])


@pytest.mark.parametrize(
    "asked",
    [
        {"address": "t0ken"},
        {"address": "file:///tmp/t0ken"},
        {"address": "https://hooks.example/", "settings": "t0ken"},
        {"address": "https://hooks.example/", "settings": "secret=t0ken"},
        {"address": "https://hooks.example/", "search": "nobody"},
        {"address": "https://hooks.example/", "name": "a\x07b"},
    ],
)
def test_what_cannot_be_told_is_said_without_what_may_be_secret(board: Board, asked: dict[str, str]) -> None:
    with browsing(board.app()) as web:
        answer = web.post("/outlets", data=asked)
    assert shown(answer, 400).cssselect("#problem")[0].text
    assert "t0ken" not in answer.text
    assert outlets.all(board.engine) == []


def test_a_test_tells_a_receiver_and_says_so(board: Board) -> None:
    with receiving() as receiver:
        hook(board, address=f"{receiver.url}/hook")
        board.allowed = ("127.0.0.0/8",)
        with browsing(board.app()) as web:
            asked = {"HX-Request": "true", "HX-Target": "div#result"}
            block = web.post("/outlets/hook/test", headers=asked)
            whole = shown(web.post("/outlets/hook/test"))
            checked = shown(web.post("/outlets/hook/check"))
            receiver.script.append(500)
            failed = shown(web.post("/outlets/hook/test"))
    assert len(receiver.requests) == 3
    assert "It took the sample." in block.text
    assert "<html" not in block.text
    assert "It took the sample." in words(whole.cssselect("#result .good")[0])
    assert "It is ready." in words(checked.cssselect("#result .good")[0])
    assert "500" in words(failed.cssselect("#result .bad")[0])


@pytest.mark.parametrize("action", ["test", "check"])
def test_an_address_that_may_not_be_contacted_is_not_contacted(board: Board, action: str) -> None:
    with receiving() as receiver:
        hook(board, address=f"{receiver.url}/hook")
        with browsing(board.app()) as web:
            answer = shown(web.post(f"/outlets/hook/{action}"))
        assert receiver.requests == []
    assert answer.cssselect("#result .bad")


def test_a_test_that_hangs_holds_up_nobody(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_PATIENCE", 0.2)
    with receiving() as receiver:
        hook(board, address=f"{receiver.url}/hook")
        board.allowed = ("127.0.0.0/8",)
        with browsing(board.app()) as web:
            let_go = threading.Event()

            def hang(_request: Request) -> None:
                assert let_go.wait(20)

            receiver.before_answer = hang
            answer = shown(web.post("/outlets/hook/test"))
            assert web.get("/outlets").status_code == 200
            let_go.set()
    assert "has not answered within 0.2 s" in words(answer.cssselect("#result .bad")[0])


def test_an_outlet_is_disabled_and_enabled(board: Board) -> None:
    hook(board)
    with browsing(board.app()) as web:
        assert web.post("/outlets/hook/disable").headers["location"] == "/outlets/hook?done=disabled"
        page = shown(web.get("/outlets/hook?done=disabled"))
        assert "told nothing by a person" in words(page.cssselect("#stands")[0])
        assert words(page.cssselect("#done")[0]).startswith("It is told nothing for now")
        assert [one.get("action") for one in page.cssselect("form[action$=able]")] == ["/outlets/hook/enable"]
        assert web.post("/outlets/hook/enable").status_code == 303
    assert outlets.find(board.engine, "hook").disabled_at is None


def test_it_is_told_again_from_a_number_on(board: Board) -> None:
    failing(board)
    with browsing(board.app()) as web:
        assert web.post("/outlets/hook/replay", data={"first": "2"}).status_code == 303
        assert web.post("/outlets/hook/replay", data={"first": "-1"}).status_code == 422
        assert web.post("/outlets/hook/replay", data={"first": str(events.HIGHEST + 1)}).status_code == 422
    assert outlets.find(board.engine, "hook").cursor == 1


@pytest.mark.parametrize(("action", "cursor"), [("retry", 1), ("forget", 2)])
def test_what_was_given_up_is_sent_again_or_forgotten(board: Board, action: str, cursor: int) -> None:
    outlet = failing(board)
    with browsing(board.app()) as web:
        assert web.post(f"/outlets/hook/{action}").status_code == 303
        assert not shown(web.get("/outlets/hook")).cssselect("#given-up")
    assert deliveries.parked(board.engine, outlet.id) == []
    assert outlets.find(board.engine, "hook").cursor == cursor


def test_what_it_hears_is_changed_and_an_empty_field_takes_a_wish_away(board: Board) -> None:
    outlet = kinds.add(
        board.engine,
        name="a/b",
        address="https://hooks.example/",
        options={"only": "remote:yes", "when": "hourly", "secret": SECRET},
        now=board.now,
    )
    with browsing(board.app()) as web:
        fields = {one.get("name"): one.get("value", "") for one in shown(web.get("/outlets/a%2Fb")).cssselect(
            "form[action$=settings] input")}  # fmt: skip
        assert (fields["only"], fields["when"]) == ("remote:yes", "hourly")
        changed = fields | {
            "only": "",
            "when": "weekly fri 9:00",
            "zone": "Europe/Oslo",
            "settings": "description=html",
        }
        assert web.post("/outlets/a%2Fb/settings", data=changed).headers["location"] == "/outlets/a%2Fb?done=changed"
        refused = shown(web.post("/outlets/a%2Fb/settings", data=fields | {"only": "titel:x"}), 400)
    assert "did you mean" in words(refused.cssselect("#problem")[0])
    found = outlets.find(board.engine, "a/b").options
    assert found == {
        "secret": outlet.options["secret"],
        "description": "html",
        "when": "weekly fri 09:00",
        "zone": "Europe/Oslo",
        **{
            name: value
            for name, value in outlet.options.items()
            if name not in {"secret", "description", "when", "only"}
        },
    }


def test_an_outlet_is_removed(board: Board) -> None:
    failing(board)
    with browsing(board.app()) as web:
        assert web.post("/outlets/hook/remove").headers["location"] == "/outlets"
        assert web.get("/outlets/hook").status_code == 404
        assert web.post("/outlets/hook/test").status_code == 404
        assert shown(web.get("/outlets")).cssselect(".empty")


def test_the_list_goes_on_by_name(board: Board) -> None:
    for number in range(23):
        hook(board, f"hook {number:02}")
    with browsing(board.app()) as web:
        first = shown(web.get("/outlets"))
        second = shown(web.get(first.cssselect("a[rel=next]")[0].get("href")))
    found = [words(one) for one in first.cssselect("tbody th") + second.cssselect("tbody th")]
    assert found == [f"hook {number:02}" for number in range(23)]


def test_hostile_names_and_errors_are_shown_as_text(board: Board) -> None:
    outlet = hook(board, name='<script>alert(2)</script>"/x')
    outlets.replay(board.engine, outlet.id, 0)
    watched(board)
    rows = [row(board, outlet, 1, "parked", HOSTILE), row(board, outlet, 2, "retry", HOSTILE)]
    deliveries.settle(board.engine, outlet.id, seen=0, cursor=1, rows=rows, now=board.now)
    outlets.disable(board.engine, outlet.id, HOSTILE, board.now)
    address = f"/outlets/{quote(outlet.name, safe='')}"
    with browsing(board.app()) as web:
        for path in ("/outlets", address, f"{address}?done={quote(HOSTILE)}"):
            answer = web.get(path)
            assert "<script>alert" not in answer.text
            assert "\u202e" not in answer.text
            assert "alert(1)" in shown(answer).text_content()
        assert json.loads(web.get(f"{address}.json").text)["line"]["outlet"]["name"] == outlet.name


def test_every_example_of_an_address_is_one() -> None:
    codes = html.fragment_fromstring(piece("parts/telling.html", "examples")).cssselect("#examples code")
    # the others are commands
    examples = [str(one.text) for one in codes if ":" in str(one.text)]
    for one in examples:
        kinds.prepare(kinds.kind_of(one), one, {})
    assert {kinds.kind_of(one) for one in examples} == set(kinds.KINDS)
