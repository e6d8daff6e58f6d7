"""Which posting pages a visit asks, of those that the site's list names and those that are known.

The cost of a visit follows what changed, not the size of the site: new addresses are always asked, and so is every page
whose posting may be about to go. Each of the others has its turn about once a day, at a time of day of its own; or,
where the sitemap's `lastmod` has earned trust, a sample that keeps it honest is asked. Pages that are listed and hold
no posting have theirs once a week, unless their `lastmod` moved.

Turns do not depend on how a page answered last: pages that fail would otherwise fill the share of each visit, and make
a site look broken of which a few pages are.

Pure: the crawler asks what the plan says, the ledger learns from what came of it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
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
#: how much longer ago than it is the reading of such a page counts that could not be read: it is overdue soon
UNREAD_FOR = timedelta(days=7, hours=12)
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
    that it does, but never as seen. Without `expires` the site's validThrough says nothing. `last_visit` is when the
    visit before began; None makes everything due. `rng` draws the samples. A `thorough` visit leaves out only what a
    trusted `lastmod` speaks for. Where pages are `costly`, fewer of a small site's are asked than are due.
    """
    varied = is_varied(listed.values())
    pools = _sort(
        listed, known, varied=varied, trusted=varied and lastmod.trusted, whole=whole, expires=expires, now=now
    )

    def in_turn(pool: list[str], turns: _Turns) -> list[str]:
        all_due = (thorough or last_visit is None) and not turns.rarely
        span = 1.0 if all_due else min((now - (last_visit or now)) / turns.every, 1.0)
        return _in_turn(pool, known, turns, span=span, now=now, rng=rng)

    again = [
        *in_turn(pools.turn, _Turns(least=LEAST_COSTLY if costly else LEAST)),
        *in_turn(pools.quiet, _QUIET),
        *in_turn(pools.leading, _Turns(least=LEAST_COSTLY if costly else LEAST_LEADING)),
        *in_turn(pools.barren, _BARREN),
    ]
    ask = (*pools.new, *pools.urgent, *pools.moved, *again)
    asked = frozenset(ask)
    unmoved = [key for key, value in listed.items() if value and key in known and _is_unmoved(known[key], value)]
    left = frozenset(key for key in (*pools.turn, *pools.quiet) if key in listed and key not in asked)
    return Plan(
        ask=ask,
        spared=Spared(
            left=left,
            believed=sum(key in left for key in pools.quiet),
            unmoved=len(unmoved),
            tested=frozenset(key for key in unmoved if key in asked),
            varied=varied,
        ),
    )


@dataclass(slots=True)
class _Pools:
    """The pages of a visit by why, and how often, they are asked."""

    new: list[str] = field(default_factory=list)
    #: what is on them may be going, or may be back
    urgent: list[str] = field(default_factory=list)
    #: their `lastmod` is another
    moved: list[str] = field(default_factory=list)
    #: a trusted `lastmod` says that they are as they were
    quiet: list[str] = field(default_factory=list)
    #: the other pages with postings
    turn: list[str] = field(default_factory=list)
    #: without a posting, and others were found by them
    leading: list[str] = field(default_factory=list)
    #: the other pages without a posting
    barren: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turns:
    """How often the pages of a pool have their turn."""

    #: so many are asked in any visit
    least: int
    every: timedelta = ROUND
    #: what was not read for so long is asked out of turn
    late: timedelta = OVERDUE
    #: so many of that a visit; 0 = a share of what is due
    most_late: int = 0
    #: a thorough visit does not ask all of them either
    rarely: bool = False


_QUIET = _Turns(least=LEAST_SAMPLE, every=TRUSTED_ROUND, late=TRUSTED_OVERDUE, rarely=True)
_BARREN = _Turns(least=0, every=BARREN_ROUND, late=BARREN_OVERDUE, most_late=MOST_BARREN_OVERDUE)


def _sort(
    listed: Mapping[str, str | None],
    known: Mapping[str, KnownPage],
    *,
    varied: bool,
    trusted: bool,
    whole: bool,
    expires: bool,
    now: datetime,
) -> _Pools:
    pools = _Pools(new=[key for key in listed if key not in known])
    leads = {page.via for page in known.values()}
    for key, value in listed.items():
        page = known.get(key)
        if page is None:
            continue
        if _is_urgent(page, listed, known, now=now, expires=expires):
            pools.urgent.append(key)
        elif varied and value is not None and value != page.lastmod:
            pools.moved.append(key)
        elif not page.open:
            (pools.leading if key in leads else pools.barren).append(key)
        elif trusted and value is not None:
            pools.quiet.append(key)
        else:
            pools.turn.append(key)
    if len(pools.moved) > REBUILT * (len(listed) - len(pools.new)):
        pools.turn += [key for key in pools.moved if known[key].open]
        pools.barren += [key for key in pools.moved if not known[key].open]
        pools.moved = []
    unnamed = [key for key, page in known.items() if page.open and key not in listed]
    (pools.urgent if whole else pools.turn).extend(unnamed)
    return pools


def _in_turn(
    pool: list[str], known: Mapping[str, KnownPage], turns: _Turns, *, span: float, now: datetime, rng: Random
) -> list[str]:
    """The pages whose turn it is; `span` is the share of a round that has passed since the visit before."""
    began = (now.timestamp() / turns.every.total_seconds() - span) % 1.0
    due = [key for key in pool if (_turn(key) - began) % 1.0 < span]
    rest = sorted(set(pool).difference(due))
    overdue = [key for key in rest if now - (known[key].last_read_at or _NEVER) > turns.late]
    most = turns.most_late or math.ceil(OVERDUE_SHARE * max(len(due), turns.least))
    due += rng.sample(overdue, min(len(overdue), most))
    rest = sorted(set(rest).difference(due))
    return due + rng.sample(rest, min(len(rest), max(turns.least - len(due), 0)))


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
