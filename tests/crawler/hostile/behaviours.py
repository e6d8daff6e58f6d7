"""What a server can do to whoever asks it, at each stage of an answer."""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from collections.abc import Callable, Iterable
from functools import cache

import brotli
from backports import zstd

from tests.crawler.hostile.server import Behaviour, answer, hang_up_hard, once

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "deflate": lambda body: zlib.compress(body, 6),
    "br": lambda body: brotli.compress(body, quality=5),
    "zstd": zstd.compress,
}


def drip(first: bytes, drop: bytes = b"x") -> Behaviour:
    """Sends `first`, and then a drop now and then."""

    def send(connection: socket.socket, _: str) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(drop)
            time.sleep(0.05)

    return send


def forever(first: bytes, then: bytes) -> Behaviour:
    """Sends `first`, and then the same again and again."""

    def send(connection: socket.socket, _: str) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(then)

    return send


def reset_after(what: bytes) -> Behaviour:
    """Sends this and resets the connection, once the client has had time to read it."""

    def send(connection: socket.socket, _: str) -> None:
        connection.sendall(what)
        if what:
            time.sleep(0.05)
        hang_up_hard(connection)

    return send


def silence(connection: socket.socket, _: str) -> None:
    connection.recv(1)


def redirect(to: str, status: str = "302 Found") -> Behaviour:
    return once(answer(b"", f"Location: {to}", status=status))


def redirect_further(connection: socket.socket, path: str) -> None:
    connection.sendall(answer(b"", f"Location: /{len(path)}{path[:40]}", status="302 Found"))


def raw(*lines: str, body: bytes = b"") -> Behaviour:
    """An answer of these header lines, whatever they say."""
    return once("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


def document(body: bytes, content_type: str = "text/html") -> Behaviour:
    return once(answer(body, f"Content-Type: {content_type}"))


def chunked(parts: Iterable[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


@cache
def bomb(coding: str, size: int = 100_000_000) -> bytes:
    """Few bytes that become many."""
    return ENCODERS[coding](b"\0" * size)


def coded(body: bytes, coding: str, *headers: str) -> Behaviour:
    return once(answer(body, f"Content-Encoding: {coding}", "Content-Type: text/html", *headers))
