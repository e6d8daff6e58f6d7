"""Which postings of other sites are the same job (C.4, across sites)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from postings.elsewhere import MOST_LINKS, Other, links, rows
from postings.keys import keys
from postings.posting import Posting
from postings.sightings import Sighting
from tests.postings.making import NOW, posting, sighting, text

UUID = "0b0e7a52-4c5f-4b8e-9d5e-3f1f6a1c2d3e"


def other(seen: Sighting, *, name: str = "p_old", closed_at: datetime | None = None) -> Other:
    """What a sighting left on another site."""
    return Other(
        id=name, site="mirror", posting=seen.posting, closed_at=closed_at, keys=frozenset(rows(keys(seen)))
    )  # fmt: skip


def kinds(seen: Sighting, *others: Other) -> list[str]:
    return [link.kind for link in links(seen.posting, keys(seen), others, now=NOW)]


def elsewhere(**fields: object) -> Posting:
    return replace(posting(description_text=text("b"), town="Rome"), **fields)  # type: ignore[arg-type]


def test_an_equal_board_id_is_the_same_job_whatever_else_differs() -> None:
    mine = sighting("acme.example/a", board="lever/acme/1")
    theirs = sighting("mirror.example/b", elsewhere(title="Else"), board="lever/acme/1")
    assert kinds(mine, other(theirs)) == ["same job"]


@pytest.mark.parametrize(
    ("token", "title", "kind"),
    [
        (UUID, "Welder", ["same job"]),
        ("40012", "Welder", ["same job"]),
        ("40012", "WELDER!", ["same job"]),
        ("4001", "Welder", []),
        ("r-4001", "Welder", []),
        ("40012", "Fitter", []),
        (UUID, "Fitter", []),
    ],
)
def test_a_uuid_or_five_digits_with_an_equal_title_is_the_same_job(token: str, title: str, kind: list[str]) -> None:
    mine = sighting(f"acme.example/jobs/{token}")
    theirs = sighting(f"mirror.example/show?id={token}", elsewhere(title=title))
    assert kinds(mine, other(theirs)) == kind


def test_a_telling_id_with_equal_content_is_the_same_job() -> None:
    mine, theirs = sighting("acme.example/jobs/40012"), sighting("mirror.example/show?id=40012")
    (link,) = links(mine.posting, keys(mine), [other(theirs)], now=NOW)
    assert (link.kind, "the same content, on mirror" in link.evidence) == ("same job", True)


def test_equal_content_alone_is_likely() -> None:
    assert kinds(sighting("acme.example/x"), other(sighting("mirror.example/y"))) == ["likely"]


@pytest.mark.parametrize("content", [{"description_text": "Short."}, {"description_text": text("b")}])
def test_a_print_without_an_equal_text_links_nothing(content: dict[str, str]) -> None:
    theirs = sighting("mirror.example/y", replace(posting(), **content))  # type: ignore[arg-type]
    assert kinds(sighting("acme.example/x"), other(theirs)) == []


@pytest.mark.parametrize(("days", "kind"), [(90, ["likely"]), (91, [])])
def test_what_closed_long_ago_links_nothing(days: int, kind: list[str]) -> None:
    theirs = other(sighting("mirror.example/y"), closed_at=NOW - timedelta(days=days))
    assert kinds(sighting("acme.example/x"), theirs) == kind


def test_certain_links_come_first_and_there_are_at_most_ten() -> None:
    mine = sighting("acme.example/jobs/40012")
    many = [other(sighting(f"m{number}.example/y"), name=f"p_{number:02}") for number in range(20)]
    certain = other(sighting("mirror.example/40012"), name="p_99")
    found = links(mine.posting, keys(mine), [*many, certain], now=NOW)
    assert (found[0].to, len(found)) == ("p_99", MOST_LINKS)


def test_the_keys_for_other_sites_are_board_id_print_and_telling_tokens() -> None:
    mine = keys(sighting(f"acme.example/40012/4001/{UUID}?ref=r-400123", posting(value="R-1"), board="lever/acme/1"))
    assert set(rows(mine)) == {
        ("board", "lever/acme/1"), ("print", mine.print), ("token", f"*={UUID}"), ("token", "*=40012"),
    }  # fmt: skip


def evidence(mine: Sighting, *others: Other) -> list[str]:
    return [link.evidence for link in links(mine.posting, keys(mine), others, now=NOW)]


def test_each_link_says_what_the_two_share() -> None:
    board = sighting("acme.example/a", board="lever/acme/1")
    assert evidence(board, other(sighting("mirror.example/b", elsewhere(), board="lever/acme/1"))) == [
        "the same board id lever/acme/1, on mirror"
    ]
    number = sighting("acme.example/jobs/40012")
    assert evidence(number, other(sighting("mirror.example/40012", elsewhere()))) == [
        "the same id in the address, 40012, and the same title, on mirror"
    ]
    assert evidence(number, other(sighting("mirror.example/40012"))) == [
        "the same id in the address, 40012, and the same content, on mirror"
    ]
    alike = posting(description_text=f"{text('a', 120)} b")
    assert evidence(sighting("acme.example/x"), other(sighting("mirror.example/y", alike))) == [
        "same title, organisation and places, texts 99 % alike, on mirror"
    ]


def test_content_counts_only_where_both_texts_are_long_and_nine_tenths_alike() -> None:
    mine = sighting("acme.example/x", posting(description_text=text("a", 110)))
    for theirs, kind in ((text("a", 122), ["likely"]), (text("a", 123), []), ("Short.", []), (None, [])):
        assert kinds(mine, other(sighting("mirror.example/y", posting(description_text=theirs)))) == kind
    short = sighting("acme.example/x", posting(description_text="Short."))
    assert kinds(short, other(sighting("mirror.example/y", posting(description_text="Short.")))) == []


def test_the_link_names_the_posting_of_the_other_site() -> None:
    mine = sighting("acme.example/jobs/40012", board="lever/acme/1")
    theirs = [
        other(sighting("mirror.example/a", elsewhere(), board="lever/acme/1"), name="p_1"),
        other(sighting("mirror.example/40012", elsewhere()), name="p_2"),
        other(sighting("mirror.example/y"), name="p_3"),
    ]
    found = links(mine.posting, keys(mine), theirs, now=NOW)
    assert [(link.to, link.kind) for link in found] == [("p_1", "same job"), ("p_2", "same job"), ("p_3", "likely")]


def test_open_postings_come_before_closed_ones_and_then_it_goes_by_id() -> None:
    mine = sighting("acme.example/x")
    closed = other(sighting("a.example/y"), name="p_1", closed_at=NOW - timedelta(days=1))
    later, first = (other(sighting(f"{name}.example/y"), name=name) for name in ("p_3", "p_2"))
    assert [link.to for link in links(mine.posting, keys(mine), [closed, later, first], now=NOW)] == [
        "p_2", "p_3", "p_1",
    ]  # fmt: skip


def test_a_key_that_only_the_other_posting_has_links_nothing() -> None:
    theirs = other(sighting("mirror.example/40012", elsewhere(), board="lever/acme/1"))
    assert kinds(sighting("acme.example/x", posting("Cook")), theirs) == []


def test_what_closed_long_ago_stands_in_the_way_of_no_other() -> None:
    mine = sighting("acme.example/x")
    old = other(sighting("a.example/y"), name="p_1", closed_at=NOW - timedelta(days=400))
    assert kinds(mine, old, other(sighting("b.example/y"), name="p_2")) == ["likely"]


@pytest.mark.parametrize(("ours", "theirs"), [(100, 103), (103, 100)])
def test_a_text_that_is_almost_long_enough_is_not_compared(ours: int, theirs: int) -> None:
    mine = sighting("acme.example/x", posting(description_text=text("a", ours)))
    assert kinds(mine, other(sighting("mirror.example/y", posting(description_text=text("a", theirs))))) == []
