"""What every vendor has to do, on invented answers of its shape."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pages import ReadPosting
from crawler.sources import boards
from crawler.sources.boards import Request
from postings.posting import Posting
from tests.crawler.boards.answering import VENDORS, Invented

every_vendor = pytest.mark.parametrize("name", VENDORS)


def vendors_with(*keys: str) -> pytest.MarkDecorator:
    """The vendors whose file has one of these keys."""
    return pytest.mark.parametrize("name", [name for name in VENDORS if set(keys) & set(Invented.of(name).said)])


paged = pytest.mark.parametrize("name", [name for name in VENDORS if len(Invented.of(name).exchanges) > 1])
of_json = pytest.mark.parametrize(
    "name", [name for name in VENDORS if not Invented.of(name).exchanges[0].body.startswith(b"<")]
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


def paths(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the values of an answer stand."""
    found = [so_far]
    if isinstance(value, dict):
        found += [path for key, inner in value.items() for path in paths(inner, (*so_far, key))]
    elif isinstance(value, list):
        found += [path for number, inner in enumerate(value[:3]) for path in paths(inner, (*so_far, number))]
    return found


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], by)
    return copy


def _at(value: Any, path: tuple[Any, ...]) -> list[Any]:
    """The list that stands at a path; an endless one where something else does."""
    found = reduce(lambda inner, key: inner[key], path, value)
    return found if isinstance(found, list) and found and isinstance(found[0], dict) else [None] * 1_000


def read(invented: Invented) -> dict[str, Posting]:
    found, _ = invented.gather()
    read = {}
    for row in found.rows:
        one = boards.read_row(invented.board, row, invented.details.get(row.detail.url) if row.detail else None)
        assert isinstance(one, ReadPosting), one
        read[row.id] = one.posting
    return read


def as_told(posting: Posting, expected: dict[str, Any]) -> dict[str, Any]:
    """A posting in the form in which a fixture says what is expected."""
    places = [[place.locality, place.region, place.country] for place in posting.locations]
    pay = posting.salary
    return {
        "url": posting.url,
        "title": posting.title,
        "organization": posting.organization.name if posting.organization else None,
        "identifier": posting.identifier.value if posting.identifier else None,
        "locations": sorted(places, key=str) if expected.get("any_order") else places,
        "remote": posting.remote,
        "employment_types": list(posting.employment_types),
        "date_posted": posting.date_posted.isoformat() if posting.date_posted else None,
        "valid_through": posting.valid_through.isoformat() if posting.valid_through else None,
        "salary": [pay.currency, pay.min, pay.max, pay.unit] if pay else None,
        "language": posting.language,
        "text": posting.description_text,
    }


# addresses


@every_vendor
def test_every_address_of_the_board_is_recognised(name: str) -> None:
    invented = Invented.of(name)
    for address in invented.said["addresses"]:
        board = boards.recognise(address)
        assert board is not None, address
        assert board.id == invented.said["board"], address
        assert any(sign in address for sign in invented.vendor.signs), address


@every_vendor
def test_addresses_of_the_vendor_that_name_no_board_are_not_recognised(name: str) -> None:
    for address in Invented.of(name).said["no_boards"]:
        assert boards.recognise(address) is None, address


@every_vendor
def test_a_board_is_recognised_again_by_the_address_that_is_kept(name: str) -> None:
    board = Invented.of(name).board
    assert boards.recognise(board.url) == board


@every_vendor
def test_a_board_is_recognised_by_the_address_of_its_list(name: str) -> None:
    invented = Invented.of(name)
    found = boards.recognise(invented.vendor.first_request(invented.board).url)
    assert found is not None
    assert found.id == invented.board.id


@every_vendor
def test_all_that_is_asked_belongs_to_the_board(name: str) -> None:
    invented = Invented.of(name)
    found, asked = invented.gather()
    details = [row.detail for row in found.rows if row.detail]
    assert all(invented.board.covers(request.url) for request in [*asked, *details])
    assert not invented.board.covers(invented.board.api + "-other/x")
    assert not invented.board.covers("https://elsewhere.example/")


# lists


@every_vendor
def test_the_list_is_read_whole_page_by_page(name: str) -> None:
    invented = Invented.of(name)
    found, asked = invented.gather()
    assert [(request.url, request.post) for request in asked] == [(one.url, one.post) for one in invented.exchanges]
    assert [row.id for row in found.rows] == [one["id"] for one in invented.said["postings"]]
    assert found.doubts == ()
    assert found.pages == len(invented.exchanges)


@every_vendor
def test_unlisted_postings_are_left_out(name: str) -> None:
    invented = Invented.of(name)
    found, _ = invented.gather()
    assert not {row.id for row in found.rows} & set(invented.said.get("unlisted", ()))


@every_vendor
def test_no_two_postings_share_an_address(name: str) -> None:
    found, _ = Invented.of(name).gather()
    addresses = [row.url for row in found.rows]
    assert None not in addresses
    assert len(set(addresses)) == len(addresses)


@every_vendor
def test_every_posting_is_read_as_it_is_meant(name: str) -> None:
    invented = Invented.of(name)
    postings = read(invented)
    assert len(postings) == len(invented.said["postings"])
    for expected in invented.said["postings"]:
        told = as_told(postings[expected["id"]], expected)
        assert told == {key: expected[key] for key in told}


@every_vendor
def test_the_vendors_object_is_kept_as_it_was(name: str) -> None:
    invented = Invented.of(name)
    found, _ = invented.gather()
    for row in found.rows:
        detail = invented.details.get(row.detail.url) if row.detail else None
        one = boards.read_row(invented.board, row, detail)
        assert isinstance(one, ReadPosting)
        assert one.posting.syntax == "board"
        assert row.id in one.raw
        json.loads(one.raw)


@every_vendor
def test_details_are_asked_where_the_list_has_no_text(name: str) -> None:
    invented = Invented.of(name)
    found, _ = invented.gather()
    assert {row.detail.url for row in found.rows if row.detail} == set(invented.details)


@vendors_with("over")
def test_a_posting_that_is_over_is_not_read(name: str) -> None:
    invented = Invented.of(name)
    assert isinstance(boards.read_detail(invented.board, json.dumps(invented.said["over"]).encode()), str)


@every_vendor
def test_what_changes_by_itself_does_not_count(name: str) -> None:
    invented = Invented.of(name)
    before, _ = invented.gather()

    def later(request: Request) -> bytes:
        body = invented.ask(request).decode()
        for key in invented.said.get("volatile", ()):
            body = body.replace(f'"{key}": "Posted 3 Days Ago"', f'"{key}": "Posted 4 Days Ago"')
        return body.encode()

    after, _ = invented.gather(later)
    assert [row.digest for row in after.rows] == [row.digest for row in before.rows]


# doubts


@every_vendor
@pytest.mark.parametrize("keep", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_cut_answer_is_doubtful(name: str, keep: float) -> None:
    invented = Invented.of(name)
    found, _ = invented.gather(lambda request: invented.ask(request)[: int(len(invented.ask(request).rstrip()) * keep)])
    assert found.doubts
    assert found.rows == ()


@every_vendor
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><html><body>Just a moment</body></html>",
        b"null",
        b"[1]",
        b"{}",
        b'{"error":"no"}',
        b"\xff\xfe",
    ],
    ids=["empty", "HTML", "null", "numbers", "no keys", "an error", "no text"],
)
def test_another_kind_of_answer_is_doubtful(name: str, body: bytes) -> None:
    found, _ = Invented.of(name).gather(lambda _: body)
    assert found.doubts
    assert found.rows == ()


@vendors_with("count")
def test_a_contradicted_count_is_doubtful(name: str) -> None:
    invented = Invented.of(name)
    path = tuple(invented.said["count"])

    def counting_more(request: Request) -> bytes:
        answer = json.loads(invented.ask(request))
        number = reduce(lambda value, key: value[key], path, answer)
        return json.dumps(replaced(answer, path, number + 1) if number else answer).encode()

    found, _ = invented.gather(counting_more)
    assert any("counts" in doubt for doubt in found.doubts), found.doubts


@paged
def test_a_repeated_page_is_doubtful(name: str) -> None:
    invented = Invented.of(name)
    first = invented.exchanges[0].body
    found, _ = invented.gather(lambda _: first)
    assert any("repeats" in doubt or "counts" in doubt for doubt in found.doubts), found.doubts


@every_vendor
def test_an_empty_list_is_whole_unless_any_name_gets_one(name: str) -> None:
    invented = Invented.of(name)
    found, _ = invented.gather(lambda _: invented.empty)
    assert found.rows == ()
    assert found.doubts == ()
    assert found.unproven is invented.said.get("unproven", False)


@of_json
def test_rows_that_are_no_postings_are_doubtful(name: str) -> None:
    invented = Invented.of(name)
    answer = json.loads(invented.exchanges[0].body)
    listed = invented.vendor.rows(answer)
    assert listed is not None
    listed_at = next(path for path in paths(answer) if len(_at(answer, path)) == len(listed))
    broken = replaced(answer, listed_at, [*_at(answer, listed_at), "no object"])
    found, _ = invented.gather(lambda _: json.dumps(broken).encode())
    assert any("no id" in doubt for doubt in found.doubts), found.doubts


# an answer without its address


@every_vendor
def test_a_saved_list_is_recognised_by_its_shape(name: str) -> None:
    invented = Invented.of(name)
    read = boards.read_answer(invented.exchanges[0].body)
    assert read is not None
    vendor, postings = read
    assert vendor == name
    titles = {one.posting.title for one in postings}
    assert titles <= {one["title"] for one in invented.said["postings"]}
    assert titles


@every_vendor
def test_a_saved_detail_is_recognised_by_its_shape(name: str) -> None:
    invented = Invented.of(name)
    for body in invented.details.values():
        read = boards.read_answer(body)
        assert read is not None
        assert read[0] == name
        assert isinstance(read[1][0], ReadPosting)


@every_vendor
def test_no_other_vendor_takes_the_answer_for_its_own(name: str) -> None:
    invented = Invented.of(name)
    for body in [invented.exchanges[0].body, *invented.details.values()]:
        fitting = []
        for vendor in boards.VENDORS.values():
            answer, doubt = vendor.parse(body)
            if not doubt and vendor.fits(answer):
                fitting.append(vendor.name)
        assert fitting == [name]


# hostile answers


@every_vendor
@settings(max_examples=40)
@given(data=st.data())
def test_nothing_in_an_answer_makes_reading_fail(name: str, data: st.DataObject) -> None:
    invented = Invented.of(name)
    body = data.draw(st.sampled_from([invented.exchanges[0].body, *list(invented.details.values())[:1]]))
    if not body.startswith(b"<"):
        answer = json.loads(body)
        for _ in range(data.draw(st.integers(1, 4))):
            answer = replaced(answer, data.draw(st.sampled_from(paths(answer))), data.draw(JSON))
        body = json.dumps(answer).encode()
    else:
        at = data.draw(st.integers(0, len(body)))
        body = body[:at] + data.draw(st.binary(max_size=20)) + body[at:]
    page = boards.read_list(invented.board, invented.vendor.first_request(invented.board), body)
    for row in page.rows[:5]:
        boards.read_row(invented.board, row)
        boards.read_row(invented.board, row, body)
    boards.read_answer(body)


@every_vendor
@settings(max_examples=20)
@given(extra=st.dictionaries(st.text("xyz_", min_size=12, max_size=14), JSON, max_size=3))
def test_an_unknown_property_changes_nothing(name: str, extra: dict[str, Any]) -> None:
    invented = Invented.of(name)
    before = read(invented)
    found, _ = invented.gather()
    row = found.rows[0]
    more = json.dumps({**json.loads(row.objects[0]), **extra})
    detail = invented.details.get(row.detail.url) if row.detail else None
    again = boards.read_row(invented.board, replace(row, objects=(more, *row.objects[1:])), detail)
    assert isinstance(again, ReadPosting)
    assert again.posting == before[row.id]
