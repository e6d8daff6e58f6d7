"""Postings page by page: each page follows an index, and together they are all that a query finds."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert
from sqlalchemy.engine import Engine

from postings.posting import Location, Posting
from postings.query import Query, parse
from postings.query.subject import looked_at
from storage import paging, postings, searching, tables
from storage.engine import writing
from storage.facets import facets
from storage.paging import Place
from tests.postings.query.postings import queries
from tests.storage.rows import NOW, add_site, index_words, insert_postings, posting_row

COUNT = 120

CHOSEN = st.sampled_from(
    [
        "",
        "cook",
        "is:closed",
        "-is:open",
        "is:open OR is:closed",
        "is:open is:closed",
        "site:acme",
        "site:(acme OR globex) cook",
        "site:acme OR site:nobody",
        "site:acme site:globex",
        "-site:acme",
        "(site:acme OR cook) is:closed",
        "first:<20h",
        "first:>20h -is:open",
        "first:<40h first:>10h remote:yes",
        "site:acme first:<20h nurse",
    ]
)


@pytest.fixture
def full(engine: Engine) -> Engine:
    """Postings of three sites, found one hour after the other or many at once."""
    random = Random(3)
    sites = [add_site(engine, name) for name in ("acme", "globex", "initech")]
    rows, folded = [], []
    for number in range(COUNT):
        posting = Posting(title=random.choice(["Cook", "Nurse"]), remote=random.random() < 0.3)
        hours = 7 if number < 30 else random.randrange(50)
        rows.append(
            posting_row(
                random.choice(sites),
                f"p_{number:03}",
                posting,
                state=random.choice(["open", "open", "closed"]),
                first_seen=NOW - timedelta(hours=hours),
            )
        )
        folded.append({"posting_id": f"p_{number:03}", **looked_at(rows[-1]["body"])})
    with writing(engine) as connection:
        insert_postings(connection, rows)
        connection.execute(insert(tables.folded_postings), folded)
        index_words(connection)
    return engine


def all_of(engine: Engine, query: Query) -> list[str]:
    found = postings.search(
        engine,
        state="all" if query.asks_state else "open",
        condition=searching.condition(query, NOW),
    )
    return [stored.id for stored in found]


def page_by_page(engine: Engine, query: Query, limit: int, looked_at: int) -> list[str]:
    page = paging.first(engine, query, NOW, limit=limit, looked_at=looked_at).page
    found = [stored.id for stored in page.postings]
    for _ in range(4 * COUNT):
        if page.next is None:
            return found
        assert len(page.postings) == limit or page.looked_back_to is not None
        page = paging.page(engine, query, NOW, limit=limit, after=page.next, looked_at=looked_at)
        found += [stored.id for stored in page.postings]
    raise AssertionError("there is always another page")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHOSEN.map(parse) | queries, st.integers(5, 60), st.integers(15, 150))
def test_the_pages_are_all_that_a_query_finds_in_order(full: Engine, query: Query, limit: int, looked_at: int) -> None:
    assert page_by_page(full, query, limit, looked_at) == all_of(full, query)


@pytest.fixture
def growing(engine: Engine) -> Engine:
    """Postings that were found and indexed one after the other, and now and then one that was found late; one of ten
    is of a nurse."""
    random, site = Random(4), add_site(engine)
    for start in range(0, 400, 20):
        rows = []
        for number in range(start, start + 20):
            seen = NOW + timedelta(minutes=number - random.choice([0, 0, 0, 1, 15, 300]))
            title = "Nurse" if random.random() < 0.1 else random.choice(["Cook", "Welder"])
            state = random.choice(["open", "open", "closed"])
            rows.append(posting_row(site, f"p_{number:03}", Posting(title=title), state=state, first_seen=seen))
        with writing(engine) as connection:
            insert_postings(connection, rows)
            folded = [{"posting_id": row["id"], **looked_at(row["body"])} for row in rows]
            connection.execute(insert(tables.folded_postings), folded)
            index_words(connection)
    return engine


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["nurse", "nurse is:closed", "nurse -site:acme", "(nurse OR nobody) (is:open OR is:closed)"]),
    st.integers(1, 12),
    st.integers(10, 500),
    st.integers(3, 60),
)
def test_the_pages_are_all_that_a_query_finds_where_the_index_of_words_names_the_last(
    growing: Engine, text: str, limit: int, looked_at: int, newest: int
) -> None:
    query = parse(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "_NEWEST", newest)
        whole = all_of(growing, query)
        assert page_by_page(growing, query, limit, looked_at) == whole
        found = paging.first(growing, query, NOW, limit=limit, looked_at=looked_at)
        assert list(found.sample) == whole[: found.count]
        assert found.more or found.count == len(whole)
        walked = paging.walk(growing, query, NOW, batch=limit)
        assert [stored.id for stored in walked] == whole


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_page_of_what_many_have_is_found_by_the_last_that_have_the_words(growing: Engine) -> None:
    looked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        looked.append(statement)

    event.listen(growing, "before_cursor_execute", note)
    try:
        found = paging.page(growing, parse("nurse"), NOW, limit=5)
    finally:
        event.remove(growing, "before_cursor_execute", note)
    assert [one.id for one in found.postings] == all_of(growing, parse("nurse"))[:5]
    assert not any("count(*)" in statement for statement in looked), "all that have the word are counted"


def test_a_walk_finds_everything(full: Engine) -> None:
    query = parse("cook OR nurse")
    assert [stored.id for stored in paging.walk(full, query, NOW, batch=17)] == all_of(full, query)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHOSEN.map(parse) | queries)
def test_all_that_a_query_finds_is_counted(full: Engine, query: Query) -> None:
    assert paging.count(full, query, NOW) == len(all_of(full, query))


def test_what_an_index_counts_is_counted_and_a_sample_is_the_newest(
    full: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("", "is:open OR is:closed", "site:acme", "first:<20h"):
        found, whole = paging.first(full, parse(text), NOW, limit=3), all_of(full, parse(text))
        assert (found.count, found.more, list(found.sample)) == (len(whole), False, whole)
    monkeypatch.setattr(paging, "COUNTED", 20)
    monkeypatch.setattr(paging, "SAMPLE", 5)
    found = paging.first(full, parse(""), NOW, limit=3)
    assert (found.count, found.more, len(found.sample), len(found.page.postings)) == (20, True, 5, 3)


def test_what_must_be_looked_for_is_counted_as_far_as_was_looked(full: Engine) -> None:
    query = parse("cook")
    some = paging.first(full, query, NOW, limit=100, looked_at=40)
    assert some.more
    assert some.count == len(some.page.postings) < len(all_of(full, query))
    assert some.page.looked_back_to is not None
    every = paging.first(full, query, NOW, limit=100, looked_at=COUNT)
    assert (every.count, every.more) == (len(all_of(full, query)), False)


def test_postings_that_were_found_at_once_are_never_passed_over(full: Engine) -> None:
    found: list[str] = []
    place: Place | None = None
    for _ in range(2 * COUNT):
        page = paging.page(full, parse("cook OR nurse"), NOW, limit=7, after=place, looked_at=3)
        found += [stored.id for stored in page.postings]
        if page.next is None:
            break
        place = page.next
    assert found == all_of(full, parse("cook OR nurse"))


def test_a_page_takes_few_statements(full: Engine) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            asked.append(statement)

    event.listen(full, "before_cursor_execute", note)
    try:
        found = paging.first(full, parse("site:(acme OR globex) (is:open OR is:closed) cook"), NOW, limit=50)
        facets(full, found.sample)
    finally:
        event.remove(full, "before_cursor_execute", note)
    assert len(asked) <= 6


def plan(engine: Engine, text: str, place: Place | None = None, *, looked_at: int = COUNT) -> list[str]:
    """How SQLite finds the ids of a page."""
    told: list[str] = []

    def note(connection: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        if statement.startswith(("SELECT anon_1.first_seen, anon_1.id", "SELECT postings.first_seen, postings.id")):
            driver = connection.connection.dbapi_connection  # type: ignore[attr-defined]
            told.extend(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        paging.page(engine, parse(text), NOW, limit=50, after=place, looked_at=looked_at)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return told


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("", "ix_postings_state_first_seen"),
        ("cook", "ix_postings_state_first_seen"),
        ("site:acme", "ix_postings_site_id_state_first_seen"),
        ("site:acme cook", "ix_postings_site_id_state_first_seen"),
    ],
)
def test_an_index_leads_to_a_page(full: Engine, text: str, index: str) -> None:
    found = plan(full, text, Place(first_seen=NOW - timedelta(hours=20), id="p_050"), looked_at=40)
    assert any(f"USING INDEX {index}" in line and "first_seen<" in line for line in found), found
    assert not any("SCAN postings" in line for line in found)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("text", ["cook", "site:(acme OR globex) cook first:<20h"])
def test_the_index_of_words_leads_to_the_few_that_have_one(full: Engine, text: str) -> None:
    found = plan(full, text, Place(first_seen=NOW - timedelta(hours=20), id="p_050"))
    assert any("posting_words VIRTUAL TABLE INDEX" in line for line in found), found
    assert any("SEARCH postings USING INDEX sqlite_autoindex_postings_1 (id=?)" in line for line in found), found


def test_what_few_have_is_counted_whole_however_old_it_is(engine: Engine) -> None:
    site = add_site(engine)
    titles = ["Zeppelin rigger", *["Cook"] * 60]
    rows = [
        posting_row(site, f"p_{number:02}", Posting(title=title), first_seen=NOW - timedelta(hours=100 - number))
        for number, title in enumerate(titles)
    ]
    with writing(engine) as connection:
        insert_postings(connection, rows)
        folded = [{"posting_id": row["id"], **looked_at(row["body"])} for row in rows]
        connection.execute(insert(tables.folded_postings), folded)
        index_words(connection)
        if engine.dialect.name == "postgresql":
            # so few texts are looked through sooner than an index
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.exec_driver_sql("ANALYZE folded_postings")
    found = paging.first(engine, parse("rigger -cook"), NOW, limit=10, looked_at=10)
    assert [one.id for one in found.page.postings] == ["p_00"]
    assert (found.count, found.more, found.page.looked_back_to) == (1, False, None)
    assert paging.first(engine, parse("cook"), NOW, limit=10, looked_at=10).more


def test_facets_count_what_the_postings_state(engine: Engine) -> None:
    acme, globex = add_site(engine, "acme"), add_site(engine, "globex")
    cases = (
        (acme, Posting(title="a", locations=(Location(locality="Bad  Ems"), Location(country="DE"))), "open"),
        (acme, Posting(title="b", locations=(Location(locality="Bad Ems"),), employment_types=("FULL_TIME",)), "open"),
        (globex, Posting(title="c", remote=True, employment_types=("FULL_TIME", "INTERN")), "closed"),
    )
    rows = [posting_row(site, f"p_{number}", one, state=state) for number, (site, one, state) in enumerate(cases)]
    with writing(engine) as connection:
        insert_postings(connection, rows)
        connection.execute(
            insert(tables.folded_postings), [{"posting_id": row["id"], **looked_at(row["body"])} for row in rows]
        )
    found = facets(engine, [row["id"] for row in rows])
    assert found.of == 3
    assert found.site == (("acme", 2), ("globex", 1))
    assert found.location == (("Bad Ems", 2), ("DE", 1))
    assert found.type == (("FULL_TIME", 2), ("INTERN", 1))
    assert found.remote == ((False, 2), (True, 1))
    assert found.state == (("open", 2), ("closed", 1))
    assert facets(engine, []).of == 0


def test_a_time_that_no_clock_shows_is_before_or_after_everything(full: Engine) -> None:
    for at in (datetime.min, datetime.max):
        place = Place(first_seen=at.replace(tzinfo=NOW.tzinfo), id=None)
        found = paging.page(full, parse("cook"), NOW, limit=COUNT, after=place)
        assert len(found.postings) == (0 if at == datetime.min else len(all_of(full, parse("cook"))))
