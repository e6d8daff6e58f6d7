from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rhythm import (
    Every,
    Rhythm,
    last_slot,
    next_slot,
    quiet_until,
    read_rhythm,
    write_quiet,
    write_when,
)
from postings.errors import UsageError

#: clocks that change at 01:00 UTC; at 02:00 local time, in the other half of the year; by half an hour
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")

zones = st.sampled_from((*ZONES, "UTC", "Asia/Kolkata", "Pacific/Apia", "America/St_Johns"))
times = st.times().map(lambda at: f"{at:%H:%M}")
whens = st.one_of(
    st.just("hourly"),
    times.map(lambda at: f"daily {at}"),
    st.tuples(st.sampled_from(("mon", "wed", "sun")), times).map(lambda day: f"weekly {day[0]} {day[1]}"),
)
quiets = st.tuples(times, times).filter(lambda span: span[0] != span[1]).map("-".join)
moments = st.datetimes(datetime(2011, 12, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("instant", "instant"),
        ("", "instant"),
        ("Hourly", "hourly"),
        ("daily", "daily 08:00"),
        ("daily 8:05", "daily 08:05"),
        ("weekly", "weekly mon 08:00"),
        ("weekly Friday 18:00", "weekly fri 18:00"),
        ("weekly 7:30", "weekly mon 07:30"),
    ],
)
def test_a_rhythm_is_read_as_people_write_it(typed: str, written: str) -> None:
    assert write_when(read_rhythm(typed)) == written
    assert read_rhythm(written) == read_rhythm(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "sometimes",
        "daily 25:00",
        "daily 08:60",
        "weekly xyz 08:00",
        "weekly monkey 08:00",
        "hourly 5",
        "daily 08:00 09:00",
        "daily ²:00",
    ],
)
def test_what_is_no_rhythm_is_answered_with_those_that_are(typed: str) -> None:
    with pytest.raises(UsageError, match="weekly mon 08:00"):
        read_rhythm(typed)


@pytest.mark.parametrize("typed", ["22:00", "22-7", "22:00-22:00", "always", "-", "22:00-24:00"])
def test_what_are_no_quiet_hours_is_said(typed: str) -> None:
    with pytest.raises(UsageError, match="22:00-07:00"):
        read_rhythm(quiet=typed)


@pytest.mark.parametrize("zone", ["Berlin", "Europe", "../../etc/passwd", "/etc/localtime", "Mars/Olympus", "\0"])
def test_what_is_no_time_zone_is_said(zone: str) -> None:
    with pytest.raises(UsageError, match="Europe/Berlin"):
        read_rhythm("daily", zone=zone)


def test_quiet_hours_are_written_back() -> None:
    assert write_quiet(read_rhythm(quiet="22:00 – 7:00")) == "22:00-07:00"
    assert write_quiet(read_rhythm()) is None


def test_a_digest_leaves_at_its_local_time() -> None:
    rhythm = read_rhythm("daily 08:00", zone="Europe/Berlin")
    assert last_slot(rhythm, utc("2026-11-25T06:59")) == utc("2026-11-24T07:00")
    assert last_slot(rhythm, utc("2026-11-25T07:00")) == utc("2026-11-25T07:00")
    assert next_slot(rhythm, utc("2026-11-25T07:00")) == utc("2026-11-26T07:00")


def test_a_weekly_digest_leaves_on_its_day() -> None:
    rhythm = read_rhythm("weekly mon 08:00", zone="Europe/Berlin")
    assert last_slot(rhythm, utc("2026-11-25T12:00")) == utc("2026-11-23T07:00")
    assert next_slot(rhythm, utc("2026-11-25T12:00")) == utc("2026-11-30T07:00")


@pytest.mark.parametrize(
    ("zone", "at", "days"),
    [
        # 02:30 is left out on the first of these days and comes twice on the second
        ("Europe/Berlin", "02:30", (date(2026, 3, 29), date(2026, 10, 25))),
        ("America/New_York", "02:30", (date(2026, 3, 8), date(2026, 11, 1))),
        ("America/New_York", "01:30", (date(2026, 3, 8), date(2026, 11, 1))),
        ("Australia/Lord_Howe", "02:15", (date(2026, 10, 4), date(2026, 4, 5))),
        ("Australia/Lord_Howe", "01:45", (date(2026, 10, 4), date(2026, 4, 5))),
    ],
)
def test_the_days_on_which_the_clocks_change_have_one_digest_each(zone: str, at: str, days: tuple[date, date]) -> None:
    rhythm = read_rhythm(f"daily {at}", zone=zone)
    for day in days:
        midnight = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
        slots = {last_slot(rhythm, midnight + timedelta(minutes=minute)) for minute in range(0, 26 * 60, 5)}
        assert sum(slot is not None and slot.astimezone(ZoneInfo(zone)).date() == day for slot in slots) == 1


@given(zone=zones, when=whens, quiet=st.none() | quiets, now=moments)
def test_slots_lie_around_now_and_agree_with_each_other(zone: str, when: str, quiet: str | None, now: datetime) -> None:
    rhythm = read_rhythm(when, quiet, zone)
    last, following = last_slot(rhythm, now), next_slot(rhythm, now)
    assert last is not None
    assert last <= now < following
    assert last_slot(rhythm, last) == last
    assert quiet_until(rhythm, following) is None
    if quiet is None:
        assert last_slot(rhythm, following) == following
        assert last_slot(rhythm, following - timedelta(microseconds=1)) == last


@given(zone=zones, at=times, first=st.dates(date(2025, 1, 1), date(2027, 1, 1)))
def test_any_two_neighbouring_days_have_a_digest_each(zone: str, at: str, first: date) -> None:
    rhythm = read_rhythm(f"daily {at}", zone=zone)
    noon = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    slots = [noon]
    for _ in range(3):
        slots.append(next_slot(rhythm, slots[-1]))
    days = [slot.astimezone(ZoneInfo(zone)).date() for slot in slots[1:]]
    assert [later - earlier for earlier, later in pairwise(days)] == [timedelta(days=1)] * 2


def test_quiet_hours_go_over_midnight() -> None:
    rhythm = read_rhythm(quiet="22:00-07:00", zone="Europe/Berlin")
    assert quiet_until(rhythm, utc("2026-11-25T20:59")) is None
    assert quiet_until(rhythm, utc("2026-11-25T21:00")) == utc("2026-11-26T06:00")
    assert quiet_until(rhythm, utc("2026-11-26T05:59")) == utc("2026-11-26T06:00")
    assert quiet_until(rhythm, utc("2026-11-26T06:00")) is None


def test_quiet_hours_within_a_day() -> None:
    rhythm = read_rhythm(quiet="12:00-13:00")
    assert quiet_until(rhythm, utc("2026-11-25T12:30")) == utc("2026-11-25T13:00")
    assert quiet_until(rhythm, utc("2026-11-25T13:30")) is None


@given(zone=zones, quiet=quiets, now=moments)
def test_quiet_hours_end_and_never_begin_again_at_their_end(zone: str, quiet: str, now: datetime) -> None:
    rhythm = read_rhythm(quiet=quiet, zone=zone)
    until = quiet_until(rhythm, now)
    if until is None:
        # what gathered in the last quiet hours left at their end
        ended = last_slot(rhythm, now)
        assert ended is not None
        assert now - timedelta(days=2) < ended <= now
    else:
        assert now < until <= now + timedelta(hours=25)
        assert quiet_until(rhythm, until - timedelta(microseconds=1)) == until


def test_a_digest_due_in_quiet_hours_waits_for_their_end() -> None:
    rhythm = read_rhythm("daily 06:00", "22:00-07:00", "Europe/Berlin")
    assert next_slot(rhythm, utc("2026-11-25T12:00")) == utc("2026-11-26T06:00")


def test_an_instant_outlet_without_quiet_hours_has_no_slots() -> None:
    assert last_slot(Rhythm(), utc("2026-11-25T12:00")) is None
    assert next_slot(Rhythm(every=Every.INSTANT), utc("2026-11-25T12:00")) == utc("2026-11-25T12:00")
