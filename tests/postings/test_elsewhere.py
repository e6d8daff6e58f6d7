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
