"""HTTP as a small career site speaks it: requests and answers, validators, content codings, and a log of its own.

Connections are served by threads and can be hung up at once, so that a site may be stopped and started again at will.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: Linux: the system says when each packet came in (socket(7)); Python does not name it
_TIMESTAMPS = 35 if sys.platform == "linux" else None
_TIMESPEC = struct.Struct("@qq")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A request as the site saw it."""

    #: `time.monotonic()` when it came in; on Linux to the system, however late the site noticed
    began: float
    #: `time.monotonic()` when its answer had been written
    ended: float
    method: str
    #: with its query
    path: str
    #: 0 if the client was gone before the answer
    status: int
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asked for."""

    method: str
    path: str
    query: Mapping[str, str]
    #: names in lower case
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the site says to a request, before validators and content coding."""

    status: int
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    #: sent as Last-Modified; aware, UTC
    modified: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


#: answers a request on the wire of its handler, and returns the status that was sent
Exchange = Callable[[BaseHTTPRequestHandler, Request], int]


class Server(ThreadingHTTPServer):
    """Answers by `exchange` and tells `log` of each request that has ended, from many threads at once."""

    # threads are waited for in server_close, after hang_up has ended what they read from
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], *, exchange: Exchange, log: Callable[[Access], None]) -> None:
        """Port 0 of an address is one that is free."""
        self.exchange = exchange
        self.log = log
        self._sockets: set[socket.socket] = set()
        self._sockets_lock = threading.Lock()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        if _TIMESTAMPS is not None:
            # its connections inherit it
            self.socket.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)
        super().server_bind()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._sockets_lock:
            self._sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._sockets_lock:
            self._sockets.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends all connections, whatever is under way in them."""
        with self._sockets_lock:
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # connections that break off are no news on a site that is stopped and started
        pass


def send(handler: BaseHTTPRequestHandler, request: Request, answer: Answer, *, now: datetime) -> int:
    """Writes an answer, as 304 without a body where the client's validator holds, gzipped where it may be.

    `If-None-Match` goes before `If-Modified-Since` (RFC 9110 §13.2.2).
    """
    headers = {"Content-Type": answer.content_type, "Vary": "Accept-Encoding", **answer.headers}
    status, body = answer.status, answer.body
    if status == HTTPStatus.OK:
        etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        headers["ETag"] = etag
        # a date proves nothing about a page that changed in this very second (RFC 9110 §8.8.2.2)
        dated = answer.modified if answer.modified and now - answer.modified >= timedelta(seconds=1) else None
        if dated:
            headers["Last-Modified"] = format_datetime(dated.replace(microsecond=0), usegmt=True)
        if _holds(request.headers, etag, dated):
            status, body = HTTPStatus.NOT_MODIFIED, b""
            del headers["Content-Type"]
    compressible = answer.content_type.startswith(("text/", "application/xml"))
    if body and compressible and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, compresslevel=1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if status != HTTPStatus.NOT_MODIFIED:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if request.method != "HEAD":
        handler.wfile.write(body)
    return int(status)


def _holds(headers: Mapping[str, str], etag: str, modified: datetime | None) -> bool:
    if (given := headers.get("if-none-match")) is not None:
        return etag in (one.strip() for one in given.split(","))
    since = headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "careers"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_one_request(self) -> None:
        self._came_in = _came_in(self.connection)
        super().handle_one_request()

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        status = 0
        try:
            status = server.exchange(self, Request(method=self.command, path=parts.path, query=query, headers=headers))
        except OSError:
            # the client went away, which is its good right
            self.close_connection = True
        finally:
            server.log(
                Access(
                    began=self._came_in,
                    ended=time.monotonic(),
                    method=self.command,
                    path=self.path,
                    status=status,
                    user_agent=headers.get("user-agent", ""),
                )
            )

    do_HEAD = do_GET

    def log_message(self, *_: Any) -> None:
        pass


def _came_in(connection: socket.socket) -> float:
    """Waits for the next request of a connection; when its first byte came in, as `time.monotonic()` tells it.

    A busy machine runs a site's thread late, so the moment at which it is served says little about who asked too soon.
    """
    room = 0 if _TIMESTAMPS is None else socket.CMSG_SPACE(_TIMESPEC.size)
    with contextlib.suppress(OSError):
        _, notes, _, _ = connection.recvmsg(1, room, socket.MSG_PEEK)
        for level, kind, note in notes:
            if (level, kind) == (socket.SOL_SOCKET, _TIMESTAMPS):
                seconds, nanoseconds = _TIMESPEC.unpack(note[: _TIMESPEC.size])
                age: float = time.time() - (seconds + nanoseconds / 1e9)
                return time.monotonic() - max(0.0, age)
    return time.monotonic()
