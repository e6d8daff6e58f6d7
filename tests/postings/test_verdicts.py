"""Whether a visit is believed (C.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.digests import gone_digest
from postings.health import next_health, revisit_after
from postings.sites import Health, Source, SourceKind
from postings.verdicts import credible_looks
from postings.visits import Absence, Listing, Outcome, Verdict, VisitReport
from tests.postings.making import NOW
from tests.postings.reported import HOUR, IDS, NO_ROWS, WELL, accepted, count, looks, suspects, verdict

# ---- complete, partial, failed


def test_a_whole_list_with_all_pages_answering_is_complete() -> None:
    assert verdict() == Verdict(outcome=Outcome.COMPLETE)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"listing": replace(WELL.listing, whole=False, doubts=("sitemap.xml was cut short",))},
            "the list is not whole: sitemap.xml was cut short",
        ),
        ({"listing": Listing()}, "the list is not whole: nothing proves it"),
        ({"cut_short": "page budget of 5000 reached"}, "the visit was cut short: page budget of 5000 reached"),
        ({"answered": 94}, "only 94 of 100 posting pages answered"),
    ],
)
def test_a_visit_that_may_have_missed_postings_is_partial(fields: dict[str, Any], reason: str) -> None:
    assert verdict(replace(WELL, **fields)) == Verdict(outcome=Outcome.PARTIAL, reason=reason)


def test_ninety_five_of_a_hundred_pages_are_enough() -> None:
    assert verdict(replace(WELL, answered=95)).outcome is Outcome.COMPLETE


def test_a_list_that_needs_no_pages_is_complete() -> None:
    assert verdict(replace(WELL, asked=0, answered=0, read=0)).outcome is Outcome.COMPLETE


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"start_status": None}, "the start page did not answer"),
        ({"start_status": 403}, "the start page answered 403"),
        ({"start_status": None, "problems": ("acme.example did not resolve",)}, "acme.example did not resolve"),
        (
            {"start_status": None, "cut_short": "stopped"},
            "the visit ended before the site had answered: stopped",
        ),
    ],
)
def test_a_visit_that_saw_neither_posting_nor_list_nor_start_page_has_failed(
    fields: dict[str, Any], reason: str
) -> None:
    report = replace(WELL, listing=Listing(), asked=0, answered=0, read=0, **fields)
    assert verdict(report, count(seen=0)) == Verdict(outcome=Outcome.FAILED, reason=reason)


def test_a_start_page_that_fails_while_postings_are_seen_does_not_fail_the_visit() -> None:
    assert verdict(replace(WELL, start_status=500)).outcome is Outcome.COMPLETE


def test_a_first_visit_without_any_posting_is_no_baseline() -> None:
    assert verdict(NO_ROWS, count(0), baseline=True) == Verdict(outcome=Outcome.SUSPECT, reason="no posting found")
    assert verdict(NO_ROWS, count(0)).outcome is Outcome.COMPLETE


def test_markup_that_is_gone_from_all_pages_is_a_template_and_no_closing() -> None:
    report = replace(WELL, read=0, looks=looks(Absence.NO_MARKUP, 100))
    found = verdict(report, count(gone=100))
    assert found.outcome is Outcome.PARTIAL
    assert found.reason == "the JobPosting markup is gone from 100 pages that had it, too many to be closed postings"
    assert next_health(Health(), found, count(gone=100), report).attention == found.reason


@pytest.mark.parametrize(("lost", "read", "credible"), [(20, 80, True), (21, 79, False), (1, 1, True), (1, 0, False)])
def test_a_page_that_lost_its_markup_says_something_only_if_most_others_have_it(
    lost: int, read: int, credible: bool
) -> None:
    report = replace(WELL, asked=lost + read, answered=lost + read, read=read, looks=looks(Absence.NO_MARKUP, lost))
    found = {look.absence for look in credible_looks(report)}
    assert found == {Absence.NO_MARKUP if credible else Absence.UNKNOWN}


def test_pages_that_did_not_change_still_have_their_markup() -> None:
    report = replace(WELL, asked=10, answered=10, read=0, not_modified=9, looks=looks(Absence.NO_MARKUP, 1))
    assert credible_looks(report) == report.looks


def test_noindex_on_most_pages_says_nothing_and_other_looks_stay() -> None:
    report = replace(
        WELL, asked=12, answered=12, read=1, looks=looks(Absence.NOINDEX, 10) + looks(Absence.GONE, 1, first=10)
    )
    assert [look.absence for look in credible_looks(report)] == [Absence.UNKNOWN] * 10 + [Absence.GONE]


# ---- the guard


@pytest.mark.parametrize(
    ("before", "gone", "outcome"),
    [
        (120, 34, Outcome.SUSPECT),
        (100, 10, Outcome.COMPLETE),
        (100, 11, Outcome.SUSPECT),
        (10, 5, Outcome.COMPLETE),
        (10, 6, Outcome.SUSPECT),
        (3, 3, Outcome.SUSPECT),
        (4, 3, Outcome.COMPLETE),
        (2, 2, Outcome.COMPLETE),
    ],
)
def test_many_postings_that_vanish_at_once_make_a_visit_suspect(before: int, gone: int, outcome: Outcome) -> None:
    assert verdict(counted=count(before, gone)).outcome is outcome


def test_the_reason_says_what_vanished_and_what_happens_next() -> None:
    suspect = count(120, 34)
    health = Health()
    words = []
    for hours in (0, 0.5, 2.5):
        report = replace(WELL, ended_at=NOW + hours * HOUR)
        found = verdict(report, suspect, health)
        words.append(found.reason)
        health = next_health(health, found, suspect, report)
    assert words == [
        "34 of 120 open postings vanished at once; looking again in 30 minutes",
        "34 of 120 open postings vanished at once; looking again in 2 hours",
        "34 of 120 open postings vanished at once; looking again in 12 hours",
    ]


@pytest.mark.parametrize("before", [1, 2, 100])
def test_an_empty_list_where_postings_were_open_is_suspect(before: int) -> None:
    found = verdict(NO_ROWS, count(before, before))
    assert found.outcome is Outcome.SUSPECT
    assert found.reason is not None
    assert found.reason.startswith("the list is empty")


def test_new_and_gone_beyond_half_of_the_site_is_a_move() -> None:
    assert verdict(counted=count(100, 60, new=55)).moved
    assert not verdict(counted=count(100, 60, new=50)).moved
    assert not verdict(counted=count(100, 50, new=60)).moved
    assert not verdict(counted=count(2, 2, new=2)).moved, "two jobs for two others is an ordinary week"


# ---- how a suspect visit becomes believed


def test_two_suspect_visits_twelve_hours_apart_that_agree_are_believed() -> None:
    found = verdict(counted=count(100, 40), health=suspects(12, ids=IDS[:40]))
    assert found.outcome is Outcome.COMPLETE
    assert found.reason is not None
    assert found.reason.startswith("40 of 100 open postings vanished at once; believed")


@pytest.mark.parametrize(
    "health",
    [
        Health(),
        suspects(11.9, ids=IDS[:40]),
        suspects(12, ids=IDS[40:80]),
        suspects(-13, ids=IDS[:40]),
        Health(suspects=((NOW - 13 * HOUR, gone_digest(IDS[:40])), (NOW - HOUR, gone_digest(IDS[50:90])))),
    ],
)
def test_nothing_else_makes_a_suspect_visit_believed(health: Health) -> None:
    assert verdict(counted=count(100, 40), health=health).outcome is Outcome.SUSPECT


@pytest.mark.parametrize(
    "fields",
    [
        {"start_status": 500},
        {"start_status": None},
        {"listing": Listing(whole=True)},
        {"listing": Listing(whole=True), "looks": looks(Absence.UNKNOWN, 40)},
        {"listing": Listing(whole=True), "looks": looks(Absence.NOT_FOUND, 20) + looks(Absence.UNKNOWN, 20, first=20)},
    ],
)
def test_a_site_that_is_not_otherwise_healthy_is_not_believed(fields: dict[str, Any]) -> None:
    report = replace(WELL, **fields)
    assert verdict(report, count(100, 40), suspects(13, ids=IDS[:40])).outcome is Outcome.SUSPECT


def test_a_wall_in_place_of_pages_that_are_still_listed_is_never_believed() -> None:
    walled = looks(Absence.REDIRECTED, 40)
    listing = Listing(addresses=frozenset(look.address for look in walled), whole=True, rows=40)
    report = replace(WELL, read=60, looks=walled, listing=listing)
    assert verdict(report, count(100, 40), suspects(30, ids=IDS[:40])).outcome is Outcome.SUSPECT


def test_an_honest_zero_is_believed_when_the_pages_say_so_one_by_one() -> None:
    report = replace(NO_ROWS, read=0, looks=looks(Absence.NOT_FOUND, 90) + looks(Absence.GONE, 10, first=90))
    assert verdict(report, count(100, 100), suspects(13, 12.5, ids=IDS[:100])).outcome is Outcome.COMPLETE


def test_visits_agree_although_some_more_went_meanwhile() -> None:
    health = suspects(13, ids=IDS[:2000])
    assert verdict(counted=count(5000, 2020), health=health).outcome is Outcome.COMPLETE
    assert verdict(counted=count(5000, 4000), health=health).outcome is Outcome.SUSPECT


def test_a_first_visit_without_any_posting_is_not_believed_by_time() -> None:
    health = suspects(48, 24, ids=[])
    assert verdict(NO_ROWS, count(0), health, baseline=True).outcome is Outcome.SUSPECT


@given(
    gone=st.integers(0, 50),
    rows=st.integers(0, 3),
    whole=st.booleans(),
    answered=st.integers(0, 50),
    status=st.sampled_from([200, 404, 503, None]),
    hours=st.lists(st.integers(-24, 48), max_size=3),
)
def test_any_visit_has_a_verdict_and_what_is_not_complete_says_why(
    gone: int, rows: int, whole: bool, answered: int, status: int | None, hours: list[int]
) -> None:
    report = replace(
        WELL, listing=Listing(rows=rows, whole=whole), asked=50, answered=answered, read=answered, start_status=status
    )
    counted, health = count(50, gone), suspects(*hours, ids=IDS[:gone])
    found = verdict(report, counted, health)
    assert found.outcome is Outcome.COMPLETE or found.reason
    if not whole or answered < 48:
        assert found.outcome in (Outcome.PARTIAL, Outcome.FAILED), "nothing closes by a visit that may have missed some"
    after = next_health(health, found, counted, report)
    assert bool(after.suspects) >= (found.outcome is Outcome.SUSPECT)
    assert (revisit_after(after) is None) == (not after.suspects)


@pytest.mark.parametrize("number", [40, 2000])
@pytest.mark.parametrize("share", [1.0, 0.9, 0.5])
def test_what_a_person_accepted_is_believed_whole_or_what_is_left_of_it(number: int, share: float) -> None:
    gone = int(number * share)
    found = verdict(counted=count(2 * number, gone), health=accepted(number))
    assert found.outcome is Outcome.COMPLETE
    assert "a person accepted it" in (found.reason or "")


@pytest.mark.parametrize("number", [40, 2000])
def test_what_a_person_did_not_accept_is_not_believed(number: int) -> None:
    other = count(2 * number, number, ids=IDS[number : 2 * number])
    half = count(2 * number, number, ids=IDS[number // 2 : number // 2 + number])
    for gone in (other, half):
        assert verdict(counted=gone, health=accepted(number)).outcome is Outcome.SUSPECT


@pytest.mark.parametrize(
    ("report", "outcome"),
    [(replace(WELL, cut_short="stopped"), Outcome.PARTIAL), (replace(WELL, answered=10), Outcome.PARTIAL)],
)
def test_an_acceptance_makes_no_visit_whole(report: VisitReport, outcome: Outcome) -> None:
    assert verdict(report, count(100, 40), accepted(40)).outcome is outcome


BOARD = replace(
    NO_ROWS, source=Source(kind=SourceKind.BOARD, urls=("https://board.example/acme",)), asked=0, answered=0
)
TWICE = Health(suspects=((NOW - 13 * HOUR, gone_digest(IDS[:8])),))


def test_a_board_that_lists_nothing_is_believed_when_two_visits_agree_although_it_has_no_pages_to_ask() -> None:
    empty = replace(BOARD, looks=looks(Absence.ABSENT, 8))
    gone = count(8, 8)
    assert verdict(empty, gone).outcome is Outcome.SUSPECT
    assert verdict(empty, gone, TWICE).outcome is Outcome.COMPLETE
    soon = Health(suspects=((NOW - HOUR, gone_digest(IDS[:8])),))
    assert verdict(empty, gone, soon).outcome is Outcome.SUSPECT


@pytest.mark.parametrize(
    "report",
    [
        replace(BOARD, start_status=503, looks=looks(Absence.ABSENT, 8)),
        replace(NO_ROWS, looks=looks(Absence.ABSENT, 8)),
        replace(BOARD, looks=looks(Absence.UNKNOWN, 8)),
    ],
    ids=["its start page fails", "no board", "its pages say nothing"],
)
def test_an_empty_list_is_not_believed_by_time_where(report: VisitReport) -> None:
    assert verdict(report, count(8, 8), TWICE).outcome is not Outcome.COMPLETE


def test_a_board_without_a_posting_from_the_first_is_believed_by_time_and_other_lists_are_not() -> None:
    none = Health(suspects=((NOW - 13 * HOUR, gone_digest(())),))
    assert verdict(BOARD, count(0), none, baseline=True).outcome is Outcome.COMPLETE
    assert verdict(WELL, count(0, seen=0), none, baseline=True).outcome is Outcome.SUSPECT


def test_a_feed_names_only_the_newest_and_its_visit_is_complete_all_the_same() -> None:
    feed = Listing(addresses=WELL.listing.addresses, newest_only=True, rows=1)
    assert verdict(replace(WELL, listing=feed)).outcome is Outcome.COMPLETE
    failed = replace(feed, doubts=("the feed answered 500",))
    assert verdict(replace(WELL, listing=failed)).outcome is Outcome.PARTIAL
    assert verdict(replace(WELL, listing=replace(feed, newest_only=False))).outcome is Outcome.PARTIAL
