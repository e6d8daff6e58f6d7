"""Cron lines: when one fires next, and whether it can be read. Pure; asked by `scheduler.cadence` and the command line.

Read by cronsim, as Debian's cron does: Sunday is 0 and 7 (APScheduler calls Monday 0).
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from postings.errors import UsageError

_FIELDS = 5
_REMEDY = 'write minute, hour, day of the month, month and weekday, as in "0 7 * * 1-5" for 7:00 from Monday to Friday'


def check(line: str, zone: str) -> None:
    """Raises UsageError if no time can be made of this line in this time zone."""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as error:
        raise UsageError(
            "is no time zone", subject=zone, remedy="name one of the IANA database, such as Europe/Berlin or UTC"
        ) from error
    if len(line.split()) != _FIELDS:
        raise UsageError(f"has {len(line.split())} fields and not {_FIELDS}", subject=line, remedy=_REMEDY)
    try:
        next(CronSim(_by_the_clock(line), datetime(2026, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        if _fits_no_month(line):
            raise UsageError(
                "never fires: no month that it names has that day-of-month", subject=line, remedy=_REMEDY
            ) from error
        fault = str(error).removeprefix("Bad ")
        raise UsageError(f"cannot be read: its {fault} is wrong", subject=line, remedy=_REMEDY) from error
    except StopIteration as error:
        raise UsageError("names no day that ever comes", subject=line, remedy=_REMEDY) from error


def _fits_no_month(line: str) -> bool:
    """Whether a line that cannot be read could be, if only its day came in one of its months."""
    minute, hour, day, month, weekday = line.split()
    return all(_is_read(fields) for fields in (f"{minute} {hour} {day} * {weekday}", f"* * * {month} *"))


def _is_read(line: str) -> bool:
    try:
        CronSim(line, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError:
        return False
    return True


def after(line: str, zone: str, now: datetime) -> datetime:
    """The first time after `now` at which the line fires, in UTC.

    Where clocks are put forward, what was to fire in the missing hour fires at its end; where they are put back, what
    falls into the doubled hour fires the first time. A line for every hour fires at every real one. Raises UsageError
    if the line cannot be read, as `check` does.
    """
    check(line, zone)
    for moment in CronSim(_by_the_clock(line), now.astimezone(ZoneInfo(zone))):
        at = moment.astimezone(UTC)
        # in the second run of a doubled hour the next time by the clock is that of the first
        if at > now:
            return at
    raise UsageError("never fires again", subject=line, remedy=_REMEDY)


def in_words(line: str, zone: str) -> str:
    """The line as people say it: "At 07:00, Monday through Friday (Europe/Berlin)"."""
    check(line, zone)
    return f"{CronSim(line, datetime(2026, 1, 1, tzinfo=UTC)).explain()} ({zone})"


def _by_the_clock(line: str) -> str:
    """The same line, so written that cronsim takes it for times of day: it takes a star for any real hour or minute.

    Left alone, "*/15 2 * * *" would fire eight times on the day that has the hour twice, and never on that without it.
    """
    minute, hour, *rest = line.split()
    if hour == "*":
        return " ".join((minute, hour, *rest))
    return " ".join((_spelt(minute, "0-59"), _spelt(hour, "0-23"), *rest))


def _spelt(field: str, span: str) -> str:
    return span + field[1:] if field.startswith("*") else field
