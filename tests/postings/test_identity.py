"""Which posting a sighting is: the keys (C.2), the decision table row by row (C.4), and what must always hold (C.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postings.comparison import alike, fold
from postings.decisions import (
    Decision,
    KnownPosting,
    Link,
    Moved,
    New,
    Recycled,
    Same,
    SecondAddress,
    Wait,
)
from postings.identity import asked, new_prints, resolve
from postings.keys import keys, keys_of_known
from postings.posting import Identifier, Location, Organization, Posting
from postings.sightings import Sighting
from postings.trust import Standing, Trust
from tests.postings.making import DISTRUSTING, NOW, TRUSTING, known, posting, sighting, text

DAY = timedelta(days=1)


def decide(
    seen: Sighting,
    *candidates: KnownPosting,
    trust: Trust = TRUSTING,
    final: bool = True,
    only_with_print: bool = True,
) -> Decision:
    return resolve(seen, keys(seen), candidates, trust, final=final, only_with_print=only_with_print, now=NOW)


def link(decision: Decision) -> Link:
    assert isinstance(decision, New)
    assert decision.link is not None
    return decision.link


# ---- C.2 keys


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("R-1234", "acme | r-1234"),
        ("  4711 ", "acme | 4711"),
        ("A&amp;#38;B 7", "acme | a&b 7"),
        ("https://www.acme.example/jobs/1/?utm_source=x", "acme | acme.example/jobs/1"),
        ("https://teksalah.example/?post_type=job&amp;#038;p=47", "acme | teksalah.example?p=47&post_type=job"),
        ("https://acme.example/#/jobs/12", "acme | https://acme.example/#/jobs/12"),
    ],
)
def test_an_identifier_is_its_value_in_the_scope_of_the_organisation(value: str, key: str) -> None:
    assert keys(sighting("acme.example/jobs/1", posting(value=value))).identifier == key


@pytest.mark.parametrize(
    "value",
    ["Welder", "welder!", "Acme", "", " ", "-", "null", "N/A", "Not Specified", "0",
     "https://acme.example/", "https://acme.example/#organization", "https://acme.example/jobs/#organization"],
)  # fmt: skip
def test_a_value_that_identifies_nothing_is_no_identifier(value: str) -> None:
    assert keys(sighting("acme.example/jobs/1", posting(value=value))).identifier is None


def test_an_identifier_that_only_repeats_its_scheme_is_none() -> None:
    content = replace(posting(), identifier=Identifier(value="Bite JobPosting", name="Bite JobPosting"))
    assert keys(sighting("acme.example/jobs/1", content)).identifier is None


def test_of_several_postings_on_a_page_each_has_the_page_and_its_print_as_address() -> None:
    one = keys(sighting(None, posting("Welder"), page="acme.example/jobs"))
    other = keys(sighting(None, posting("Fitter"), page="acme.example/jobs"))
    assert one.address == f"acme.example/jobs#{one.print}"
    assert one.address != other.address
    assert one.tokens == {}


def test_a_print_folds_case_punctuation_entities_and_the_order_of_places() -> None:
    places = (Location(locality="Berlin"), Location(locality="Paris"))
    one = replace(posting("Welder &amp; Fitter (m/w)"), locations=places)
    other = replace(posting("WELDER & fitter – m/w"), locations=places[::-1])
    assert keys(sighting("a.example/1", one)).print == keys(sighting("a.example/2", other)).print


def test_c_and_c_plus_plus_and_c_sharp_are_three_titles() -> None:
    assert len({fold("C developer"), fold("C++ developer"), fold("C# developer")}) == 3


def test_a_strong_token_can_be_looked_up_at_any_place() -> None:
    rows = keys(sighting("acme.example/jobs/123456/r-12")).rows
    assert ("token", "path:-2=123456") in rows
    assert ("token", "*=123456") in rows
    assert ("token", "*=r-12") not in rows


def test_a_value_that_no_index_can_take_is_kept_as_its_digest() -> None:
    rows = dict(keys(sighting("acme.example/jobs/1", posting(value="7" * 9000), board="v/b/" + "8" * 300)).rows)
    assert all(len(value) <= 200 for value in rows.values())
    assert len(rows["identifier"]) == len(rows["board"]) == 64


def test_the_keys_of_a_kept_posting_are_those_it_was_seen_under() -> None:
    content = posting(value="R-1", url="https://www.acme.example/jobs/4711?utm_source=x")
    seen = keys(sighting("acme.example/jobs/4711", content, board="v/b/1"))
    assert keys_of_known(content, seen.rows) == seen


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing(raw: str) -> None:
    assert fold(fold(raw)) == fold(raw)


@given(st.text(max_size=200), st.text(max_size=200))
def test_likeness_is_mutual_and_whole_with_itself(one: str, other: str) -> None:
    assert alike(one, one) == 1.0
    assert 0.0 <= alike(one, other) == alike(other, one) <= 1.0


@given(value=st.text(max_size=40), title=st.none() | st.text(max_size=20), town=st.none() | st.text(max_size=10))
def test_any_posting_has_keys(value: str, title: str | None, town: str | None) -> None:
    rows = keys(sighting("acme.example/jobs/1", posting(title, town=town, value=value))).rows
    assert all(len(part.encode("utf-8", "replace")) <= 200 for _, part in rows)


# ---- C.4, row by row


def test_the_same_board_id_is_the_same_posting_whatever_else_differs() -> None:
    old = known("acme.example/a", posting("Welder", value="1"), board="greenhouse/acme/7")
    seen = sighting("acme.example/b", posting("Cook", town="Rome", value="2"), board="greenhouse/acme/7")
    assert decide(seen, old) == Same(old)


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


def test_two_ids_of_one_board_are_two_postings_whatever_their_requisition() -> None:
    old = known("acme.example/a", posting(value="R-1"), board="greenhouse/acme/7", vanished=True)
    seen = sighting("acme.example/b", posting(value="R-1"), board="greenhouse/acme/8")
    assert link(decide(seen, old)).kind == "same requisition"


def test_postings_of_a_board_that_share_an_address_stay_apart() -> None:
    old = known("acme.example/careers", posting(), page="api.example/b", board="greenhouse/acme/7", seen=True)
    seen = sighting("acme.example/careers", posting("Cook"), page="api.example/b", board="greenhouse/acme/8")
    assert decide(seen, old) == New()


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


def test_a_sighting_that_shares_nothing_opens_at_once() -> None:
    assert decide(sighting("acme.example/y"), final=False) == New()


# ---- an old address that leads to a page that nothing else is known of


LED = ("acme.example/jobs/welder",)


@pytest.mark.parametrize(
    "content",
    [
        posting("Senior Welder"),
        posting("Senior Welder", description_text=text("b")),
        posting("Senior Welder", date_posted=date(2026, 11, 20)),
        posting(
            "Senior Welder", date_posted=None, description_text=text("intro") + " " + text("a") + " " + text("end")
        ),
        posting(organization=Organization(name="Globex"), date_posted=None),
    ],
)
def test_a_posting_whose_old_address_leads_to_a_reworded_one_has_moved(content: Posting) -> None:
    old = known("acme.example/jobs/welder")
    seen = sighting("acme.example/jobs/senior", content, redirected_from=LED)
    assert decide(seen, old) == Moved(old)
    assert decide(seen, old, final=False) == Wait(old)


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (posting("Cook", description_text=text("b"), date_posted=date(2026, 11, 20)), {}),
        (posting("Cook", town="Rome", description_text=text("b")), {}),
        (posting("Cook", organization=Organization(name="Globex")), {}),
        (posting("Schweißer", language="de"), {}),
        (posting("Senior Welder"), {"seen": True}),
        (posting("Senior Welder"), {"closed_at": NOW - timedelta(days=3)}),
    ],
)
def test_a_job_that_ended_may_lead_to_another_one(content: Posting, state: dict[str, Any]) -> None:
    old = known("acme.example/jobs/welder", posting(language="en"), **state)
    seen = sighting("acme.example/jobs/senior", content, redirected_from=LED)
    assert isinstance(decide(seen, old), New)


def test_another_trusted_identifier_contradicts_the_redirect() -> None:
    old = known("acme.example/jobs/welder", posting(value="R-1"))
    seen = sighting("acme.example/jobs/senior", posting("Senior Welder", value="R-2"), redirected_from=LED)
    assert isinstance(decide(seen, old), New)


def test_what_two_known_addresses_lead_to_is_neither() -> None:
    first = known("acme.example/jobs/welder", posting("Welder I"), name="p_1")
    second = known("acme.example/jobs/welder-2", posting("Welder II"), name="p_2")
    led = (*LED, "acme.example/jobs/welder-2")
    seen = sighting("acme.example/jobs/senior", posting("Senior Welder"), redirected_from=led)
    assert decide(seen, first, second) == New()


def test_the_addresses_that_led_here_are_looked_up() -> None:
    seen = keys(sighting("acme.example/jobs/senior"))
    assert asked(seen, Trust(), LED) == asked(seen, Trust()) | {("address", LED[0])}


# ---- ids that are given out again


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


# ---- a new system that writes texts anew


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


# ---- several on a page, that nothing but their text tells apart


PAGE = "acme.example/jobs"


@pytest.mark.parametrize(
    "content", [posting("Senior Welder"), posting(town="Rome"), replace(FRAMED, title="Senior Welder")]
)
def test_a_posting_that_left_a_page_and_whose_text_another_one_has_was_edited(content: Posting) -> None:
    old = known(None, vanished=True)
    assert decide(sighting(None, content), old) == Moved(old)
    not_yet = replace(old, vanished=False)
    assert decide(sighting(None, content), not_yet, final=False) == Wait(not_yet)


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (posting("Senior Welder"), {"seen": True}),
        (posting("Senior Welder"), {"vanished": False}),
        (posting("Senior Welder"), {"page": "acme.example/jobs?page=2"}),
        (posting("Senior Welder"), {"closed_at": NOW - timedelta(days=3)}),
        (posting("Senior Welder", town="Rome"), {}),
        (posting("Senior Welder", date_posted=date(2026, 11, 20)), {}),
        (posting("Senior Welder", organization=Organization(name="Globex")), {}),
        (posting("Senior Welder", description_text=text("b")), {}),
        (posting("Senior Welder", description_text="Short."), {}),
    ],
)
def test_nothing_less_makes_it_that_posting(content: Posting, state: dict[str, Any]) -> None:
    old = known(None, **{"vanished": True, **state})
    assert decide(sighting(None, content), old) == New()


def test_of_two_that_left_the_page_with_one_text_it_is_neither() -> None:
    first = known(None, posting("Welder I"), name="p_1", vanished=True)
    second = known(None, posting("Welder II"), name="p_2", vanished=True)
    assert decide(sighting(None, posting("Senior Welder")), first, second) == New()


def test_a_page_of_its_own_is_not_known_by_its_text() -> None:
    old = known(None, page=PAGE, vanished=True)
    assert decide(sighting(PAGE, posting("Senior Welder")), old) == New()


# ---- what is looked up


@pytest.mark.parametrize("standing", list(Standing))
def test_a_posting_is_looked_up_by_the_keys_that_are_believed(standing: Standing) -> None:
    seen = keys(sighting("acme.example/60001/47110", posting(value="R-1"), board="lever/acme/1"))
    always = {("address", seen.address), ("board", "lever/acme/1"), ("print", seen.print)}
    used = standing in (Standing.TRUSTED, Standing.PROBATION)
    by_identifier = always | ({("identifier", "acme | r-1")} if used else set())
    tokens = {("token", "path:-1=47110"), ("token", "*=47110"), ("token", "path:-1=60001")}
    assert asked(seen, Trust(identifier=standing)) == by_identifier
    assert asked(seen, Trust(token=standing, token_place="path:-1")) == always | (tokens if used else set())
    assert asked(seen, Trust(token=standing)) == always


# ---- several addresses of one posting


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


def test_a_token_is_asked_although_nobody_has_the_identifier() -> None:
    old = known("acme.example/jobs/47110", posting(), vanished=True)
    seen = sighting("acme.example/berlin/47110", posting("Senior Welder", value="R-1"))
    assert decide(seen, old) == Moved(old)


# ---- which of several


def test_a_posting_that_moved_to_an_address_whose_own_was_seen_elsewhere_replaces_nothing() -> None:
    first = known("acme.example/jobs/x", posting(value="R-1"), name="p_1", seen=True)
    second = known("acme.example/jobs/y", posting("Cook", value="R-2"), name="p_2", vanished=True)
    assert decide(sighting("acme.example/jobs/x", posting("Cook", value="R-2")), first, second) == Moved(second)


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


def test_the_order_in_which_postings_are_asked_about_decides_nothing() -> None:
    first, second = (known(f"acme.example/{n}", posting(value="R-1"), name=f"p_{n}", seen=True) for n in (1, 2))
    seen = sighting("acme.example/y", posting(value="R-1"))
    assert decide(seen, first, second) == decide(seen, second, first) == SecondAddress(first)


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


def test_of_several_that_had_an_address_the_one_that_was_read_there_has_it() -> None:
    there = known("acme.example/jobs/x", name="p_1")
    elsewhere = known("acme.example/y", name="p_2", more_keys=[("address", "acme.example/jobs/x")])
    assert decide(sighting("acme.example/jobs/x"), there, elsewhere) == Same(there)


def test_of_several_that_had_an_address_and_are_closed_the_last_one_has_it() -> None:
    last, earlier = (known("acme.example/x", name=f"p_{days}", closed_at=NOW - days * DAY) for days in (1, 3))
    assert decide(sighting("acme.example/x"), last, earlier) == Same(last)


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


# ---- C.7: a small site that is visited twice


class Shelf:
    """The least that can stand in for the ledger: postings, what they are known by, and one visit after another."""

    def __init__(self, trust: Trust) -> None:
        self.trust = trust
        self.postings: dict[str, KnownPosting] = {}

    def visit(self, batches: Sequence[Sequence[Sighting]]) -> dict[str, str]:
        """Which posting each address is, after a complete visit."""
        self.postings = {name: replace(one, seen=False, vanished=False) for name, one in self.postings.items()}
        found: dict[str, str] = {}
        held: list[Sighting] = []
        for batch in batches:
            ordered = sorted(batch, key=lambda one: one.address or "")
            held += [seen for seen in ordered if not self._take(seen, found, final=False, only=True)]
        for name, one in self.postings.items():
            self.postings[name] = replace(one, vanished=one.open and not one.seen)
        prints = new_prints(((seen, keys(seen), self._candidates(seen)) for seen in held), self.trust, now=NOW)
        for seen in sorted(held, key=lambda one: one.address or ""):
            assert self._take(seen, found, final=True, only=prints[keys(seen).print] == 1)
        return found

    def _candidates(self, seen: Sighting) -> list[KnownPosting]:
        rows = set(keys(seen).rows)
        return [one for one in self.postings.values() if one.keys & rows]

    def _take(self, seen: Sighting, found: dict[str, str], *, final: bool, only: bool) -> bool:
        own = keys(seen)
        decision = resolve(seen, own, self._candidates(seen), self.trust, final=final, only_with_print=only, now=NOW)
        assert seen.address is not None
        match decision:
            case Wait():
                return False
            case Same(posting=old) | Moved(posting=old) | SecondAddress(posting=old):
                name, content = old.id, old.posting
                if isinstance(decision, Moved) or old.page == seen.page.address:
                    content = seen.posting
                self.postings[name] = replace(
                    old, seen=True, open=True, closed_at=None, vanished=False, posting=content,
                    page=seen.page.address if isinstance(decision, Moved) else old.page,
                    keys=old.keys | set(own.rows),
                )  # fmt: skip
            case New() | Recycled():
                name = f"p_{len(self.postings):03}"
                self.postings[name] = known(seen.address, seen.posting, name=name, seen=True)
                if isinstance(decision, Recycled):
                    old = self.postings[decision.posting.id]
                    self.postings[old.id] = replace(old, open=False, closed_at=NOW)
        found[seen.address] = name
        return True


@st.composite
def jobs(draw: st.DrawFn) -> list[Posting]:
    """Jobs of one site, each with an identifier of its own; titles, towns, days and texts repeat."""
    many = draw(st.integers(1, 6))
    return [
        posting(
            draw(st.sampled_from(["Welder", "Fitter", "Cook"])),
            town=draw(st.sampled_from(["Berlin", "Rome", None])),
            value=f"R-{number}",
            date_posted=draw(st.sampled_from([None, date(2026, 11, 1), date(2026, 11, 2)])),
            description_text=draw(st.sampled_from([None, "A teaser.", text("a"), text("b")])),
        )
        for number in range(many)
    ]


@st.composite
def batched(draw: st.DrawFn, sightings: Sequence[Sighting]) -> list[list[Sighting]]:
    """The sightings in any order and any batches."""
    order = draw(st.permutations(list(sightings)))
    cuts = sorted(draw(st.sets(st.integers(0, len(order)), max_size=3)))
    return [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


TRUSTS = st.sampled_from([
    Trust(),
    DISTRUSTING,
    TRUSTING,
    Trust(identifier=Standing.TRUSTED),
    Trust(token=Standing.TRUSTED, token_place="path:-1"),
    Trust(identifier=Standing.PROBATION, token=Standing.PROBATION, token_place="path:-1"),
])  # fmt: skip

#: where a job of this number stands, in three schemes of addresses
SCHEMES = st.sampled_from([
    "acme.example/jobs/{:05}",
    "acme.example/stellen/{:05}",
    "acme.example/view?id={:05}",
    "acme.example/jobs/slug{}",
])  # fmt: skip


def seen_at(scheme: str, contents: Sequence[Posting]) -> list[Sighting]:
    return [sighting(scheme.format(number), content) for number, content in enumerate(contents)]


@settings(max_examples=60, deadline=None)
@given(jobs(), TRUSTS, SCHEMES, st.data())
def test_the_same_visit_again_in_any_order_yields_the_same_postings(
    contents: list[Posting], trust: Trust, scheme: str, data: st.DataObject
) -> None:
    pages = seen_at(scheme, contents)
    shelf = Shelf(trust)
    first = shelf.visit(data.draw(batched(pages)))
    again = shelf.visit(data.draw(batched(pages)))
    assert again == first
    assert len(shelf.postings) == len(set(first.values()))


@settings(max_examples=100, deadline=None)
@given(jobs(), TRUSTS, SCHEMES, SCHEMES, st.data())
def test_any_order_and_batching_of_a_visit_yields_the_same_partition(
    contents: list[Posting], trust: Trust, scheme: str, next_scheme: str, data: st.DataObject
) -> None:
    """After a first visit the site moves some pages to other addresses, changes some, and keeps some old ones up."""
    pages = seen_at(scheme, contents)
    changed = [replace(content, title=data.draw(st.sampled_from([content.title, "Chief"]))) for content in contents]
    later = seen_at(next_scheme, changed)
    moved_to = {one.address for one in later}
    later += [page for page in pages if page.address not in moved_to and data.draw(st.booleans())]
    before = [page for page in pages if data.draw(st.booleans())]
    partitions = []
    for _ in range(2):
        shelf = Shelf(trust)
        known_names = set(shelf.visit([before]).values())
        addresses: dict[str, set[str]] = {}
        for address, name in shelf.visit(data.draw(batched(later))).items():
            addresses.setdefault(name, set()).add(address)
        partitions.append({
            frozenset(group): name if name in known_names else "new" for name, group in addresses.items()
        })  # fmt: skip
    assert partitions[0] == partitions[1]


@settings(max_examples=100, deadline=None)
@given(jobs(), st.sampled_from([TRUSTING, Trust(identifier=Standing.TRUSTED)]), SCHEMES, SCHEMES, st.data())
def test_two_trusted_identifiers_of_one_visit_are_never_one_posting(
    contents: list[Posting], trust: Trust, scheme: str, next_scheme: str, data: st.DataObject
) -> None:
    shelf = Shelf(trust)
    first = shelf.visit(data.draw(batched(seen_at(scheme, contents))))
    assert len(set(first.values())) == len(contents)
    second = shelf.visit(data.draw(batched(seen_at(next_scheme, contents))))
    assert len(set(second.values())) == len(contents)
    assert set(second.values()) == set(first.values()), "identifiers that are trusted move with their postings"


@settings(max_examples=60, deadline=None)
@given(jobs(), TRUSTS, SCHEMES, st.data())
def test_addresses_alone_keep_the_postings_of_a_visit_apart(
    contents: list[Posting], trust: Trust, scheme: str, data: st.DataObject
) -> None:
    bare = [replace(content, identifier=None) for content in contents]
    found = Shelf(trust).visit(data.draw(batched(seen_at(scheme, bare))))
    assert len(set(found.values())) == len(contents)
