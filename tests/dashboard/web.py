"""The web server as it runs beside the service, on a port of loopback, in a thread of the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import httpx
from starlette.types import ASGIApp

from hirewatch.web_server import WebServer, listen


class Running:
    """A web server that runs until the block is left."""

    def __init__(self, app: ASGIApp, **limits: Any) -> None:
        self.said: list[str] = []
        self._socket = listen("127.0.0.1", 0)
        self.port: int = self._socket.getsockname()[1]
        self._server = WebServer(app, self._socket, say=self.said.append, **limits)
        self._started = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._main(),))

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._started.set()
        await self._server.run(self._stop)

    def __enter__(self) -> Running:
        self._thread.start()
        assert self._started.wait(30)
        return self

    def break_it(self) -> None:
        """Takes away what it listens on."""
        self._socket.close()

    def stop(self, patience: float = 30.0) -> bool:
        """Whether it ended in time once it was asked to."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(patience)
        return not self._thread.is_alive()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._thread.is_alive():
            assert self.stop()
        self._socket.close()


@contextmanager
def browsing(app: ASGIApp) -> Iterator[httpx.Client]:
    """A client of the application, over a real connection."""
    with Running(app) as running, httpx.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=30) as client:
        yield client
