"""Answers of real boards and pages that point at them, from a collection that lies beside some checkouts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.extraction import file_page, read_page
from crawler.pages import ReadPosting
from crawler.sources import boards
from postings.normalise import text as texts

PAGES = Path(__file__).parents[3].parent / "shared" / "corpus"

pytestmark = [
    pytest.mark.real_pages,
    pytest.mark.skipif(not (PAGES / "api").is_dir(), reason=f"there is no collection of answers at {PAGES}"),
]

#: where each vendor's title, id and date stand in its own answers
_ROWS = {
    "ashby": ("jobs", "id", "title", "publishedAt"),
    "greenhouse": ("jobs", "id", "title", "first_published"),
    "recruitee": ("offers", "id", "title", "published_at"),
    "smartrecruiters": ("content", "id", "name", "releasedDate"),
    "workable": ("jobs", "shortcode", "title", "published_on"),
    "workday": ("jobPostings", None, "title", None),
}
_OTHERS = ("linkedin-voyager-jobs.json", "remoteok-api.json", "startupjobs-feed.json")
_VENDOR = re.compile(r"(ashby|greenhouse|lever|recruitee|smartrecruiters|workable|workday)-")


def answers() -> Iterator[Path]:
    yield from sorted(path for path in (PAGES / "api").glob("*.json") if _VENDOR.match(path.name))


def lists() -> Iterator[Path]:
    yield from (path for path in answers() if "detail" not in path.name)


@pytest.mark.parametrize("path", [*answers()], ids=lambda path: path.stem)
def test_the_vendor_is_told_by_the_answer(path: Path) -> None:
    read = boards.read_answer(path.read_bytes())
    assert read is not None
    assert read[0] == path.name.partition("-")[0]


@pytest.mark.parametrize("name", _OTHERS)
def test_other_peoples_answers_are_no_boards(name: str) -> None:
    assert boards.read_answer((PAGES / "api" / name).read_bytes()) is None


@pytest.mark.parametrize("path", [*lists()], ids=lambda path: path.stem)
def test_every_posting_of_a_list_is_read(path: Path) -> None:
    answer = json.loads(path.read_bytes())
    read = boards.read_answer(path.read_bytes())
    assert read is not None
    vendor, postings = read
    listed, number, title, date = _ROWS.get(vendor, (None, "id", "text", "createdAt"))
    rows: list[dict[str, Any]] = answer[listed] if listed else answer
    assert len(postings) == len(rows)
    for row, one in zip(rows, postings, strict=True):
        assert one.posting.title == texts.line(row[title])
        assert one.posting.syntax == "board"
        if number is not None:
            assert one.posting.identifier is not None
            assert one.posting.identifier.value == str(row[number])
        if date is not None:
            assert (one.posting.date_posted is None) == (row.get(date) is None)
        assert json.loads(one.raw)


def test_texts_places_and_kinds_are_read_where_they_are_given() -> None:
    read = [one for path in lists() for one in _read(path)]
    with_text = [one for one in read if one.posting.description_text]
    # the lists of three vendors hold no text, and one answer was cut down
    assert {one.posting.url.split("/")[2] for one in read if one not in with_text and one.posting.url} <= {
        "jobs.smartrecruiters.com",
        "apply.workable.com",
    }
    assert sum(bool(one.posting.locations) or one.posting.remote for one in read) >= len(read) * 0.93
    assert all("&lt;" not in (one.posting.description_text or "")[:2_000] for one in with_text)


@pytest.mark.parametrize("path", [*lists()], ids=lambda path: path.stem)
def test_a_real_list_is_whole_or_says_why_not(path: Path) -> None:
    vendor = boards.VENDORS[path.name.partition("-")[0]]
    answer, doubt = vendor.parse(path.read_bytes())
    assert not doubt
    rows = vendor.rows(answer)
    assert rows is not None
    board = vendor.board_of(rows, None)
    gathering = boards.Gathering(vendor, board)
    assert gathering.request is not None
    gathering.take(vendor.read_list(board, gathering.request, path.read_bytes()))
    found = gathering.result()
    known = {"ashby", "greenhouse", "lever", "recruitee", "workable"}
    counted = "totalFound" in answer and answer["totalFound"] == len(rows)
    # the collection holds single pages of the others
    assert (not found.doubts and gathering.request is None) is (vendor.name in known or counted)
    assert len(found.rows) == len({row.id for row in found.rows})


def test_overlapping_pages_count_once() -> None:
    vendor = boards.VENDORS["smartrecruiters"]
    board = vendor.recognise("https://jobs.smartrecruiters.com/AutomationAnywhere1")
    assert board is not None
    gathering = boards.Gathering(vendor, board)
    while (request := gathering.request) is not None:
        name = "smartrecruiters-page1-md.json" if request.offset else "smartrecruiters-page0-md.json"
        gathering.take(vendor.read_list(board, request, (PAGES / "api" / name).read_bytes()))
    found = gathering.result()
    assert len(found.rows) == 3
    assert found.doubts == ("it counts 4 and lists 3",)


def test_a_list_of_xml_is_read() -> None:
    read = boards.read_answer((PAGES / "feeds" / "personio-bsdevda.xml").read_bytes())
    assert read is not None
    assert read[0] == "personio"
    assert [one.posting.title for one in read[1]] == ["Security Tester (m/f/d)"]


def test_pages_that_name_a_vendor_point_at_one_board() -> None:
    named = re.compile(
        rb"greenhouse\.io|lever\.co|ashbyhq|smartrecruiters|workable\.com|recruitee|personio|teamtailor|myworkdayjobs"
        rb"|bamboohr|rippling|pinpointhq|eightfold|oraclecloud"
    )
    manifest = (PAGES / "MANIFEST.tsv").read_text()
    said = dict(re.findall(r"^pages/(\S+)\t.*?\burl=(https?://[^\s;]+)", manifest, re.MULTILINE))
    recognised: list[str] = []
    named_only: list[str] = []
    for path in sorted((PAGES / "pages").glob("*.html")):
        body = path.read_bytes()
        if not named.search(body):
            continue
        page = file_page(path, body)
        reading = read_page(page, links=True)
        url = said.get(path.name) or reading.canonical or "https://unknown.example/"
        found = boards.pointed_at(url, reading.links, body)
        assert len(found) <= 1, path.name
        (recognised if found else named_only).append(path.name)
    # of the two others one loads a widget that names no account, the other speaks of boards in its text
    assert len(recognised) >= 42
    assert len(named_only) <= 2, named_only


def _read(path: Path) -> tuple[ReadPosting, ...]:
    read = boards.read_answer(path.read_bytes())
    assert read is not None
    return read[1]
