"""What feeds show: the postings that appeared last and are open, and those that closed last."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine

from postings.query import parse
from postings.visits import Absence
from storage import latest
from storage.engine import reading
from tests.storage.rows import NOW
from tests.storage.watching import Watch, a_job


def paths(found: list[latest.Latest]) -> list[str]:
    return [one.posting.page.rpartition("/")[2] for one in found]


def watched(engine: Engine) -> Watch:
    """A site of two postings, on which two more appear, an hour apart."""
    watch = Watch(engine)
    watch.pages["/jobs/1"] = a_job("Welder")
    watch.pages["/jobs/2"] = a_job("Baker")
    watch.visit()
    for number, title in ((3, "Cook"), (4, "Nurse")):
        watch.now += timedelta(hours=1)
        watch.pages[f"/jobs/{number}"] = a_job(title)
        watch.visit()
    return watch


def test_what_appeared_last_comes_first_and_what_was_there_before_does_not_appear(engine: Engine) -> None:
    watched(engine)
    assert paths(latest.appeared(engine, 9, now=NOW)) == ["4", "3"]
    assert paths(latest.appeared(engine, 1, now=NOW)) == ["4"]
    assert sorted(paths(latest.appeared(engine, 9, now=NOW, baseline=True))) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("looked_at", [2, 100])
def test_only_postings_that_are_asked_for_are_shown(engine: Engine, looked_at: int) -> None:
    watch = watched(engine)
    # of the four, two are more than few
    for asked, seen, in_all in (
        ("cook OR nurse", ["4", "3"], ["4", "3"]),
        ("cook OR baker", ["3"], ["3", "2"]),
        ("-cook", ["4"], ["4", "2", "1"]),
    ):
        query = parse(asked)
        found = latest.appeared(engine, 9, now=NOW, query=query, looked_at=looked_at)
        assert paths(found) == seen
        found = latest.appeared(engine, 9, now=NOW, query=query, baseline=True, looked_at=max(looked_at, 4))
        assert sorted(paths(found), reverse=True) == in_all
    only_three = latest.appeared(engine, 1, now=NOW, query=parse("cook OR nurse"), looked_at=looked_at)
    assert paths(only_three) == ["4"]
    assert latest.appeared(engine, 9, now=NOW, site_id=watch.site.id + 1) == []


def test_a_posting_is_updated_when_a_person_would_see_it(engine: Engine) -> None:
    watch = watched(engine)
    appeared = latest.appeared(engine, 1, now=NOW)[0].updated
    watch.now += timedelta(hours=1)
    watch.pages["/jobs/4"] = a_job("Nurse", date_posted=watch.now.date())
    watch.visit()
    assert latest.appeared(engine, 1, now=NOW)[0].updated == appeared
    watch.now += timedelta(hours=1)
    watch.pages["/jobs/4"] = a_job("Head nurse")
    watch.visit()
    assert latest.appeared(engine, 1, now=NOW)[0].updated == watch.now


def test_what_closed_has_left_and_is_named_for_a_while(engine: Engine) -> None:
    watch = watched(engine)
    watch.now += timedelta(hours=1)
    del watch.pages["/jobs/4"]
    watch.visit(looks={"/jobs/4": Absence.GONE})
    assert paths(latest.appeared(engine, 9, now=NOW)) == ["3"]
    gone = latest.closed(engine, 9, now=NOW, since=watch.now - timedelta(days=1))
    assert [one.at for one in gone] == [watch.now]
    assert latest.closed(engine, 9, now=NOW, since=watch.now + timedelta(days=1)) == []
    day_before = watch.now - timedelta(days=1)
    for looked_at in (1, 100):
        for asked, count in (("nurse", 1), ("cook", 0), ("-cook", 1), ("-nurse", 0)):
            found = latest.closed(engine, 9, now=NOW, since=day_before, query=parse(asked), looked_at=looked_at)
            assert len(found) == count, asked
    assert latest.closed(engine, 9, now=NOW, since=day_before, site_id=watch.site.id + 1, query=parse("nurse")) == []


def test_the_newest_are_found_by_an_index(engine: Engine) -> None:
    appeared = "events.type = 'opened' AND events.baseline IS FALSE"
    query = f"SELECT number FROM events WHERE {appeared} ORDER BY at DESC, number DESC"
    with reading(engine) as connection:
        if engine.dialect.name == "postgresql":
            # an empty table is read whole, whatever indexes it has
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            plan = str(connection.execute(text(f"EXPLAIN {query}")).all())
        else:
            plan = str(connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all())
    assert "ix_events_appeared" in plan
