"""Servers of ntfy and Gotify on loopback, as far as a message goes, and one that answers what it is told to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Request:
    """What came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """Answers `status`, `headers` and `body`; keeps what came in, and counts who connected."""

    host: str = ""
    port: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    requests: list[Request] = field(default_factory=list)
    #: the port of each who was let in
    peers: list[int] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    @property
    def connections(self) -> int:
        """How many have connected until now.

        They wait in a queue until they are let in. So one more connects, and those before it are counted once it is in.
        """
        with socket.create_connection((self.host, self.port)) as last:
            port = last.getsockname()[1]
            with self.changed:
                assert self.changed.wait_for(lambda: port in self.peers, timeout=30), "the server lets nobody in"
                before = self.peers.index(port)
                # who asked is no visitor
                self.peers.remove(port)
                return before


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Server]:
    """A server for as long as the block runs."""
    server = Server(host=host)
    lock = threading.Lock()

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def process_request(self, request: Any, client_address: Any) -> None:
            with server.changed:
                server.peers.append(client_address[1])
                server.changed.notify_all()
            super().process_request(request, client_address)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with lock:
                server.requests.append(Request(self.command, self.path, headers, body))
            self.send_response(server.status)
            for name, value in server.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(server.body)))
            self.end_headers()
            # a client that has read enough hangs up
            with suppress(OSError):
                self.wfile.write(server.body)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    with Listener((host, 0), Handler) as listener:
        server.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()
