"""Finding out that something is wrong with the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.engine import Engine

from postings.errors import DatabaseError
from storage import outlets, raws, tables
from storage.engine import writing
from storage.schema import upgrade
from storage.soundness import SHOWN, problems
from tests.storage.rows import NOW
from tests.storage.watching import Watch, a_job


def lived(engine: Engine) -> Watch:
    """A site whose postings opened, changed, closed and came back."""
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(place=place) for number, place in enumerate(("Berlin", "Bonn", "Ulm"))}
    watch.visit()
    watch.pages["/jobs/0"] = a_job("Senior Welder")
    del watch.pages["/jobs/1"]
    watch.later(hours=6).visit(looks={"/jobs/1": "gone"})  # type: ignore[dict-item]
    watch.pages["/jobs/1"] = a_job(place="Bonn")
    watch.later(days=9).visit()
    return watch


def spoil(engine: Engine, *statements: Any) -> None:
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_database_that_visits_have_filled_is_sound(engine: Engine) -> None:
    assert problems(engine) == []
    watch = lived(engine)
    assert {str(event.type) for event in watch.events()} == {"opened", "changed", "closed", "reopened"}
    assert problems(engine) == []


def test_a_gap_in_the_log_is_a_problem(engine: Engine) -> None:
    lived(engine)
    spoil(engine, delete(tables.events).where(tables.events.c.number == 2))
    assert any("numbered without gaps" in problem for problem in problems(engine))


def test_a_counter_that_is_ahead_of_the_log_is_a_problem(engine: Engine) -> None:
    lived(engine)
    spoil(engine, update(tables.installation).values(last_event=tables.installation.c.last_event + 1))
    (problem,) = problems(engine)
    assert "numbered without gaps" in problem


def test_a_posting_that_is_not_as_the_log_tells_it_is_a_problem(engine: Engine) -> None:
    posting = lived(engine).events()[0].posting_id
    spoil(
        engine,
        update(tables.postings)
        .where(tables.postings.c.id == posting)
        .values(state="closed", closed_at=NOW, closed_reason="gone"),
    )
    # the counts of its day tell of it too
    assert problems(engine)[0] == f"{posting} is not as its last event left it: state, closed_at, closed_reason"


def test_being_seen_again_is_no_difference(engine: Engine) -> None:
    lived(engine)
    spoil(engine, update(tables.postings).values(last_seen=NOW + timedelta(days=1)))
    assert problems(engine) == []


def test_a_posting_that_opens_twice_is_a_problem(engine: Engine) -> None:
    last = lived(engine).events()[-1]
    spoil(engine, update(tables.events).where(tables.events.c.number == last.number).values(type="opened"))
    assert problems(engine)[0] == f"event {last.number}: {last.posting_id} is opened after closed"


def test_a_posting_that_nothing_tells_of_is_a_problem(engine: Engine) -> None:
    watch = lived(engine)
    posting = watch.events()[1].posting_id
    spoil(
        engine,
        delete(tables.events).where(tables.events.c.posting_id == posting),
        delete(tables.posting_keys).where(tables.posting_keys.c.posting_id == posting),
    )
    assert f"{posting} has no event that tells of it" in problems(engine)
    assert f"{posting} has no key to be known by" in problems(engine)


def test_an_outlet_that_has_heard_more_than_there_is_to_hear_is_a_problem(engine: Engine) -> None:
    lived(engine)
    outlet = outlets.add(engine, name="me", kind="email", address="mailto:me@acme.example", options={}, now=NOW)
    assert problems(engine) == []
    spoil(
        engine,
        update(tables.outlets).values(cursor=99),
        insert(tables.deliveries).values(
            outlet_id=outlet.id, event=98, status="sent", attempts=1, first_attempt_at=NOW, last_attempt_at=NOW
        ),
    )
    first, second = problems(engine)
    assert first.startswith("outlet `me` has heard event 99, and the last one is ")
    assert second == "outlet `me` was sent event 98, which is not in the log"


def test_a_posting_that_no_query_finds_is_a_problem(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {"/jobs/1": a_job()}
    watch.visit()
    spoil(engine, delete(tables.folded_postings))
    (found,) = problems(engine)
    assert found.endswith(" is found by no query")


def test_of_many_problems_of_one_kind_the_first_are_told_and_the_rest_counted(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(place=f"Town {number}") for number in range(SHOWN + 5)}
    watch.visit()
    spoil(engine, delete(tables.posting_keys))
    found = problems(engine)
    assert len(found) == SHOWN + 1
    assert found[-1] == "and 5 more of this kind"


@pytest.fixture
def in_a_file(tmp_path: Path, opening: Callable[..., Engine]) -> Engine:
    engine = opening(f"sqlite:///{tmp_path}/hirewatch.sqlite")
    upgrade(engine)
    return engine


def test_a_row_that_refers_to_nothing_is_a_problem(in_a_file: Engine) -> None:
    lived(in_a_file)
    with in_a_file.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.executescript("PRAGMA foreign_keys=OFF; DELETE FROM visits; PRAGMA foreign_keys=ON")
    assert "row 1 of `events` refers to a missing row of `visits`" in problems(in_a_file)


def damage(engine: Engine, script: str) -> None:
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.executescript(f"PRAGMA foreign_keys=OFF; {script}; PRAGMA foreign_keys=ON")


def test_a_content_that_is_not_there_is_a_problem(in_a_file: Engine) -> None:
    lived(in_a_file)
    damage(in_a_file, "DELETE FROM contents WHERE number = 2")
    assert problems(in_a_file)[0] == "what event 2 told first is not there"


@pytest.mark.parametrize("spoilt", ["x'01deadbeef'", "x'7b'", "x'22ff22'"])
def test_what_cannot_be_unpacked_is_a_problem(in_a_file: Engine, spoilt: str) -> None:
    lived(in_a_file)
    damage(in_a_file, f"UPDATE contents SET body = {spoilt} WHERE number = 2")
    damage(in_a_file, f"UPDATE events SET changes = {spoilt} WHERE number = 3")
    assert problems(in_a_file) == [
        "what event 2 told first cannot be unpacked",
        "the changes of event 3 cannot be unpacked",
    ]


def test_what_cannot_be_unpacked_is_no_riddle_to_who_reads_it(in_a_file: Engine) -> None:
    watch = lived(in_a_file)
    damage(in_a_file, "UPDATE contents SET body = x'01deadbeef' WHERE number = 2")
    with pytest.raises(DatabaseError, match="cannot be unpacked"):
        watch.events()


def test_evidence_that_is_not_what_was_read_is_a_problem(engine: Engine) -> None:
    lived(engine)
    spoil(engine, update(tables.raw_postings).values(content=raws.pack("something else", None)))
    assert all(problem.endswith(" is not as it stood in its page") for problem in problems(engine))
    assert problems(engine)
