"""How a site stands after a visit (C.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from postings.digests import gone_digest
from postings.health import is_dead, is_given_up, next_health, revisit_after
from postings.sites import Acceptance, Health
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


# ---- a site that is gone


TOLD = replace(WELL, start_status=404)
FAILED = Verdict(outcome=Outcome.FAILED, reason="the start page answered 404")


def gone_for(days: float, visits: int = 5) -> Health:
    return Health(gone_since=NOW - days * DAY, gone_visits=visits)


@pytest.mark.parametrize(
    ("health", "given_up"),
    [(gone_for(30), True), (gone_for(29.9), False), (gone_for(60, visits=4), False), (Health(gone_visits=9), False)],
)
def test_a_site_is_given_up_that_said_for_thirty_days_and_five_visits_that_it_is_gone(
    health: Health, given_up: bool
) -> None:
    assert is_given_up(health, TOLD, others_answer=False) is given_up


@pytest.mark.parametrize(
    ("fields", "others", "given_up"),
    [
        ({"start_status": 410}, False, True),
        ({"start_status": None, "unreachable": True}, True, True),
        ({"start_status": None, "unreachable": True}, False, False),
        ({"start_status": None}, True, False),
        ({"start_status": 500}, True, False),
        ({"start_status": 200}, True, False),
    ],
)
def test_a_site_that_cannot_be_reached_is_given_up_only_while_others_answer(
    fields: dict[str, Any], others: bool, given_up: bool
) -> None:
    assert is_given_up(gone_for(30), replace(WELL, **fields), others_answer=others) is given_up


def test_a_person_who_said_that_a_site_is_gone_is_believed_at_once_while_the_site_says_so_too() -> None:
    said = replace(gone_for(1, visits=1), accepted=Acceptance(at=NOW, gone_digest=None))
    assert is_given_up(said, TOLD, others_answer=False)
    assert not is_given_up(said, replace(WELL, start_status=500), others_answer=True)
    other = replace(said, accepted=Acceptance(at=NOW, gone_digest="0f"))
    assert not is_given_up(other, TOLD, others_answer=True)


def test_the_thirty_days_begin_with_the_first_visit_that_was_told() -> None:
    health = next_health(Health(), FAILED, count(seen=0), replace(TOLD, ended_at=NOW))
    health = next_health(health, FAILED, count(seen=0), replace(TOLD, ended_at=NOW + DAY))
    assert (health.gone_since, health.gone_visits) == (NOW, 2)
    assert (health.failures, health.first_failure_at) == (2, NOW)


def test_an_error_of_the_server_begins_them_anew_and_a_host_that_rests_says_nothing() -> None:
    told = gone_for(9)
    error = replace(WELL, start_status=500)
    after = next_health(told, FAILED, count(seen=0), error)
    assert (after.gone_since, after.gone_visits) == (None, 0)
    rested = next_health(told, FAILED, count(seen=0), replace(error, start_status=None, requests=0))
    assert (rested.gone_since, rested.gone_visits) == (told.gone_since, told.gone_visits)


def test_an_answer_contradicts_whoever_said_that_the_site_is_gone() -> None:
    said = replace(gone_for(9), accepted=Acceptance(at=NOW, gone_digest=None))
    partial = Verdict(outcome=Outcome.PARTIAL, reason="cut short")
    after = next_health(said, partial, count(), WELL)
    assert (after.gone_since, after.gone_visits, after.accepted) == (None, 0, None)
    assert next_health(said, FAILED, count(seen=0), TOLD).accepted == said.accepted


# ---- what a person sees


def test_the_note_of_earlier_visits_stays_until_one_contradicts_it() -> None:
    noted = replace(suspects(3, ids=IDS[:40]), attention="?")
    partial = Verdict(outcome=Outcome.PARTIAL, reason="cut short")
    suspect = Verdict(outcome=Outcome.SUSPECT, reason="!")
    assert next_health(noted, partial, count(100, 0, seen=50), WELL).attention == "?"
    assert next_health(noted, partial, count(100, 0, seen=95), WELL).attention is None
    assert next_health(noted, Verdict(outcome=Outcome.FAILED), count(seen=0), WELL).attention == "?"
    assert next_health(noted, suspect, count(100, 40), WELL).attention == "?"


def test_twenty_suspect_visits_are_kept_and_the_first_of_those_that_agree_says_since_when() -> None:
    many = Health(suspects=tuple((NOW - n * HOUR, "0f") for n in range(30, 10, -1)))
    after = next_health(many, Verdict(outcome=Outcome.SUSPECT, reason="!"), count(100, 40), WELL)
    assert len(after.suspects) == 20
    assert after.suspects[:-1] == (many.suspects[0], *many.suspects[2:])
    assert after.suspects[-1] == (NOW, count(100, 40).gone_digest)


def test_a_site_without_any_posting_needs_nobody_where_there_were_some() -> None:
    suspect = Verdict(outcome=Outcome.SUSPECT, reason="!")
    assert next_health(Health(), suspect, count(5, 5), WELL).attention is None
    assert next_health(Health(), suspect, count(0, 0, seen=3), WELL).attention is None


@pytest.mark.parametrize(
    ("failures", "days", "dead"), [(5, 14, True), (4, 14, False), (5, 13.9, False), (50, 400, True)]
)
def test_a_site_is_dead_after_five_failures_over_two_weeks(failures: int, days: float, dead: bool) -> None:
    assert is_dead(Health(failures=failures, first_failure_at=NOW - days * DAY), NOW) is dead
    assert not is_dead(Health(failures=failures), NOW)


def test_the_first_stays_where_a_few_of_the_gone_postings_change_from_visit_to_visit() -> None:
    health = Health()
    for visit in range(60):
        gone = count(300, 200 - visit // 4, ids=IDS[visit // 4 : 200])
        report = replace(WELL, ended_at=NOW + visit * 12 * HOUR)
        health = next_health(health, Verdict(outcome=Outcome.SUSPECT, reason="!"), gone, report)
    assert len(health.suspects) == 20
    assert health.suspects[0][0] == NOW
