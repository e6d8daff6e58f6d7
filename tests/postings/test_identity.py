"""Which posting a sighting is: what all rows of the decision table share (C.4); groups of rows have their own files."""

from __future__ import annotations

import pytest

from postings.decisions import New, Same, SecondAddress
from postings.identity import asked
from postings.keys import keys
from postings.trust import Standing, Trust
from tests.postings.deciding import decide, link
from tests.postings.making import known, posting, sighting


def test_the_same_board_id_is_the_same_posting_whatever_else_differs() -> None:
    old = known("acme.example/a", posting("Welder", value="1"), board="greenhouse/acme/7")
    seen = sighting("acme.example/b", posting("Cook", town="Rome", value="2"), board="greenhouse/acme/7")
    assert decide(seen, old) == Same(old)


def test_two_ids_of_one_board_are_two_postings_whatever_their_requisition() -> None:
    old = known("acme.example/a", posting(value="R-1"), board="greenhouse/acme/7", vanished=True)
    seen = sighting("acme.example/b", posting(value="R-1"), board="greenhouse/acme/8")
    assert link(decide(seen, old)).kind == "same requisition"


def test_postings_of_a_board_that_share_an_address_stay_apart() -> None:
    old = known("acme.example/careers", posting(), page="api.example/b", board="greenhouse/acme/7", seen=True)
    seen = sighting("acme.example/careers", posting("Cook"), page="api.example/b", board="greenhouse/acme/8")
    assert decide(seen, old) == New()


def test_a_sighting_that_shares_nothing_opens_at_once() -> None:
    assert decide(sighting("acme.example/y"), final=False) == New()


@pytest.mark.parametrize("standing", list(Standing))
def test_a_posting_is_looked_up_by_the_keys_that_are_believed(standing: Standing) -> None:
    seen = keys(sighting("acme.example/60001/47110", posting(value="R-1"), board="lever/acme/1"))
    addresses = {("address", seen.address), ("address", f"{seen.address}#{seen.print}")}
    always = addresses | {("board", "lever/acme/1"), ("print", seen.print)}
    used = standing in (Standing.TRUSTED, Standing.PROBATION)
    by_identifier = always | ({("identifier", "acme | r-1")} if used else set())
    tokens = {("token", "path:-1=47110"), ("token", "*=47110"), ("token", "path:-1=60001")}
    assert asked(seen, Trust(identifier=standing)) == by_identifier
    assert asked(seen, Trust(token=standing, token_place="path:-1")) == always | (tokens if used else set())
    assert asked(seen, Trust(token=standing)) == always


def test_the_order_in_which_postings_are_asked_about_decides_nothing() -> None:
    first, second = (known(f"acme.example/{n}", posting(value="R-1"), name=f"p_{n}", seen=True) for n in (1, 2))
    seen = sighting("acme.example/y", posting(value="R-1"))
    assert decide(seen, first, second) == decide(seen, second, first) == SecondAddress(first)
