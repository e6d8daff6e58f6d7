"""The web server beside the service: a listening socket, and uvicorn in the service's own loop.

It comes second: whatever becomes of it, and whatever its clients do, visits and deliveries go on, and the service ends
in time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from postings.errors import ConfigurationError

log = logging.getLogger(__name__)

#: seconds that answers under way have to end once the service was asked to
_GRACE = 3
#: seconds that a client has to say what it wants, and connections at a time: they take file descriptors that visits and
#: deliveries need
_PATIENCE, _MOST = 10.0, 200


class WebServer:
    """Answers requests until it is asked to end; says so if it ends by itself."""

    def __init__(
        self,
        app: ASGIApp,
        listening: socket.socket,
        *,
        say: Callable[[str], None],
        patience: float = _PATIENCE,
        most: int = _MOST,
    ) -> None:
        """`listening` is bound already. A client has `patience` seconds to say what it wants; there are `most` at a
        time."""
        config = _Config(
            app,
            http=_Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            # what it has to say is what strangers sent, and what `Guard` has logged already
            log_level=logging.CRITICAL,
            access_log=False,
            server_header=False,
            # a stranger must not be able to say who it is
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE,
        )
        config.patience, config.most = patience, most
        self._config = config
        self._server = _Server(config)
        self._listening = listening
        self._say = say

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set, then ends within seconds, whatever its clients do. Raises nothing.

        Every request has two extensions in its scope, for answers without an end: `hirewatch.stop`, which is `stop`,
        and `hirewatch.abort`, a function that drops the connection at once, with all that was not yet sent.
        """
        self._config.stop = stop
        serving = asyncio.ensure_future(self._server.serve(sockets=[self._listening]))
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not stop.is_set():
                self._say("the web server has ended; visits and deliveries go on")
            self._server.should_exit = True
            await serving
        except Exception:
            log.exception("http.crashed")
        finally:
            stopping.cancel()


class _Config(uvicorn.Config):
    patience: float
    most: int
    stop: asyncio.Event


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # signals are the service's, which ends the web server too
        yield


class _Connection(H11Protocol):
    """A connection that is closed if its client does not get on with it."""

    config: _Config
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(transport)
        self.app = _with_extensions(self.app, self.config.stop, transport.abort)
        if len(self.connections) > self.config.most:
            transport.abort()
        else:
            self._wait()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = self.loop.call_later(self.config.patience, self._end_if_idle)

    def _end_if_idle(self) -> None:
        # uvicorn declares that there is one, and there is none before the first request
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]
            self.transport.close()


def _with_extensions(app: ASGIApp, stop: asyncio.Event, abort: Callable[[], None]) -> ASGIApp:
    async def extended(scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {"hirewatch.stop": stop, "hirewatch.abort": abort}
        await app(scope, receive, send)

    return extended


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address of `host`; `port` 0 picks a free one. Raises ConfigurationError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise _cannot_listen(host, port, "is no address of this machine") from error
    trouble: OSError | None = None
    for family, kind, protocol, _name, address in found:
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            # only now is it ours: several programs may bind an address before one listens
            listening.listen()
        except OSError as error:
            listening.close()
            trouble = trouble or error
        else:
            return listening
    assert trouble is not None
    raise _cannot_listen(host, port, f"cannot be listened on ({trouble.strerror})") from trouble


def is_on_loopback(listening: socket.socket) -> bool:
    """Whether only programs of this machine reach what listens there."""
    return ip_address(listening.getsockname()[0]).is_loopback


def host_and_port(host: str, port: int) -> str:
    """As it stands in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _cannot_listen(host: str, port: int, problem: str) -> ConfigurationError:
    return ConfigurationError(
        problem,
        subject=host_and_port(host, port),
        remedy="choose another with --host and --port (serve.host, serve.port), or leave it out with --no-http",
    )
