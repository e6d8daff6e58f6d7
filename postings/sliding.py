"""Whether the validThrough of a site is no date at all: it slides along, each reading says "in 30 days" (C.5).

Such a date would never pass while the page answers, and would close the posting once the page stops answering. So it
is recognised by what it does: the days from a reading to the date stay the same, where those to a real date run down.
The ledger asks at the end of each visit and keeps the answer with the site's health.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

#: of the postings that are read again, this share has the same number of days to go
MOST_ALIKE = 0.8
#: a day that begins earlier or later in another zone
TOLERANCE = 1
#: as many visits over as much time must agree: a real date has lost three days by then
VISITS, OVER = 3, timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliding:
    """What the last visits show."""

    #: days from the reading to the date, the same in each visit since; None if they differ
    days: int | None = None
    since: datetime | None = None
    #: the last visit that showed the same
    until: datetime | None = None
    visits: int = 0

    @property
    def recognised(self) -> bool:
        """Whether the site's validThrough is no date."""
        if self.since is None or self.until is None:
            return False
        return self.visits >= VISITS and self.until - self.since >= OVER


def learn(before: Sliding, horizons: Mapping[int, int], *, at: datetime) -> Sliding:
    """What a visit adds that read postings again.

    `horizons`: how many of them have how many days from this reading to their validThrough. Those that are read for the
    first time are not among them: new postings all have the same time to go. A visit that read none says nothing.
    """
    total = sum(horizons.values())
    if not total:
        return before
    days = max(horizons, key=lambda one: (_near(horizons, one), horizons[one], -one))
    if _near(horizons, days) < MOST_ALIKE * total:
        return Sliding()
    if before.days is None or abs(days - before.days) > TOLERANCE:
        return Sliding(days=days, since=at, until=at, visits=1)
    return Sliding(days=before.days, since=before.since, until=at, visits=before.visits + 1)


def _near(horizons: Mapping[int, int], days: int) -> int:
    return sum(count for one, count in horizons.items() if abs(one - days) <= TOLERANCE)
