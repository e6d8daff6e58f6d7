"""Fresh databases of both kinds, for the benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.engine import connect
from storage.schema import upgrade
from tests.postgres import PostgresServer


@contextmanager
def database(kind: str, server: PostgresServer | None, folder: Path) -> Iterator[str]:
    """A fresh database of this version's schema; its URL."""
    name = ""
    if kind == "postgresql":
        assert server is not None
        name = server.create()
        url = server.url(name)
    else:
        url = f"sqlite:///{folder / 'hirewatch.sqlite'}"
    engine = connect(url)
    upgrade(engine)
    engine.dispose()
    yield url
    if server is not None and name:
        server.drop(name)
    for file in folder.glob("hirewatch.sqlite*"):
        file.unlink()
