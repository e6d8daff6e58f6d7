"""A forward proxy on loopback through which a browser reaches the web: only addresses that the policy allows.

A browser resolves and connects by itself, where no guard of ours can look on. Given this proxy and no way round it, it
names the host, and the proxy resolves it with the process's `PolicyResolver`, connects to an address that was judged,
and counts what comes back. `crawler.browser` runs one for each visit.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer

_HEAD_LIMIT = 64 * 1024
_PIECE = 64 * 1024
_CONNECT_SECONDS = 10.0
#: the web's own ports; others only where a site names them itself
_WEB_PORTS = frozenset({80, 443})
#: headers that are for the proxy (RFC 9110 §7.6.1), or replaced by it
_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-authorization", b"proxy-connection", b"te", b"trailer", b"upgrade"}
)


@dataclass(frozen=True, slots=True)
class _Head:
    """The first lines of a request."""

    method: str
    target: str
    #: header lines without their line ends
    lines: tuple[bytes, ...]

    def value(self, name: bytes) -> bytes | None:
        """The last header of that name (lower case)."""
        found = [line.partition(b":")[2].strip() for line in self.lines if _name(line) == name]
        return found[-1] if found else None


class _Refused(Exception):
    """An answer of the proxy itself: its status line says why."""


class ForwardProxy:
    """HTTP and CONNECT, for one client that knows the password.

    `start` it in an asyncio loop, then `close` it; every connection ends with it.
    """

    def __init__(self, resolver: Any, *, most_bytes: int, ports: Iterable[int] = ()) -> None:
        """`resolver` is the IHostnameResolver that judges (`network.resolver.guard` gives it).

        `most_bytes` is what may come in before everything is refused; `ports` may be contacted beside 80 and 443.
        """
        self.user = "hirewatch"
        self.password = secrets.token_urlsafe(24)
        #: connections that went out, and bytes that came back from them
        self.connections = 0
        self.bytes = 0
        #: bytes after which everything is refused; may be moved while it runs
        self.most_bytes = most_bytes
        #: hosts that were refused, by the policy or by their port, as they were asked for
        self.refused: set[str] = set()
        self._resolver = resolver
        self._ports = _WEB_PORTS | frozenset(ports)
        token = base64.b64encode(f"{self.user}:{self.password}".encode())
        self._authorization = b"Basic " + token
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens on a free port of 127.0.0.1. Raises OSError."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_HEAD_LIMIT)

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Hangs up on everybody."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def is_spent(self) -> bool:
        """Whether no more bytes may come in."""
        return self.bytes >= self.most_bytes

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except _Refused as refusal:
            with suppress(OSError):
                writer.write(f"HTTP/1.1 {refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError):
            # Either side hung up, or sent what is no HTTP; the other side is told by hanging up as well.
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = _read_head(await reader.readuntil(b"\r\n\r\n"))
        if not secrets.compare_digest(head.value(b"proxy-authorization") or b"", self._authorization):
            challenge = '407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="hirewatch"'
            raise _Refused(challenge)
        if self.is_spent:
            raise _Refused("509 Byte Budget Spent")
        if head.method == "CONNECT":
            host, port = _host_and_port(f"//{head.target}", None)
            there, out = await self._connect(host, port)
            try:
                writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
                await _either(_copy(reader, out), self._return(there, writer))
            finally:
                out.close()
            return
        await self._forward(head, reader, writer)

    async def _forward(self, head: _Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One plain request, on a connection of its own: what follows it on the same one would pass unjudged."""
        if not head.target.lower().startswith("http://"):
            raise _Refused("400 Not A Proxy Request")
        length = head.value(b"content-length") or b"0"
        if head.value(b"transfer-encoding") is not None or not length.isdigit():
            raise _Refused("411 Length Required")
        host, port = _host_and_port(head.target, 80)
        there, out = await self._connect(host, port)
        try:
            out.write(_without_proxy(head))
            await _copy(reader, out, int(length))
            await self._return(there, writer)
        finally:
            out.close()

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to an address of `host` that was judged."""
        if port not in self._ports:
            self.refused.add(f"{host}:{port}")
            raise _Refused("403 Port Refused")
        addresses = await _judged(self._resolver, host, port)
        if not addresses:
            self.refused.add(host)
            raise _Refused("403 Address Refused")
        self.connections += 1
        for address in addresses:
            with suppress(OSError, TimeoutError):
                return await asyncio.wait_for(asyncio.open_connection(address, port), _CONNECT_SECONDS)
        raise _Refused("502 No Connection")

    async def _return(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await there.read(_PIECE):
            self.bytes += len(piece)
            if self.is_spent:
                return
            writer.write(piece)
            await writer.drain()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None = None) -> None:
    """Passes on what comes in, `most` bytes or all of it."""
    left = most
    while left is None or left > 0:
        piece = await reader.read(_PIECE if left is None else min(_PIECE, left))
        if not piece:
            return
        left = None if left is None else left - len(piece)
        writer.write(piece)
        await writer.drain()


async def _either(*ways: Any) -> None:
    """Runs both until one of them ends."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _read_head(text: bytes) -> _Head:
    first, *lines = text[:-4].split(b"\r\n")
    parts = first.decode("latin-1").split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise _Refused("400 Bad Request")
    return _Head(method=parts[0], target=parts[1], lines=tuple(lines))


def _without_proxy(head: _Head) -> bytes:
    """The request as its server is sent it: origin form (RFC 9112 §3.2.1), and no second one after it."""
    path = head.target.split("://", 1)[1].partition("/")[2]
    kept = [line for line in head.lines if _name(line) not in _HOP_BY_HOP]
    return b"\r\n".join([f"{head.method} /{path} HTTP/1.1".encode("latin-1"), *kept, b"Connection: close", b"", b""])


def _host_and_port(target: str, default: int | None) -> tuple[str, int]:
    try:
        parts = urlsplit(target)
        host, port = parts.hostname, parts.port or default
    except ValueError:
        host, port = None, None
    if not host or port is None:
        raise _Refused("400 Bad Request")
    return host, port


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()


@implementer(IResolutionReceiver)
class _Addresses:
    def __init__(self, done: asyncio.Future[None]) -> None:
        self.found: list[str] = []
        self._done = done

    def resolutionBegan(self, resolution: Any) -> None:
        pass

    def addressResolved(self, address: Any) -> None:
        self.found.append(str(address.host))

    def resolutionComplete(self) -> None:
        if not self._done.done():
            self._done.set_result(None)


async def _judged(resolver: Any, host: str, port: int) -> list[str]:
    """The addresses of `host` that the resolver passes on; none if it has none, or none is allowed."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    receiver = _Addresses(done)
    with suppress(TimeoutError, UnicodeError):
        resolver.resolveHostName(receiver, host, port)
        await asyncio.wait_for(done, _CONNECT_SECONDS)
    return list(dict.fromkeys(receiver.found))
