"""Known addresses and ids: the same posting, or given to another one (C.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from postings.decisions import Link, Moved, New, Recycled, Same, Wait
from postings.posting import Organization, Posting
from tests.postings.deciding import decide, link
from tests.postings.making import DISTRUSTING, NOW, known, posting, sighting, text

DAY = timedelta(days=1)


def test_a_known_address_is_the_same_posting_whatever_its_text_says() -> None:
    old = known("acme.example/jobs/x", posting("Welder"))
    seen = sighting("acme.example/jobs/x", posting("Fitter", description_text=text("b")))
    assert decide(seen, old, final=False) == Same(old)


def test_a_known_address_with_another_trusted_identifier_but_the_same_title_and_place_is_the_same() -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"))
    assert decide(sighting("acme.example/jobs/x", posting(value="R-2")), old) == Same(old)


@pytest.mark.parametrize("content", [posting("Cook", value="R-2"), posting(town="Rome", value="R-2")])
def test_a_known_address_with_another_trusted_identifier_and_another_title_or_place_is_recycled(
    content: Posting,
) -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"))
    seen = sighting("acme.example/jobs/x", content)
    assert decide(seen, old) == Recycled(old)
    assert decide(seen, old, final=False) == Wait(old)


def test_a_distrusted_identifier_recycles_nothing() -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"))
    seen = sighting("acme.example/jobs/x", posting("Cook", value="R-2"))
    assert decide(seen, old, trust=DISTRUSTING) == Same(old)


def test_a_renamed_organisation_recycles_nothing() -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"))
    content = posting("Senior Welder", value="R-1", organization=Organization(name="Acme Holding"))
    assert decide(sighting("acme.example/jobs/x", content), old) == Same(old)


def test_without_any_id_an_address_is_recycled_when_title_places_and_text_all_differ() -> None:
    old = known("acme.example/jobs/x", posting())
    content = posting("Cook", town="Rome", description_text=text("b"))
    assert decide(sighting("acme.example/jobs/x", content), old) == Recycled(old)


@pytest.mark.parametrize(
    "content",
    [
        posting("Cook", town="Rome"),
        posting("Cook", description_text=text("b")),
        posting(town="Rome", description_text=text("b")),
        posting("Cook", town="Rome", description_text=None),
    ],
)
def test_without_any_id_a_known_address_is_the_same_posting_as_long_as_something_speaks_for_it(
    content: Posting,
) -> None:
    old = known("acme.example/jobs/x", posting())
    assert decide(sighting("acme.example/jobs/x", content), old) == Same(old)


def test_a_recycled_address_whose_posting_the_visit_sees_elsewhere_replaces_nothing() -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"), seen=True)
    assert decide(sighting("acme.example/jobs/x", posting("Cook", value="R-2")), old) == New()


def test_a_posting_that_took_the_address_of_another_one_has_moved_there() -> None:
    first = known("acme.example/jobs/x", posting(value="R-1"), name="p_1", vanished=True)
    second = known("acme.example/jobs/y", posting("Cook", value="R-2"), name="p_2", vanished=True)
    decision = decide(sighting("acme.example/jobs/x", posting("Cook", value="R-2")), first, second)
    assert decision == Moved(second, replaces=first)


def test_of_several_that_had_an_address_the_open_one_has_it() -> None:
    first = known("acme.example/jobs/x", name="p_1", closed_at=NOW - timedelta(days=3))
    second = known("acme.example/jobs/x", name="p_2")
    assert decide(sighting("acme.example/jobs/x"), first, second) == Same(second)


AGAIN = posting("Cook", value="R-1", description_text=text("b"), date_posted=date(2026, 11, 20))


@pytest.mark.parametrize("address", ["acme.example/jobs/47110", "acme.example/jobs/60001"])
@pytest.mark.parametrize(
    ("town", "title", "state"),
    [
        ("Berlin", "Head Cook", {"closed_at": NOW - timedelta(days=60)}),
        ("Rome", "Head Cook", {"vanished": True}),
        ("Berlin", "Cook", {"vanished": True}),
    ],
)
def test_an_id_whose_job_ended_and_that_another_one_published_later_has_is_given_again(
    address: str, town: str, title: str, state: dict[str, Any]
) -> None:
    old = known("acme.example/jobs/47110", posting("Head Welder", value="R-1", town=town), **state)
    decision = decide(sighting(address, replace(AGAIN, title=title)), old)
    assert isinstance(decision, New | Recycled)
    assert link(New(decision.link)).kind == "same requisition" if isinstance(decision, New) else decision.posting == old


@pytest.mark.parametrize(
    "content",
    [
        replace(AGAIN, title="Head Welder"),
        replace(AGAIN, description_text=text("a")),
        replace(AGAIN, description_text="Short."),
        replace(AGAIN, date_posted=date(2026, 11, 1)),
        replace(AGAIN, date_posted=None),
        replace(AGAIN, title="Head Cook"),
        replace(AGAIN, language="de"),
    ],
)
def test_an_id_of_a_job_that_is_rewritten_is_not_given_again(content: Posting) -> None:
    old = known("acme.example/jobs/47110", posting("Head Welder", value="R-1", language="en"), vanished=True)
    assert decide(sighting("acme.example/jobs/47110", content), old) == Same(old)
    assert decide(sighting("acme.example/jobs/60001", content), old) == Moved(old)


def test_a_job_published_again_before_its_posting_closed_is_that_one() -> None:
    old = known("acme.example/jobs/47110", posting("Head Welder", value="R-1"), closed_at=NOW - timedelta(days=1))
    seen = sighting("acme.example/jobs/47110", replace(AGAIN, title="Head Cook"))
    assert decide(seen, old) == Same(old)


def test_a_recycled_address_is_not_linked_to_the_posting_that_it_was_taken_from() -> None:
    old = known("acme.example/jobs/47110", posting(value="R-1"))
    seen = sighting("acme.example/jobs/47110", posting("Cook", town="Rome", value="R-2"))
    assert decide(seen, old) == Recycled(old, link=None)


def test_a_recycled_address_closes_its_posting_although_the_new_one_is_linked_to_another() -> None:
    recycled = known("acme.example/jobs/x", posting(value="R-1"), name="p_1")
    other = known("acme.example/en/z", posting("Cook", value="R-2", language="en"), name="p_2", seen=True)
    seen = sighting("acme.example/jobs/x", posting("Koch", value="R-2", language="de"))
    translation = Link(to="p_2", kind="translation", evidence="the same identifier r-2")
    assert decide(seen, recycled, other) == Recycled(recycled, translation)


def test_of_several_that_had_an_address_the_one_that_was_read_there_has_it() -> None:
    there = known("acme.example/jobs/x", name="p_1")
    elsewhere = known("acme.example/y", name="p_2", more_keys=[("address", "acme.example/jobs/x")])
    assert decide(sighting("acme.example/jobs/x"), there, elsewhere) == Same(there)


def test_of_several_that_had_an_address_and_are_closed_the_last_one_has_it() -> None:
    last, earlier = (known("acme.example/x", name=f"p_{days}", closed_at=NOW - days * DAY) for days in (1, 3))
    assert decide(sighting("acme.example/x"), last, earlier) == Same(last)
