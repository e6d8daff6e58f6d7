"""What is no longer kept: what goes by age and what stays, on both databases; events are never lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, func, insert, select
from sqlalchemy.engine import Engine

from postings.responses import KeptResponse
from postings.visits import Absence
from storage import outlets, postings, raws, responses, retention, soundness
from storage.contents import TOLD
from storage.engine import connect, reading, writing
from storage.evidence import of_posting
from storage.retention import Keep
from storage.tables import (
    contents,
    deliveries,
    kept_bodies,
    kept_responses,
    kept_visits,
    maintenance,
    raw_postings,
    robots,
    visits,
)
from storage.tables import events as log
from storage.tables import outlets as outlet_rows
from tests.chaos.checker import violations
from tests.storage.rows import add_robots, add_visit
from tests.storage.watching import START, Watch, a_job

DAY = timedelta(days=1)
NOTHING_GOES = Keep(evidence=None, visits=None, deliveries=None, responses=None)


@pytest.fixture
def watch(engine: Engine) -> Watch:
    others = {f"/stays/{number}": a_job(f"Driver {number}") for number in range(5)}
    return Watch(engine, pages={"/jobs/1": a_job(), **others})


def forget(engine: Engine, now: datetime, keep: Keep, *tasks: str) -> dict[str, int]:
    """Does these tasks, or all, to their end; returns what has gone."""
    gone: dict[str, int] = {}
    for task in tasks or retention.TASKS:
        while True:
            batch = retention.batch(engine, task, keep, now, every=DAY)
            for what, number in batch.gone.items():
                gone[what] = gone.get(what, 0) + number
            if batch.done:
                break
    return gone


def count(engine: Engine, table: Table) -> int:
    with reading(engine) as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def evidence(watch: Watch) -> list[str]:
    """Titles in the JobPostings that are kept, but for the drivers'."""
    with reading(watch.engine) as conn:
        query = select(raw_postings.c.content, contents.c.body)
        packed = conn.execute(query.join(contents, contents.c.number == raw_postings.c.packed_with))
        texts = [raws.unpack(*row) for row in packed]
    titles = [text.split('"title": "', 1)[1].split('"', 1)[0] for text in texts]
    return sorted(title for title in titles if not title.startswith("Driver"))


# --- evidence


def test_evidence_stays_as_long_as_its_posting_is_open(watch: Watch) -> None:
    watch.visit()
    watch.later(days=400).visit()
    assert forget(watch.engine, watch.now, Keep(), "evidence") == {}
    assert evidence(watch) == ["Welder"]


def close_the_welder(watch: Watch) -> None:
    watch.pages.pop("/jobs/1")
    watch.visit(looks={"/jobs/1": Absence.GONE})


def test_evidence_goes_a_year_after_its_posting_closed(watch: Watch) -> None:
    watch.visit()
    close_the_welder(watch.later(days=500))
    assert forget(watch.later(days=364).engine, watch.now, Keep(), "evidence") == {}
    assert forget(watch.later(days=2).engine, watch.now, Keep(), "evidence") == {"JobPostings": 1}
    assert evidence(watch) == []


def test_evidence_goes_a_year_after_a_newer_one_took_its_place(watch: Watch) -> None:
    watch.visit()
    watch.pages["/jobs/1"] = a_job("Senior Welder", identifier=a_job().identifier)
    watch.later(days=500).visit()
    assert forget(watch.later(days=364).engine, watch.now, Keep(), "evidence") == {}
    assert evidence(watch) == ["Senior Welder", "Welder"]
    assert forget(watch.later(days=2).engine, watch.now, Keep(), "evidence") == {"JobPostings": 1}
    assert evidence(watch) == ["Senior Welder"]


def test_evidence_of_a_posting_that_came_back_stays(watch: Watch) -> None:
    watch.visit()
    job = watch.pages["/jobs/1"]
    close_the_welder(watch.later(days=1))
    watch.pages["/jobs/1"] = job
    watch.later(days=10).visit()
    forget(watch.later(days=700).engine, watch.now, Keep(), "evidence")
    assert evidence(watch) == ["Welder"]


def test_evidence_that_another_open_posting_shares_stays(watch: Watch) -> None:
    """The same JobPosting to the byte, on two sites."""
    watch.visit()
    with reading(watch.engine) as conn:
        told = {row.body["title"]: row for row in conn.execute(select(log, TOLD))}
    with writing(watch.engine) as conn:
        driver, shared = told["Driver 1"].number, told["Welder"].raw_hash
        conn.execute(log.update().where(log.c.number == driver).values(raw_hash=shared))
    close_the_welder(watch.later(days=1))
    forget(watch.later(days=700).engine, watch.now, Keep(), "evidence")
    assert evidence(watch) == ["Welder"]


def test_evidence_can_be_kept_for_ever(watch: Watch) -> None:
    watch.visit()
    close_the_welder(watch.later(days=1))
    assert forget(watch.later(days=5000).engine, watch.now, NOTHING_GOES) == {}


def test_what_is_gone_is_told_apart_from_what_is_there(watch: Watch) -> None:
    watch.visit()
    (found,) = [one for one in postings.search(watch.engine, state="open") if one.record["title"] == "Welder"]
    assert '"Welder"' in (of_posting(watch.engine, found.id) or "")
    close_the_welder(watch.later(days=1))
    forget(watch.later(days=400).engine, watch.now, Keep(), "evidence")
    assert of_posting(watch.engine, found.id) is None


# --- visits


def visit_ids(engine: Engine) -> set[str]:
    with reading(engine) as conn:
        return set(conn.scalars(select(visits.c.id)))


def test_old_visits_in_which_nothing_happened_go(watch: Watch) -> None:
    kept = {watch.visit().id}
    for _ in range(3):
        watch.later(days=1).visit()
    close_the_welder(watch.later(days=1))
    kept |= {watch.later(days=200).visit().id, watch.later(days=170).visit().id}
    assert forget(watch.engine, watch.now, Keep(), "visits") == {"visits": 3}
    assert len(visit_ids(watch.engine) - kept) == 1  # the one that closed it


def test_the_newest_visit_and_the_newest_complete_one_of_a_site_stay_however_old(watch: Watch) -> None:
    watch.visit()
    going = watch.later(days=1).visit().id
    complete = watch.later(days=1).visit().id
    newest = watch.later(days=1).visit(whole=False).id
    assert forget(watch.later(days=700).engine, watch.now, Keep(), "visits") == {"visits": 1}
    assert {complete, newest} <= visit_ids(watch.engine)
    assert going not in visit_ids(watch.engine)


def test_a_visit_that_died_goes_too(watch: Watch) -> None:
    add_visit(watch.engine, watch.site, "v_died", START)
    watch.later(hours=1).visit()
    assert forget(watch.later(days=700).engine, watch.now, Keep(), "visits") == {"visits": 1}
    assert "v_died" not in visit_ids(watch.engine)


def test_a_visit_whose_responses_are_kept_stays(watch: Watch) -> None:
    watch.visit()
    kept = keep_visit(watch.later(days=1), b"one")
    watch.later(days=1).visit()
    forget(watch.later(days=400).engine, watch.now, replace(Keep(), responses=timedelta(days=800)), "visits")
    assert kept in visit_ids(watch.engine)


# --- deliveries


def deliver(watch: Watch, status: str = "sent") -> int:
    """Everything is delivered now to a new outlet; returns its id."""
    outlet = outlets.add(
        watch.engine, name=status, kind="webhook", address="https://x.example", options={}, now=watch.now
    )
    row = {"outlet_id": outlet.id, "status": status, "attempts": 1, "first_attempt_at": watch.now}
    with writing(watch.engine) as conn:
        conn.execute(
            insert(deliveries),
            [{**row, "event": event.number, "last_attempt_at": watch.now} for event in watch.events()],
        )
    return outlet.id


def test_what_was_accepted_goes_once_its_posting_has_been_closed_for_long(watch: Watch) -> None:
    watch.visit()
    close_the_welder(watch.later(days=1))
    deliver(watch)
    assert forget(watch.later(days=89).engine, watch.now, Keep(), "deliveries") == {}
    assert forget(watch.later(days=2).engine, watch.now, Keep(), "deliveries") == {"deliveries": 2}


def test_what_was_given_up_stays(watch: Watch) -> None:
    watch.visit()
    close_the_welder(watch.later(days=1))
    deliver(watch, "parked")
    assert forget(watch.later(days=700).engine, watch.now, Keep(), "deliveries") == {}


def test_what_a_cursor_has_gone_back_over_stays(watch: Watch) -> None:
    watch.visit()
    close_the_welder(watch.later(days=1))
    outlet = deliver(watch)
    with writing(watch.engine) as conn:
        conn.execute(outlet_rows.update().where(outlet_rows.c.id == outlet).values(cursor=0))
    assert forget(watch.later(days=700).engine, watch.now, Keep(), "deliveries") == {}


# --- responses


def keep_visit(watch: Watch, *bodies: bytes, conclude: bool = True) -> str:
    """A visit with an answer for each of these bodies; returns its id."""
    made = watch.visit()
    kept = [
        KeptResponse(
            asked=f"https://acme.example/{place}", at=watch.now, status=200 if body else None, body=body, facts={}
        )
        for place, body in enumerate(bodies)
    ]
    responses.keep(watch.engine, watch.site.id, made.id, 0, kept)
    if conclude:
        responses.conclude(
            watch.engine, watch.current(), made.id, asked_from=made.started_at, thorough=True, cut_short=None
        )
    return made.id


MONTH = replace(NOTHING_GOES, responses=timedelta(days=30))


def test_responses_go_by_age_but_for_the_newest_answer_of_each_request(watch: Watch) -> None:
    keep_visit(watch, b"one", b"only then")
    keep_visit(watch.later(days=1), b"two")
    last = keep_visit(watch.later(days=40), b"three")
    assert forget(watch.engine, watch.now, MONTH) == {"responses": 1}
    assert [one.id for one in responses.kept(watch.engine, watch.site.id)] == [last]
    found = responses.before(watch.engine, watch.site.id, watch.now, "https://acme.example/0", None)
    assert found is not None
    assert found.body == b"two"
    assert (count(watch.engine, kept_responses), count(watch.engine, kept_bodies)) == (3, 3)
    assert violations(watch.engine) == []


def test_a_visit_with_more_responses_than_a_batch_looks_at_goes_whole(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    keep_visit(watch, b"a", b"b", b"", b"", b"c")
    keep_visit(watch.later(days=1), b"d", b"e", b"f", b"g", b"h")
    watch.later(days=40).visit()
    assert forget(watch.engine, watch.now, MONTH) == {"responses": 5}
    assert count(watch.engine, kept_responses) == 5
    assert forget(watch.engine, watch.now, MONTH) == {}


def test_responses_of_a_visit_that_died_go_too(watch: Watch) -> None:
    keep_visit(watch, b"one", conclude=False)
    keep_visit(watch.later(days=1), b"two")
    assert forget(watch.later(days=40).engine, watch.now, MONTH) == {"responses": 1}


def test_a_visit_that_runs_keeps_its_responses(watch: Watch) -> None:
    watch.visit()
    add_visit(watch.engine, watch.site, "v_runs", watch.later(days=1).now)
    kept = KeptResponse(asked="https://acme.example/0", at=watch.now, status=None, body=b"", facts={})
    responses.keep(watch.engine, watch.site.id, "v_runs", 0, [kept])
    for hours in (timedelta(hours=1), timedelta(0)):
        keep = replace(NOTHING_GOES, responses=hours)
        assert forget(watch.engine, watch.now + timedelta(hours=20), keep, "responses") == {}
    assert forget(watch.engine, watch.now + timedelta(hours=44), keep, "responses") == {"responses": 1}


def test_where_responses_are_not_kept_any_more_all_go(watch: Watch) -> None:
    keep_visit(watch, b"one", b"two")
    keep_visit(watch.later(days=1), b"one")
    assert forget(watch.engine, watch.now, replace(NOTHING_GOES, responses=timedelta(0))) == {"responses": 3}
    assert [count(watch.engine, table) for table in (kept_visits, kept_responses, kept_bodies)] == [0, 0, 0]


# --- robots.txt


def test_robots_answers_that_count_no_more_go(watch: Watch) -> None:
    add_robots(watch.engine, "https://old.example", START)
    add_robots(watch.engine, "https://young.example", START + DAY)
    assert forget(watch.engine, START + 1.5 * DAY, Keep(), "robots") == {"robots.txt answers": 1}
    with reading(watch.engine) as conn:
        assert list(conn.scalars(select(robots.c.origin))) == ["https://young.example"]


# --- rounds


def test_a_task_is_done_once_a_day(engine: Engine) -> None:
    add_robots(engine, "https://a.example", START)
    now = START + 3 * DAY
    assert forget(engine, now, Keep(), "robots") == {"robots.txt answers": 1}
    add_robots(engine, "https://b.example", START)
    assert "robots" not in retention.due(engine, now + 0.9 * DAY, DAY)
    assert forget(engine, now + 0.9 * DAY, Keep(), "robots") == {}
    assert "robots" in retention.due(engine, now + DAY, DAY)
    assert forget(engine, now + DAY, Keep(), "robots") == {"robots.txt answers": 1}


def test_a_clock_that_went_back_delays_nothing(engine: Engine) -> None:
    forget(engine, START + 100 * DAY, Keep())
    assert retention.due(engine, START, DAY) == list(retention.TASKS)


def test_a_round_goes_on_where_the_process_before_has_ended(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        add_robots(engine, f"https://{number}.example", START)
    first = retention.batch(engine, "robots", Keep(), START + 2 * DAY, every=DAY)
    assert (first.gone, first.done) == ({"robots.txt answers": 2}, False)
    add_robots(engine, "https://0.example", START)
    assert forget(engine, START + 2 * DAY, Keep(), "robots") == {"robots.txt answers": 3}


def test_a_batch_that_is_cut_off_counts_not_at_all(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    add_robots(engine, "https://a.example", START)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(retention, "update", cut)
        with pytest.raises(KeyboardInterrupt):
            retention.batch(engine, "robots", Keep(), START + 2 * DAY, every=DAY)
    assert count(engine, robots) == 1
    assert forget(engine, START + 2 * DAY, Keep(), "robots") == {"robots.txt answers": 1}


def test_what_one_service_has_done_another_does_not_do_again(url: str, opening: Callable[[str], Engine]) -> None:
    one, other = opening(url), opening(url)
    add_robots(one, "https://a.example", START)
    assert forget(one, START + 2 * DAY, Keep(), "robots") == {"robots.txt answers": 1}
    add_robots(one, "https://b.example", START)
    assert forget(other, START + 2 * DAY, Keep(), "robots") == {}


def test_a_task_that_another_service_is_at_is_left_to_it(fresh_postgres: str, opening: Callable[[str], Engine]) -> None:
    one, other = opening(fresh_postgres), opening(fresh_postgres)
    add_robots(one, "https://a.example", START)
    forget(one, START, Keep(), "robots")
    with writing(one) as conn:
        conn.execute(select(maintenance).with_for_update())
        assert retention.batch(other, "robots", Keep(), START + 2 * DAY, every=DAY) == retention.Batch(done=True)
        assert count(other, robots) == 1
    assert forget(other, START + 2 * DAY, Keep(), "robots") == {"robots.txt answers": 1}


# --- whatever happens

KINDS = ("visit", "keep", "close", "change", "open", "deliver", "forget")
ACTIONS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 40)), max_size=15)


@settings(max_examples=8)
@given(actions=ACTIONS, keep_days=st.integers(1, 60))
def test_whatever_is_forgotten_no_event_is_lost_and_the_database_is_whole(
    sqlite_template: Path, actions: list[tuple[str, int]], keep_days: int
) -> None:
    with TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, f"{folder}/hirewatch.sqlite")
        engine = connect(f"sqlite:///{folder}/hirewatch.sqlite")
        check(Watch(engine), actions, timedelta(days=keep_days))
        engine.dispose()


def test_the_same_on_either_database(engine: Engine) -> None:
    chance = Random(3)
    actions = [(chance.choice(KINDS), chance.randrange(40)) for _ in range(15)]
    check(Watch(engine), actions, timedelta(days=30))


def check(watch: Watch, actions: list[tuple[str, int]], span: timedelta) -> None:
    keep = Keep(evidence=span, visits=span, deliveries=span, responses=span)
    watch.pages = {f"/stays/{number}": a_job(f"Driver {number}") for number in range(5)}
    watch.visit()
    for number, (action, days) in enumerate(actions):
        watch.later(days=days, minutes=1)
        moving = sorted(set(watch.pages) - {f"/stays/{one}" for one in range(5)})
        match action:
            case "visit":
                watch.visit()
            case "keep":
                keep_visit(watch, b"same", str(number).encode(), b"")
            case "open":
                watch.pages[f"/jobs/{number}"] = a_job(f"Job {number}")
                watch.visit()
            case "change" if moving:
                watch.pages[moving[0]] = replace(watch.pages[moving[0]], title=f"Other {number}")
                watch.visit()
            case "close" if moving:
                watch.pages.pop(moving[0])
                watch.visit(looks={moving[0]: Absence.GONE})
            case "deliver":
                if not outlets.all(watch.engine):
                    deliver(watch)
            case _:
                before = watch.events()
                forget(watch.engine, watch.now, keep)
                assert watch.events() == before
    before = watch.events()
    forget(watch.later(days=2).engine, watch.now, keep)
    assert watch.events() == before
    assert violations(watch.engine) == []
    assert soundness.problems(watch.engine) == []
    for one in postings.search(watch.engine, state="open"):
        assert of_posting(watch.engine, one.id) is not None
    with reading(watch.engine) as conn:
        stale = conn.scalars(
            select(visits.c.id).where(visits.c.started_at < watch.now - span - 2 * DAY, visits.c.opened > 0)
        ).all()
        named = set(conn.scalars(select(log.c.visit_id)))
    assert set(stale) <= named
