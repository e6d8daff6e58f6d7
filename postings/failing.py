"""Whether the posting pages of a site that do not answer are always about the same few (C.5).

A visit in which many pages fail is doubted, for it may have missed postings. On some sites a few pages fail for good:
what is on them nobody knows, but the others can be believed. The ledger learns at the end of each visit, and keeps it
with the site's health.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: as many visits over as much time must agree
VISITS, OVER = 3, timedelta(days=1)
#: so much of the site may fail for good
MOST_FAILING = 0.2
#: more than before by this much, and one, is something new
_SWAY = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """What the last visits show."""

    #: the first of the visits in a row in which about as many pages did not answer
    since: datetime | None = None
    visits: int = 0
    #: so many did not at most
    most: int = 0


def learn(before: Failing, unanswered: int, *, at: datetime) -> Failing:
    """What a visit adds in which so many pages did not answer. A visit that failed as a whole says nothing."""
    if unanswered == 0:
        return Failing()
    if before.since is None or unanswered > _SWAY * before.most + 1:
        return Failing(since=at, visits=1, most=unanswered)
    return Failing(since=before.since, visits=before.visits + 1, most=max(before.most, unanswered))


def is_steady(before: Failing, unanswered: int, size: int, *, at: datetime) -> bool:
    """Whether the `unanswered` pages of a visit that ends at `at` are those that never answer, of a site with `size`
    posting pages."""
    if before.since is None or before.visits < VISITS or at - before.since < OVER:
        return False
    return unanswered <= _SWAY * before.most + 1 and unanswered <= MOST_FAILING * size
