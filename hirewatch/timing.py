"""When a person wants a site to be visited: an interval as it is typed, or a cron line and its zone. Pure but for the
zone of this machine.

The command line, lists of sites and the pages of sites read it here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from delivery.zones import local_zone
from postings.errors import UsageError
from postings.sites import Site

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=30)
#: "auto" as typed: hirewatch works the interval out
AUTO = timedelta(0)

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What a person said of when a site is visited."""

    every: timedelta | None = None
    #: a line and its zone
    cron: tuple[str, str] | None = None


def interval(typed: str) -> timedelta:
    """The time between two visits; "auto" comes out as `AUTO`. Raises UsageError."""
    text = typed.strip().lower()
    if text == "auto":
        return AUTO
    if not text or _PART.sub("", text).strip():
        raise UsageError("is no interval", subject=repr(typed), remedy="write it as 6h, 90m, 1d12h, or auto")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    if not SHORTEST.total_seconds() <= seconds <= LONGEST.total_seconds():
        raise UsageError("lies outside 1 minute to 30 days", subject=repr(typed), remedy="choose another interval")
    return timedelta(seconds=round(seconds))


def timing_of(
    every: timedelta | None, cron: str | None, zone: str | None, *, known: Site | None = None
) -> Timing | None:
    """What the options say; None if they say nothing. A zone alone moves the cron line of the `known` site.

    Raises UsageError.
    """
    if cron is not None and every is not None:
        raise UsageError(
            "a site has one cadence: --every and --cron exclude each other", remedy="leave one of the two out"
        )
    if zone is not None and not zone.strip():
        raise UsageError(
            "is empty", subject="--zone", remedy="name a zone, such as Europe/Berlin or UTC, or leave --zone out"
        )
    if cron is None and zone is not None:
        if known is None or known.cron is None or every is not None:
            raise UsageError(
                "is the zone of a cron line, and there is none",
                subject=f"--zone {zone}",
                remedy='say --cron "LINE" too',
            )
        cron = known.cron
    if cron is not None:
        from scheduler import cron as lines

        line, where = " ".join(cron.split()), zone or (known.zone if known else None) or local_zone()
        lines.check(line, where)
        return Timing(cron=(line, where))
    return None if every is None else Timing(every=None if every == AUTO else every)
