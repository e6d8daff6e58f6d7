"""What speaks for and against a sighting being a known posting (C.2 and C.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from postings.decisions import KnownPosting
from postings.keys import keys
from postings.likeness import Likeness, token_rows, unscoped
from postings.posting import Location, Organization, Posting
from postings.sightings import Sighting
from postings.trust import Standing, Trust
from tests.postings.making import DISTRUSTING, TRUSTING, known, posting, sighting, text

X = "acme.example/jobs/x"
USED = [TRUSTING, replace(TRUSTING, identifier=Standing.PROBATION, token=Standing.PROBATION)]
UNUSED = [
    Trust(token_place="path:-1"),
    Trust(identifier=Standing.DISTRUSTED, token=Standing.DISTRUSTED, token_place="path:-1"),
]


def held(seen: Sighting, trust: Trust = TRUSTING) -> Likeness:
    return Likeness(seen, keys(seen), trust)


# ---- the print and the text


def test_a_print_is_the_same_only_if_the_last_reading_still_has_it() -> None:
    old = known(X, posting())
    assert held(sighting("acme.example/y", posting())).same_print(old)
    assert not held(sighting("acme.example/y", posting())).same_print(replace(old, posting=posting("Cook")))


@pytest.mark.parametrize(
    ("ours", "theirs", "fits"),
    [
        (text("a", 110), text("a", 110), True),
        (text("a", 110), text("a", 122), True),
        (text("a", 110), text("a", 123), False),
        (text("a", 110), text("b", 110), False),
        (text("a", 103), text("a", 100), False),
        (text("a", 100), text("a", 103), False),
        (text("a", 110), "A teaser.", False),
        ("A teaser.", text("a", 110), False),
        ("A teaser.", "A teaser.", False),
        (None, None, False),
    ],
)
def test_texts_fit_that_say_enough_and_are_nine_tenths_alike(ours: str | None, theirs: str | None, fits: bool) -> None:
    old = known(X, posting(description_text=theirs))
    assert held(sighting("acme.example/y", posting(description_text=ours))).fits(old) is fits


def test_likeness_in_percent_is_rounded_down() -> None:
    old = known(X, posting(description_text=text("a", 5)))
    assert held(sighting(X, posting(description_text=text("a", 7)))).percent(old) == 60
    assert held(sighting(X, posting(description_text=text("a", 9)))).percent(old) == 42
    assert held(sighting(X, posting(description_text=text("a", 5)))).percent(old) == 100


DAY, NEXT = date(2026, 11, 1), date(2026, 11, 2)


@pytest.mark.parametrize(
    ("ours", "theirs", "same", "said"),
    [
        (DAY, DAY, True, True),
        (DAY, NEXT, False, False),
        (None, None, True, False),
        (DAY, None, False, False),
        (None, DAY, False, False),
    ],
)
def test_two_dates_are_the_same_if_both_say_one_day_or_neither_says_any(
    ours: date | None, theirs: date | None, same: bool, said: bool
) -> None:
    likeness, old = held(sighting("acme.example/y", posting(date_posted=ours))), known(X, posting(date_posted=theirs))
    assert likeness.same_date(old) is same
    assert likeness.published_same_day(old) is said


@pytest.mark.parametrize(
    ("content", "agrees"),
    [
        (posting(town="Rome"), True),
        (posting("Cook"), True),
        (posting("Cook", date_posted=NEXT), False),
        (posting("Cook", town="Rome"), False),
        (posting(organization=Organization(name="Globex")), False),
    ],
)
def test_one_employer_and_title_or_place_and_day_agree(content: Posting, agrees: bool) -> None:
    assert held(sighting("acme.example/y", content)).agrees(known(X)) is agrees


# ---- addresses


def test_a_posting_led_here_whose_page_or_one_of_whose_addresses_redirects_here() -> None:
    here = held(sighting("acme.example/new", redirected_from=("acme.example/hop", "acme.example/old")))
    assert here.led_here(known("acme.example/old"))
    assert here.led_here(known(None, page="acme.example/old"))
    assert here.led_here(known("acme.example/x", more_keys=[("address", "acme.example/hop")]))
    assert not here.led_here(known("acme.example/x", more_keys=[("identifier", "acme.example/hop")]))
    assert not held(sighting("acme.example/new")).led_here(known("acme.example/old"))


def test_a_posting_is_gone_that_vanished_or_led_here_and_was_not_seen() -> None:
    here = held(sighting("acme.example/new", redirected_from=(X,)))
    states: list[tuple[dict[str, Any], bool]] = [
        ({"vanished": True}, True),
        ({}, True),
        ({"seen": True}, False),
        ({"seen": True, "vanished": True}, False),
    ]
    for state, gone in states:
        assert here.gone(known(X, **state)) is gone, state
    elsewhere = held(sighting("acme.example/new"))
    assert elsewhere.gone(known(X, vanished=True))
    assert not elsewhere.gone(known(X))


@pytest.mark.parametrize(
    ("url", "address", "other"),
    [
        ("https://acme.example/jobs/x", "acme.example/y", True),
        ("https://www.acme.example/jobs/x/?utm_source=1", "acme.example/y", True),
        ("https://acme.example/jobs/x", X, False),
        ("https://acme.example/unknown", "acme.example/y", False),
        ("no address\\", "acme.example/y", False),
        (None, "acme.example/y", False),
    ],
)
def test_an_address_is_another_one_where_the_posting_is_known_by_the_one_that_it_names(
    url: str | None, address: str, other: bool
) -> None:
    assert held(sighting(address)).is_other_address(known(X, posting(url=url))) is other


# ---- ids


@pytest.mark.parametrize(
    ("ours", "theirs", "other"),
    [
        ("lever/acme/1", "lever/acme/2", True),
        ("lever/acme/1", "lever/acme/1", False),
        ("lever/acme/1", "lever/acme-north/2", False),
        ("lever/acme/1", "greenhouse/acme/2", False),
        ("lever/acme/1", None, False),
        (None, "lever/acme/2", False),
    ],
)
def test_only_another_id_of_the_same_board_is_another_posting(
    ours: str | None, theirs: str | None, other: bool
) -> None:
    likeness, old = held(sighting("acme.example/y", board=ours)), known(X, board=theirs)
    assert likeness.other_board_id(old) is other
    assert likeness.contradicts(old) is other


def test_a_posting_with_two_ids_of_a_board_is_no_other_one_by_either() -> None:
    old = known(X, board="lever/acme/1", more_keys=[("board", "lever/acme/2")])
    assert not held(sighting("acme.example/y", board="lever/acme/2")).other_board_id(old)


def shares(ours: str | None, theirs: str | None, trust: Trust) -> bool:
    return held(sighting("acme.example/y", posting(value=ours)), trust).shares_identifier(
        known(X, posting(value=theirs))
    )


@pytest.mark.parametrize("trust", USED)
def test_an_identifier_is_shared_where_identifiers_are_believed(trust: Trust) -> None:
    assert shares("R-1", "r-1", trust)
    assert not shares("R-1", "R-2", trust)
    assert not shares(None, None, trust)
    assert not shares("R-1", None, trust)


@pytest.mark.parametrize("trust", UNUSED)
def test_an_identifier_that_is_not_believed_is_not_shared(trust: Trust) -> None:
    assert not shares("R-1", "R-1", trust)


@pytest.mark.parametrize(
    ("ours", "theirs", "trust", "other"),
    [
        ("R-1", "R-2", TRUSTING, True),
        ("R-1", "R-1", TRUSTING, False),
        ("R-1", None, TRUSTING, False),
        (None, "R-2", TRUSTING, False),
        ("R-1", "R-2", USED[1], False),
        ("R-1", "R-2", DISTRUSTING, False),
    ],
)
def test_only_another_identifier_that_is_trusted_is_another_posting(
    ours: str | None, theirs: str | None, trust: Trust, other: bool
) -> None:
    likeness, old = held(sighting("acme.example/y", posting(value=ours)), trust), known(X, posting(value=theirs))
    assert likeness.other_trusted_identifier(old) is other
    assert likeness.contradicts(old) is other


def test_an_identifier_is_the_same_under_a_renamed_organisation() -> None:
    renamed = posting(value="R-1", organization=Organization(name="Acme Holding"))
    assert not held(sighting("acme.example/y", renamed)).other_trusted_identifier(known(X, posting(value="R-1")))
    assert unscoped("acme holding | r-1 | a") == "r-1 | a"


# ---- languages


@pytest.mark.parametrize(
    ("ours", "theirs", "address", "page", "other"),
    [
        ("de", "en", "acme.example/x", "acme.example/y", True),
        ("de-AT", "de", "acme.example/en/x", "acme.example/de/x", False),
        (None, None, "acme.example/en/x", "acme.example/de/x", True),
        ("de", None, "acme.example/en/x", "acme.example/de/x", True),
        (None, "en", "acme.example/en/x", "acme.example/de/x", True),
        (None, None, "acme.example/en/x", "acme.example/en/y", False),
        (None, None, "acme.example/en/x", "acme.example/y", False),
        (None, None, "acme.example/x", "acme.example/de/y", False),
        ("de", None, "acme.example/x", "acme.example/y", False),
    ],
)
def test_the_language_is_another_where_both_postings_or_else_both_paths_say_so(
    ours: str | None, theirs: str | None, address: str, page: str, other: bool
) -> None:
    likeness = held(sighting(address, posting(language=ours)))
    assert likeness.other_language(known(page, posting(language=theirs))) is other


def test_the_language_of_the_page_stands_in_for_that_of_the_posting() -> None:
    old = known("acme.example/x", posting(language="en"))
    assert held(sighting("acme.example/y", posting(), language="de")).other_language(old)
    assert not held(sighting("acme.example/y", posting(language="en"), language="de")).other_language(old)


# ---- another address of a posting


OTHER_JOB = posting("Cook", town="Rome", value="R-2")


@pytest.mark.parametrize("trust", USED)
def test_what_shares_an_identifier_belongs_to_the_posting_whatever_it_shows(trust: Trust) -> None:
    old = known(X, posting(value="R-2"))
    assert held(sighting("acme.example/y", OTHER_JOB), trust).belongs_to(old)


def test_another_trusted_identifier_does_not_belong_although_all_else_agrees() -> None:
    old, seen = known(X, posting(value="R-1")), sighting("acme.example/y", posting(value="R-2"))
    assert not held(seen).belongs_to(old)
    assert held(seen, USED[1]).belongs_to(old), "on probation it is the content that tells"
    assert held(sighting("acme.example/y", posting())).belongs_to(old)
    assert held(seen).belongs_to(known(X, posting()))


def test_it_is_the_identifier_of_the_last_reading_that_counts_for_what_belongs() -> None:
    old = known(X, posting(value="R-2"), more_keys=[("identifier", "acme | r-1")])
    assert held(sighting("acme.example/y", posting("Cook", town="Rome", value="R-2"))).belongs_to(old)
    assert not held(sighting("acme.example/y", posting(value="R-1"))).belongs_to(old)


@pytest.mark.parametrize(("trust", "belongs"), [*((one, True) for one in USED), *((one, False) for one in UNUSED)])
def test_a_token_that_is_believed_belongs(trust: Trust, belongs: bool) -> None:
    old = known("acme.example/jobs/4711", posting())
    seen = sighting("acme.example/y/4711", posting("Cook", town="Rome"))
    assert held(seen, trust).shares_token(old) is belongs
    assert held(seen, trust).belongs_to(old) is belongs


# ---- recycled addresses


def recycled(old: Posting, new: Posting, *, trust: Trust = TRUSTING, address: str = X) -> bool:
    return held(sighting(address, new), trust).is_recycled(known(address, old))


NEW = posting("Cook", town="Rome", description_text=text("b"))


def test_an_address_is_recycled_by_another_trusted_identifier_with_another_title_or_other_places() -> None:
    old = posting(value="R-1")
    assert recycled(old, posting("Cook", value="R-2"))
    assert recycled(old, posting(town="Rome", value="R-2"))
    assert not recycled(old, posting("WELDER!", value="R-2"))
    assert not recycled(old, posting(town=None, value="R-2"))


def test_without_ids_an_address_is_recycled_where_title_places_and_text_all_differ() -> None:
    assert recycled(posting(), NEW)
    assert not recycled(posting(), replace(NEW, title="welder"))
    assert not recycled(posting(), replace(NEW, locations=(Location(locality="Berlin", country="DE"),)))
    assert not recycled(posting(), replace(NEW, locations=()))


@pytest.mark.parametrize(("words", "other"), [(12, False), (13, True)])
def test_texts_less_alike_than_three_tenths_are_those_of_different_jobs(words: int, other: bool) -> None:
    # of the runs of three words, two fewer than words, three are the same
    old, new = text("a", 5), " ".join([text("a", 5), text("b", words - 5)])
    assert recycled(posting(description_text=old), replace(NEW, description_text=new)) is other


def test_without_two_texts_nothing_is_recycled() -> None:
    assert not recycled(posting(description_text=None), NEW)
    assert not recycled(posting(), replace(NEW, description_text=None))


def test_a_shared_identifier_or_a_token_at_its_place_keeps_an_address_with_its_posting() -> None:
    old, new = posting(value="R-1", date_posted=None), replace(NEW, identifier=posting(value="R-1").identifier)
    assert not recycled(old, new)
    assert recycled(old, new, trust=UNUSED[1])
    number = "acme.example/jobs/4711"
    assert not recycled(posting(date_posted=None), NEW, address=number)
    assert recycled(posting(date_posted=None), NEW, address=number, trust=UNUSED[1])
    assert recycled(posting(date_posted=None), NEW, address=number, trust=replace(TRUSTING, token_place="path:-2"))


# ---- tokens


def test_a_token_is_looked_for_at_the_learned_place_and_a_strong_one_at_any() -> None:
    found = token_rows(keys(sighting("acme.example/60001/222/4711")), "path:-1")
    assert found == {("token", "path:-1=4711"): "4711", ("token", "path:-1=60001"): "60001"}
    strong = token_rows(keys(sighting("acme.example/jobs/47110")), "path:-1")
    assert strong == {("token", "path:-1=47110"): "47110", ("token", "*=47110"): "47110"}
    assert token_rows(keys(sighting("acme.example/jobs/471")), "query:id") == {}


def test_a_token_stands_at_its_place_only_where_one_was_learned_and_is_believed() -> None:
    seen = sighting("acme.example/jobs/4711")
    assert held(seen).has_token_at_learned_place()
    for trust in (*UNUSED, replace(TRUSTING, token_place=None), replace(TRUSTING, token_place="path:-2")):
        assert not held(seen, trust).has_token_at_learned_place()
        assert not held(seen, trust).shares_token(known("acme.example/other/4711"))


def later(old: KnownPosting, **fields: Any) -> bool:
    return held(sighting("acme.example/jobs/4711", replace(NEW, **fields))).is_recycled(old)


def test_an_id_is_given_out_again_where_another_job_with_another_text_was_published_later() -> None:
    before = NEW.date_posted
    assert isinstance(before, date)
    old = known("acme.example/jobs/4711", posting(date_posted=before - timedelta(days=1)))
    assert later(old)
    assert not later(old, date_posted=None)
    assert not later(old, date_posted=before - timedelta(days=1))
    assert not later(old, description_text="Short.")
    assert not later(replace(old, posting=replace(old.posting, description_text="Short.")))
    assert not later(replace(old, posting=replace(old.posting, date_posted=None)))
    assert not later(replace(old, posting=replace(old.posting, language="en")), language="de")
