"""Whole responses of visits: kept, found again, and forgotten when they are old."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from postings.responses import KeptResponse
from storage import responses
from storage.engine import connect, reading, writing
from storage.schema import upgrade
from storage.tables import kept_bodies, kept_responses, sites
from tests.storage.watching import START, Watch, a_job

PAGE = "https://acme.example/jobs/1"


@pytest.fixture
def watch(engine: Engine) -> Watch:
    return Watch(engine, pages={"/jobs/1": a_job()})


def a_response(at: datetime, body: bytes = b"<h1>Welder</h1>", **fields: object) -> KeptResponse:
    facts = {"url": PAGE, "hops": ["https://acme.example/1"], "whole": True}
    return replace(KeptResponse(asked=PAGE, at=at, status=200, body=body, facts=facts), **fields)  # type: ignore[arg-type]


def visit(watch: Watch, *kept: KeptResponse, conclude: bool = True) -> str:
    """A visit with these responses; returns its id."""
    made = watch.visit()
    responses.keep(watch.engine, watch.site.id, made.id, 0, kept)
    if conclude:
        responses.conclude(
            watch.engine, watch.current(), made.id, asked_from=made.started_at, thorough=True, cut_short=None
        )
    return made.id


def count(engine: Engine, table: object) -> int:
    with reading(engine) as conn:
        number: int = conn.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]
    return number


def test_responses_come_back_as_they_were_in_the_order_of_their_requests(watch: Watch) -> None:
    kept = [
        a_response(START, bytes(range(256))),
        a_response(
            START,
            b"",
            status=None,
            facts={"url": PAGE, "trouble": "time-out", "detail": "ä\ud800".encode(errors="replace").decode()},
        ),
        a_response(START, sent='{"offset": 20}'),
    ]
    assert responses.of_visit(watch.engine, visit(watch, *kept)) == kept


def test_a_body_that_was_answered_before_is_kept_once(watch: Watch) -> None:
    visit(watch, a_response(START), a_response(START, sent="{}"))
    visit(watch.later(hours=1), a_response(watch.now))
    assert (count(watch.engine, kept_responses), count(watch.engine, kept_bodies)) == (3, 1)


def test_the_newest_answer_before_a_time_is_found_but_not_one_that_says_not_modified(watch: Watch) -> None:
    visit(watch, a_response(START, b"first"))
    second = START + timedelta(hours=1)
    visit(watch.later(hours=1), a_response(second, b"second"))
    third = START + timedelta(hours=2)
    visit(watch.later(hours=1), a_response(third, b"", status=304))

    def body_before(at: datetime) -> bytes | None:
        found = responses.before(watch.engine, watch.site.id, at, PAGE, None)
        return None if found is None else found.body

    assert [body_before(at) for at in (START, second, third, third + timedelta(hours=1))] == [
        None,
        b"first",
        b"second",
        b"second",
    ]


def test_what_was_sent_tells_requests_to_one_address_apart(watch: Watch) -> None:
    visit(watch, a_response(START, b"first page", sent='{"offset": 0}'))
    later = START + timedelta(hours=1)
    assert responses.before(watch.engine, watch.site.id, later, PAGE, '{"offset": 20}') is None
    assert responses.before(watch.engine, watch.site.id, later, PAGE, None) is None


def test_only_concluded_visits_since_the_last_that_was_not_kept_can_be_replayed(watch: Watch) -> None:
    visit(watch, a_response(START))
    watch.later(hours=1).visit()
    assert responses.kept(watch.engine, watch.site.id) == []
    assert not responses.follows(watch.engine, watch.site.id)
    third, fourth = (visit(watch.later(hours=1), a_response(watch.now)) for _ in range(2))
    assert [one.id for one in responses.kept(watch.engine, watch.site.id)] == [third, fourth]
    assert responses.follows(watch.engine, watch.site.id)


def test_of_an_old_visit_what_says_nothing_and_what_it_answered_anew_is_forgotten(watch: Watch) -> None:
    visit(watch, a_response(START, b"one"), a_response(START, b"only then", sent="{}"), conclude=False)
    second = visit(
        watch.later(days=1), a_response(watch.now, b"two"), a_response(watch.now, b"", status=304), conclude=False
    )
    with writing(watch.engine) as conn:
        assert responses.forget(conn, second, 0, 10) == (2, None)
    found = responses.before(watch.engine, watch.site.id, watch.now + timedelta(days=1), PAGE, None)
    assert found is not None
    assert found.body == b"two"
    assert (count(watch.engine, kept_responses), count(watch.engine, kept_bodies)) == (2, 2)


def test_responses_are_forgotten_a_few_at_a_time(watch: Watch) -> None:
    silent = [a_response(START, b"", status=None, sent=str(number)) for number in range(3)]
    first = visit(watch, *silent, conclude=False)
    with writing(watch.engine) as conn:
        assert responses.forget(conn, first, 0, 2) == (2, 2)
        assert responses.forget(conn, first, 2, 2) == (1, None)


def test_a_replay_starts_from_the_site_as_its_oldest_kept_visit_found_it(watch: Watch, tmp_path: object) -> None:
    visit(watch, a_response(START))
    (oldest,) = responses.kept(watch.engine, watch.site.id)
    again = connect(f"sqlite:///{tmp_path}/again.db")
    upgrade(again)
    responses.start(watch.engine, again, watch.site.id, oldest)
    with reading(again) as conn:
        row = conn.execute(select(sites)).one()
    again.dispose()
    assert (row.name, row.start_url, row.lease_owner) == ("acme", watch.site.start_url, None)
