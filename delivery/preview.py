"""What a query finds, would have found, and just misses; and what a new outlet may be told of the past. For searches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import not_
from sqlalchemy.engine import Engine

from delivery import duplicates
from storage import paging, postings, searches, searching, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from postings.query import Query
    from storage.postings import StoredPosting

#: how far the log is looked back for what a query would have found
_PAST = timedelta(weeks=8)

#: open postings that are looked at for near misses, newest first
_LOOKED_AT = 2000

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
    #: records of the newest of them
    newest: tuple[Mapping[str, Any], ...]
    #: postings that opened in `span` and match as they stand now
    opened: int
    #: how far back the log was looked at; zero if there is no log yet
    span: timedelta
    misses: tuple[Miss, ...]

    @property
    def weekly(self) -> float | None:
        """How many postings a week it would have found; None if the log is too young to say."""
        return self.opened / (self.span / timedelta(weeks=1)) if self.span >= timedelta(days=2) else None


def preview(engine: Engine, query: Query, now: datetime, *, shown: int = 10) -> Preview:
    """What `query` finds, with up to `shown` examples of each. Raises DatabaseError."""
    condition = searching.condition(query, now)
    state: Literal["all", "open"] = "all" if query.asks_state else "open"
    newest = postings.search(engine, state=state, condition=condition, limit=shown)
    opened, since = searches.opened_since(engine, condition, now - _PAST)
    return Preview(
        matches=postings.count(engine, state=state, condition=condition),
        newest=tuple(posting.record for posting in newest),
        opened=opened,
        span=now - since if since else timedelta(0),
        misses=tuple(islice(_misses(engine, query, now), shown)),
    )


def backfill(engine: Engine, query: Query, count: int, now: datetime) -> list[int]:
    """Numbers of the openings of the `count` newest open postings that match, each job once. Raises DatabaseError."""
    numbers = searches.openings(engine, searching.condition(query, now), count * (1 + _SPARE))
    quiet = duplicates.silent(told.kin(engine, numbers), {}, told.numbers(engine, numbers))
    return [number for number in numbers if number not in quiet][:count]


def near_misses(engine: Engine, query: Query, now: datetime, *, shown: int, looked_at: int) -> tuple[Miss, ...]:
    """What one term alone keeps out of the `looked_at` newest open postings, up to `shown` of them.

    Reads no more than these, so that it can be asked while somebody types. Raises DatabaseError.
    """
    from postings.query import parse

    newest = paging.page(engine, parse(""), now, limit=looked_at)
    return tuple(islice(_missed(newest.postings, query, now), shown))


def _misses(engine: Engine, query: Query, now: datetime) -> Iterator[Miss]:
    others = not_(searching.condition(query, now))
    return _missed(postings.search(engine, state="open", condition=others, limit=_LOOKED_AT), query, now)


def _missed(found: Iterable[StoredPosting], query: Query, now: datetime) -> Iterator[Miss]:
    from postings.query import Subject

    for posting in found:
        terms = query.misses(Subject.of(posting.record), now)
        if len(terms) == 1:
            yield Miss(record=posting.record, term=terms[0])
