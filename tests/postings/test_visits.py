"""Whether a visit is believed (C.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.sites import Health
from postings.visits import (
    Absence,
    Count,
    Listing,
    Look,
    Outcome,
    Verdict,
    VisitReport,
    credible_looks,
    gone_digest,
    is_dead,
    judge,
    next_health,
    revisit_after,
)
from tests.postings.making import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IDS = [f"p_{number}" for number in range(5000)]
WELL = VisitReport(
    started_at=NOW - HOUR,
    ended_at=NOW,
    source=None,
    listing=Listing(addresses=frozenset({"acme.example/jobs/1"}), whole=True, rows=1),
    asked=100,
    answered=100,
    read=100,
    requests=102,
    start_status=200,
)
NO_ROWS = replace(WELL, listing=Listing(whole=True))


def count(
    before: int = 100, gone: int = 0, *, seen: int | None = None, new: int = 0, ids: list[str] | None = None
) -> Count:
    return Count(
        open_before=before,
        seen=before - gone if seen is None else seen,
        unexplained_gone=gone,
        new=new,
        gone_digest=gone_digest(ids if ids is not None else IDS[:gone]),
    )


def looks(absence: Absence, many: int, *, first: int = 0) -> tuple[Look, ...]:
    return tuple(
        Look(
            address=f"acme.example/jobs/{number}",
            url=f"https://acme.example/jobs/{number}",
            absence=absence,
            status=200,
            at=NOW,
        )
        for number in range(first, first + many)
    )


def verdict(
    report: VisitReport = WELL, counted: Count | None = None, health: Health | None = None, *, baseline: bool = False
) -> Verdict:
    return judge(report, counted or count(), health or Health(), baseline=baseline)


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


def suspects(*hours_ago: float, ids: list[str]) -> Health:
    return Health(suspects=tuple((NOW - hours * HOUR, gone_digest(ids)) for hours in hours_ago))


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


@given(st.sets(st.sampled_from(IDS[:300])), st.randoms(use_true_random=False))
def test_a_digest_does_not_depend_on_order(ids: set[str], order: Any) -> None:
    shuffled = sorted(ids)
    order.shuffle(shuffled)
    assert gone_digest(shuffled) == gone_digest(ids)


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


# ---- health


def test_a_complete_visit_clears_what_was_in_doubt() -> None:
    ill = replace(suspects(3, ids=IDS[:9]), failures=2, first_failure_at=NOW - DAY, attention="?", patience=4)
    well = next_health(ill, Verdict(outcome=Outcome.COMPLETE), count(), WELL)
    assert well == Health(last_complete_at=NOW, patience=4)
    assert revisit_after(well) is None


def test_a_partial_visit_keeps_the_doubt_unless_it_saw_the_postings_again() -> None:
    health = suspects(3, ids=IDS[:40])
    partial = Verdict(outcome=Outcome.PARTIAL, reason="cut short")
    assert next_health(health, partial, count(100, 0, seen=50), WELL).suspects == health.suspects
    assert next_health(health, partial, count(100, 0, seen=95), WELL).suspects == ()


def test_suspect_visits_come_back_after_30_minutes_2_hours_and_12_hours() -> None:
    health, waits = Health(), []
    for _ in range(5):
        found = verdict(counted=count(100, 40), health=health)
        health = next_health(health, found, count(100, 40), WELL)
        waits.append(revisit_after(health))
    assert waits == [timedelta(minutes=30), 2 * HOUR, 12 * HOUR, 12 * HOUR, 12 * HOUR]


def test_doubt_that_time_does_not_settle_needs_a_person() -> None:
    health = Health()
    for visit in range(4):
        assert health.attention is None, f"not yet at visit {visit}"
        found = verdict(counted=count(100, 40), health=health)
        health = next_health(health, found, count(100, 40), WELL)
    assert health.attention == "40 of 100 open postings vanished at once; looking again in 12 hours"


def test_a_site_without_any_posting_needs_a_person_at_once() -> None:
    found = verdict(NO_ROWS, count(0), baseline=True)
    assert next_health(Health(), found, count(0), NO_ROWS).attention == "no posting found"


def test_a_site_that_failed_five_times_over_two_weeks_needs_a_person() -> None:
    failed = Verdict(outcome=Outcome.FAILED, reason="did not answer")
    health = Health()
    for days in (0, 1, 2, 13):
        health = next_health(health, failed, count(seen=0), replace(WELL, ended_at=NOW + days * DAY))
    assert health.failures == 4
    assert health.attention is None
    health = next_health(health, failed, count(seen=0), replace(WELL, ended_at=NOW + 14 * DAY))
    assert is_dead(health, NOW + 14 * DAY)
    assert health.attention == "the site has not answered since 2026-11-24 (5 visits): is it gone?"


def test_a_failed_visit_leaves_the_doubt_of_earlier_ones() -> None:
    health = suspects(3, ids=IDS[:40])
    failed = Verdict(outcome=Outcome.FAILED, reason="did not answer")
    assert next_health(health, failed, count(seen=0), WELL).suspects == health.suspects


def test_an_answer_ends_a_row_of_failures() -> None:
    health = Health(failures=7, first_failure_at=NOW - 20 * DAY)
    partial = Verdict(outcome=Outcome.PARTIAL, reason="cut short")
    assert next_health(health, partial, count(), WELL).failures == 0
