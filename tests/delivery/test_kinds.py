"""Rounds of sending to channels, streams and search engines: from the log through the dispatcher to what stands
there."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from delivery import outlets
from delivery.dispatch import Settled, deliver_all, deliver_due
from delivery.outlets import Context
from postings.errors import DatabaseError
from postings.events import EventType, Significance
from storage import deliveries
from storage.outlets import Outlet
from tests.delivery.engines import KEY
from tests.delivery.engines import engine as search_engine
from tests.delivery.eventlog import NOON, EventLog, later
from tests.delivery.services import serving


def add(engine: Engine, address: str, name: str = "it", **options: Any) -> Outlet:
    return outlets.add(engine, name=name, address=address, options=options, now=NOON)


def deliver(engine: Engine, outlet: Outlet, context: Context, seconds: float = 0) -> Settled:
    return deliver_due(engine, outlet, context, later(seconds), Random(1))


def ids(redis_server: str, key: str) -> list[str]:
    import redis

    host, _, port = redis_server.partition(":")
    with redis.Redis(host=host, port=int(port)) as client:
        return [one.decode() for one, _ in client.xrange(key)]


def test_a_visit_is_one_message_on_a_channel(engine: Engine, log: EventLog, context: Context) -> None:
    with serving() as server:
        outlet = add(engine, f"ntfy://{server.address}/jobs")
        log.add(3, visit=log.visit())
        assert deliver(engine, outlet, context).sent == 3
        [request] = server.requests
        assert request.json["title"] == "3 new at acme: Welder 1, Welder 2, Welder 3"
        assert deliver(engine, outlet, context).sent == 0
        assert len(server.requests) == 1


def test_a_channel_that_fails_holds_up_no_other_one(engine: Engine, log: EventLog, context: Context) -> None:
    with serving() as failing, serving() as well:
        failing.status = 500
        add(engine, f"ntfy://{failing.address}/jobs", "a")
        add(engine, f"gotify://{well.address}/ATOKEN123456789", "b")
        add(engine, f"ntfy://{well.address}/jobs", "c")
        log.add(2, visit=log.visit())
        settled = {one.outlet: one for one in deliver_all(engine, context, NOON, Random(1))}
        assert {name: one.sent for name, one in settled.items()} == {"a": 0, "b": 2, "c": 2}
        assert "answered 500" in (settled["a"].error or "")
        failing.status = 200
        settled = {one.outlet: one for one in deliver_all(engine, context, later(60), Random(1))}
        assert {name: one.sent for name, one in settled.items() if one.sent} == {"a": 2}
        assert sorted(request.path for request in well.requests) == ["/", "/message"]


def test_a_stream_gets_everything_once_though_a_settling_was_lost(
    engine: Engine, log: EventLog, context: Context, redis_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = add(engine, f"redis://{redis_server}/settling")
    log.add(3, baseline=True)
    log.add(2, type=EventType.CHANGED, significance=Significance.MINOR, changes={"title": {"before": "a"}})

    def lost(*_: Any, **__: Any) -> bool:
        raise DatabaseError("is gone", subject="the database")

    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "settle", lost)
        with pytest.raises(DatabaseError):
            deliver(engine, outlet, context)
    assert ids(redis_server, "settling") == ["1-0", "2-0", "3-0", "4-0", "5-0"]
    log.add(1, type=EventType.CLOSED, reason=None)
    assert deliver(engine, outlet, context, 60).sent == 6
    assert ids(redis_server, "settling") == ["1-0", "2-0", "3-0", "4-0", "5-0", "6-0"]


def test_a_stream_is_told_from_a_thread_that_has_no_loop_and_again_from_another(
    engine: Engine, log: EventLog, context: Context, nats_server: str
) -> None:
    add(engine, f"nats://{nats_server}/threads", stream="THREADS", create="true")
    for round_ in range(2):
        log.add(2)
        [settled] = deliver_all(engine, context, later(round_), Random(1))
        assert (settled.sent, settled.error) == (2, None)

    async def within_a_loop() -> list[Settled]:
        # as the service does: its loop runs in another thread than what delivers
        return await asyncio.to_thread(deliver_all, engine, context, later(9), Random(1))

    log.add(1)
    [settled] = asyncio.run(within_a_loop())
    assert settled.sent == 1


@pytest.mark.parametrize("kind", ["opensearch", "meilisearch", "typesense"])
def test_an_index_follows_the_log_and_gives_up_one_document(
    engine: Engine, log: EventLog, context: Context, kind: str
) -> None:
    with search_engine(kind) as server:
        login, options = ("me:CANARY@", {}) if kind == "opensearch" else ("", {"api_key": KEY})
        server.collections.add("jobs")
        outlet = add(engine, f"{kind}+http://{login}{server.address}/jobs", **options)
        log.add(3)
        server.items["p_2"] = 400
        settled = deliver(engine, outlet, context)
        assert (settled.sent, settled.parked) == (2, 1)
        assert sorted(server.documents) == ["p_1", "p_3"]
        log.add(2)
        server.script.append((503, {}))
        assert "answered 503" in (deliver(engine, outlet, context, 60).error or "")
        assert deliver(engine, outlet, context, 120).sent == 2
        assert sorted(server.documents) == ["p_1", "p_3", "p_4", "p_5"]
