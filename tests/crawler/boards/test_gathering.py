"""How the pages of a list make a whole, and when they do not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sources.boards import VENDORS, Board, BoardList, BoardPage, Gathering, Request, Row
from postings import urls

BOARD = Board(
    vendor="smartrecruiters",
    name="Acme",
    url="https://careers.smartrecruiters.com/Acme",
    home="https://jobs.smartrecruiters.com/Acme",
    api="https://api.smartrecruiters.com/v1/companies/Acme/postings",
)
MORE = Request(url=f"{BOARD.api}?limit=100&offset=2", offset=2)


def row(name: str, *, place: str = "", url: str | None = None) -> Row:
    return Row(
        id=name,
        url=url or f"https://jobs.smartrecruiters.com/Acme/{name}",
        objects=(f'{{"id":"{name}","place":"{place}"}}',),
        digest=f"{name}@{place}",
    )


def page(*names: str, total: int | None = None, more: bool = False, doubts: tuple[str, ...] = ()) -> BoardPage:
    return BoardPage(rows=tuple(row(name) for name in names), total=total, next=MORE if more else None, doubts=doubts)


def gather(pages: Sequence[BoardPage]) -> BoardList:
    gathering = Gathering(VENDORS["smartrecruiters"], BOARD)
    for one in pages:
        assert gathering.request is not None, "nothing more is asked"
        gathering.take(one)
    assert gathering.request is None, "more is asked"
    return gathering.result()


def ids(found: BoardList) -> list[str]:
    return [one.id for one in found.rows]


def test_pages_make_one_list() -> None:
    found = gather([page("a", "b", total=3, more=True), page("c", total=3)])
    assert ids(found) == ["a", "b", "c"]
    assert found.doubts == ()
    assert found.pages == 2


def test_overlapping_pages_that_lack_one_are_walked_again() -> None:
    found = gather([
        page("a", "b", total=3, more=True), page("b", total=3),
        page("b", "c", total=3, more=True), page("a", total=3),
    ])  # fmt: skip
    assert sorted(ids(found)) == ["a", "b", "c"]
    assert found.doubts == ()


def test_a_second_walk_that_finds_no_more_leaves_the_doubt() -> None:
    walk = [page("a", "b", total=3, more=True), page("b", total=3)]
    found = gather([*walk, *walk])
    assert found.doubts == ("it counts 3 and lists 2",)


def test_overlapping_pages_that_hold_all_are_whole() -> None:
    found = gather([page("a", "b", total=3, more=True), page("b", "c", total=3)])
    assert found.doubts == ()


def test_a_repeated_page_ends_the_list_in_doubt() -> None:
    found = gather([page("a", "b", more=True), page("a", "b", more=True)])
    assert found.doubts == ("the page at 2 repeats what earlier ones said",)


def test_more_than_is_counted_is_no_doubt() -> None:
    assert gather([page("a", "b", total=1)]).doubts == ()


def test_the_doubts_of_a_page_are_kept_and_the_count_adds_none() -> None:
    assert gather([page("a", total=3, doubts=("2 of 3 rows have no id",))]).doubts == ("2 of 3 rows have no id",)


def test_a_page_that_fails_leaves_what_was_read_and_a_doubt() -> None:
    gathering = Gathering(VENDORS["smartrecruiters"], BOARD)
    gathering.take(page("a", total=3, more=True))
    gathering.fail("answered 503")
    assert gathering.request is None
    assert ids(gathering.result()) == ["a"]
    assert gathering.result().doubts == ("answered 503",)


def test_rows_of_one_posting_are_united() -> None:
    gathering = Gathering(VENDORS["smartrecruiters"], BOARD)
    gathering.take(BoardPage(rows=(row("a", place="Rome"), row("b"), row("a", place="Turin")), total=3))
    first, second = gathering.result().rows
    assert (first.id, second.id) == ("a", "b")
    assert first.objects == ('{"id":"a","place":"Rome"}', '{"id":"a","place":"Turin"}')
    assert gathering.result().doubts == ()


@given(order=st.permutations(["Rome", "Turin", "Bari"]))
def test_the_order_of_its_rows_makes_no_other_posting(order: list[str]) -> None:
    gathering = Gathering(VENDORS["smartrecruiters"], BOARD)
    gathering.take(BoardPage(rows=tuple(row("a", place=place) for place in order)))
    (found,) = gathering.result().rows
    ordered = Gathering(VENDORS["smartrecruiters"], BOARD)
    ordered.take(BoardPage(rows=tuple(row("a", place=place) for place in sorted(order))))
    (expected,) = ordered.result().rows
    assert (found.objects, found.digest) == (expected.objects, expected.digest)


def test_an_address_that_several_postings_share_is_not_theirs() -> None:
    shared = "https://acme.example/careers"
    gathering = Gathering(VENDORS["smartrecruiters"], BOARD)
    gathering.take(BoardPage(rows=(row("a", url=shared), row("b", url=f"{shared}/?utm_source=x"), row("c"))))
    assert [one.url for one in gathering.result().rows] == [
        "https://jobs.smartrecruiters.com/Acme/a",
        "https://jobs.smartrecruiters.com/Acme/b",
        "https://jobs.smartrecruiters.com/Acme/c",
    ]


def test_an_empty_list_of_any_name_proves_no_board() -> None:
    gathering = Gathering(VENDORS["smartrecruiters"], BOARD)
    gathering.take(BoardPage(total=0, unproven=True))
    assert gathering.result().unproven


@pytest.mark.parametrize("total", [0, 40, 2_000, 2_347])
def test_workday_is_walked_by_the_count_of_its_first_page(total: int) -> None:
    vendor = VENDORS["workday"]
    board = vendor.recognise("https://gusto.wd3.myworkdayjobs.com/Kitchen")
    assert board is not None
    gathering = Gathering(vendor, board)
    while (request := gathering.request) is not None:
        left = min(20, max(total - request.offset, 0))
        rows = [
            f'{{"title":"x","externalPath":"/job/x_R-{request.offset + number}","bulletFields":[]}}'
            for number in range(left)
        ]
        body = f'{{"total":{0 if request.offset else total},"jobPostings":[{",".join(rows)}]}}'
        gathering.take(vendor.read_list(board, request, body.encode()))
    found = gathering.result()
    assert len(found.rows) == total
    assert bool(found.doubts) is (total == 2_000)


def test_workday_that_begins_again_behind_its_clamp_is_doubtful() -> None:
    vendor = VENDORS["workday"]
    board = vendor.recognise("https://gusto.wd3.myworkdayjobs.com/Kitchen")
    assert board is not None
    gathering = Gathering(vendor, board)
    while (request := gathering.request) is not None:
        start = 0 if request.offset >= 60 else request.offset
        rows = ",".join(f'{{"externalPath":"/job/x_R-{start + number}"}}' for number in range(20))
        body = f'{{"total":{0 if request.offset else 100},"jobPostings":[{rows}]}}'
        gathering.take(vendor.read_list(board, request, body.encode()))
    assert len(gathering.result().rows) == 60
    assert gathering.result().doubts


def test_a_row_keeps_its_first_address_when_it_is_unique() -> None:
    gathering = Gathering(VENDORS["smartrecruiters"], BOARD)
    gathering.take(BoardPage(rows=(replace(row("a"), url="https://acme.example/jobs?id=1"), row("b"))))
    assert gathering.result().rows[0].url == "https://acme.example/jobs?id=1"


# ---- rows that are as they were

GREENHOUSE = VENDORS["greenhouse"]
JOBS = st.lists(
    st.fixed_dictionaries({
        "id": st.integers(1, 4),
        "title": st.sampled_from(["Welder", "Cook"]),
        "absolute_url": st.sampled_from(["", *(f"https://acme.example/jobs?gh_jid={number}" for number in range(1, 5))]),
    }),
    max_size=5,
)  # fmt: skip


def listed(jobs: Sequence[dict[str, Any]], known: dict[str, str] | None = None) -> BoardList:
    """The list of an answer, of which these digests are known."""
    board = GREENHOUSE.recognise("https://job-boards.greenhouse.io/acme")
    assert board is not None
    gathering = Gathering(GREENHOUSE, board)
    for _ in range(2):
        if gathering.request is not None:
            body = json.dumps({"jobs": jobs, "meta": {"total": len(jobs)}}).encode()
            gathering.take(GREENHOUSE.read_list(board, gathering.request, body, known))
    return gathering.result()


def digests(found: BoardList) -> dict[str, str]:
    return {urls.key(one.url): one.digest for one in found.rows if one.url}


@given(JOBS, JOBS)
def test_a_row_without_its_objects_is_one_whose_digest_is_known_at_its_address(
    before: list[dict[str, Any]], now: list[dict[str, Any]]
) -> None:
    known = digests(listed(before))
    whole, found = listed(now), listed(now, known)
    assert replace(found, rows=tuple(replace(one, objects=()) for one in found.rows)) == replace(
        whole, rows=tuple(replace(one, objects=()) for one in whole.rows)
    )
    for one, full in zip(found.rows, whole.rows, strict=True):
        assert one == full or (one.objects == () and one.url and known[urls.key(one.url)] == one.digest)


def test_only_what_differs_comes_with_its_objects() -> None:
    jobs = [{"id": number, "title": "Welder"} for number in range(3)]
    known = digests(listed(jobs))
    jobs[1]["title"] = "Cook"
    assert [bool(one.objects) for one in listed(jobs, known).rows] == [False, True, False]


def test_an_answer_that_is_not_the_whole_list_comes_with_all_objects() -> None:
    # Lever: as many rows as were asked for may not be all
    lever = VENDORS["lever"]
    board = lever.recognise("https://jobs.lever.co/acme")
    assert board is not None
    for many, short in ((99, True), (100, False)):
        rows = [{"id": f"{number:08}-0000-0000-0000-000000000000", "text": "Welder"} for number in range(many)]
        body = json.dumps(rows).encode()
        first = lever.first_request(board)
        known = {urls.key(one.url): one.digest for one in lever.read_list(board, first, body).rows if one.url}
        found = lever.read_list(board, first, body, known)
        assert len(known) == many
        assert all(one.objects == () for one in found.rows) is short
        assert any(one.objects == () for one in found.rows) is short
