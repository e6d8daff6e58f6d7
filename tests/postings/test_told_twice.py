"""A job that one visit sees twice, in other places that its addresses tell, and addresses that are given out again
(C.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from postings.decisions import Decision, KnownPosting, Moved, New, Recycled, Same, SecondAddress, Wait
from postings.identity import resolve
from postings.keys import keys
from postings.posting import Posting
from postings.sightings import Sighting
from postings.trust import Trust
from tests.postings.making import DISTRUSTING, NOW, TRUSTING, known, posting, sighting, text

HERE = "acme.example/jobs/welder-berlin"


def decide(
    seen: Sighting,
    *candidates: KnownPosting,
    trust: Trust = DISTRUSTING,
    final: bool = True,
    only_with_print: bool = True,
    moving: bool = False,
) -> Decision:
    return resolve(
        seen, keys(seen), candidates, trust, final=final, only_with_print=only_with_print, moving=moving, now=NOW
    )


@pytest.mark.parametrize(
    ("address", "ours", "theirs"),
    [
        ("acme.example/jobs/welder-berlin/apply", {}, {}),
        ("acme.example/en/jobs/welder-berlin", {}, {}),
        ("acme.example/jobs/welder-berlin?src=button", {}, {}),
        ("acme.example/en/jobs/welder-berlin", {"value": "R-1"}, {"value": "R-1"}),
        # what vouches for both makes up for a short text
        ("acme.example/en/jobs/welder-berlin", {"value": "R-1", "description_text": "Weld."},
         {"value": "R-1", "description_text": "Weld."}),
    ],
)  # fmt: skip
def test_what_a_visit_sees_word_for_word_at_another_kind_of_address_is_one_posting(
    address: str, ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    old = known(HERE, posting(**theirs), seen=True)
    assert decide(sighting(address, posting(**ours)), old) == SecondAddress(old)


@pytest.mark.parametrize(
    ("address", "ours", "theirs"),
    [
        # two of one kind
        ("acme.example/jobs/welder-berlin-2", {}, {}),
        # ids that differ, in the address or in the markup, or that only one has
        ("acme.example/en/jobs/4712", {}, {"at": "acme.example/jobs/4711"}),
        ("acme.example/jobs?id=4712", {}, {"at": "acme.example/jobs?id=4711"}),
        ("acme.example/jobs?id=2", {}, {"at": "acme.example/jobs?id=1"}),
        ("acme.example/en/jobs/welder-berlin", {"value": "R-2"}, {"value": "R-1"}),
        ("acme.example/en/jobs/welder-berlin", {"value": "R-2"}, {}),
        # something that they say differs
        ("acme.example/en/jobs/welder-berlin", {"description_text": text("b")}, {}),
        ("acme.example/en/jobs/welder-berlin", {"date_posted": date(2026, 11, 2)}, {}),
        ("acme.example/en/jobs/welder-berlin", {"town": "Paris"}, {}),
        # texts too short to prove anything
        ("acme.example/en/jobs/welder-berlin", {"description_text": "Weld."}, {"description_text": "Weld."}),
        # it is not there any more
        ("acme.example/en/jobs/welder-berlin", {}, {"closed_at": NOW}),
    ],
)  # fmt: skip
def test_what_may_be_another_job_is_a_posting_of_its_own(
    address: str, ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    told = {name: value for name, value in theirs.items() if name not in ("at", "closed_at")}
    old = known(theirs.get("at", HERE), posting(**told), seen=True, closed_at=theirs.get("closed_at"))
    assert isinstance(decide(sighting(address, posting(**ours)), old), New)


def test_of_several_that_it_may_be_the_one_with_its_id_is_it() -> None:
    one, two = (known(f"acme.example/jobs/{n}", name=f"p_{n}", seen=True) for n in (4711, 4712))
    assert decide(sighting("acme.example/apply?job=4712"), one, two) == SecondAddress(two)
    assert isinstance(decide(sighting("acme.example/apply/welder"), one, two), New)


def test_a_posting_beside_others_is_the_one_that_has_a_page_of_its_own() -> None:
    old = known(HERE, seen=True)
    assert decide(sighting(None, page="acme.example/jobs/cook-berlin"), old) == SecondAddress(old)


def test_a_page_of_its_own_takes_the_place_of_one_beside_others() -> None:
    old = known(None, page="acme.example/jobs/cook-berlin", seen=True)
    assert decide(sighting(HERE), old) == Moved(old)


def test_a_page_that_names_another_address_confirms_what_was_read_there() -> None:
    old = known(HERE, seen=True)
    german = sighting(HERE, posting(description_text=text("de")), page="acme.example/de/jobs/welder-berlin")
    assert decide(german, old) == SecondAddress(old)
    unseen = replace(old, seen=False)
    assert decide(german, unseen, final=False) == Wait(unseen)
    assert decide(german, unseen) == Same(unseen)


def test_what_is_off_the_list_and_answers_stands_at_a_new_address_as_well() -> None:
    old = known("acme.example/jobs/welder", seen=True)
    fresh = sighting("acme.example/jobs/welder-berlin")
    assert decide(fresh, old, final=False) == Wait(old)
    assert isinstance(decide(fresh, old), New)
    off = replace(old, unlisted=True)
    assert decide(fresh, off) == SecondAddress(off)
    assert isinstance(decide(fresh, off, only_with_print=False), New)
    assert isinstance(decide(sighting(HERE, posting(date_posted=date(2026, 11, 2))), off), New)


def test_an_address_that_another_known_posting_has_taken_is_its_own_now() -> None:
    fitter = posting("Fitter", description_text=text("b"))
    holder = known("acme.example/job/3", name="p_3")
    next_one = known("acme.example/job/4", fitter, name="p_4", vanished=True)
    fresh = sighting("acme.example/job/3", fitter)
    assert decide(fresh, holder, next_one, final=False) == Wait(next_one)
    assert decide(fresh, holder, next_one) == Moved(next_one, holder)
    # one that stays where it is takes no address
    assert decide(fresh, holder, replace(next_one, seen=True)) == Same(holder)
    assert decide(fresh, holder, replace(next_one, vanished=False)) == Same(holder)


ASTRONAUT: dict[str, Any] = {"town": "Oslo", "value": "R-1", "description_text": text("moon")}


@pytest.mark.parametrize(
    ("fields", "recycled"),
    [
        ({"date_posted": date(2026, 11, 20)}, True),
        ({"date_posted": date(2026, 11, 1)}, False),
        ({"date_posted": None}, False),
        ({"date_posted": date(2026, 11, 20), "town": "Berlin"}, True),
        ({"date_posted": date(2026, 11, 20), "description_text": text("a")}, False),
        ({"date_posted": date(2026, 11, 20), "description_text": "To the moon."}, False),
        ({"date_posted": date(2026, 11, 20), "language": "no"}, False),
    ],
)
def test_an_id_is_given_out_again_where_all_differs_and_was_published_later(
    fields: dict[str, Any], recycled: bool
) -> None:
    old = known("acme.example/jobs/4711", posting(value="R-1", language="en"), vanished=True)
    fresh = sighting("acme.example/jobs/4711", posting("Astronaut", **{"language": "en", **ASTRONAUT, **fields}))
    decision = decide(fresh, old, trust=TRUSTING)
    assert decision == (Recycled(old, None) if recycled else Same(old))


def test_dates_of_a_new_system_keep_nothing_from_moving_where_most_of_the_site_moves() -> None:
    old = known(HERE, vanished=True)
    fresh = sighting("acme.example/positions/welder", posting(date_posted=date(2026, 11, 9)))
    assert isinstance(decide(fresh, old), New)
    assert decide(fresh, old, moving=True) == Moved(old)
    assert isinstance(decide(fresh, old, moving=True, only_with_print=False), New)


@pytest.mark.parametrize(
    ("first", "address", "same"),
    [
        ("acme.example/jobs?id=47110&page=1", "acme.example/jobs?id=47110&page=2", True),
        ("acme.example/jobs/welder?from=list", "acme.example/jobs/welder?from=map", True),
        ("acme.example/jobs/welder?number=1", "acme.example/jobs/welder?number=2", False),
        ("acme.example/jobs/47110", "acme.example/apply?job=47111", False),
        ("acme.example/jobs/47110", "acme.example/apply/welder", True),
    ],
)
def test_it_takes_another_kind_of_address_or_one_that_differs_only_in_where_the_link_stood(
    first: str, address: str, same: bool
) -> None:
    decision = decide(sighting(address), known(first, seen=True))
    assert isinstance(decision, SecondAddress if same else New)


@pytest.mark.parametrize(("theirs", "same"), [("A teaser.", True), ("Another one.", False)])
def test_a_common_id_in_the_addresses_vouches_for_a_short_text_that_is_the_same(theirs: str, same: bool) -> None:
    old = known("acme.example/jobs/47110", posting(description_text="A teaser."), seen=True)
    seen = sighting("acme.example/apply?job=47110", posting(description_text=theirs))
    assert isinstance(decide(seen, old), SecondAddress if same else New)


def test_of_two_that_are_off_the_list_neither_stands_at_the_new_address() -> None:
    one, two = (known(f"acme.example/jobs/{n}", name=f"p_{n}", seen=True, unlisted=True) for n in "ab")
    assert isinstance(decide(sighting("acme.example/jobs/c"), one, two), New)


# ---- addresses that are places in a list


FIRST = known("acme.example/list/a", posting("Welder"), name="p_1")
SECOND = known("acme.example/list/b", posting("Cook", description_text=text("b")), name="p_2", vanished=True)
COOK_AT_A = sighting("acme.example/list/a", posting("Cook", description_text=text("b")))


@pytest.mark.parametrize(
    "others",
    [
        (SECOND, replace(SECOND, id="p_3")),
        (replace(SECOND, posting=posting("Cook", description_text=text("c"))),),
        (replace(SECOND, posting=replace(SECOND.posting, date_posted=None)),),
        (),
    ],
    ids=["two of them", "another text", "another day", "none"],
)
def test_no_posting_takes_the_place_of_another_one_unless_it_is_the_only_one_that_fits(
    others: tuple[KnownPosting, ...],
) -> None:
    assert decide(COOK_AT_A, FIRST, SECOND) == Moved(SECOND, replaces=FIRST)
    assert decide(COOK_AT_A, FIRST, *others) == Same(FIRST)


@pytest.mark.parametrize(
    ("first", "address"),
    [
        (posting("COOK!"), "acme.example/list/a"),
        (posting("Welder", description_text=text("b")), "acme.example/list/a"),
        (posting("Welder"), "acme.example/list/471"),
    ],
    ids=["one title", "one text", "an id in the address"],
)
def test_a_posting_that_more_than_its_address_speaks_for_keeps_it(first: Posting, address: str) -> None:
    there = known(address, first, name="p_1")
    seen = replace(COOK_AT_A, address=address, page=replace(COOK_AT_A.page, address=address))
    assert decide(seen, there, SECOND, trust=TRUSTING) == Same(there)


def test_without_much_text_it_takes_the_place_if_nothing_at_all_speaks_for_the_one_before() -> None:
    first = known("acme.example/list/a", posting("Welder", description_text="We weld."), name="p_1")
    cook = posting("Cook", town="Rome", description_text="You cook for us.")
    gone = known("acme.example/list/b", cook, name="p_2", vanished=True)
    assert decide(sighting("acme.example/list/a", cook), first, gone) == Moved(gone, replaces=first)


def test_one_with_its_id_is_likelier_than_one_without_any() -> None:
    bare, same = (known(f"acme.example/jobs/{name}", name=f"p_{name}", seen=True) for name in ("welder", "47111"))
    assert decide(sighting("acme.example/apply?job=47111"), bare, same) == SecondAddress(same)
