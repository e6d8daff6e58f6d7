from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.schedule import ATTEMPTS, next_attempt
from tests.delivery.eventlog import NOON

STANDARD = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]


@pytest.mark.parametrize(("attempt", "seconds"), list(enumerate(STANDARD, start=1)))
def test_each_wait_is_that_of_standard_webhooks_and_up_to_a_tenth_more(attempt: int, seconds: int) -> None:
    waits = {(next_attempt(attempt, NOON, None, Random(seed)) or NOON) - NOON for seed in range(50)}
    assert min(waits) >= timedelta(seconds=seconds)
    assert max(waits) <= timedelta(seconds=seconds * 1.1)
    assert len(waits) > 1


def test_the_tenth_attempt_is_the_last() -> None:
    assert ATTEMPTS == 10
    assert next_attempt(10, NOON, None, Random(1)) is None
    assert next_attempt(10, NOON, timedelta(minutes=1), Random(1)) is None


def test_a_receiver_that_asks_for_a_longer_wait_gets_it() -> None:
    assert next_attempt(1, NOON, timedelta(minutes=7), Random(1)) == NOON + timedelta(minutes=7)


def test_a_receiver_that_asks_for_a_shorter_wait_does_not_hurry_the_schedule() -> None:
    at = next_attempt(2, NOON, timedelta(seconds=1), Random(1))
    assert at is not None
    assert at >= NOON + timedelta(minutes=5)


@given(st.integers(1, 9), st.timedeltas(timedelta(0), timedelta(days=100_000)), st.integers())
def test_no_receiver_can_ask_for_more_than_a_day(attempt: int, asked: timedelta, seed: int) -> None:
    at = next_attempt(attempt, NOON, asked, Random(seed))
    assert at is not None
    assert at <= NOON + timedelta(hours=24) * 1.1
