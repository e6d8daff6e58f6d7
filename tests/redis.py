"""A Redis server of the tests' own, without persistence. A pytest plugin: `redis_server` is its host and port."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.daemons import daemon, free_port


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("redis"), free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    with daemon(command, port, folder / "log", "redis-server"):
        yield f"127.0.0.1:{port}"
