"""A server on raw sockets: whatever can go over a connection can go over this one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Self

from tests.sites.scripted import own_address

#: takes the connection and the path that was asked for
Behaviour = Callable[[socket.socket, str], None]


def answer(body: bytes = b"", *headers: str, status: str = "200 OK") -> bytes:
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Hostile:
    """Answers 404 for robots.txt (unless `robots`) and does to any other request what `behaviour` does."""

    def __init__(self, behaviour: Behaviour, *, robots: bool = False, host: str | None = None) -> None:
        self._behaviour = behaviour
        self._robots = robots
        self._socket = socket.socket()
        self._socket.bind((host or own_address(), 0))
        self._socket.listen(64)
        self.host, self.port = self._socket.getsockname()
        self.connections = 0
        self.paths: list[str] = []
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while path := _path(connection):
                    self.paths.append(path)
                    if path == "/robots.txt" and not self._robots:
                        connection.sendall(answer(status="404 Not Found"))
                        continue
                    self._behaviour(connection, path)
                    return
            except OSError:
                return


def _path(connection: socket.socket) -> str | None:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(65536)
        if not received:
            return None
        head += received
    return head.split(b" ", 2)[1].decode("latin-1")
