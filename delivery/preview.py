"""What a query finds, would have found, and just misses; and what a new outlet may be told of the past. For
searches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Engine

from delivery import duplicates
from storage import paging, searches, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from postings.query import Query
    from storage.postings import StoredPosting

#: how far the log is looked back for what a query would have found
_PAST = timedelta(weeks=8)

#: postings, and openings, that are looked at to count those that match
_COUNTED = 600

#: what is recorded at this very moment counts too
_NOW = timedelta(microseconds=1)

#: open postings that are looked at for near misses, newest first
_LOOKED_AT = 300

#: postings of a job that may be left out of a backfill because another one tells it
_SPARE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A posting that one term alone keeps out."""

    record: Mapping[str, Any]
    #: as it was typed
    term: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a query finds."""

    #: open postings that match now; all postings where the query itself says open or closed
    matches: int
    #: there may be more: they were not all looked at
    more: bool
    #: records of the newest of them
    newest: tuple[Mapping[str, Any], ...]
    #: postings that opened in `span` and match as they stand now
    opened: int
    #: that number is worked out from some of them: there are too many to look at each
    about: bool
    #: how far back the log was looked at; zero if there is no log yet
    span: timedelta
    misses: tuple[Miss, ...]

    @property
    def weekly(self) -> float | None:
        """How many postings a week it would have found; None if the log is too young to say."""
        return self.opened / (self.span / timedelta(weeks=1)) if self.span >= timedelta(days=2) else None


def preview(engine: Engine, query: Query, now: datetime, *, shown: int = 10) -> Preview:
    """What `query` finds, with up to `shown` examples of each. Raises DatabaseError.

    Looks at a few thousand postings, however many there are.
    """
    found = paging.first(engine, query, now, limit=shown, looked_at=_COUNTED)
    opened = searches.opened_in(engine, query, [now - _PAST, now + _NOW], now, looked_at=_COUNTED)
    since = max(opened.log_begins, now - _PAST) if opened.log_begins else now
    return Preview(
        matches=found.count,
        more=found.more,
        newest=tuple(posting.record for posting in found.page.postings),
        opened=sum(opened.counts),
        about=opened.one_of > 1,
        span=now - since,
        misses=near_misses(engine, query, now, shown=shown, looked_at=_LOOKED_AT),
    )


def backfill(engine: Engine, query: Query, count: int, now: datetime) -> list[int]:
    """Numbers of the openings of the `count` newest open postings that match, each job once. Raises DatabaseError."""
    from postings.query import parse

    # nothing of it reaches beyond its brackets
    are_open = parse(f"({query.text}) is:open" if query.text.strip() else "is:open")
    found = islice(paging.walk(engine, are_open, now), count * (1 + _SPARE))
    numbers = searches.openings(engine, [one.id for one in found])
    quiet = duplicates.silent(told.kin(engine, numbers), {}, told.numbers(engine, numbers))
    return [number for number in numbers if number not in quiet][:count]


def near_misses(engine: Engine, query: Query, now: datetime, *, shown: int, looked_at: int) -> tuple[Miss, ...]:
    """What one term alone keeps out of the `looked_at` newest open postings, up to `shown` of them.

    Reads no more than these, so that it can be asked while somebody types. Raises DatabaseError.
    """
    from postings.query import parse

    newest = paging.page(engine, parse(""), now, limit=looked_at)
    return tuple(islice(_missed(newest.postings, query, now), shown))


def _missed(found: Iterable[StoredPosting], query: Query, now: datetime) -> Iterator[Miss]:
    from postings.query import Subject

    for posting in found:
        terms = query.misses(Subject.of(posting.record), now)
        if len(terms) == 1:
            yield Miss(record=posting.record, term=terms[0])
