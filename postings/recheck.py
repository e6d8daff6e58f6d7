"""Which posting pages a visit asks, of those that the site's list names and those that are known.

The cost of a visit follows what changed, not the size of the site: new addresses are always asked, and so is every page
whose posting may be about to go. Each of the others has its turn about once a day, at a time of day of its own; or, where
the sitemap's `lastmod` has earned trust, a sample that keeps it honest is asked. Pages that are listed and hold no posting have
theirs once a week, unless their `lastmod` moved.

Turns do not depend on how a page answered last: pages that fail would otherwise fill the share of each visit, and make
a site look broken of which a few pages are.

Pure: the crawler asks what the plan says, the ledger learns from what came of it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from postings.lastmod import LEAST_SAMPLE, Lastmod, is_varied
from postings.life import FRESH_READING
from postings.sites import KnownPage
from postings.visits import Spared

#: in this time all known pages have their turn; with the length of the visits themselves that is a day
ROUND = timedelta(hours=20)
#: the same for pages that are listed and hold no posting
BARREN_ROUND = timedelta(days=7)
#: the same for pages that a trusted `lastmod` speaks for: what keeps it honest
TRUSTED_ROUND = timedelta(days=14)
#: how much longer ago than it is the reading of such a page counts that could not be read: it is overdue after a day
UNREAD_FOR = timedelta(days=7)
#: a page that was not read for so long although it had its turn is asked out of turn, a few of them a visit
OVERDUE = timedelta(hours=24)
BARREN_OVERDUE = timedelta(days=8)
TRUSTED_OVERDUE = timedelta(days=15)
#: of those, so many a visit
MOST_BARREN_OVERDUE = 10
OVERDUE_SHARE = 0.02
#: a visit asks at least this many known pages, so a small site is read whole each time
LEAST = 50
#: and of pages that only lead to others, at least this many
LEAST_LEADING = 10
#: of both where a page costs a hundred times a request, because a browser has to show it
LEAST_COSTLY = 5
#: once more than this share of the values has moved at once, the sitemap was rebuilt and the values say nothing
REBUILT = 0.5

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which pages to ask, by address key."""

    #: in this order: new ones, those that may be going, those that moved, then the others in turn
    ask: tuple[str, ...]
    spared: Spared


def plan(
    listed: Mapping[str, str | None],
    known: Mapping[str, KnownPage],
    *,
    lastmod: Lastmod,
    whole: bool,
    expires: bool,
    last_visit: datetime | None,
    now: datetime,
    rng: Random,
    thorough: bool = False,
    costly: bool = False,
) -> Plan:
    """The pages that a visit asks at `now` (aware).

    `listed` are the addresses that may carry postings, with their `lastmod`; `known` is everything that is remembered.
    Without `whole` the list may name fewer than there are, and a known page that it does not name is treated like one
    that it does, but never as seen. Without `expires` the site's validThrough says nothing. `last_visit` is when the visit
    before began; None makes everything due. `rng` draws the samples. A `thorough` visit leaves out only what a trusted `lastmod` speaks for.
    Where pages are `costly`, fewer of a small site's are asked than are due.
    """
    varied = is_varied(listed.values())
    trusted = varied and lastmod.trusted
    new = [key for key in listed if key not in known]
    unnamed = [key for key, page in known.items() if page.open and key not in listed]
    urgent: list[str] = []
    moved: list[str] = []
    quiet: list[str] = []
    turn: list[str] = []
    leading: list[str] = []
    others: list[str] = []
    leads = {page.via for page in known.values()}
    for key, value in listed.items():
        page = known.get(key)
        if page is None:
            continue
        if _is_urgent(page, listed, known, now=now, expires=expires):
            urgent.append(key)
        elif varied and value is not None and value != page.lastmod:
            moved.append(key)
        elif not page.open:
            (leading if key in leads else others).append(key)
        elif trusted and value is not None:
            quiet.append(key)
        else:
            turn.append(key)
    if len(moved) > REBUILT * (len(listed) - len(new)):
        turn += [key for key in moved if known[key].open]
        others += [key for key in moved if not known[key].open]
        moved = []
    (urgent if whole else turn).extend(unnamed)

    def in_turn(
        pool: list[str],
        least: int,
        *,
        every: timedelta = ROUND,
        late: timedelta = OVERDUE,
        extra: int = 0,
        rarely: bool = False,
    ) -> list[str]:
        whole = (thorough or last_visit is None) and not rarely
        span = 1.0 if whole else min((now - (last_visit or now)) / every, 1.0)
        began = (now.timestamp() / every.total_seconds() - span) % 1.0
        due = [key for key in pool if (_turn(key) - began) % 1.0 < span]
        rest = sorted(set(pool).difference(due))
        overdue = [key for key in rest if now - (known[key].last_read_at or _NEVER) > late]
        due += rng.sample(overdue, min(len(overdue), extra or math.ceil(OVERDUE_SHARE * max(len(due), least))))
        rest = sorted(set(rest).difference(due))
        return due + rng.sample(rest, min(len(rest), max(least - len(due), 0)))

    again = [
        *in_turn(turn, LEAST_COSTLY if costly else LEAST),
        *in_turn(quiet, LEAST_SAMPLE, every=TRUSTED_ROUND, late=TRUSTED_OVERDUE, rarely=True),
        *in_turn(leading, LEAST_COSTLY if costly else LEAST_LEADING),
        *in_turn(others, 0, every=BARREN_ROUND, late=BARREN_OVERDUE, extra=MOST_BARREN_OVERDUE),
    ]
    ask = (*new, *urgent, *moved, *again)
    asked = frozenset(ask)
    unmoved = [key for key, value in listed.items() if value and key in known and _is_unmoved(known[key], value)]
    left = frozenset(key for key in (*turn, *quiet) if key in listed and key not in asked)
    return Plan(
        ask=ask,
        spared=Spared(
            left=left,
            believed=sum(key in left for key in quiet),
            unmoved=len(unmoved),
            tested=frozenset(key for key in unmoved if key in asked),
            varied=varied,
        ),
    )


def _is_urgent(
    page: KnownPage, listed: Mapping[str, str | None], known: Mapping[str, KnownPage], *, now: datetime, expires: bool
) -> bool:
    """Whether the page is asked in every visit: what is on it may be going, or may be back."""
    if page.stands_on is not None:
        # another address of a posting that is read elsewhere: it counts once that page has lost it
        first = known.get(page.stands_on)
        return first is None or first.missing or page.stands_on not in listed
    if not page.open:
        return not page.barren
    return page.missing or (expires and page.valid_until is not None and page.valid_until <= now + FRESH_READING)


def _is_unmoved(page: KnownPage, value: str) -> bool:
    return page.open and page.lastmod == value


def _turn(key: str) -> float:
    """The time of a page in each round, 0 to 1."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest()) / 2**32
