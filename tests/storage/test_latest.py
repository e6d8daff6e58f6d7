"""What feeds show: the postings that appeared last and are open, and those that closed last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.engine import Engine

from postings.posting import Posting
from postings.query import parse
from postings.query.subject import looked_at
from postings.visits import Absence
from storage import latest
from storage.engine import reading, writing
from storage.tables import events, folded_postings
from tests.storage.rows import NOW, add_contents, add_site, index_words, insert_postings, posting_row
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


@dataclass(frozen=True)
class Opening:
    """A posting, when it was found, and when that was told."""

    title: str
    found_at: datetime
    told_at: datetime | None = None
    state: str = "open"
    baseline: bool = False


def openings(engine: Engine, told: Sequence[Opening]) -> None:
    """Postings p_000, p_001 and so on of one site, each opened by an event."""
    site = add_site(engine)
    rows = [
        posting_row(site, f"p_{number:03}", Posting(title=one.title), first_seen=one.found_at, state=one.state)
        for number, one in enumerate(told)
    ]
    opened = {"type": "opened", "site_id": site.id, "changes": {}, "significance": "material"}
    opened |= {"standing": {}, "evidence": {}}
    with writing(engine) as connection:
        insert_postings(connection, rows)
        folded = [{"posting_id": row["id"], **looked_at(row["body"])} for row in rows]
        connection.execute(insert(folded_postings), folded)
        index_words(connection)
        (content,) = add_contents(connection, [rows[0]["body"]])
        connection.execute(
            insert(events),
            [
                opened
                | {"number": number, "posting_id": row["id"], "at": one.told_at or one.found_at}
                | {"content": content, "baseline": one.baseline}
                for number, (row, one) in enumerate(zip(rows, told, strict=True), 1)
            ],
        )


def test_what_appeared_last_comes_first_and_what_was_there_before_does_not_appear(engine: Engine) -> None:
    watched(engine)
    assert paths(latest.appeared(engine, 9, now=NOW)) == ["4", "3"]
    assert paths(latest.appeared(engine, 1, now=NOW)) == ["4"]
    assert sorted(paths(latest.appeared(engine, 9, now=NOW, baseline=True))) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("most", [2, 100])
def test_only_postings_that_are_asked_for_are_shown(engine: Engine, most: int) -> None:
    watch = watched(engine)
    # of the four, two are more than few
    for asked, seen, in_all in (
        ("cook OR nurse", ["4", "3"], ["4", "3"]),
        ("cook OR baker", ["3"], ["3", "2"]),
        ("-cook", ["4"], ["4", "2", "1"]),
    ):
        query = parse(asked)
        found = latest.appeared(engine, 9, now=NOW, query=query, looked_at=most)
        assert paths(found) == seen
        found = latest.appeared(engine, 9, now=NOW, query=query, baseline=True, looked_at=max(most, 4))
        assert sorted(paths(found), reverse=True) == in_all
    only_three = latest.appeared(engine, 1, now=NOW, query=parse("cook OR nurse"), looked_at=most)
    assert paths(only_three) == ["4"]
    assert latest.appeared(engine, 9, now=NOW, site_id=watch.site.id + 1) == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_of_many_with_a_word_those_that_appeared_last_are_shown_however_many_appeared_since(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # two of 25 are of a nurse, one of which is closed
    openings(
        engine,
        [
            Opening(
                "Nurse" if number % 25 in (3, 4) else "Cook",
                NOW + timedelta(minutes=number),
                state="closed" if number % 25 == 4 else "open",
            )
            for number in range(400)
        ],
    )
    monkeypatch.setattr(latest, "_NEWEST", 14)
    found = latest.appeared(engine, 5, now=NOW, query=parse("nurse"), looked_at=30)
    # the thirty that appeared last hold one
    assert [one.posting.id for one in found] == ["p_378", "p_353", "p_328", "p_303", "p_278"]
    # of those that were looked at no seven match
    assert len(latest.appeared(engine, 7, now=NOW, query=parse("nurse"), looked_at=30)) == 6


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_those_that_appeared_are_shown_however_many_were_there_before_anyone_watched_a_newer_site(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    openings(
        engine,
        [
            Opening(
                "Cook" if 10 <= number < 210 and number % 5 else "Nurse",
                NOW + timedelta(minutes=number),
                baseline=10 <= number < 210,
            )
            for number in range(211)
        ],
    )
    monkeypatch.setattr(latest, "_NEWEST", 14)
    found = latest.appeared(engine, 5, now=NOW, query=parse("nurse"), looked_at=30)
    assert [one.posting.id for one in found] == ["p_210", "p_009", "p_008", "p_007", "p_006"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_one_that_was_told_long_after_it_was_found_is_not_left_out_for_those_that_words_name(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    found_at = [NOW + timedelta(minutes=number) for number in range(400)]
    nurses = [
        Opening("Nurse" if number % 25 == 3 or number == 399 else "Cook", at) for number, at in enumerate(found_at)
    ]
    nurses[399] = Opening("Nurse", found_at[0], told_at=found_at[399])
    openings(engine, nurses)
    monkeypatch.setattr(latest, "_NEWEST", 8)
    found = latest.appeared(engine, 9, now=NOW, query=parse("nurse"), looked_at=14)
    assert [one.posting.id for one in found][:4] == ["p_399", "p_378", "p_353", "p_328"]


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
    for most in (1, 100):
        for asked, count in (("nurse", 1), ("cook", 0), ("-cook", 1), ("-nurse", 0)):
            found = latest.closed(engine, 9, now=NOW, since=day_before, query=parse(asked), looked_at=most)
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


def test_what_appeared_on_a_site_is_looked_for_among_its_own_events(engine: Engine) -> None:
    site = watched(engine).site
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        if "FROM events" in statement and "LIMIT" in statement:
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert paths(latest.appeared(engine, 9, now=NOW, site_id=site.id)) == ["4", "3"]
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert asked
    with reading(engine) as connection:
        explain = "EXPLAIN QUERY PLAN"
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            explain = "EXPLAIN"
        for statement, parameters in asked:
            plan = str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())
            assert "ix_events_site_id_number" in plan
            assert "ix_events_appeared" not in plan
