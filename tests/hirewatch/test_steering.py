"""The scheduler's rules, as pages take them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hirewatch.settings import Settings
from hirewatch.steering import Steering
from postings.errors import UsageError

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_an_interval_is_read_as_on_the_command_line() -> None:
    steering = Steering(Settings())
    assert steering.interval("1h30m") == timedelta(minutes=90)
    assert steering.interval("auto") is None
    for typed in ("", "soon", "1s", "400d"):
        with pytest.raises(UsageError):
            steering.interval(typed)


def test_a_cron_line_says_when_it_fires_first_or_what_is_wrong() -> None:
    steering = Steering(Settings())
    assert steering.first("0 7 * * *", "Europe/Berlin", NOW) == datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    for line, zone in (("0 7 * *", "UTC"), ("0 7 * * *", "Nowhere")):
        with pytest.raises(UsageError):
            steering.first(line, zone, NOW)


def test_only_a_process_that_is_certainly_gone_is_dead() -> None:
    assert not Steering(Settings()).is_dead("another-machine:1:2")
