"""When an outlet is told: its rhythm and its quiet hours, in its own time zone. Asked by `delivery.choice`; pure.

Slots are the moments at which what has gathered leaves. A slot is a local time on a local day, so there is exactly
one a day whatever the clocks do: a time that a day leaves out comes as much later as the clocks were put forward,
and of a time that a day has twice the first counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from postings.errors import UsageError

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")

#: what `daily` and `weekly` mean without a time
_MORNING = time(8, 0)


_UTC = ZoneInfo("UTC")


class Every(StrEnum):
    """How often an outlet is told."""

    INSTANT = "instant"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When an outlet may be told."""

    every: Every = Every.INSTANT
    #: local time of a daily or weekly digest
    at: time = _MORNING
    #: of a weekly digest; 0 is Monday
    weekday: int = 0
    #: local times between which nothing leaves: first, end
    quiet: tuple[time, time] | None = None
    zone: ZoneInfo = _UTC

    @property
    def gathers(self) -> bool:
        """Whether events wait for a slot although nothing is quiet."""
        return self.every is not Every.INSTANT


#: no rhythm
AT_ONCE = Rhythm()


def read_rhythm(when: str = "instant", quiet: str | None = None, zone: str = "UTC") -> Rhythm:
    """`instant`, `hourly`, `daily 08:00` or `weekly mon 08:00`; `22:00-07:00`; `Europe/Berlin`. Raises UsageError."""
    words = when.lower().split()
    try:
        every = Every(words[0]) if words else Every.INSTANT
        rest = words[1:]
        weekday = _weekday(rest.pop(0)) if every is Every.WEEKLY and rest and rest[0][0].isalpha() else 0
        at = _time(rest.pop(0)) if every in (Every.DAILY, Every.WEEKLY) and rest else _MORNING
        if rest:
            raise ValueError("more than a rhythm")
    except (ValueError, StopIteration):
        raise UsageError(
            "is no rhythm", subject=when, remedy="write instant, hourly, daily 08:00 or weekly mon 08:00"
        ) from None
    return Rhythm(every=every, at=at, weekday=weekday, quiet=_quiet(quiet) if quiet else None, zone=_zone(zone))


def write_when(rhythm: Rhythm) -> str:
    """The way back from `read_rhythm`'s first text."""
    match rhythm.every:
        case Every.DAILY:
            return f"daily {rhythm.at:%H:%M}"
        case Every.WEEKLY:
            return f"weekly {_DAYS[rhythm.weekday][:3]} {rhythm.at:%H:%M}"
        case every:
            return str(every)


def write_quiet(rhythm: Rhythm) -> str | None:
    """The way back from `read_rhythm`'s second text."""
    return f"{rhythm.quiet[0]:%H:%M}-{rhythm.quiet[1]:%H:%M}" if rhythm.quiet else None


def quiet_until(rhythm: Rhythm, now: datetime) -> datetime | None:
    """The end of the quiet hours that `now` lies in; None if it lies in none."""
    return next((end for first, end in _quiet_hours(rhythm, now) if first <= now < end), None)


def last_slot(rhythm: Rhythm, now: datetime) -> datetime | None:
    """The last moment up to `now` at which gathered events leave together; None if there is none in this rhythm.

    For an instant outlet with quiet hours that is the end of the last ones.
    """
    if rhythm.every is Every.INSTANT:
        return max((end for _, end in _quiet_hours(rhythm, now) if end <= now), default=None)
    if rhythm.every is Every.HOURLY:
        return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return max(slot for slot in _slots(rhythm, now) if slot <= now)


def next_slot(rhythm: Rhythm, now: datetime) -> datetime:
    """The first moment after `now` at which gathered events leave; at once where nothing gathers."""
    match rhythm.every:
        case Every.INSTANT:
            at = now
        case Every.HOURLY:
            at = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR
        case _:
            at = min(slot for slot in _slots(rhythm, now) if slot > now)
    return quiet_until(rhythm, at) or at


def _slots(rhythm: Rhythm, now: datetime) -> Iterator[datetime]:
    """Slots around `now`: at least one up to it and one after it."""
    today = now.astimezone(rhythm.zone).date()
    reach = 2 if rhythm.every is Every.DAILY else 9
    for days in range(-reach, reach + 1):
        day = today + days * _DAY
        if rhythm.every is Every.DAILY or day.weekday() == rhythm.weekday:
            yield _instant(day, rhythm.at, rhythm.zone)


def _quiet_hours(rhythm: Rhythm, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    if rhythm.quiet is None:
        return
    first, end = rhythm.quiet
    today = now.astimezone(rhythm.zone).date()
    for days in range(-3, 3):
        day = today + days * _DAY
        until = day if first < end else day + _DAY
        yield _instant(day, first, rhythm.zone), _instant(until, end, rhythm.zone)


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    # of two the first (fold=0); one that does not exist is read with the offset before the change, and so comes later
    return datetime.combine(day, at, zone).astimezone(UTC)


def _quiet(text: str) -> tuple[time, time]:
    first, dash, end = text.replace("–", "-").partition("-")
    try:
        quiet = _time(first.strip()), _time(end.strip())
        if not dash or quiet[0] == quiet[1]:
            raise ValueError("no span")
    except ValueError:
        raise UsageError("are no quiet hours", subject=text, remedy="write them like 22:00-07:00") from None
    return quiet


def _weekday(word: str) -> int:
    """`mon` or `monday`; 0 is Monday."""
    return next(number for number, day in enumerate(_DAYS) if word in (day, day[:3]))


def _time(text: str) -> time:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("no time of the day")
    return time(int(match[1]), int(match[2]))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # ZoneInfoNotFoundError is a KeyError; a folder of the database gives an OSError
        raise UsageError(
            "is no time zone", subject=name, remedy="write it as the time zone database does, like Europe/Berlin"
        ) from None
