"""Answers of real boards, served on loopback under their vendors' names and visited as they would be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawler.boards.vendors import BoardCrawling, Vendors

PAGES = Path(__file__).parents[3].parent / "shared" / "corpus"

pytestmark = [
    pytest.mark.real_pages,
    pytest.mark.skipif(not (PAGES / "api").is_dir(), reason=f"there is no collection of answers at {PAGES}"),
]

_ASHBY = "https://api.ashbyhq.com/posting-api/job-board/{}?includeCompensation=true"
_LEVER = "https://api.lever.co/v0/postings/{}?mode=json&skip=0&limit=100"
_WORKABLE = "https://apply.workable.com/api/v1/widget/accounts/{}?details=true"
#: answer, start address, address of its list, postings
REAL = [
    ("api/greenhouse-board-large.json", "https://job-boards.greenhouse.io/phonepe",
     "https://boards-api.greenhouse.io/v1/boards/phonepe/jobs?content=true", 69),
    *((f"api/ashby-{name}.json", f"https://jobs.ashbyhq.com/{board}", _ASHBY.format(board), rows) for name, board, rows in (
        ("board-2", "ramp", 6), ("board-large", "sarvam", 63), ("voodoo", "voodoo", 150), ("yazio", "yazio", 7),
        ("yutori", "yutori", 6), ("zefr", "zefr", 4), ("zencastr", "zencastr", 6))),
    *((f"api/lever-{name}.json", f"https://jobs.lever.co/{board}", _LEVER.format(board), rows) for name, board, rows in (
        ("board-2", "leverdemo", 6), ("board-large", "meesho", 49), ("md", "jumpcloud", 2))),
    *((f"api/workable-{name}.json", f"https://apply.workable.com/{board}/", _WORKABLE.format(board), rows)
      for name, board, rows in (("account", "workable", 1), ("account-cz", "crewai", 4), ("board-2", "huggingface", 3),
                                ("md", "vasion", 2))),
    ("api/recruitee-board-2.json", "https://demo.recruitee.com/", "https://demo.recruitee.com/api/offers/", 2),
    ("api/recruitee-md.json", "https://aikidosecurity.recruitee.com/", "https://aikidosecurity.recruitee.com/api/offers/", 3),
    ("feeds/personio-bsdevda.xml", "https://secureco.jobs.personio.de/", "https://secureco.jobs.personio.de/xml?language=en", 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "start", "url", "there"), REAL, ids=[one[0] for one in REAL])
def test_a_real_board_is_recognised_and_read_whole(
    visiting: BoardCrawling, vendors: Vendors, name: str, start: str, url: str, there: int
) -> None:
    vendors.put(url, (PAGES / name).read_bytes())
    visited = visiting.visit(start)
    assert visited.told.source is not None
    assert visited.told.listing.whole, visited.told.listing.doubts
    assert len(visited.sightings) == there
    assert visited.told.unreadable == 0
    assert vendors.asked == [url]
