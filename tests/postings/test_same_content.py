"""The same content without any key: moved to a new system, a repost, a twin, or nothing (C.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from postings.decisions import KnownPosting, Link, Moved, New, Wait
from postings.identity import new_prints, resolve
from postings.keys import keys
from postings.posting import Posting
from postings.sightings import Sighting
from postings.trust import Trust
from tests.postings.deciding import decide, link
from tests.postings.making import NOW, TRUSTING, known, posting, sighting, text

DAY = timedelta(days=1)


def test_everything_equal_and_one_for_one_is_a_move_to_a_new_system() -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"), vanished=True)
    seen = sighting("acme.example/y", posting(value="2b99"))
    assert decide(seen, old) == Moved(old)
    assert decide(seen, old, final=False) == Wait(old)


def test_two_that_vanished_alike_move_nowhere() -> None:
    first = known("acme.example/1", name="p_1", vanished=True)
    second = known("acme.example/2", name="p_2", vanished=True)
    assert isinstance(decide(sighting("acme.example/y"), first, second), New)


def test_two_new_ones_with_one_print_move_nothing() -> None:
    old = known("acme.example/x", vanished=True)
    assert isinstance(decide(sighting("acme.example/y"), old, only_with_print=False), New)


def test_print_alone_moves_nothing_where_texts_can_be_compared() -> None:
    old = known("acme.example/x", vanished=True)
    assert decide(sighting("acme.example/y", posting(description_text=text("b"))), old) == New()


def test_short_texts_move_with_an_equal_print_and_day_in_the_visit_that_lost_the_old_one() -> None:
    short = posting(description_text="A teaser.")
    old = known("acme.example/x", short, vanished=True)
    assert decide(sighting("acme.example/y", short), old) == Moved(old)


@pytest.mark.parametrize(
    ("content", "state", "linked"),
    [
        (posting(description_text=None, date_posted=None), {"vanished": True}, True),
        (posting(description_text=None, date_posted=date(2026, 11, 2)), {"vanished": True}, True),
        (posting(description_text=None), {"vanished": True, "missing_since": NOW - timedelta(days=1)}, True),
        (posting(description_text=None), {"seen": True}, False),
        (posting(description_text=None), {}, False),
    ],
)
def test_short_texts_move_in_no_other_case(content: Posting, state: dict[str, Any], linked: bool) -> None:
    dated = content.date_posted
    old = known("acme.example/x", posting(description_text=None, date_posted=dated and date(2026, 11, 1)), **state)
    decision = decide(sighting("acme.example/y", content), old)
    assert isinstance(decision, New)
    # what is about to close may have been posted anew
    assert (decision.link is not None and decision.link.kind == "likely repost") is linked


@pytest.mark.parametrize(
    ("closed_days_ago", "posted", "kind"),
    [(1, date(2026, 11, 1), "repost"), (90, date(2026, 11, 1), "repost"), (200, date(2026, 11, 20), "repost")],
)
def test_content_of_a_closed_posting_is_a_linked_repost(closed_days_ago: int, posted: date, kind: str) -> None:
    old = known("acme.example/x", closed_at=NOW - timedelta(days=closed_days_ago))
    assert link(decide(sighting("acme.example/y", posting(date_posted=posted)), old)).kind == kind


def test_content_of_a_posting_closed_long_ago_is_no_repost() -> None:
    old = known("acme.example/x", closed_at=NOW - timedelta(days=91))
    assert decide(sighting("acme.example/y"), old) == New()


def test_a_posting_taken_down_and_posted_anew_with_a_newer_date_is_a_repost() -> None:
    old = known("acme.example/x", posting(value="R-1"), vanished=True)
    seen = sighting("acme.example/y", posting(value="R-2", date_posted=date(2026, 11, 24)))
    assert link(decide(seen, old)) == Link(
        to="p_old", kind="repost", evidence="same title, organisation and places, texts 100 % alike"
    )


def test_content_of_an_open_posting_is_a_linked_twin() -> None:
    old = known("acme.example/x", posting(value="R-1"), seen=True)
    assert link(decide(sighting("acme.example/y", posting(value="R-2")), old)).kind == "twin"


@pytest.mark.parametrize(("days", "linked"), [(30, True), (31, False)])
def test_a_bare_print_closed_a_short_while_ago_is_a_likely_repost(days: int, linked: bool) -> None:
    old = known("acme.example/x", posting(description_text=None), closed_at=NOW - timedelta(days=days))
    decision = decide(sighting("acme.example/y", posting(description_text="Short.")), old)
    assert isinstance(decision, New)
    assert (decision.link is not None and decision.link.kind == "likely repost") is linked


FRAMED = posting(description_text=text("intro") + " " + text("a") + " " + text("end"))


@pytest.mark.parametrize("content", [FRAMED, posting(description_text=text("a", 80) + " " + text("b", 40))])
def test_a_job_of_the_same_day_whose_text_was_framed_or_edited_has_moved(content: Posting) -> None:
    old = known("acme.example/x", vanished=True)
    assert decide(sighting("acme.example/y", content), old) == Moved(old)


@pytest.mark.parametrize(("posted", "content"), [(date(2026, 11, 20), FRAMED), (date(2026, 11, 1), None)])
def test_where_the_site_moves_a_framed_text_counts_on_any_day_and_any_text_on_the_same(
    posted: date, content: Posting | None
) -> None:
    old = known("acme.example/x", vanished=True)
    seen = sighting("acme.example/y", replace(content or posting(description_text=text("b")), date_posted=posted))
    at_once = resolve(seen, keys(seen), [old], TRUSTING, final=True, only_with_print=True, moving=True, now=NOW)
    assert at_once == Moved(old)
    assert isinstance(decide(seen, old), New)


@pytest.mark.parametrize(("ours", "theirs"), [("A teaser.", text("a")), (text("a"), "A teaser.")])
def test_a_text_and_a_teaser_of_one_print_are_neither_moved_nor_linked(ours: str, theirs: str) -> None:
    old = known("acme.example/x", posting(description_text=theirs), vanished=True)
    assert decide(sighting("acme.example/y", posting(description_text=ours)), old) == New()


def test_of_two_new_ones_with_one_print_and_no_text_none_moves() -> None:
    old = known("acme.example/x", posting(description_text=None), vanished=True)
    seen = sighting("acme.example/y", posting(description_text=None))
    assert link(decide(seen, old, only_with_print=False)).kind == "likely repost"


def test_a_closed_posting_without_a_text_does_not_move() -> None:
    old = known("acme.example/x", posting(description_text=None), vanished=True, closed_at=NOW - timedelta(days=1))
    seen = sighting("acme.example/y", posting(description_text=None))
    assert link(decide(seen, old)).kind == "likely repost"


@pytest.mark.parametrize(
    ("content", "kind", "evidence"),
    [
        (text("a"), "repost", "same title, organisation and places, texts 100 % alike"),
        (None, "likely repost", "same title, organisation and places; too little text to compare"),
    ],
)
def test_of_several_that_closed_the_last_one_was_posted_again(content: str | None, kind: str, evidence: str) -> None:
    same = posting(description_text=content)
    last, earlier = (
        known(f"acme.example/{days}", same, name=f"p_{days}", closed_at=NOW - days * DAY) for days in (1, 5)
    )
    assert link(decide(sighting("acme.example/y", same), last, earlier)) == Link(to="p_1", kind=kind, evidence=evidence)  # type: ignore[arg-type]


def test_an_open_posting_with_an_older_date_is_a_twin_and_was_not_posted_again() -> None:
    old = known("acme.example/x", posting(), seen=True)
    assert link(decide(sighting("acme.example/y", posting(date_posted=date(2026, 11, 20))), old)) == Link(
        to="p_old", kind="twin", evidence="same title, organisation and places, texts 100 % alike"
    )


def test_without_a_newer_date_what_has_only_just_left_was_not_posted_again() -> None:
    first, second = (known(f"acme.example/{n}", name=f"p_{n}", vanished=True) for n in (1, 2))
    assert link(decide(sighting("acme.example/y"), first, second)).kind == "twin"


def test_without_a_date_what_closed_long_ago_was_not_posted_again() -> None:
    old = known("acme.example/x", closed_at=NOW - 91 * DAY)
    assert decide(sighting("acme.example/y", posting(date_posted=None)), old) == New()


def test_an_old_address_that_leads_here_is_no_likely_repost_of_what_closed_long_ago() -> None:
    short = posting(description_text=None)
    old = known("acme.example/x", short, closed_at=NOW - 31 * DAY)
    assert decide(sighting("acme.example/y", short, redirected_from=("acme.example/x",)), old) == New()


def test_sightings_that_no_key_settles_are_counted_by_their_print() -> None:
    again, moved = (
        known("acme.example/1", posting("Cook")),
        known("acme.example/2", posting("Baker", value="R-1"), vanished=True),
    )
    recycled = known("acme.example/3", posting("Smith", value="R-2"))
    waiting: list[tuple[Sighting, KnownPosting | None]] = [
        (sighting("acme.example/1", posting("Cook")), again),
        (sighting("acme.example/9", posting("Baker", value="R-1")), moved),
        (sighting("acme.example/3", posting("Welder", value="R-3")), recycled),
        (sighting("acme.example/4", posting("Welder", value="R-4")), None),
        (sighting("acme.example/5", posting("Fitter")), None),
    ]
    found = new_prints(((seen, keys(seen), [old] if old else []) for seen, old in waiting), TRUSTING, now=NOW)
    assert found == {keys(sighting("x", posting("Welder"))).print: 2, keys(sighting("x", posting("Fitter"))).print: 1}


def test_what_was_posted_again_counts_as_new() -> None:
    old = known("acme.example/x", closed_at=NOW - DAY)
    seen = sighting("acme.example/y")
    assert new_prints([(seen, keys(seen), [old])], Trust(), now=NOW) == {keys(seen).print: 1}


def test_of_two_that_only_a_print_could_move_both_count_as_new() -> None:
    old = known("acme.example/x", vanished=True)
    seen = [sighting(f"acme.example/{n}") for n in (1, 2)]
    assert new_prints(((one, keys(one), [old]) for one in seen), Trust(), now=NOW) == {keys(seen[0]).print: 2}
