"""The log as it grows: resuming, many listeners, slow ones, and the end of the service."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import Request
from sqlalchemy.engine import Engine
from starlette.types import Message

from dashboard import stream as streams
from dashboard.stream import EventStream, Log
from postings.events import Event
from storage import events
from tests.dashboard.conftest import Board
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import Running, browsing
from tests.storage.watching import Watch, a_job


class Told:
    """What a client has read of a stream so far."""

    def __init__(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        self._lines = answer.iter_lines()
        self.comments: list[str] = []
        #: the id that it would come back with
        self.held = ""

    def begun(self) -> None:
        """Waits until it listens."""
        assert next(self._lines) == ": hirewatch"

    def messages(self, count: int) -> list[tuple[int, Any]]:
        """The next messages: id and data."""
        return [next(self._messages()) for _ in range(count)]

    def until_held(self, number: str) -> None:
        """Reads until this is the id that it would come back with."""
        assert any(line == f"id: {number}" for line in self._lines)

    def _messages(self) -> Iterator[tuple[int, Any]]:
        data: list[str] = []
        for line in self._lines:
            field, _, value = line.partition(": ")
            match field:
                case "":
                    if value:
                        self.comments.append(value)
                    elif data:
                        yield int(self.held), json.loads("\n".join(data))
                        data = []
                case "data":
                    data.append(value)
                case "id":
                    self.held = value


def another(watch: Watch, title: str, place: str = "Berlin") -> None:
    watch.now += timedelta(hours=1)
    watch.pages[f"/jobs/{title}"] = a_job(title, place=place)
    watch.visit()


def test_who_listens_hears_what_is_recorded_from_then_on(board: Board) -> None:
    watch = watched(board)
    with browsing(board.app()) as web, web.stream("GET", "/api/v1/events/stream") as answer:
        told = Told(answer)
        told.begun()
        another(watch, "Sailor")
        ((number, said),) = told.messages(1)
    assert number == 5
    assert said["id"] == "evt_5"
    assert said["data"]["posting"]["title"] == "Sailor"


def test_a_client_that_comes_back_hears_on_where_it_stopped(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        with web.stream("GET", "/api/v1/events/stream?after=0") as answer:
            assert [number for number, _ in Told(answer).messages(2)] == [1, 2]
        # the address still says where it began
        with web.stream("GET", "/api/v1/events/stream?after=0", headers={"Last-Event-ID": "2"}) as answer:
            assert [number for number, _ in Told(answer).messages(2)] == [3, 4]


def test_of_what_is_left_out_the_number_is_told_so_that_it_is_not_read_again(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web, web.stream("GET", "/api/v1/events/stream?after=0&q=title:baker") as answer:
        told = Told(answer)
        assert [said["data"]["posting"]["title"] for _, said in told.messages(1)] == ["Baker"]
        told.until_held("4")


@pytest.mark.parametrize("asked", ["q=(", "q=titel:x", "after=-1", "after=x", f"after={2**63}"])
def test_what_cannot_be_listened_to_is_said_at_once(board: Board, asked: str) -> None:
    with browsing(board.app()) as web:
        answer = web.get(f"/api/v1/events/stream?{asked}")
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_there_is_a_head_without_an_end_to_wait_for(board: Board) -> None:
    with browsing(board.app()) as web:
        assert web.head("/api/v1/events/stream").headers["content-type"].startswith("text/event-stream")


def test_more_than_there_are_places_for_are_told_to_come_back_and_a_place_is_free_again(board: Board) -> None:
    watched(board)
    app = board.app()
    app.state.log = Log(board.engine, most=1)
    with browsing(app) as web:
        with web.stream("GET", "/api/v1/events/stream?after=0") as answer:
            # it is kept: what nobody reads any more is closed
            told = Told(answer)
            told.begun()
            full = web.get("/api/v1/events/stream")
            assert (full.status_code, full.headers["retry-after"]) == (503, "60")
        _until(lambda: app.state.log.listening == 0)
        with web.stream("GET", "/api/v1/events/stream?after=0") as answer:
            assert Told(answer).messages(1)


@pytest.mark.parametrize("path", ["/api/v1/events/stream", "/events/stream"])
def test_a_service_that_stops_does_not_wait_for_those_who_listen(board: Board, path: str) -> None:
    watched(board)
    with (
        Running(board.app()) as running,
        httpx.stream("GET", f"http://127.0.0.1:{running.port}{path}?after=0", timeout=30) as answer,
    ):
        lines = answer.iter_lines()
        assert "id: 4" in lines
        # it would take three seconds to be cut off
        assert running.stop(patience=2.0)
        assert list(lines)[-1] == ""


# Below: without a connection, so that nothing has to be slow to be seen.


@asynccontextmanager
async def following(log: Log, after: int | None, quiet: float = 30.0) -> AsyncIterator[Any]:
    with log.place() as found:
        assert found
        batches = log.follow(after, asyncio.Event(), quiet)
        yield batches
        await batches.aclose()


def numbers(batch: Sequence[Event]) -> list[int]:
    return [event.number for event in batch]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """After which number the log was read, each time."""
    found: list[int] = []
    after = events.after

    def counting(engine: Engine, number: int, limit: int, **more: Any) -> list[Event]:
        found.append(number)
        return after(engine, number, limit, **more)

    monkeypatch.setattr(events, "after", counting)
    return found


def test_however_many_listen_what_is_new_is_read_once(board: Board, reads: list[int]) -> None:
    watch = watched(board)

    async def main() -> list[list[int]]:
        log = Log(board.engine, pause=0.01)
        async with following(log, None) as first, following(log, None) as second, following(log, 3) as third:
            heard = [numbers(await anext(third))]
            waiting = [asyncio.ensure_future(anext(one)) for one in (first, second, third)]
            await asyncio.sleep(0)
            await asyncio.to_thread(another, watch, "Sailor")
            return heard + [numbers(batch) for batch in await asyncio.gather(*waiting)]

    assert asyncio.run(main()) == [[4], [5], [5], [5]]
    # the one that was behind read for itself what came before
    assert sorted(reads) == [3, 4]


def test_nothing_is_lost_between_what_is_read_and_what_is_heard(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events are recorded all the while; each listener begins somewhere else."""
    monkeypatch.setattr(streams, "_BATCH", 2)
    monkeypatch.setattr(streams, "_WINDOW", 3)
    watch = watched(board)

    async def hear(log: Log, after: int) -> list[int]:
        found: list[int] = []
        async with following(log, after) as batches:
            async for batch in batches:
                found += numbers(batch)
                if found and found[-1] == 12:
                    return found
        raise AssertionError("it ended too early")

    async def main() -> list[list[int]]:
        log = Log(board.engine, pause=0.001)
        listening = [asyncio.ensure_future(hear(log, after)) for after in (0, 1, 2, 3, 4)]
        for number in range(8):
            await asyncio.to_thread(another, watch, f"Job {number}")
        return await asyncio.gather(*listening)

    assert asyncio.run(main()) == [list(range(after + 1, 13)) for after in (0, 1, 2, 3, 4)]


def test_nobody_reads_while_nobody_listens(board: Board) -> None:
    watched(board)

    async def main() -> None:
        log = Log(board.engine, pause=0.01)
        async with following(log, 0) as batches:
            await anext(batches)
            assert len(asyncio.all_tasks()) == 2
        assert log.listening == 0
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_fault_of_ours_silences_nobody(
    board: Board, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watch = watched(board)
    whole, faults = events.last, iter([False, True, True])
    begun = threading.Event()

    def last(engine: Engine) -> int:
        if next(faults, False):
            raise RuntimeError("a fault of ours")
        newest = whole(engine)
        begun.set()
        return newest

    monkeypatch.setattr(events, "last", last)

    async def main() -> list[int]:
        log = Log(board.engine, pause=0.001)
        async with following(log, None) as batches:
            hearing = asyncio.ensure_future(anext(batches))
            # what is there by then is not news
            assert await asyncio.to_thread(begun.wait, 10)
            await asyncio.to_thread(another, watch, "Sailor")
            return numbers(await asyncio.wait_for(hearing, 10))

    assert asyncio.run(main()) == [5]
    # once, however often it comes
    assert [record.message for record in caplog.records if record.name == "dashboard.stream"] == ["stream.failed"]


def test_a_quiet_time_is_told_with_a_comment(board: Board) -> None:
    watched(board)
    assert asyncio.run(_sent(board, quiet=0.01, until=b": quiet")).startswith(b": hirewatch\nretry: 2000\n\n")


def test_a_client_comes_back_after_a_while_so_that_its_rights_are_looked_at_again(board: Board) -> None:
    watched(board)
    assert b": quiet" in asyncio.run(_sent(board, quiet=0.01, longest=0.0))


@pytest.mark.parametrize(("patience", "dropped"), [(0.05, True), (30.0, False)])
def test_a_client_that_takes_nothing_is_dropped(board: Board, patience: float, dropped: bool) -> None:
    watched(board)
    aborted = threading.Event()

    async def main() -> None:
        async def send(message: Message) -> None:
            if message["type"] == "http.response.body":
                await asyncio.sleep(3600)

        log = Log(board.engine)
        request = _request(board, aborted)
        answer = EventStream(request, log, 0, lambda event: event.posting_id, patience=patience)
        task = asyncio.ensure_future(answer(request.scope, _receive, send))
        await asyncio.wait([task], timeout=0.5)
        assert task.done() is dropped
        assert log.listening == (0 if dropped else 1)
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(main())
    assert aborted.is_set() is dropped


async def _receive() -> Message:
    await asyncio.sleep(3600)
    raise AssertionError("unreachable")


def _request(board: Board, aborted: threading.Event | None = None) -> Request:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [],
        "extensions": {
            "hirewatch.stop": asyncio.Event(),
            "hirewatch.abort": (aborted or threading.Event()).set,
        },
    }
    return Request(scope)


async def _sent(board: Board, *, until: bytes | None = None, **limits: float) -> bytes:
    """What is sent of the log from the newest event on, until the end, or `until` is among it."""
    request = _request(board)
    sent = b""

    async def send(message: Message) -> None:
        nonlocal sent
        sent += message.get("body", b"")
        if until is not None and until in sent:
            request.scope["extensions"]["hirewatch.stop"].set()

    await EventStream(request, Log(board.engine), None, lambda event: event.posting_id, **limits)(
        request.scope, _receive, send
    )
    return sent


def _until(holds: Any, patience: float = 10.0) -> None:
    ended = threading.Event()
    for _ in range(int(patience / 0.01)):
        if holds():
            return
        ended.wait(0.01)
    raise AssertionError("it never came to be so")
