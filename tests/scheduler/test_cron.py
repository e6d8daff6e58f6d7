"""Cron lines: read as cron users mean them, and by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.errors import UsageError
from scheduler import cron

#: a zone and its days of 2027 on which clocks are put forward and back; Lord Howe moves by half an hour
CLOCKS = {
    "Europe/Berlin": (datetime(2027, 3, 28), datetime(2027, 10, 31)),
    "America/New_York": (datetime(2027, 3, 14), datetime(2027, 11, 7)),
    "Australia/Lord_Howe": (datetime(2027, 10, 3), datetime(2027, 4, 4)),
}
times = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC))
lines = st.sampled_from(
    ["0 7 * * 1-5", "*/15 2 * * *", "30 1,2,3 * * *", "0 */2 * * *", "15 * * * *", "0 0 1 * *", "59 23 * * 0"]
)


def fires(line: str, zone: str, day: datetime, days: int = 1) -> list[str]:
    """The times by the wall at which a line fires from that local day on, asked one after the other."""
    start = day.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    end = (day + timedelta(days=days)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    at, found = start - timedelta(microseconds=1), []
    while (at := cron.after(line, zone, at)) < end:
        found.append(f"{at.astimezone(ZoneInfo(zone)):%H:%M}")
    return found


@pytest.mark.parametrize("zone", CLOCKS)
@pytest.mark.parametrize("season", [0, 1])
def test_a_time_of_day_comes_once_on_each_day_that_changes_the_clocks(zone: str, season: int) -> None:
    day = CLOCKS[zone][season]
    for hour in range(24):
        for minute in (0, 15, 30, 45):
            assert len(fires(f"{minute} {hour} * * *", zone, day)) == 1, (hour, minute)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_what_was_to_come_in_the_missing_hour_comes_at_its_end(zone: str) -> None:
    spring, _ = CLOCKS[zone]
    assert fires("30 2 * * *", zone, spring) == ["03:00"]
    assert fires("*/15 2 * * *", zone, spring) == ["03:00"]


@pytest.mark.parametrize("zone", CLOCKS)
def test_the_doubled_hour_counts_once(zone: str) -> None:
    _, autumn = CLOCKS[zone]
    assert fires("*/15 1-2 * * *", zone, autumn) == [
        f"{hour:02}:{minute:02}" for hour in (1, 2) for minute in (0, 15, 30, 45)
    ]


@pytest.mark.parametrize("zone", CLOCKS)
def test_every_second_hour_by_the_clock_comes_once(zone: str) -> None:
    for day in CLOCKS[zone]:
        assert len(fires("0 */2 * * *", zone, day)) == 12


def test_asked_in_the_second_run_of_a_doubled_hour_it_names_no_time_that_is_over() -> None:
    second_run = datetime(2027, 10, 31, 1, 10, tzinfo=UTC)
    assert second_run.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M %Z") == "02:10 CET"
    assert cron.after("30 2 * * *", "Europe/Berlin", second_run) == datetime(2027, 11, 1, 1, 30, tzinfo=UTC)


def test_a_line_for_every_hour_comes_at_every_real_one() -> None:
    spring, autumn = CLOCKS["Europe/Berlin"]
    assert (len(fires("5 * * * *", "Europe/Berlin", spring)), len(fires("5 * * * *", "Europe/Berlin", autumn))) == (
        23,
        25,
    )


@given(lines, st.sampled_from(sorted(CLOCKS)), times)
def test_the_next_time_always_lies_ahead_and_is_the_same_however_late_one_asks(
    line: str, zone: str, now: datetime
) -> None:
    at = cron.after(line, zone, now)
    assert at > now
    assert at.tzinfo is UTC
    assert cron.after(line, zone, at - timedelta(microseconds=1)) == at


def test_sunday_is_both_0_and_7_and_monday_is_1() -> None:
    thursday = datetime(2026, 11, 26, 12, tzinfo=UTC)
    for line, day in (("0 7 * * 0", "Sun"), ("0 7 * * 7", "Sun"), ("0 7 * * 1", "Mon"), ("0 7 * * SAT", "Sat")):
        assert f"{cron.after(line, 'UTC', thursday):%a}" == day


def test_it_is_told_in_words() -> None:
    told = cron.in_words("0 7 * * 1-5", "Europe/Berlin")
    assert "07:00" in told
    assert "Monday through Friday" in told
    assert told.endswith("(Europe/Berlin)")


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("0 7 * *", "4 fields"),
        ("0 0 7 * * 1", "6 fields"),
        ("@daily", "1 fields"),
        ("61 7 * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 7 32 * *", "day-of-month"),
        ("0 7 * 13 *", "month"),
        ("0 7 * * 8", "day-of-week"),
        ("0 7 * * 5-1", "day-of-week"),
        ("0 7 31 2 *", "day-of-month"),
        ("ü 7 * * *", "minute"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_what_is_wrong(line: str, wrong: str) -> None:
    with pytest.raises(UsageError) as refused:
        cron.check(line, "UTC")
    assert wrong in refused.value.problem
    assert refused.value.subject == line
    assert "0 7 * * 1-5" in (refused.value.remedy or "")


@pytest.mark.parametrize("line", ["0 0 31 2 *", "0 0 30,31 2 *", "0 0 31 2,4,6,9,11 *", "*/5 * 31 FEB *"])
def test_a_line_for_a_day_that_never_comes_is_refused_as_such(line: str) -> None:
    with pytest.raises(UsageError, match="never fires: no month that it names has that day-of-month") as refused:
        cron.check(line, "UTC")
    assert refused.value.subject == line


@pytest.mark.parametrize("line", ["0 0 31 1-2 *", "0 0 29 2 *", "0 0 L 2 *"])
def test_a_line_for_a_day_that_comes_now_and_then_is_taken(line: str) -> None:
    assert cron.after(line, "UTC", datetime(2026, 11, 26, tzinfo=UTC)) > datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Berlin", "", "../etc/passwd", "/etc/localtime", "Europe/Atlantis", "x\0y"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(UsageError, match="time zone"):
        cron.check("0 7 * * *", zone)
