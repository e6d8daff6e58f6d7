from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from delivery import story
from storage import postings
from storage.deliveries import Delivery, DeliveryStatus
from tests.delivery.eventlog import NOON
from tests.storage.watching import Watch, a_job


def test_a_jobposting_is_shown_with_its_lines_indented() -> None:
    assert story.pretty('{"title":"Weißer"}') == '{\n  "title": "Weißer"\n}'


def test_what_cannot_be_read_is_shown_as_it_is() -> None:
    deep = "[" * 100_000
    assert (story.pretty("{"), story.pretty(deep)) == ("{", deep)


def test_outlets_that_fared_alike_are_told_together() -> None:
    def sent(outlet_id: int, attempts: int) -> Delivery:
        return Delivery(
            outlet_id=outlet_id,
            event=1,
            status=DeliveryStatus.SENT,
            attempts=attempts,
            first_attempt_at=NOON,
            last_attempt_at=NOON,
        )

    assert story.told_together([("me", sent(1, 1)), ("hook", sent(2, 2)), ("lake", sent(3, 1))]) == {
        "accepted 2026-11-25 12:00:00Z": ["me", "lake"],
        "accepted 2026-11-25 12:00:00Z at the 2nd attempt": ["hook"],
    }


@pytest.mark.parametrize(("fallen", "days"), [(1, 7), (3, 30)])
def test_what_is_awaited_of_a_posting_that_fell_off_the_list_is_when_it_closes(
    engine: Engine, fallen: int, days: int
) -> None:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(f"Worker {number}", place=f"Town {number}") for number in range(5)}
    watch.visit()
    unlisted = [f"/jobs/{number}" for number in range(fallen)]
    watch.later(days=1).visit(unlisted=unlisted)
    since = watch.now
    for _ in range(2):
        watch.later(days=1).visit(unlisted=unlisted)
    (first,) = (one for one in postings.search(engine, state="open") if one.page.endswith("/0"))
    found = story.gather(engine, first, raw=False)
    awaits = found.awaits
    assert awaits is not None
    assert awaits.not_before is not None
    assert awaits.not_before == since + timedelta(days=days)
    assert any("it may be the list" in line for line in story.still_to_come(found)) is (days == 30)
    watch.now = awaits.not_before - timedelta(minutes=1)
    assert watch.visit(unlisted=unlisted).closed == 0
    watch.now = awaits.not_before
    assert watch.visit(unlisted=unlisted).closed == fallen


def test_nothing_is_awaited_of_a_posting_that_a_list_of_the_newest_lacks(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(f"Worker {number}", place=f"Town {number}") for number in range(9)}
    watch.visit()
    for fallen in range(1, 5):
        watch.pages[f"/jobs/1{fallen}"] = a_job(f"Clerk {fallen}", place=f"Village {fallen}")
        watch.later(days=1).visit(unlisted=[f"/jobs/{number}" for number in range(fallen)])
    (first,) = (one for one in postings.search(engine, state="open") if one.page.endswith("/0"))
    found = story.gather(engine, first, raw=False)
    assert found.awaits is not None
    assert found.awaits.not_before is None
    assert "It stays open while its page answers: the list of its site shows only the newest." in list(
        story.still_to_come(found)
    )
