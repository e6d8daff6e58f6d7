"""The event log as it grows, for everybody who listens: server-sent events, and one reader for all of them.

Whoever listens has a cursor of its own and no buffer: it takes what is new from the window that all share, and reads
the log itself where it is further behind. So a slow client costs nothing but its connection, which it loses in the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import EventSourceResponse, format_sse_event
from sqlalchemy.engine import Engine
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from dashboard.problems import problem
from postings.errors import DatabaseError
from postings.events import Event
from storage import events

log = logging.getLogger(__name__)

#: clients at a time: each holds one of the connections of the web server
MOST: Final = 50
#: seconds between two looks at the number of the newest event
_PAUSE: Final = 0.5
#: seconds without an event after which a client is told that the connection stands
QUIET: Final = 15.0
#: seconds that a client may take for what it is sent
_PATIENCE: Final = 30.0
#: seconds after which a client has to come back, so that one who may no longer listen does not
_LONGEST: Final = 900.0
#: milliseconds after which it comes back
_RETRY: Final = 2000
#: events read at a time, and newest ones that are held for all
_BATCH: Final = 200
_WINDOW: Final = 500


class Log:
    """Reads what is new in the log, once for all who listen; nothing while nobody does."""

    def __init__(self, engine: Engine, *, most: int = MOST, pause: float = _PAUSE) -> None:
        """At most `most` listen at a time; the newest number is asked for every `pause` seconds."""
        self._engine = engine
        self._most = most
        self._pause = pause
        self._listening = 0
        self._reader: asyncio.Task[None] | None = None
        self._newest = 0
        self._window: deque[Event] = deque(maxlen=_WINDOW)
        self._news = asyncio.Event()

    @property
    def listening(self) -> int:
        """How many listen."""
        return self._listening

    @contextlib.contextmanager
    def place(self) -> Iterator[bool]:
        """Takes one of the places to listen from, if there is one."""
        if self._listening >= self._most:
            yield False
            return
        self._listening += 1
        try:
            yield True
        finally:
            self._listening -= 1
            if not self._listening and self._reader is not None:
                self._reader.cancel()
                self._reader = None

    async def follow(
        self, after: int | None, stop: asyncio.Event, quiet: float
    ) -> AsyncGenerator[Sequence[Event], None]:
        """What comes after event number `after` (None: after the newest one), in order, until `stop`.

        An empty batch means that there was nothing for `quiet` seconds. The caller holds a place.
        """
        if self._reader is None:
            self._newest = await run_in_threadpool(events.last, self._engine)
            self._window.clear()
            if self._reader is None:
                self._reader = asyncio.ensure_future(self._read())
        cursor = self._newest if after is None else min(after, self._newest)
        while not stop.is_set():
            news = self._news
            found = await self._after(cursor)
            if found:
                cursor = found[-1].number
                yield found
            elif not await _first_of(news, stop, quiet):
                yield ()

    async def _after(self, cursor: int) -> Sequence[Event]:
        if cursor >= self._newest:
            return ()
        if self._window and self._window[0].number <= cursor + 1:
            return [event for event in self._window if event.number > cursor]
        return await run_in_threadpool(events.after, self._engine, cursor, _BATCH)

    async def _read(self) -> None:
        troubled = False
        while True:
            found: list[Event] = []
            try:
                if await run_in_threadpool(events.last, self._engine) > self._newest:
                    found = await run_in_threadpool(events.after, self._engine, self._newest, _BATCH)
                troubled = False
            except DatabaseError as error:
                if not troubled:
                    log.warning("database.unusable error=%s", error)
                troubled = True
            except Exception:
                # without a reader whoever listens would hear nothing more, and not know it
                if not troubled:
                    log.exception("stream.failed")
                troubled = True
            if found:
                self._window.extend(found)
                self._newest = found[-1].number
                self._news.set()
                self._news = asyncio.Event()
            if len(found) < _BATCH:
                await asyncio.sleep(self._pause)


async def _first_of(news: asyncio.Event, stop: asyncio.Event, seconds: float) -> bool:
    """Whether one of the two was set in time."""
    waiting = [asyncio.ensure_future(event.wait()) for event in (news, stop)]
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for one in waiting:
            one.cancel()


class EventStream(StreamingResponse):
    """The log as server-sent events, for one client."""

    media_type = EventSourceResponse.media_type

    def __init__(
        self,
        request: Request,
        followed: Log,
        after: int | None,
        write: Callable[[Event], str | None],
        *,
        quiet: float = QUIET,
        patience: float = _PATIENCE,
        longest: float = _LONGEST,
    ) -> None:
        """`write` gives what is sent of an event, or None; it is called in a thread.

        Every event's `id` is its number, and the one that the client held last (`Last-Event-ID`) counts more than
        `after`. A client that takes nothing for `patience` seconds is dropped.
        """
        super().__init__(
            self._pieces(request, _resumed(request, after), write, quiet, longest),
            # a proxy must not gather what is sent
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
        self._log = followed
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until the client leaves, is too slow, or the service stops."""

        async def send_in_time(message: Any) -> None:
            await asyncio.wait_for(send(message), self._patience)

        with self._log.place() as found:
            if not found:
                full = problem(503, "too many listen already; come back later", headers={"Retry-After": "60"})
                await full(scope, receive, send)
                return
            await self._send(scope, receive, send_in_time)

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except TimeoutError:
            log.info("stream.dropped: a client took nothing for %g s", self._patience)
            abort: Callable[[], None] | None = scope.get("extensions", {}).get("hirewatch.abort")
            if abort is not None:
                abort()

    async def _pieces(
        self,
        request: Request,
        after: int | None,
        write: Callable[[Event], str | None],
        quiet: float,
        longest: float,
    ) -> AsyncIterator[bytes]:
        stop = request.scope.get("extensions", {}).get("hirewatch.stop") or asyncio.Event()
        loop = asyncio.get_running_loop()
        until = loop.time() + longest
        yield format_sse_event(comment="hirewatch", retry=_RETRY)
        async with contextlib.aclosing(self._log.follow(after, stop, quiet)) as batches:
            # who cannot be told now comes back
            with contextlib.suppress(DatabaseError):
                async for batch in batches:
                    yield await run_in_threadpool(_written, batch, write)
                    if loop.time() > until:
                        return


def _written(batch: Sequence[Event], write: Callable[[Event], str | None]) -> bytes:
    """The events as they are sent; of those that are not, the number of the last one, so that they are not read
    again."""
    if not batch:
        return format_sse_event(comment="quiet")
    pieces = [
        format_sse_event(data_str=text, id=str(event.number)) for event in batch if (text := write(event)) is not None
    ]
    return b"".join([*pieces, format_sse_event(comment="up to", id=str(batch[-1].number))])


def _resumed(request: Request, after: int | None) -> int | None:
    held = request.headers.get("last-event-id", "")
    if held.isascii() and held.isdecimal() and int(held) <= events.HIGHEST:
        return int(held)
    return after


def stream(
    request: Request, followed: Log, after: int | None, write: Callable[[Event], str | None], **limits: float
) -> Response:
    """The answer to who wants to listen; the parameters are those of `EventStream`."""
    # whoever asks for the head alone would never see an end
    if request.method == "HEAD":
        return Response(media_type=EventSourceResponse.media_type)
    return EventStream(request, followed, after, write, **limits)


def _log(request: Request) -> Log:
    followed: Log = request.app.state.log
    return followed


#: the parameter by which an action asks for the log of its application
Followed = Annotated[Log, Depends(_log)]
