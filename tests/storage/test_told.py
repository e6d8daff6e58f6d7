from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from postings.events import EventType
from storage import deliveries, outlets, told
from storage.deliveries import Delivery, DeliveryStatus
from tests.delivery.eventlog import NOON, EventLog


@pytest.fixture
def log(engine: Engine) -> EventLog:
    return EventLog(engine)


def test_kin_are_the_postings_with_links(engine: Engine, log: EventLog) -> None:
    first, second, third = log.add(3)
    log.link(third, first, "twin")
    [one] = told.kin(engine, [first, second, third])
    assert (one.number, one.posting_id, one.first_seen) == (third, f"p_{third}", NOON)
    assert [link["id"] for link in one.links] == [f"p_{first}"]
    assert told.kin(engine, []) == []


def test_told_is_what_this_outlet_accepted_and_nothing_else(engine: Engine, log: EventLog) -> None:
    outlet, other = (
        outlets.add(engine, name=name, kind="email", address="mailto:a@example.org", options={}, now=NOON)
        for name in ("one", "other")
    )
    log.add(3)
    log.close(1, NOON)
    rows = [
        Delivery(
            outlet_id=outlet.id, event=number, status=status, attempts=1, first_attempt_at=NOON, last_attempt_at=NOON
        )
        for number, status in ((1, DeliveryStatus.SENT), (2, DeliveryStatus.PARKED))
    ]
    deliveries.settle(engine, outlet.id, seen=0, cursor=3, rows=rows, now=NOON)
    asked = [f"p_{number}" for number in range(1, 1200)]
    assert told.told(engine, outlet.id, asked) == {"p_1": told.Told(posting_id="p_1", closed_at=NOON)}
    assert told.told(engine, other.id, asked) == {}


def test_numbers_are_the_first_event_of_each_posting(engine: Engine, log: EventLog) -> None:
    log.add(2)
    log.add(1, type=EventType.CLOSED)
    assert told.numbers(engine, [2, 1]) == {"p_1": 1, "p_2": 2}
