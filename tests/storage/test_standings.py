from __future__ import annotations

import pytest
from sqlalchemy import event as hooks
from sqlalchemy.engine import Engine

from postings.errors import NotFoundError
from storage import deliveries, standings
from tests.delivery.eventlog import NOON, EventLog, later
from tests.storage.test_deliveries import add, row


def test_an_outlet_stands_where_it_stopped_with_what_waits_and_what_was_given_up(engine: Engine) -> None:
    log, first, second = EventLog(engine), add(engine, "a"), add(engine, "b")
    log.add(2)
    log.add(1, at=later(60))
    rows = [row(first, 1, 1, "parked"), row(first, 2, 1, "retry"), row(first, 3, 1, "retry")]
    deliveries.settle(engine, first.id, seen=0, cursor=1, rows=rows, now=NOON)
    deliveries.settle(engine, second.id, seen=0, cursor=2, rows=[row(second, 1), row(second, 2)], now=NOON)
    one, two = standings.standings(engine, "", 9)
    assert (one.outlet.name, one.behind, one.behind_since, one.parked) == ("a", 2, NOON, 1)
    assert one.pending is not None
    assert (one.pending.event, one.pending.attempts) == (2, 1)
    assert (two.outlet.name, two.behind, two.behind_since, two.parked, two.pending) == ("b", 1, later(60), 0, None)
    assert standings.standing(engine, "b") == two
    assert [delivery.event for delivery in standings.recent(engine, second.id, 1)] == [2]


def test_an_outlet_that_has_heard_everything_is_behind_nothing(engine: Engine) -> None:
    outlet = add(engine)
    assert standings.standing(engine, "hook") == standings.Standing(
        outlet=outlet, behind=0, behind_since=None, parked=0, pending=None
    )
    with pytest.raises(NotFoundError, match="did you mean hook"):
        standings.standing(engine, "hock")


def test_a_page_of_outlets_takes_as_many_queries_as_one_outlet(engine: Engine) -> None:
    for number in range(7):
        add(engine, f"hook {number}")
    asked: list[str] = []
    hooks.listen(engine, "before_cursor_execute", lambda _c, _d, statement, *_: asked.append(statement))
    assert [one.outlet.name for one in standings.standings(engine, "hook 2", 3)] == ["hook 3", "hook 4", "hook 5"]
    many = len(asked)
    asked.clear()
    standings.standings(engine, "hook 5", 1)
    assert len(asked) == many
