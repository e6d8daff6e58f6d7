"""Reading the log."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.engine import Engine

from postings import record as records
from postings.events import Event, EventType, Evidence, Significance
from postings.record import instant
from postings.sites import Site
from postings.versions import versions
from storage import events
from storage.engine import writing
from storage.tables import installation
from tests.storage.rows import NOW, WELDER, add_event, add_posting, add_site, add_visit


@pytest.fixture
def log(engine: Engine) -> tuple[Site, Site]:
    """Five events of two sites: numbers 1, 3 and 5 of `acme`, 2 and 4 of `other`."""
    acme, other = add_site(engine, "acme"), add_site(engine, "other")
    add_posting(engine, acme, "p_a")
    add_posting(engine, other, "p_b")
    for number in (5, 2, 4, 1, 3):
        site, posting_id = (acme, "p_a") if number % 2 else (other, "p_b")
        add_event(engine, site, number, posting_id)
    return acme, other


def numbers(found: list[Event]) -> list[int]:
    return [event.number for event in found]


@pytest.mark.parametrize(
    ("before", "limit", "down_to", "expected"),
    [(6, 2, 0, [5, 4]), (4, 9, 0, [3, 2, 1]), (6, 9, 3, [5, 4]), (1, 9, 0, []), (10**30, 1, 0, [5])],
)
def test_the_log_is_read_backwards(
    engine: Engine, log: tuple[Site, Site], before: int, limit: int, down_to: int, expected: list[int]
) -> None:
    assert numbers(events.before(engine, before, limit, down_to=down_to)) == expected


def test_backwards_too_the_log_of_one_site_and_of_some_types_can_be_read(
    engine: Engine, log: tuple[Site, Site]
) -> None:
    assert numbers(events.before(engine, 9, 9, site_id=log[0].id)) == [5, 3, 1]
    assert numbers(events.before(engine, 9, 9, types=[EventType.OPENED])) == [5, 4, 3, 2, 1]
    assert numbers(events.before(engine, 9, 9, types=[EventType.CLOSED])) == []


@pytest.mark.parametrize(
    ("after", "limit", "expected"),
    [(0, 9, [1, 2, 3, 4, 5]), (2, 2, [3, 4]), (5, 9, []), (-1, 1, [1]), (10**30, 9, []), (0, 0, [])],
)
def test_events_come_in_order_after_a_number(
    engine: Engine, log: Any, after: int, limit: int, expected: list[int]
) -> None:
    assert numbers(events.after(engine, after, limit)) == expected


def test_events_of_one_site_keep_their_numbers(engine: Engine, log: tuple[Site, Site]) -> None:
    acme, other = log
    assert numbers(events.after(engine, 1, 9, site_id=acme.id)) == [3, 5]
    assert {event.site for event in events.after(engine, 0, 9, site_id=other.id)} == {"other"}


def test_the_life_of_a_posting_is_its_events(engine: Engine, log: Any) -> None:
    assert numbers(events.of_posting(engine, "p_b")) == [2, 4]
    assert events.of_posting(engine, "p_c") == []


def test_the_head_of_the_log_is_the_number_of_the_newest_event(engine: Engine) -> None:
    assert events.last(engine) == 0
    with writing(engine) as connection:
        connection.execute(update(installation).values(last_event=2**40))
    assert events.last(engine) == 2**40


def test_an_event_comes_back_as_it_was(engine: Engine) -> None:
    site = add_site(engine)
    add_visit(engine, site, "v_1")
    add_posting(engine, site, "p_1")
    seen = NOW.astimezone(timezone(timedelta(hours=-5)))
    add_event(
        engine,
        site,
        1,
        "p_1",
        type="closed",
        visit_id="v_1",
        reason="gone",
        significance="site-wide",
        baseline=True,
        changes={"title": {"before": "Schweißer", "after": None}},
        evidence={"url": None, "status": None, "at": instant(seen), "rule": "C.5 gone"},
    )
    assert events.after(engine, 0, 1) == [
        Event(
            number=1,
            type=EventType.CLOSED,
            site="acme",
            visit="v_1",
            posting_id="p_1",
            at=NOW,
            record=records.record(
                records.body(WELDER),
                records.Standing(id="p_1", site="acme", state="open", first_seen=NOW, last_seen=NOW),
            ),
            baseline=True,
            reason="gone",
            changes={"title": {"before": "Schweißer", "after": None}},
            significance=Significance.SITE_WIDE,
            evidence=Evidence(url=None, status=None, at=NOW, rule="C.5 gone"),
        )
    ]


def test_versions_are_counted_as_they_are_numbered(engine: Engine) -> None:
    site = add_site(engine)
    add_posting(engine, site, "p_1")
    change = {"title": {"before": "Welder", "after": "Cook"}}
    told = [("opened", {}), ("changed", change), ("closed", {}), ("reopened", {}), ("closed", {}), ("reopened", change)]
    for number, (kind, changes) in enumerate(told, 1):
        add_event(engine, site, number, "p_1", type=kind, changes=changes)
    known = versions(events.of_posting(engine, "p_1"))
    assert [one.event for one in known] == [1, 2, 6]
    for number in range(1, 8):
        assert events.versions_of_posting(engine, "p_1", number) == sum(one.event < number for one in known)
