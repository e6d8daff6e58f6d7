from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from postings.errors import NotFoundError, UsageError
from postings.events import EventType
from postings.query import parse
from storage import deliveries, outlets, searches
from storage.engine import writing
from storage.searches import Search
from tests.delivery.eventlog import NOON, EventLog, later
from tests.storage.rows import index_words
from tests.storage.watching import Watch, a_job


@pytest.fixture
def log(engine: Engine) -> EventLog:
    return EventLog(engine)


def keep(engine: Engine, name: str = "nurses") -> Search:
    return searches.add(engine, name=name, query="title:nurse", grammar=1, now=NOON)


def hear(engine: Engine, name: str = "me", search: str | None = "nurses", **fields: list[int]) -> outlets.Outlet:
    address = "mailto:me@example.org"
    return outlets.add(engine, name=name, kind="email", address=address, options={}, now=NOON, search=search, **fields)


def test_a_search_is_kept_as_it_was_typed_and_its_outlets_know_it(engine: Engine) -> None:
    search = keep(engine)
    assert searches.find(engine, "nurses") == search
    assert searches.all(engine) == [search]
    outlet = hear(engine)
    assert (outlet.search, outlet.query) == ("nurses", "title:nurse")
    assert searches.outlets_of(engine, search.id) == [outlet]
    assert hear(engine, "all", None).query is None


def test_two_searches_have_two_names(engine: Engine) -> None:
    keep(engine)
    with pytest.raises(UsageError, match="nurses"):
        keep(engine)


def test_the_nearest_name_is_offered(engine: Engine) -> None:
    keep(engine)
    with pytest.raises(NotFoundError, match="did you mean nurses"):
        searches.find(engine, "nurse")
    with pytest.raises(NotFoundError):
        hear(engine, search="nobody")
    assert outlets.all(engine) == []


def test_a_search_goes_with_those_who_hear_of_it_and_with_nobody_else(engine: Engine, log: EventLog) -> None:
    search = keep(engine)
    hear(engine)
    other = hear(engine, "other", None)
    log.add(1)
    hear(engine, "past", backfill=[1])
    searches.remove(engine, search.id)
    searches.remove(engine, search.id)
    assert searches.all(engine) == []
    assert outlets.all(engine) == [other]


def test_a_backfill_is_about_to_be_sent_and_nothing_else_of_the_past(engine: Engine, log: EventLog) -> None:
    keep(engine)
    log.add(5)
    outlet = hear(engine, backfill=[2, 4])
    assert (outlet.cursor, outlet.since) == (1, 5)
    rows = deliveries.between(engine, outlet.id, 0, 9)
    assert {number: (row.status, row.attempts) for number, row in rows.items()} == {2: ("retry", 0), 4: ("retry", 0)}
    assert outlets.with_retries(engine) == {outlet.id}
    assert [due.id for due in outlets.due(engine, NOON)] == [outlet.id]


def test_openings_are_the_last_ones_of_each_posting_the_newest_first(engine: Engine, log: EventLog) -> None:
    log.add(4)
    [reopened] = log.add(1, of=2, type=EventType.REOPENED)
    log.add(1, of=3, type=EventType.CHANGED)
    assert searches.openings(engine, ["p_2", "p_3", "p_4"]) == [reopened, 4, 3]
    assert searches.openings(engine, []) == []


def test_what_is_held_is_not_due_until_then_whatever_happens(engine: Engine, log: EventLog) -> None:
    outlet = hear(engine, search=None)
    log.add(1)
    held = {"seen": 0, "cursor": 0, "released": (NOON, 0), "held_until": later(60), "now": NOON}
    assert deliveries.settle(engine, outlet.id, **held)  # type: ignore[arg-type]
    log.add(1)
    assert outlets.due(engine, later(59)) == []
    assert [due.released_at for due in outlets.due(engine, later(60))] == [NOON]
    outlets.change(engine, outlet.id, {})
    assert len(outlets.due(engine, NOON)) == 1


def test_outlets_are_moved_on_together_unless_somebody_else_has_moved_them(engine: Engine, log: EventLog) -> None:
    first, second = hear(engine, "a", None), hear(engine, "b", None)
    log.add(3)
    deliveries.settle(engine, second.id, seen=0, cursor=2, now=NOON)
    outlets.advance(engine, [(first.id, 0), (second.id, 0)], 3)
    assert [outlet.cursor for outlet in outlets.all(engine)] == [3, 2]


def test_a_reader_ends_their_mails_by_the_token_and_nobody_elses(engine: Engine) -> None:
    first, second = hear(engine, "a", None), hear(engine, "b", None)
    assert first.token != second.token
    assert len(first.token) >= 32
    ended = outlets.disable_by_token(engine, first.token, NOON)
    assert ended is not None
    assert ended.id == first.id
    assert [outlet.disabled_at for outlet in outlets.all(engine)] == [NOON, None]
    assert first.token not in repr(first)


def test_the_newest_event_before_a_moment(engine: Engine, log: EventLog) -> None:
    assert deliveries.last_before(engine, NOON) == 0
    log.add(2)
    log.add(1, at=later(10))
    assert deliveries.last_before(engine, NOON) == 0
    assert deliveries.last_before(engine, later(10)) == 2
    assert deliveries.last_before(engine, later(11)) == 3


def test_openings_are_counted_by_span_and_baselines_are_not(engine: Engine, log: EventLog) -> None:
    log.add(2, at=later(-200))
    log.add(1, at=later(-100))
    log.add(1, at=later(-100), baseline=True)
    log.add(1, type=EventType.CLOSED, at=later(-100))
    moments = [later(-300), later(-150), later(-100), later(0)]
    found = searches.opened_in(engine, parse(""), moments, NOON)
    assert (found.counts, found.one_of, found.log_begins) == ((2, 0, 1), 1, later(-200))
    assert searches.opened_in(engine, parse("site:nobody"), moments, NOON).counts == (0, 0, 0)


def test_of_many_openings_some_stand_for_the_others(engine: Engine, log: EventLog) -> None:
    log.add(100, at=later(-200))
    log.add(40, at=later(-100))
    moments = [later(-300), later(-150), later(0)]
    found = searches.opened_in(engine, parse(""), moments, NOON, looked_at=20)
    assert (found.counts, found.one_of) == ((98, 42), 7)
    assert searches.opened_in(engine, parse(""), moments, NOON, looked_at=140).counts == (100, 40)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_where_few_postings_have_a_word_all_of_them_are_counted(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(f"Cook {number}") for number in range(5)}
    watch.visit()
    moments = [watch.now]
    for number, title in ((5, "Zeppelin rigger"), (6, "Baker"), (7, "Zeppelin cook"), (8, "Cook")):
        watch.now += timedelta(hours=1)
        watch.pages[f"/jobs/{number}"] = a_job(title)
        watch.visit()
        moments.append(watch.now + timedelta(minutes=1))
    with writing(engine) as connection:
        index_words(connection)
    found = searches.opened_in(engine, parse("zeppelin -pilot"), moments, watch.now, looked_at=2)
    assert (found.counts, found.one_of) == ((1, 0, 1, 0), 1)
    assert searches.opened_in(engine, parse("cook"), moments, watch.now, looked_at=2).one_of == 2


def test_searches_are_listed_some_at_a_time_with_those_who_hear_of_them(engine: Engine) -> None:
    kept = [keep(engine, name) for name in ("b", "a", "c")]
    outlet = hear(engine, "me", "b")
    hear(engine, "other", None)
    assert [search.name for search in searches.listed(engine, "", 2)] == ["a", "b"]
    assert [search.name for search in searches.listed(engine, "b", 2)] == ["c"]
    assert searches.heard_by(engine, [search.id for search in kept]) == {kept[0].id: [outlet]}


def test_a_search_asks_something_else_under_its_name_and_its_outlets_know_it(engine: Engine) -> None:
    search = keep(engine)
    outlet = hear(engine)
    searches.change(engine, search.id, query="title:baker", grammar=2)
    changed = searches.find(engine, "nurses")
    assert (changed.query, changed.grammar, changed.created_at) == ("title:baker", 2, NOON)
    assert outlets.find(engine, outlet.name).query == "title:baker"
