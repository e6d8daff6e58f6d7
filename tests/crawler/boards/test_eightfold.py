"""The two interfaces of Eightfold: each employer has one of them, and the other one answers 403."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.pages import ReadPosting
from crawler.sources import boards
from crawler.sources.boards import Board, Request
from tests.crawler.boards.answering import Invented
from tests.crawler.boards.test_traps import as_json, asked_for
from tests.crawler.boards.vendors import Answered, BoardCrawling, Vendors

HOST = "https://orion.eightfold.ai"
START = f"{HOST}/careers?domain=orion.example"
OLDER = f"{HOST}/api/apply/v2/jobs?domain=orion.example&start=0&num=10&sort_by=timestamp"


def board() -> Board:
    found = boards.recognise(START)
    assert found is not None
    return found


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": 79000000 + number,
        "displayJobId": f"JR{number}",
        "name": f"Analyst {number}",
        "locations": ["Norway, Oslo", "Norway, Bergen"],
        "standardizedLocations": ["Oslo, NO", "Bergen, NO"],
        "postedTs": 1790000000,
        "workLocationOption": "onsite",
        "positionUrl": f"/careers/job/{79000000 + number}",
        **more,
    }


def listed(rows: list[dict[str, Any]], *, count: int | None) -> dict[str, Any]:
    counted = {} if count is None else {"count": count}
    return {"status": 200, "error": {"message": "", "body": ""}, "data": {"positions": rows, **counted}}


def detail(number: int) -> dict[str, Any]:
    return {"status": 200, "data": row(number, jobDescription=f"<p>You count to {number}.</p>")}


def newer(rows: int, *, counts: bool = True) -> Any:
    """Answers a request for a page of a list that holds so many."""

    def ask(request: Request) -> bytes:
        start = int(asked_for(request)["start"])
        page = [row(number) for number in range(start, min(start + 10, rows))]
        return as_json(listed(page, count=rows if counts else None))

    return ask


def serve(vendors: Vendors, rows: int) -> None:
    """An employer on the newer interface."""
    vendors.put(OLDER, Answered.json({"message": "Not authorized for PCSX"}, 403))
    for start in range(0, rows, 10):
        url = f"{HOST}/api/pcsx/search?domain=orion.example&start={start}&num=10&sort_by=timestamp"
        vendors.put(url, newer(rows)(Request(url=url)))
    for number in range(rows):
        url = f"{HOST}/api/pcsx/position_details?position_id={79000000 + number}&domain=orion.example"
        vendors.put(url, Answered.json(detail(number)))


def gather(ask: Any) -> Any:
    """The list of an employer who refuses the older interface."""
    gathering = boards.Gathering(boards.VENDORS["eightfold"], board())
    gathering.fail("answered 403", 403)
    asked = []
    while gathering.request is not None:
        asked.append(gathering.request)
        assert len(asked) < 50, "the list does not end"
        gathering.take(boards.read_list(board(), gathering.request, ask(gathering.request)))
    return gathering.result(), asked


def test_a_board_that_refuses_the_older_interface_is_read_from_the_newer_one(
    visiting: BoardCrawling, vendors: Vendors
) -> None:
    serve(vendors, 12)
    visited = visiting.visit(START)
    assert {one.board_id for one in visited.sightings} == {f"eightfold/orion.example/{79000000 + n}" for n in range(12)}
    assert visited.told.listing.whole, visited.told.listing.doubts
    assert visited.told.start_status == 200
    again = visiting.again(visited, START)
    assert (len(again.unchanged), again.sightings) == (12, [])
    assert again.told.listing.whole


def test_a_board_that_refuses_both_is_doubtful(visiting: BoardCrawling, vendors: Vendors) -> None:
    serve(vendors, 12)
    visited = visiting.visit(START)
    for url, _ in list(vendors.answers):
        vendors.put(url, Answered.json({"message": "no"}, 403))
    again = visiting.again(visited, START)
    assert not again.told.listing.whole
    assert "pcsx/search" in again.told.listing.doubts[0]
    assert not any(look.absence in ("gone", "absent") for look in again.told.looks)


@pytest.mark.parametrize("status", [404, 500, 429, None])
def test_only_a_refusal_leads_to_the_other_interface(status: int | None) -> None:
    gathering = boards.Gathering(boards.VENDORS["eightfold"], board())
    gathering.fail("no answer", status)
    assert gathering.request is None
    assert gathering.result().doubts == ("no answer",)


def test_a_page_behind_the_first_that_is_refused_makes_the_list_doubtful() -> None:
    invented = Invented.of("eightfold")
    gathering = boards.Gathering(invented.vendor, invented.board)
    first = invented.vendor.first_request(invented.board)
    gathering.take(boards.read_list(invented.board, first, invented.exchanges[0].body))
    gathering.fail("answered 403", 403)
    assert gathering.request is None
    assert "answered 403" in gathering.result().doubts


@pytest.mark.parametrize("rows", [0, 9, 10, 34])
def test_a_list_that_does_not_count_is_walked_to_an_empty_page(rows: int) -> None:
    found, asked = gather(newer(rows, counts=False))
    assert len(found.rows) == rows
    assert found.doubts == ()
    assert [request.offset for request in asked] == [*range(0, rows, 10), *([rows] if rows else [0])]


def test_a_list_of_the_newer_interface_that_counts_more_is_doubtful() -> None:
    found, _ = gather(lambda request: as_json(listed([row(number) for number in range(7)], count=9)))
    assert found.doubts


def test_a_posting_of_the_newer_interface_is_read() -> None:
    found, _ = gather(newer(3))
    one = boards.read_row(board(), found.rows[2], as_json(detail(2)))
    assert isinstance(one, ReadPosting)
    posting = one.posting
    assert (posting.title, posting.url) == ("Analyst 2", f"{HOST}/careers/job/79000002")
    assert [(place.locality, place.country) for place in posting.locations] == [("Oslo", "NO"), ("Bergen", "NO")]
    assert (str(posting.date_posted), posting.description_text) == ("2026-09-21 14:13:20+00:00", "You count to 2.")
    assert posting.remote is False


@pytest.mark.parametrize(("option", "remote"), [("remote", True), ("remote_local", True), ("hybrid", False)])
def test_where_the_work_is_done_is_read(option: str, remote: bool) -> None:
    found, _ = gather(lambda request: as_json(listed([row(1, workLocationOption=option)], count=1)))
    one = boards.read_row(
        board(), found.rows[0], as_json({"data": row(1, jobDescription="x", workLocationOption=option)})
    )
    assert isinstance(one, ReadPosting)
    assert one.posting.remote is remote


def test_places_that_are_not_all_there_in_the_common_form_are_read_as_they_were_given() -> None:
    found, _ = gather(lambda request: as_json(listed([row(1, standardizedLocations=["Oslo, NO"])], count=1)))
    one = boards.read_row(board(), found.rows[0])
    assert isinstance(one, ReadPosting)
    assert len(one.posting.locations) == 2


@pytest.mark.parametrize("answer", [listed([row(1)], count=1), listed([], count=0), detail(1)])
def test_a_saved_answer_of_the_newer_interface_is_recognised(answer: dict[str, Any]) -> None:
    read = boards.read_answer(as_json(answer))
    assert read is not None
    assert read[0] == "eightfold"


def test_the_newer_interface_on_an_employers_host_is_recognised() -> None:
    found = boards.recognise("https://apply.acme.example/api/pcsx/search?domain=acme.example&query=&start=0")
    assert found is not None
    assert found.id == "eightfold/acme.example"
    assert boards.recognise(found.url) == found
