"""The vendors' hosts on loopback, and the process that visits them, shared by these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawler.boards.vendors import BoardCrawling, Vendors


@pytest.fixture(scope="session")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    server = Vendors(tmp_path_factory.mktemp("authority"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def visiting(everywhere: Vendors) -> Iterator[BoardCrawling]:
    process = BoardCrawling(everywhere)
    yield process
    process.close()


@pytest.fixture
def vendors(everywhere: Vendors) -> Vendors:
    """The server, with nothing on it."""
    everywhere.reset()
    return everywhere
