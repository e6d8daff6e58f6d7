"""Several addresses of one posting (C.3, C.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from postings.decisions import KnownPosting, Link, Moved, New, Same, SecondAddress, Wait
from postings.posting import Posting
from postings.trust import Standing, Trust
from tests.postings.deciding import decide
from tests.postings.making import DISTRUSTING, known, posting, sighting


def at_two_addresses(content: Posting | None = None, **state: Any) -> KnownPosting:
    """A posting that is read at `/jobs/x` and was seen at `/y` as well."""
    here = replace(content or posting(), url="https://acme.example/jobs/x")
    return known("acme.example/jobs/x", here, more_keys=[("address", "acme.example/y")], **state)


def test_another_address_of_a_posting_that_the_visit_read_confirms_it() -> None:
    old = at_two_addresses(seen=True)
    assert decide(sighting("acme.example/y"), old) == SecondAddress(old)
    assert decide(sighting("acme.example/jobs/x"), old) == Same(old)


def test_what_stands_at_another_address_waits_until_the_visit_has_read_the_first() -> None:
    old = at_two_addresses()
    assert decide(sighting("acme.example/y"), old, final=False) == Wait(old)
    assert decide(sighting("acme.example/y"), old) == Same(old)
    assert decide(sighting("acme.example/jobs/x"), old, final=False) == Same(old)


def test_another_job_at_another_address_of_a_posting_that_the_visit_read_is_new_and_corrects_it() -> None:
    old = at_two_addresses(seen=True)
    seen = sighting("acme.example/y", posting("Cook", town="Rome"))
    assert decide(seen, old, trust=DISTRUSTING) == New(corrects=old)
    assert decide(seen, old, trust=DISTRUSTING, final=False) == New(corrects=old)
    assert decide(sighting("acme.example/jobs/x", seen.posting), old, trust=DISTRUSTING) == Same(old)


def test_another_job_at_another_address_is_no_proof_while_the_posting_itself_was_not_seen() -> None:
    old = at_two_addresses()
    assert decide(sighting("acme.example/y", posting("Cook", town="Rome")), old, trust=DISTRUSTING) == Same(old)


@pytest.mark.parametrize("standing", [Standing.TRUSTED, Standing.PROBATION])
def test_an_identifier_keeps_another_address_with_its_posting_whatever_it_shows(standing: Standing) -> None:
    old = at_two_addresses(posting(value="R-1"), seen=True)
    seen = sighting("acme.example/y", posting("Cook", town="Rome", value="R-1"))
    assert decide(seen, old, trust=Trust(identifier=standing)) == SecondAddress(old)
    assert decide(seen, old, trust=DISTRUSTING) == New(corrects=old)


def test_a_token_keeps_another_address_with_its_posting_whatever_it_shows() -> None:
    here = replace(posting(), url="https://acme.example/jobs/47110")
    old = known("acme.example/jobs/47110", here, more_keys=[("address", "acme.example/y/47110")], seen=True)
    seen = sighting("acme.example/y/47110", posting("Cook", town="Rome"))
    trust = Trust(token=Standing.TRUSTED, token_place="path:-1")
    assert decide(seen, old, trust=trust) == SecondAddress(old)
    assert decide(seen, old, trust=replace(trust, token=Standing.DISTRUSTED)) == New(corrects=old)


def test_a_posting_that_moved_to_another_address_of_one_that_stays_replaces_nothing() -> None:
    stays = replace(at_two_addresses(seen=True), id="p_1")
    moved = known("acme.example/jobs/z", posting("Cook", town="Rome", value="R-2"), name="p_2", vanished=True)
    seen = sighting("acme.example/y", posting("Cook", town="Rome", value="R-2"))
    assert decide(seen, stays, moved) == Moved(moved, replaces=None)


def test_what_is_new_at_an_address_that_was_another_ones_is_linked_as_anywhere() -> None:
    content = posting("Cook", town="Rome", value="R-2")
    twin = known(
        "acme.example/cooks/z", posting("Cook", town="Rome", value="R-3", date_posted=None), name="p_2", seen=True
    )
    linked = Link(to="p_2", kind="twin", evidence="same title, organisation and places, texts 100 % alike")
    corrected = at_two_addresses(seen=True)
    assert decide(sighting("acme.example/y", content), corrected, twin, trust=Trust()) == New(
        linked, corrects=corrected
    )
    elsewhere = known("acme.example/x", posting(value="R-1"), name="p_1", seen=True)
    assert decide(sighting("acme.example/x", content), elsewhere, twin) == New(linked)


def test_a_posting_that_moved_to_an_address_whose_own_was_seen_elsewhere_replaces_nothing() -> None:
    first = known("acme.example/jobs/x", posting(value="R-1"), name="p_1", seen=True)
    second = known("acme.example/jobs/y", posting("Cook", value="R-2"), name="p_2", vanished=True)
    assert decide(sighting("acme.example/jobs/x", posting("Cook", value="R-2")), first, second) == Moved(second)
