"""A query finds the same in SQL as in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Select, event, func, insert, select
from sqlalchemy.engine import Engine

from postings import record as records
from postings.posting import Posting
from postings.query import Query, Subject, parse
from postings.query.subject import looked_at
from storage import tables
from storage.contents import BODY
from storage.engine import reading
from storage.searching import condition
from tests.postings.query.postings import SITES, as_record, contents, lives, queries
from tests.storage.rows import NOW, WELDER, add_site, insert_postings, posting_row
from tests.storage.watching import Watch, a_job

Given = tuple[Posting, dict[str, Any]]


@pytest.fixture
def sites(engine: Engine) -> dict[str, Any]:
    return {name: add_site(engine, name, f"https://{number}.example/") for number, name in enumerate(SITES)}


def put(connection: Connection, sites: dict[str, Any], number: int, one: Given) -> None:
    """A posting as the ledger leaves it: its row, what queries look at, and its events."""
    posting, life = one
    row = posting_row(sites[life["site"]], f"p_{number}", state=life["state"], first_seen=life["first_seen"])
    insert_postings(connection, [row])
    connection.execute(insert(tables.folded_postings).values(posting_id=row["id"], **looked_at(records.body(posting))))
    changed = {
        "number": number + 1,
        "type": "changed",
        "site_id": row["site_id"],
        "posting_id": row["id"],
        "at": NOW,
        "content": select(func.max(tables.contents.c.number)).scalar_subquery(),
        "standing": {},
        "baseline": False,
        "changes": {},
        "significance": "material" if life["changed"] else "minor",
        "evidence": {},
    }
    connection.execute(insert(tables.events).values(changed))


def found_in_sql(connection: Connection, query: Query) -> set[str]:
    return set(connection.scalars(select(tables.postings.c.id).where(condition(query, NOW))))


def found_in_python(postings: Sequence[Given], query: Query) -> set[str]:
    subjects = [Subject.of(as_record(posting, life), changed=life["changed"]) for posting, life in postings]
    return {f"p_{number}" for number, subject in enumerate(subjects) if query.matches(subject, NOW)}


@settings(
    max_examples=settings.default.max_examples * 6 // 10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    postings=st.lists(st.tuples(contents, lives), min_size=1, max_size=4),
    asked=st.lists(queries, min_size=1, max_size=8),
)
def test_random_queries_find_the_same_random_postings_as_in_python(
    engine: Engine, sites: dict[str, Any], postings: list[Given], asked: list[Query]
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        for number, one in enumerate(postings):
            put(connection, sites, number, one)
        for query in asked:
            assert found_in_sql(connection, query) == found_in_python(postings, query), query.text
        transaction.rollback()


LIFE = {"site": "acme", "state": "open", "first_seen": NOW, "changed": False}


@pytest.mark.parametrize(
    "text",
    [
        "(" * 20 + "a" + ")" * 20,
        "-" * 20 + "a",
        " ".join(["a"] * 200),
        " OR ".join(["title:a*"] * 200),
        f"title:({' OR '.join(['a'] * 199)})",
        f"-(a OR {'-(a b) ' * 99})",
        f'"{"a " * 249}"',
        " ".join(f"first:<{days}d" for days in range(200)),
    ],
    ids=["brackets", "minuses", "words", "or", "values", "groups", "phrase", "spans"],
)
def test_the_largest_queries_are_answered(engine: Engine, sites: dict[str, Any], text: str) -> None:
    query = parse(text)
    with engine.connect() as connection, connection.begin() as transaction:
        put(connection, sites, 0, (WELDER, LIFE))
        assert found_in_sql(connection, query) == found_in_python([(WELDER, LIFE)], query)
        transaction.rollback()


@pytest.mark.parametrize("text", ["welder is:changed", "welder OR is:changed", "welder -is:changed", "is:changed"])
def test_a_change_is_looked_for_in_the_posting_itself(engine: Engine, sites: dict[str, Any], text: str) -> None:
    changed = LIFE | {"changed": True}
    given = [(WELDER, LIFE), (WELDER, changed), (Posting(title="Cook"), LIFE), (Posting(title="Cook"), changed)]
    with engine.connect() as connection, connection.begin() as transaction:
        for number, one in enumerate(given):
            put(connection, sites, number, one)
        assert found_in_sql(connection, parse(text)) == found_in_python(given, parse(text))
        transaction.rollback()


def test_a_blank_query_asks_nothing(engine: Engine, sites: dict[str, Any]) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        put(connection, sites, 0, (WELDER, LIFE))
        assert found_in_sql(connection, parse(" ")) == {"p_0"}
        transaction.rollback()


def test_what_queries_look_at_is_written_with_each_content_and_only_then(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {"/jobs/100": a_job(), "/jobs/101": a_job(place="Bonn")}
    watch.visit()
    assert folded(engine) == as_stored(engine)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    watch.later(hours=6).visit()
    assert statements
    assert not [statement for statement in statements if "folded_postings" in statement]
    watch.pages["/jobs/100"] = replace(watch.pages["/jobs/100"], title="Fitter", employment_types=("INTERN",))
    watch.later(hours=6).visit()
    assert [statement for statement in statements if "folded_postings" in statement]
    assert folded(engine) == as_stored(engine)
    assert {row["types"] for row in folded(engine)} == {None, " INTERN "}


def folded(engine: Engine) -> list[dict[str, Any]]:
    query = select(tables.folded_postings).order_by(tables.folded_postings.c.posting_id)
    with reading(engine) as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def as_stored(engine: Engine) -> list[dict[str, Any]]:
    query = select(tables.postings.c.id, BODY).order_by(tables.postings.c.id)
    with reading(engine) as connection:
        return [{"posting_id": row.id, **looked_at(row.body)} for row in connection.execute(query)]


def plan(connection: Connection, statement: Select[Any]) -> str:
    """How PostgreSQL would find it."""
    compiled = statement.compile(connection, compile_kwargs={"render_postcompile": True})
    return "\n".join(connection.exec_driver_sql(f"EXPLAIN {compiled}", compiled.params).scalars())


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("text", ["cook", "-cook", "remote:yes cook", "cook is:changed"])
def test_a_server_looks_at_the_texts_of_those_postings_only_that_it_looks_at(engine: Engine, text: str) -> None:
    rows = select(tables.postings.c.id).where(tables.postings.c.state == "open")
    of_it = select(tables.folded_postings).where(tables.folded_postings.c.posting_id == tables.postings.c.id)
    with reading(engine) as connection:
        # a control: asked like that, it may begin with all texts
        assert "SubPlan" not in plan(connection, rows.where(of_it.exists()))
        found = plan(connection, rows.where(condition(parse(text), NOW)))
    assert "SubPlan" in found
    assert not any(word in found for word in ("Join", "Nested Loop", "hashed SubPlan")), found
