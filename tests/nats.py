"""A NATS server with JetStream of the tests' own. A pytest plugin: `nats_server` is its host and port."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.daemons import daemon, free_port


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("nats"), free_port()
    command = ["nats-server", "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder)]
    with daemon(command, port, folder / "log", "nats-server"):
        yield f"127.0.0.1:{port}"
