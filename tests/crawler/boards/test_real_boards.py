"""Answers of real boards, served on loopback under their vendors' names and visited as they would be."""

from __future__ import annotations

import pytest

from tests.crawler.boards.vendors import BoardCrawling, Vendors
from tests.sites.collection import BOARDS, COLLECTION

pytestmark = [
    pytest.mark.real_pages,
    pytest.mark.skipif(not (COLLECTION / "api").is_dir(), reason=f"there is no collection of answers at {COLLECTION}"),
]


@pytest.mark.parametrize(("name", "start", "url", "there"), BOARDS, ids=[one[0] for one in BOARDS])
def test_a_real_board_is_recognised_and_read_whole(
    visiting: BoardCrawling, vendors: Vendors, name: str, start: str, url: str, there: int
) -> None:
    vendors.put(url, (COLLECTION / name).read_bytes())
    visited = visiting.visit(start)
    assert visited.told.source is not None
    assert visited.told.listing.whole, visited.told.listing.doubts
    assert len(visited.sightings) == there
    assert visited.told.unreadable == 0
    assert vendors.asked == [url]
