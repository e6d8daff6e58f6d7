"""The crawling process that the visits of these tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawler.visits import Crawling


@pytest.fixture(scope="session")
def crawling() -> Iterator[Crawling]:
    process = Crawling()
    yield process
    process.close()
