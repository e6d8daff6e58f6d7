"""How a host stands after visits that went well and visits that did not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.hosts import LONGEST_WISH, REST_AFTER, Host, answered, failed, rests, told, wished

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def after(failures: int) -> Host:
    """A host that failed in that many visits, a day apart, until now."""
    host = Host()
    for days in range(failures - 1, -1, -1):
        at = NOW - timedelta(days=days)
        host = failed(host, "answered 503", began=at, now=at)
    return host


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, None), (2, None), (3, 10), (4, 20), (5, 40), (6, 80), (9, 360), (40, 360)]
)
def test_a_host_rests_from_the_third_failing_visit_on_and_each_time_for_longer(
    failures: int, minutes: int | None
) -> None:
    rest = after(failures).rests_until
    assert (rest and rest - NOW) == (None if minutes is None else timedelta(minutes=minutes))


def test_of_visits_that_ran_at_the_same_time_one_counts() -> None:
    host = Host()
    for minute in range(10):
        host = failed(host, "answered 503", began=NOW, now=NOW + timedelta(minutes=minute))
    assert host.failures == 1


def test_a_good_answer_ends_the_rest_and_forgets_the_failures() -> None:
    host = answered(after(5))
    assert not host.failures
    assert not rests(host, NOW)
    assert not host.on_trial


def test_a_rest_that_the_host_asked_for_outlasts_a_good_answer_and_whoever_insists() -> None:
    host = answered(wished(after(2), 3600, "it answered 429 and asked for it", now=NOW))
    assert rests(host, NOW, insist=True)
    assert rests(host, NOW + timedelta(minutes=59))
    assert not rests(host, NOW + timedelta(minutes=60))


def test_who_insists_may_ask_a_host_that_rests_after_failures() -> None:
    host = after(3)
    assert rests(host, NOW)
    assert not rests(host, NOW, insist=True)
    assert host.on_trial


def test_a_failure_does_not_shorten_what_the_host_asked_for() -> None:
    host = failed(
        wished(after(3), 86_400, "it asked", now=NOW), "answered 503", began=NOW, now=NOW + timedelta(hours=1)
    )
    assert host.wished
    assert host.rests_until == NOW + timedelta(days=1)


def test_the_words_name_host_time_and_reason() -> None:
    assert told("acme.example", after(3)) == (
        "host acme.example rests until 2026-11-25 12:10 UTC: it gave no good answer in 3 visits in a row, "
        "lastly: answered 503"
    )


@given(st.floats(min_value=0, max_value=1e15))
def test_no_host_is_left_alone_for_more_than_a_week(seconds: float) -> None:
    host = wished(Host(), seconds, "it asked", now=NOW)
    assert host.rests_until is not None
    assert host.rests_until - NOW <= LONGEST_WISH


@given(st.lists(st.booleans(), max_size=60))
def test_failures_count_visits_in_a_row_whatever_came_before(answers: list[bool]) -> None:
    host, row = Host(), 0
    for number, good in enumerate(answers):
        at = NOW + timedelta(days=number)
        host = answered(host) if good else failed(host, "time-out", began=at, now=at)
        row = 0 if good else row + 1
        assert host.failures == row
        assert rests(host, at) == (row >= REST_AFTER)


def test_a_rest_is_told_with_its_end_and_its_reason() -> None:
    host = wished(Host(), 3600, "it answered 429 and asked for it", now=NOW)
    assert told("acme.example", host) == (
        "host acme.example rests until 2026-11-25 13:00 UTC: it answered 429 and asked for it"
    )
    assert after(3).reason == "it gave no good answer in 3 visits in a row, lastly: answered 503"


def test_a_longer_wish_is_not_cut_short_by_a_failure_or_another_wish() -> None:
    asked = wished(after(2), 7 * 24 * 3600, "asked for it", now=NOW)
    again = failed(asked, "answered 503", began=NOW + timedelta(hours=1), now=NOW + timedelta(hours=1))
    assert (again.rests_until, again.reason, again.wished) == (asked.rests_until, "asked for it", True)
    assert again.failures == 3
    assert wished(asked, 60, "asked for less", now=NOW) == asked
