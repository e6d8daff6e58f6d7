"""Databases of somebody else that the `sql` outlet fills: one interface to three real ones."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.pool import NullPool

from delivery import outlets
from delivery.outlets import Batch, Context
from delivery.outlets.sql import SqlOutlet
from postings.events import Event
from tests.delivery.eventlog import NOON

_opened: list[SqlOutlet] = []


@dataclass
class Target:
    """A database, by the eyes of whoever reads it."""

    #: sqlite, postgresql or mariadb
    kind: str
    #: as an outlet's address
    address: str

    @property
    def engine(self) -> Engine:
        url = make_url(self.address)
        drivers = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
        url = url.set(drivername=drivers.get(url.drivername, url.drivername))
        # the driver writes a password in Latin-1
        given = {"password": str(url.password).encode()} if url.password else {}
        return create_engine(url, connect_args=given, poolclass=NullPool)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.begin() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def run(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))


def open_sql(engine: Engine, address: str, context: Context, name: str = "warehouse", **options: Any) -> SqlOutlet:
    """An outlet of that address, added to our own database at `engine`, and opened."""
    row = outlets.add(engine, name=name, address=address, options=options, now=NOON)
    opened = outlets.open_outlet(row, context)
    assert isinstance(opened, SqlOutlet)
    _opened.append(opened)
    return opened


def close_outlets() -> None:
    """Closes what `open_sql` opened."""
    while _opened:
        _opened.pop().close()


def batch(*events: Event) -> Batch:
    return Batch(events=events, numbers=tuple(event.number for event in events), counts={})


@contextmanager
def relayed(path: str) -> Iterator[int]:
    """A port of loopback that leads to a Unix socket."""
    server = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    open_sockets: list[socket.socket] = [server]

    def copy(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, _ = server.accept()
                far = socket.socket(socket.AF_UNIX)
                open_sockets.extend((near, far))
                far.connect(path)
                for pair in ((near, far), (far, near)):
                    threads.append(threading.Thread(target=copy, args=pair, daemon=True))
                    threads[-1].start()

    threads.append(threading.Thread(target=serve, daemon=True))
    threads[-1].start()
    try:
        yield server.getsockname()[1]
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        for one in open_sockets:
            one.close()
        for thread in threads:
            thread.join(5)
