"""Identifiers and tokens of addresses that are trusted: moved, a second address, or linked (C.3, C.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from postings.decisions import KnownPosting, Link, Moved, New, SecondAddress, Wait
from postings.posting import Posting
from postings.trust import Standing, Trust
from tests.postings.deciding import decide, link
from tests.postings.making import DISTRUSTING, NOW, TRUSTING, known, posting, sighting, text

DAY = timedelta(days=1)


@pytest.mark.parametrize("trust", [TRUSTING, replace(TRUSTING, identifier=Standing.PROBATION)])
def test_a_trusted_identifier_whose_old_address_is_gone_has_moved(trust: Trust) -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"), vanished=True)
    seen = sighting("acme.example/stellen/y", posting(value="R-1"))
    assert decide(seen, old, trust=trust) == Moved(old)
    assert decide(seen, old, trust=trust, final=False) == Wait(old)


def test_a_trusted_identifier_moves_even_with_another_title_and_place() -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"), vanished=True)
    assert decide(sighting("acme.example/y", posting("Cook", town="Rome", value="R-1")), old) == Moved(old)


def test_on_probation_an_identifier_counts_only_with_an_equal_title() -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"), vanished=True)
    trust = replace(TRUSTING, identifier=Standing.PROBATION)
    assert decide(sighting("acme.example/y", posting("Cook", value="R-1")), old, trust=trust) == New()


@pytest.mark.parametrize("trust", [Trust(), DISTRUSTING])
def test_an_identifier_without_trust_counts_for_nothing(trust: Trust) -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"), vanished=True)
    assert decide(sighting("acme.example/y", posting("Cook", value="R-1")), old, trust=trust) == New()


def test_a_token_at_the_learned_place_whose_old_address_is_gone_has_moved() -> None:
    old = known("acme.example/jobs/47110", posting(), vanished=True)
    assert decide(sighting("acme.example/berlin/47110", posting("Senior Welder")), old) == Moved(old)


def test_a_strong_token_is_found_at_a_new_place_and_a_weak_one_is_not() -> None:
    strong = known("acme.example/jobs/47110", posting(), vanished=True)
    weak = known("acme.example/jobs/471", posting(), vanished=True)
    assert decide(sighting("acme.example/view?id=47110", posting("Senior Welder")), strong) == Moved(strong)
    assert decide(sighting("acme.example/view?id=471", posting("Senior Welder")), weak) == New()


def test_a_visit_that_did_not_look_moves_only_what_agrees() -> None:
    old = known("acme.example/jobs/x", posting(value="R-1", language="en"))
    other = sighting("acme.example/y", posting("Schweißer", value="R-1", language="de", date_posted=None))
    assert link(decide(other, old)).kind == "translation"
    assert decide(sighting("acme.example/y", posting(value="R-1")), old) == Moved(old)


def test_an_old_address_that_leads_here_is_gone() -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"))
    content = posting("Cook", town="Rome", value="R-1")
    assert decide(sighting("acme.example/y", content, redirected_from=("acme.example/jobs/x",)), old) == Moved(old)


def test_a_trusted_identifier_seen_with_the_same_print_is_a_second_address() -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"), seen=True)
    seen = sighting("acme.example/y", posting(value="R-1", description_text=text("b")))
    assert decide(seen, old, final=False) == SecondAddress(old)


def test_a_trusted_token_seen_with_a_posting_that_agrees_is_a_second_address() -> None:
    old = known("acme.example/welding/47110", posting("Welder"), seen=True)
    assert decide(sighting("acme.example/metal/47110", posting("Senior Welder")), old) == SecondAddress(old)


@pytest.mark.parametrize(
    ("content", "address"),
    [
        (posting("Schweißer", value="R-1", language="de"), "acme.example/y"),
        (posting("Schweißer", value="R-1"), "acme.example/de/jobs/y"),
    ],
)
def test_a_trusted_identifier_in_another_language_is_a_linked_translation(content: Posting, address: str) -> None:
    language = "en" if content.language else None
    old = known("acme.example/en/jobs/x", posting(value="R-1", language=language), seen=True)
    assert link(decide(sighting(address, content), old)) == Link(
        to="p_old", kind="translation", evidence="the same identifier r-1"
    )


@pytest.mark.parametrize("content", [posting(town="Rome", value="R-1"), posting("Cook", value="R-1")])
def test_a_trusted_identifier_seen_elsewhere_is_linked_as_the_same_requisition(content: Posting) -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"), seen=True)
    assert link(decide(sighting("acme.example/y", content), old)).kind == "same requisition"


def test_a_token_is_asked_although_nobody_has_the_identifier() -> None:
    old = known("acme.example/jobs/47110", posting(), vanished=True)
    seen = sighting("acme.example/berlin/47110", posting("Senior Welder", value="R-1"))
    assert decide(seen, old) == Moved(old)


def test_a_trusted_identifier_waits_for_its_posting_although_the_title_is_another() -> None:
    old = known("acme.example/jobs/x", posting("Welder", value="R-1"))
    assert decide(sighting("acme.example/y", posting("Cook", value="R-1")), old, final=False) == Wait(old)


def test_in_another_language_only_the_sole_holder_of_an_identifier_moves() -> None:
    english = known("acme.example/en/x", posting(value="R-1", language="en"), name="p_1", vanished=True)
    french = known("acme.example/fr/x", posting("Soudeur", value="R-1", language="fr"), name="p_2", seen=True)
    seen = sighting("acme.example/de/x", posting("Schweißer", value="R-1", language="de"))
    assert decide(seen, english) == Moved(english)
    assert link(decide(seen, english, french)).kind == "translation"


def test_a_trusted_token_seen_with_a_posting_that_does_not_agree_is_linked_as_the_same_requisition() -> None:
    old = known("acme.example/welding/47110", posting(), seen=True)
    seen = sighting("acme.example/metal/47110", posting("Cook", town="Rome"))
    assert link(decide(seen, old)) == Link(
        to="p_old", kind="same requisition", evidence="the same id in the address, 47110"
    )


def test_of_two_unseen_holders_of_a_token_that_are_equally_likely_none_moves() -> None:
    first, second = (known(f"acme.example/{n}/47110", posting(), name=f"p_{n}", vanished=True) for n in (1, 2))
    seen = sighting("acme.example/y/47110", posting("Senior Welder"))
    assert link(decide(seen, first, second)).kind == "same requisition"


def test_of_several_holders_of_an_identifier_the_open_one_that_agrees_is_linked() -> None:
    shut = known(
        "acme.example/1", posting("Cook", town="Bonn", value="R-1"), name="p_1", seen=True, closed_at=NOW - DAY
    )
    other = known("acme.example/2", posting("Baker", town="Rome", value="R-1"), name="p_2", seen=True)
    agreeing = known("acme.example/3", posting("Cook", town="Rome", value="R-1"), name="p_3", seen=True)
    seen = sighting("acme.example/y", posting("Cook", value="R-1"))
    assert link(decide(seen, shut, other, agreeing)).to == "p_3"
    assert link(decide(seen, shut, other)).to == "p_2"


@pytest.mark.parametrize("trust", [Trust(token_place="path:-1"), replace(DISTRUSTING, token_place="path:-1")])
def test_without_trust_an_equal_id_and_title_count_for_nothing(trust: Trust) -> None:
    old = known("acme.example/jobs/47110", posting(value="R-1"), vanished=True)
    assert decide(sighting("acme.example/berlin/47110", posting(town="Rome", value="R-1")), old, trust=trust) == New()


def test_on_probation_an_identifier_with_an_equal_title_moves_its_posting_to_another_place() -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"), vanished=True)
    trust = Trust(identifier=Standing.PROBATION)
    assert decide(sighting("acme.example/y", posting(town="Rome", value="R-1")), old, trust=trust) == Moved(old)


def test_several_ids_of_an_address_are_all_named_in_their_order() -> None:
    one, two = (
        known(f"acme.example/{n}", posting("Cook", town="Rome"), name=f"p_{n}", seen=True) for n in (60000, 47110)
    )
    found = link(decide(sighting("acme.example/60000/47110"), one, two))
    assert found.evidence == "the same id in the address, 47110, 60000"


COOK = posting("Cook", town="Rome", value="R-1")


@pytest.mark.parametrize(
    ("likelier", "other"),
    [
        (known("acme.example/old", COOK), known("acme.example/2", posting(value="R-1"))),
        (known("acme.example/1", posting(value="R-1")), known("acme.example/2", COOK)),
        (known("acme.example/1", COOK), known("acme.example/2", replace(COOK, language="fr"))),
        (known("acme.example/1", posting(town="Rome", value="R-1")), known("acme.example/2", COOK)),
    ],
    ids=["led here", "one print", "one language", "one title"],
)
@pytest.mark.parametrize("names", [("p_1", "p_2"), ("p_2", "p_1")])
def test_of_two_unseen_holders_of_an_identifier_the_likelier_one_moves(
    likelier: KnownPosting, other: KnownPosting, names: tuple[str, str]
) -> None:
    one, two = (replace(old, id=name, vanished=True) for old, name in zip((likelier, other), names, strict=True))
    here = posting(value="R-1", language="de")
    assert decide(sighting("acme.example/y", here, redirected_from=("acme.example/old",)), one, two) == Moved(one)


@pytest.mark.parametrize("closed_at", [NOW - DAY, NOW - 400 * DAY])
def test_a_closed_posting_comes_back_by_its_identifier_at_any_address(closed_at: datetime) -> None:
    old = known("acme.example/jobs/x", posting(value="R-1"), closed_at=closed_at)
    assert decide(sighting("acme.example/y", COOK), old) == Moved(old)


def test_an_identifier_on_the_page_where_it_was_is_its_posting_whatever_it_says() -> None:
    old = known(None, posting(value="R-1"), page="acme.example/jobs")
    assert decide(sighting(None, COOK, page="acme.example/jobs"), old) == Moved(old)
    assert link(decide(sighting(None, COOK, page="acme.example/more"), old)).kind == "same requisition"
