"""How a site stands after a visit (C.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from postings.digests import gone_digest
from postings.health import is_dead, next_health, revisit_after
from postings.sites import Health
from postings.verdicts import judge
from postings.visits import Outcome, Verdict
from tests.postings.making import NOW
from tests.postings.reported import DAY, HOUR, IDS, NO_ROWS, WELL, accepted, count, suspects, verdict


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


def test_an_acceptance_ends_with_a_visit_that_nothing_is_wrong_with() -> None:
    health = accepted(40)
    doubted, clean = count(100, 40), count(100, 0)
    for one, left in ((doubted, health.accepted), (clean, None)):
        assert next_health(health, judge(WELL, one, health, baseline=False), one, WELL).accepted == left


def test_an_acceptance_outlives_a_visit_that_says_nothing() -> None:
    health = replace(accepted(40), suspects=((NOW - HOUR, gone_digest(IDS[:40])),))
    nothing, seen_again = count(100, 0, seen=0), count(100, 0)
    for after, one, left in (
        (Verdict(outcome=Outcome.FAILED), nothing, health.accepted),
        (Verdict(outcome=Outcome.PARTIAL), nothing, health.accepted),
        (Verdict(outcome=Outcome.PARTIAL), seen_again, None),
        (Verdict(outcome=Outcome.SUSPECT), count(100, 80), None),
    ):
        assert next_health(health, after, one, WELL).accepted == left
