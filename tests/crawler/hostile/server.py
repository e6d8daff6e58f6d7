"""A server on raw sockets: whatever can go over a connection can go over this one."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from typing import Self

from tests.sites.scripted import own_address

#: takes the connection and the path that was asked for; the connection is closed after it
Behaviour = Callable[[socket.socket, str], None]


def answer(body: bytes = b"", *headers: str, status: str = "200 OK") -> bytes:
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def once(what: bytes) -> Behaviour:
    """Sends this and hangs up."""

    def send(connection: socket.socket, _: str) -> None:
        connection.sendall(what)

    return send


def hang_up_hard(connection: socket.socket) -> None:
    """Ends a connection by a reset in place of a farewell."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Hostile:
    """Answers 404 for robots.txt (unless `robots`) and does to any other request what `behaviour` does."""

    def __init__(self, behaviour: Behaviour, *, robots: bool = False, host: str | None = None, port: int = 0) -> None:
        self._behaviour = behaviour
        self._robots = robots
        self._host = host or own_address()
        self._socket = self._listen(port)
        self.host, self.port = self._socket.getsockname()
        self.connections = 0
        #: paths and heads of the requests
        self.paths: list[str] = []
        self.heads: list[bytes] = []
        self.closing = threading.Event()
        #: what is done to a connection before anything is read from it; None = the connection is over
        self.greet: Callable[[socket.socket], socket.socket | None] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._accept, args=(self._socket,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shut()

    def shut(self) -> None:
        """Listens no more."""
        self.closing.set()
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it was shut before
        self._socket.close()
        self._thread.join(5)

    def open_again(self) -> None:
        """Listens at the same port as before."""
        self.closing.clear()
        self._socket = self._listen(self.port)
        self.__enter__()

    def _listen(self, port: int) -> socket.socket:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((self._host, port))
        listening.listen(64)
        return listening

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        try:
            greeted = self.greet(connection) if self.greet else connection
            if greeted is None:
                return
            with greeted:
                while head := _head(greeted):
                    path = head.split(b" ", 2)[1].decode("latin-1")
                    self.paths.append(path)
                    self.heads.append(head)
                    if not self._goes_on(greeted, path):
                        return
        except (OSError, ssl.SSLError):
            return
        finally:
            connection.close()

    def _goes_on(self, connection: socket.socket, path: str) -> bool:
        """Answers one request; whether another may follow on the connection."""
        if path == "/robots.txt" and not self._robots:
            connection.sendall(answer(status="404 Not Found"))
            return True
        self._behaviour(connection, path)
        return False


def _head(connection: socket.socket) -> bytes | None:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(65536)
        if not received:
            return None
        head += received
    return head
