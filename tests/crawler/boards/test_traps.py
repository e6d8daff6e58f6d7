"""What vendors do that makes a list shorter, longer or other than it is: one test for each such trap, on their own
answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from crawler.pages import ReadPosting
from crawler.sources import boards
from crawler.sources.boards import Request
from tests.crawler.boards.answering import Invented

Answer = Callable[[Request], bytes]


def answer_of(name: str) -> Any:
    return json.loads(Invented.of(name).exchanges[0].body)


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def asked_for(request: Request) -> dict[str, str]:
    """The parameters of a request, or what it sends."""
    sent = json.loads(request.post) if request.post else {}
    return {**dict(parse_qsl(urlsplit(request.url).query)), **{name: str(value) for name, value in sent.items()}}


# Greenhouse


def test_greenhouse_postings_are_dated_by_their_first_publication() -> None:
    invented, answer = Invented.of("greenhouse"), answer_of("greenhouse")
    for row in answer["jobs"]:
        row["updated_at"], row["first_published"] = "2026-11-20T10:00:00Z", "2026-03-01T10:00:00Z"
    found, _ = invented.gather(lambda _: as_json(answer))
    one = boards.read_row(invented.board, found.rows[0])
    assert isinstance(one, ReadPosting)
    assert str(one.posting.date_posted).startswith("2026-03-01")


def test_greenhouse_texts_are_escaped_once_more() -> None:
    invented, answer = Invented.of("greenhouse"), answer_of("greenhouse")
    answer["jobs"][0]["content"] = "&lt;p&gt;You weld &amp;amp; grind.&lt;/p&gt;"
    found, _ = invented.gather(lambda _: as_json(answer))
    one = boards.read_row(invented.board, found.rows[0])
    assert isinstance(one, ReadPosting)
    assert one.posting.description_text == "You weld & grind."


# Lever


def lever(rows: int) -> Answer:
    row = answer_of("lever")[0]

    def ask(request: Request) -> bytes:
        said = asked_for(request)
        start, size = int(said["skip"]), int(said["limit"])
        ids = range(start, min(start + size, rows))
        return as_json([{**row, "id": f"00000000-0000-4000-8000-{number:012}", "hostedUrl": None} for number in ids])

    return ask


@pytest.mark.parametrize("rows", [99, 100, 101, 250])
def test_lever_is_walked_until_a_page_is_short(rows: int) -> None:
    found, asked = Invented.of("lever").gather(lever(rows))
    assert len(found.rows) == rows
    assert found.doubts == ()
    assert len(asked) == rows // 100 + 1


# Ashby


def test_ashby_postings_that_are_not_listed_are_left_out() -> None:
    invented, answer = Invented.of("ashby"), answer_of("ashby")
    everything, _ = invented.gather(lambda _: as_json(answer))
    answer["jobs"][0]["isListed"] = False
    found, _ = invented.gather(lambda _: as_json(answer))
    assert len(found.rows) == len(everything.rows) - 1


# SmartRecruiters


def test_smartrecruiters_pages_overlap() -> None:
    invented = Invented.of("smartrecruiters")
    rows = [{**answer_of("smartrecruiters")["content"][0], "id": str(number)} for number in range(150)]

    def ask(request: Request) -> bytes:
        start = max(0, int(asked_for(request)["offset"]) - 3)
        return as_json({"totalFound": len(rows), "content": rows[start : start + 100]})

    found, _ = invented.gather(ask)
    assert len(found.rows) == 150
    assert found.doubts == ()


@pytest.mark.parametrize("name", ["smartrecruiters", "oracle", "personio"])
def test_an_empty_answer_that_any_name_gets_is_no_board(name: str) -> None:
    invented = Invented.of(name)
    found, _ = invented.gather(lambda _: invented.empty)
    assert found.unproven


# Workable, Rippling


@pytest.mark.parametrize(
    ("name", "rows", "place"),
    [
        (
            "workable",
            "jobs",
            {"locations": [{"city": "Oslo", "countryCode": "NO"}], "city": "Oslo", "country": "Norway"},
        ),
        (
            "rippling",
            "items",
            {"locations": [{"city": "Oslo", "countryCode": "NO"}], "workLocation": {"label": "Oslo"}},
        ),
    ],
)
def test_a_posting_that_is_listed_once_for_each_place_is_one_with_all_of_them(
    name: str, rows: str, place: dict[str, Any]
) -> None:
    invented, answer = Invented.of(name), answer_of(name)
    before, _ = invented.gather()
    answer[rows].append({**answer[rows][0], **place})
    for counted in ("totalItems",):
        if counted in answer:
            answer[counted] += 1
    first = invented.exchanges[0].url
    found, _ = invented.gather(lambda request: as_json(answer) if request.url == first else invented.ask(request))
    assert {row.id for row in found.rows} == {row.id for row in before.rows}
    row = next(row for row in found.rows if len(row.objects) > 1)
    one = boards.read_row(invented.board, row, invented.details.get(row.detail.url) if row.detail else None)
    assert isinstance(one, ReadPosting)
    assert "Oslo" in {at.locality for at in one.posting.locations}
    assert len(one.posting.locations) > 1


# Recruitee, Personio


def test_recruitee_offers_that_are_not_published_are_left_out() -> None:
    invented = Invented.of("recruitee")
    found, _ = invented.gather()
    hidden = set(invented.said["unlisted"])
    assert hidden
    assert not hidden & {row.id for row in found.rows}


def test_personio_is_asked_in_one_language() -> None:
    for address in ("https://nordlicht.jobs.personio.de/?language=de", "https://nordlicht.jobs.personio.com/"):
        board = boards.recognise(address)
        assert board is not None
        request = boards.vendor_of(board).first_request(board)
        assert asked_for(request) == {"language": "en"}


# Teamtailor


def test_teamtailor_postings_are_known_by_the_number_in_their_address() -> None:
    invented, answer = Invented.of("teamtailor"), answer_of("teamtailor")
    for row in answer["items"]:
        row["id"] = "11111111-2222-4333-8444-555555555555"
    found, _ = invented.gather(lambda request: as_json(answer) if request.offset == 0 else invented.ask(request))
    assert [row.id for row in found.rows] == [one["id"] for one in invented.said["postings"]]


def test_a_teamtailor_feed_goes_on_where_its_next_page_says() -> None:
    invented, answer = Invented.of("teamtailor"), answer_of("teamtailor")
    del answer["next_url"]
    found, asked = invented.gather(lambda _: as_json(answer))
    assert len(asked) == 1
    assert len(found.rows) < len(invented.said["postings"])


# Workday


def workday(rows: int, *, clamp: int | None = None) -> Answer:
    row = answer_of("workday")["jobPostings"][0]

    def ask(request: Request) -> bytes:
        start = int(asked_for(request)["offset"])
        if clamp is not None and start >= clamp:
            start -= clamp
        ids = range(start, min(start + 20, rows))
        listed = [
            {**row, "externalPath": f"/job/Kiel/Welder_R-{number:05}", "bulletFields": [f"R-{number:05}"]}
            for number in ids
        ]
        return as_json({"total": 0 if int(asked_for(request)["offset"]) else (clamp or rows), "jobPostings": listed})

    return ask


def test_workday_counts_on_its_first_page_only() -> None:
    found, _ = Invented.of("workday").gather(workday(55))
    assert len(found.rows) == 55
    assert found.doubts == ()


def test_workday_that_stops_counting_at_its_limit_is_doubtful() -> None:
    found, asked = Invented.of("workday").gather(workday(2_400, clamp=2_000))
    assert len(found.rows) == 2_000
    assert any("2000" in doubt for doubt in found.doubts), found.doubts
    assert len(asked) == 100


def test_a_workday_posting_that_is_posted_again_is_another_one() -> None:
    invented, answer = Invented.of("workday"), answer_of("workday")
    row = answer["jobPostings"][0]
    answer = {"total": 2, "jobPostings": [
        {**row, "externalPath": "/job/Kiel/Welder_R-1", "bulletFields": ["R-1"]},
        {**row, "externalPath": "/job/Kiel/Welder_R-1-1", "bulletFields": ["R-1"]},
    ]}  # fmt: skip
    found, _ = invented.gather(lambda _: as_json(answer))
    assert [row.id for row in found.rows] == ["R-1", "R-1-1"]


def test_the_words_for_a_workday_date_are_not_compared() -> None:
    invented, answer = Invented.of("workday"), answer_of("workday")
    before, _ = invented.gather(lambda _: as_json(answer))
    for row in answer["jobPostings"]:
        row["postedOn"] = "Posted 30+ Days Ago"
    after, _ = invented.gather(lambda _: as_json(answer))
    assert [row.digest for row in before.rows] == [row.digest for row in after.rows]


# Eightfold, Oracle


def test_eightfold_gives_ten_rows_whatever_is_asked_for() -> None:
    invented, row = Invented.of("eightfold"), answer_of("eightfold")["positions"][0]

    def ask(request: Request) -> bytes:
        start = int(asked_for(request)["start"])
        rows = [{**row, "id": number} for number in range(start, min(start + 10, 34))]
        return as_json({"count": 34, "positions": rows})

    found, asked = invented.gather(ask)
    assert len(found.rows) == 34
    assert len(asked) == 4
    assert found.doubts == ()


def test_oracle_counts_pages_inside_of_its_finder_only() -> None:
    board = Invented.of("oracle").board
    vendor = boards.vendor_of(board)
    said = asked_for(vendor.first_request(board))
    assert "offset" not in said
    assert "limit=25,offset=0" in said["finder"]


def test_oracle_boards_on_hosts_of_employers_are_recognised() -> None:
    board = boards.recognise("https://careers.acme.example/hcmUI/CandidateExperience/en/sites/CX_1/job/5001")
    assert board is not None
    assert board.id == "oracle/careers.acme.example:cx_1"
    assert boards.recognise(boards.vendor_of(board).first_request(board).url) == board
