"""The index of words leaves out no posting that a query finds, whatever was written and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import Engine

from postings.errors import DatabaseError
from postings.posting import Posting
from postings.query import Query, parse
from postings.query.folding import fold
from postings.query.subject import looked_at
from storage import word_index
from storage.backup import backup
from storage.engine import reading, writing
from storage.searching import condition
from storage.soundness import problems
from storage.tables import folded_postings, postings
from storage.upserts import insert_or_replace
from tests.postings.query.postings import SITES, WORDS, contents, lives, queries
from tests.storage.rows import NOW, add_posting, add_site, index_words, insert_postings, posting_row
from tests.storage.test_searching import Given, found_in_python, found_in_sql, put
from tests.storage.watching import Watch, a_job

EVERYTHING = 1_000


@pytest.fixture
def sites(engine: Engine) -> dict[str, Any]:
    return {name: add_site(engine, name, f"https://{number}.example/") for number, name in enumerate(SITES)}


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Connection]:
    """A transaction that comes to nothing, in which PostgreSQL prefers the index although there are few texts."""
    with engine.connect() as connection, connection.begin() as transaction:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        yield connection
        transaction.rollback()


def found_by_index(connection: Connection, query: Query) -> set[str] | None:
    """What the query finds among the few that the index leaves; None where it does not tell."""
    few = word_index.few(connection, query, EVERYTHING)
    if few is None:
        return None
    return set(connection.scalars(select(postings.c.id).where(few, condition(query, NOW))))


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    given_postings=st.lists(st.tuples(contents, lives), min_size=1, max_size=4),
    noted=st.integers(0, 4),
    asked=st.lists(queries | st.sampled_from(WORDS).filter(fold).map(fold).map(parse), min_size=1, max_size=8),
)
def test_with_the_index_random_queries_find_the_same_as_without_and_in_python(
    engine: Engine, sites: dict[str, Any], given_postings: list[Given], noted: int, asked: list[Query]
) -> None:
    with rolled_back(engine) as connection:
        for number, one in enumerate(given_postings):
            put(connection, sites, number, one)
            if number == noted:
                index_words(connection)
        for query in asked:
            found = found_by_index(connection, query)
            if found is not None:
                assert found == found_in_python(given_postings, query) == found_in_sql(connection, query), query.text


def with_words(connection: Connection, *words: str) -> set[str]:
    found: set[str] = set()
    for word in words:
        few = word_index.few(connection, parse(f'"{word}"'), EVERYTHING)
        assert few is not None
        found |= set(connection.scalars(select(postings.c.id).where(few)))
    return found


@pytest.mark.parametrize(
    "word", ["c++", "c#", ".net", "müller", "機", "학", "инженер", "ﬁne", "6", "x" * 199, "x" * 400, "ж" * 199]
)
def test_each_kind_of_word_is_an_entry(engine: Engine, word: str) -> None:
    site = add_site(engine)
    add_posting(engine, site, "p_1", Posting(title=f"all {word} jobs"))
    add_posting(engine, site, "p_2", Posting(title="other"))
    with rolled_back(engine) as connection:
        index_words(connection)
        # one that is too long for an entry tells nothing
        told = engine.dialect.name == "sqlite" or len(word) <= word_index.LONGEST
        assert with_words(connection, word) == ({"p_1"} if told else {"p_1", "p_2"})
        assert with_words(connection, "jobs") == {"p_1"}


def test_a_word_that_is_longer_than_an_entry_may_be_harms_nothing(engine: Engine) -> None:
    # of random signs, so that it cannot be packed
    word = Random(1).randbytes(5_000).hex()
    add_posting(engine, add_site(engine), "p_1", Posting(title=f"{word} cook"))
    with rolled_back(engine) as connection:
        index_words(connection)
        assert with_words(connection, "cook") == {"p_1"}


def test_only_as_many_as_are_wanted_are_few(engine: Engine) -> None:
    site = add_site(engine)
    for number in range(4):
        add_posting(engine, site, f"p_{number}", Posting(title="cook" if number else "welder and cook"))
    with rolled_back(engine) as connection:
        index_words(connection)
        assert word_index.few(connection, parse("cook"), 3) is None
        assert word_index.few(connection, parse("cook"), 4) is not None
        assert word_index.few(connection, parse("cook welder"), 1) is not None
        assert word_index.few(connection, parse("cook OR welder"), 3) is None
        assert word_index.few(connection, parse("welder OR remote:yes"), 4) is None


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_server_is_told_by_their_ids_which_few_have_a_word(engine: Engine) -> None:
    # it takes those that a condition finds to be any number, and may then look at all events for theirs
    add_posting(engine, add_site(engine), "p_1", Posting(title="cook"))
    with rolled_back(engine) as connection:
        few = word_index.few(connection, parse("cook"), 4)
        assert few is not None
        assert few.compile(connection).params == {"param_1": ["p_1"]}


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"w{number}" for number in range(200)),
        f"title:({' OR '.join(f'w{number}' for number in range(199))})",
        "(" * 20 + "w0 w1" + ")" * 20,
        "(a OR (b (c OR (d (e OR (f (g OR (h (i OR (j w0)))))))))) OR w1",
        f'"{" ".join(f"w{number}" for number in range(100))}"',
    ],
    ids=["words", "values", "brackets", "nests", "phrase"],
)
def test_the_largest_queries_are_asked_of_it(engine: Engine, text: str) -> None:
    add_posting(engine, add_site(engine), "p_1", Posting(title=" ".join(f"w{number}" for number in range(200))))
    with rolled_back(engine) as connection:
        index_words(connection)
        assert found_by_index(connection, parse(text)) == {"p_1"}


def test_a_text_is_known_by_the_words_that_it_has_now(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {"/jobs/1": a_job("Welder"), "/jobs/2": a_job("Turner")}
    watch.visit()
    with writing(engine) as connection:
        index_words(connection)
    watch.pages["/jobs/1"] = a_job("Fitter")
    watch.later(hours=6).visit()
    with rolled_back(engine) as connection:
        query = select(postings.c.id).where(postings.c.page.like("%/1"))
        changed = connection.execute(query).scalar_one()
        assert changed in with_words(connection, "fitter")
        index_words(connection)
        assert with_words(connection, "fitter") == {changed}
        assert with_words(connection, "welder") == set()


# -- SQLite, where triggers keep it

on_sqlite = pytest.mark.parametrize("url", ["sqlite"], indirect=True)

_ids = st.sampled_from(["p_0", "p_1", "p_2", "p_3"])
_texts = st.lists(st.sampled_from(["a", "b", "c", "c++", "é"]), max_size=4).map(" ".join).map(fold)
_steps = st.lists(
    st.tuples(st.just("write"), _ids, _texts)
    | st.tuples(st.just("remove"), _ids, st.just(""))
    | st.tuples(st.just("index"), st.just(""), st.just("")),
    max_size=12,
)


@on_sqlite
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_steps)
def test_whatever_is_written_the_index_is_as_the_texts_are(engine: Engine, steps: list[tuple[str, str, str]]) -> None:
    held: dict[str, str] = {}
    with rolled_back(engine) as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for step, posting, text in steps:
            if step == "write":
                row = {"posting_id": posting, "remote": False, "described": False, "text": text, "title": text}
                insert_or_replace(connection, folded_postings, [dict.fromkeys(folded_postings.c.keys()) | row])
                held[posting] = text
            elif step == "remove":
                connection.execute(delete(folded_postings).where(folded_postings.c.posting_id == posting))
                held.pop(posting, None)
            else:
                index_words(connection)
            for word in ("a", "c++"):
                assert {one for one, text in held.items() if word in text.split()} <= known(connection, word)
            assert word_index.lacking(connection, list(held.items())) == []
        index_words(connection)
        for word in ("a", "b", "c", "c++", "é"):
            assert known(connection, word) == {one for one, text in held.items() if fold(word).strip() in text.split()}
        # raises where an entry is missing or too many
        connection.exec_driver_sql("INSERT INTO posting_words (posting_words, rank) VALUES ('integrity-check', 1)")


def known(connection: Connection, word: str) -> set[str]:
    """What may hold the word, whether or not there is such a posting."""
    asked = f'"{fold(word).strip()}"'
    query = (
        "SELECT posting_id FROM posting_numbers WHERE number IN (SELECT rowid FROM posting_words WHERE posting_words MATCH ?"
        " UNION ALL SELECT number FROM unindexed_postings)"
    )
    return set(connection.exec_driver_sql(query, (asked,)).scalars())


@on_sqlite
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.just("write"), st.integers(-3, 3))
        | st.tuples(st.just("remove"), st.integers(0, 9))
        | st.tuples(st.just("index"), st.just(0)),
        max_size=15,
    ),
    size=st.integers(1, 4),
)
def test_of_all_with_a_word_those_that_were_found_last_are_named(
    engine: Engine, sites: dict[str, Any], steps: list[tuple[str, int]], size: int
) -> None:
    site, held = next(iter(sites.values())), dict[str, datetime]()
    with rolled_back(engine) as connection:
        for number, (step, hours) in enumerate(steps):
            if step == "write":
                # each about an hour later than the one before, and not quite in that order
                posting, seen = f"p_{number}", NOW + timedelta(hours=number + hours)
                row = posting_row(site, posting, Posting(title="Cook"), first_seen=seen)
                insert_rows(connection, [row])
                held[posting] = seen
            elif step == "remove" and held:
                # the number of the last one is given again
                posting = sorted(held)[-1 - hours % len(held)]
                connection.execute(delete(folded_postings).where(folded_postings.c.posting_id == posting))
                del held[posting]
            elif step == "index":
                index_words(connection)
        assert word_index.passed_over(connection) == 0
        found = word_index.newest(connection, parse("cook"), size)
        if found is not None:
            named = set(connection.scalars(select(postings.c.id).where(found.condition)))
            assert {one for one, seen in held.items() if found.since is None or seen > found.since} <= named


@on_sqlite
def test_how_far_back_the_numbers_reach_is_known_for_what_was_there_and_made_anew(engine: Engine) -> None:
    site = add_site(engine)
    # the index is not asked where one of four has the word
    titles = ["Cook" if number % 10 == 0 else "Welder" for number in range(1_000)]
    rows = [
        posting_row(site, f"p_{number:04}", Posting(title=title), first_seen=NOW + timedelta(minutes=number))
        for number, title in enumerate(titles)
    ]
    with writing(engine) as connection:
        insert_rows(connection, rows)
    for _ in range(2):
        with reading(engine) as connection:
            found = word_index.newest(connection, parse("cook"), 20)
            assert found is not None
            assert found.since == NOW + timedelta(minutes=799)
            assert len(connection.scalars(select(postings.c.id).where(found.condition)).all()) == 20
            assert word_index.newest(connection, parse("welder"), 20) is None
        word_index.rebuild(engine)
    assert problems_of_words(engine) == []
    with writing(engine) as connection:
        connection.execute(update(postings).where(postings.c.id == "p_0003").values(first_seen=NOW + timedelta(days=9)))
    assert problems_of_words(engine) == [
        "the index of words holds 1 postings for older than they are: run `hirewatch db reindex`"
    ]
    word_index.rebuild(engine)
    assert problems_of_words(engine) == []


def problems_of_words(engine: Engine) -> list[str]:
    return [problem for problem in problems(engine) if "words" in problem]


def insert_rows(connection: Connection, rows: list[dict[str, Any]]) -> None:
    insert_postings(connection, rows)
    connection.execute(insert(folded_postings), [{"posting_id": row["id"], **looked_at(row["body"])} for row in rows])


@on_sqlite
def test_so_many_texts_are_indexed_together(engine: Engine) -> None:
    with rolled_back(engine) as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        row = dict.fromkeys(folded_postings.c.keys()) | {"remote": False, "described": False, "text": " a "}
        for count, noted in ((249, 249), (1, 0), (1, 1)):
            first = connection.execute(select(func.count()).select_from(folded_postings)).scalar_one()
            rows = [row | {"posting_id": f"p_{first + number}"} for number in range(count)]
            connection.execute(insert(folded_postings), rows)
            assert connection.exec_driver_sql("SELECT count(*) FROM unindexed_postings").scalar_one() == noted
        assert len(known(connection, "a")) == 251


@on_sqlite
def test_a_text_that_is_written_as_it_was_costs_the_index_nothing(engine: Engine) -> None:
    add_posting(engine, add_site(engine), "p_1", Posting(title="Cook"))
    with rolled_back(engine) as connection:
        index_words(connection)
        connection.execute(update(folded_postings).values(remote=True, text=folded_postings.c.text))
        assert connection.exec_driver_sql("SELECT count(*) FROM unindexed_postings").scalar_one() == 0


@on_sqlite
def test_a_copy_of_a_database_is_known_by_its_words(
    engine: Engine, tmp_path: Path, opening: Callable[..., Engine]
) -> None:
    site = add_site(engine)
    for number in range(5):
        add_posting(engine, site, f"p_{number}", Posting(title=f"Cook {number}"))
    with writing(engine) as connection:
        connection.execute(delete(folded_postings).where(folded_postings.c.posting_id == "p_0"))
        index_words(connection)
    backup(engine, tmp_path / "copy")
    with reading(opening(f"sqlite:///{tmp_path}/copy")) as connection:
        assert with_words(connection, "3") == {"p_3"}


def lose(engine: Engine) -> None:
    """The index forgets a text, which a trigger that is switched off would do."""
    with writing(engine) as connection:
        index_words(connection)
        connection.exec_driver_sql(
            "INSERT INTO posting_words (posting_words, rowid, text) SELECT 'delete', number, text FROM posting_texts LIMIT 1"
        )


@on_sqlite
def test_a_posting_that_the_index_has_lost_is_a_problem_until_it_is_made_anew(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {"/jobs/1": a_job("Welder"), "/jobs/2": a_job("Turner")}
    watch.visit()
    assert problems(engine) == []
    lose(engine)
    (problem,) = problems(engine)
    assert problem.startswith("1 postings are not found by their words")
    assert problem.endswith("run `hirewatch db reindex`")
    word_index.rebuild(engine)
    assert problems(engine) == []
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM posting_numbers")
    (problem,) = problems(engine)
    assert problem.startswith("2 postings are not found by their words")
    word_index.rebuild(engine)
    assert problems(engine) == []
    with reading(engine) as connection:
        assert len(with_words(connection, "turner")) == 1


def test_the_index_is_made_anew(engine: Engine) -> None:
    add_posting(engine, add_site(engine), "p_1", Posting(title="Cook"))
    word_index.rebuild(engine)
    with rolled_back(engine) as connection:
        assert with_words(connection, "cook") == {"p_1"}


@on_sqlite
def test_an_sqlite_without_fts5_is_told_in_words(engine: Engine) -> None:
    # a name that no SQLite knows stands for one that this SQLite might not know
    with pytest.raises(DatabaseError, match="without FTS5"), writing(engine) as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE other USING fts5_of_another_python(text)")


@on_sqlite
def test_some_of_those_that_have_a_word_stand_for_the_others_since_a_time(engine: Engine) -> None:
    site, random = add_site(engine), Random(5)
    rows = [
        posting_row(
            site,
            f"p_{number:04}",
            Posting(title="Cook" if random.random() < 0.15 else "Welder"),
            first_seen=NOW + timedelta(hours=number),
        )
        for number in range(1_000)
    ]
    with writing(engine) as connection:
        insert_rows(connection, rows)
    with reading(engine) as connection:
        # a day before that, and up to fifty more
        cooks = {row["id"] for row in rows[626:] if row["body"]["title"] == "Cook"}
        for at_most in (100, 50):
            found = word_index.sample(connection, parse("cook"), NOW + timedelta(hours=700), at_most)
            assert found is not None
            named = set(connection.scalars(select(postings.c.id).where(found.condition)))
            assert named <= cooks
            assert 0 < len(named) <= at_most
            assert len(named) * found.one_of == pytest.approx(len(cooks), rel=0.4)
        assert word_index.sample(connection, parse("welder"), NOW, 20) is None
        assert word_index.sample(connection, parse("remote:yes"), NOW, 20) is None
