"""What a person does about a site at its page, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from postings.trust import Choice, Overrides
from storage import acceptance
from tests.dashboard.conftest import Board
from tests.dashboard.pages.test_overview import shrunken
from tests.dashboard.pages.test_sites import page, words
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing


def test_what_was_held_back_is_shown_and_accepted_and_nothing_closes_by_that(board: Board) -> None:
    watch = shrunken(board)
    with browsing(board.app()) as web:
        shown = page(web.get("/sites/acme"))
        held = words(shown.cssselect("#held")[0])
        assert "Held back: nothing was closed" in held
        assert "29 postings that it did not find stay open" in held
        assert len(shown.cssselect("#held li a")) == 5
        assert web.post("/sites/acme/accept").status_code == 303
        assert "Accepted by a person just now" in words(page(web.get("/sites/acme")).cssselect("#held")[0])
    assert len(watch.open()) == 30
    found = acceptance.held_back(board.engine, watch.site.id)
    assert found is not None
    assert found.accepted_at == board.now


def test_where_nothing_is_held_back_nothing_can_be_accepted(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        shown = page(web.post("/sites/acme/accept"), 409)
    assert "Nothing was accepted" in words(shown.cssselect("[role=alert]")[0])


def test_a_site_is_paused_resumed_and_removed_only_on_purpose(board: Board) -> None:
    watch = watched(board)
    with browsing(board.app()) as web:
        web.post("/sites/acme/pause")
        assert watch.current().paused_at == board.now
        assert "Resume it first" in words(page(web.post("/sites/acme/visit"), 409))
        web.post("/sites/acme/resume")
        assert (watch.current().paused_at, watch.current().next_visit_at) == (None, board.now)
        assert "Nothing was removed" in words(page(web.post("/sites/acme/remove"), 409))
        assert web.post("/sites/acme/remove", data={"sure": "true"}).headers["location"] == "/sites"
        assert web.get("/sites/acme").status_code == 404
    assert len(watch.open()) == 4


def test_a_schedule_is_set_in_each_of_its_ways(board: Board) -> None:
    watch = watched(board)
    with browsing(board.app()) as web:
        web.post("/sites/acme/schedule", data={"how": "every", "every": "1h30m", "requests": "500"})
        site = watch.current()
        assert (site.every, site.cron, site.requests_a_day) == (timedelta(minutes=90), None, 500)
        assert page(web.get("/sites/acme")).cssselect("#every")[0].get("value") == "1h30m"
        web.post("/sites/acme/schedule", data={"how": "cron", "line": "0 7  * * 1-5", "zone": "Europe/Berlin"})
        site = watch.current()
        assert (site.every, site.cron, site.zone, site.requests_a_day) == (None, "0 7 * * 1-5", "Europe/Berlin", None)
        assert "At 07:00" in words(page(web.get("/sites/acme")))
        web.post("/sites/acme/schedule", data={"how": "auto"})
        assert watch.current().auto


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"how": "every", "every": "soon"}, "every"),
        ({"how": "every", "every": "1s"}, "every"),
        ({"how": "cron", "line": "0 7 * *", "zone": "UTC"}, "line"),
        ({"how": "cron", "line": "0 7 * * 1", "zone": "Mars/Olympus"}, "zone"),
        ({"how": "auto", "requests": "-3"}, "requests"),
        ({"how": "auto", "requests": "99999999999"}, "requests"),
    ],
)
def test_a_schedule_that_cannot_be_is_told_at_its_field(board: Board, typed: dict[str, str], field: str) -> None:
    watch = watched(board)
    before = watch.current()
    with browsing(board.app()) as web:
        shown = page(web.post("/sites/acme/schedule", data=typed), 422)
    assert words(shown.cssselect(f"#{field}-error")[0])
    assert shown.cssselect(f"#{field}")[0].get("value") == typed[field]
    assert watch.current() == before


def test_a_person_knows_better_what_to_believe(board: Board) -> None:
    watch = watched(board)
    with browsing(board.app()) as web:
        web.post("/sites/acme/belief", data={"identifier": "off", "token": "on", "place": "path:-1"})
        assert watch.current().overrides == Overrides(identifier=Choice.OFF, token=Choice.ON, token_place="path:-1")
        assert "because a person said so" in words(page(web.get("/sites/acme")).cssselect("#facts")[0])
        for place in ("somewhere", ""):
            web.post("/sites/acme/belief", data={})
            shown = page(web.post("/sites/acme/belief", data={"token": "on", "place": place}), 422)
            assert words(shown.cssselect("#place-error")[0])
            assert watch.current().overrides == Overrides()
