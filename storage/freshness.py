"""How fresh events are: how long after a posting appeared its event was recorded. For the command line and the pages.

Nobody sees a posting appear. What is known is the last complete visit that did not see it: it appeared after that
visit had begun, so the time from there to its event is the longest that it can have been, and that bound is what is
measured here ("at most"). Where postings appear at any time alike, half of it is what to expect. Postings that were
there before anyone watched have no such time, and do not count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Float, Select, extract, func, select
from sqlalchemy.engine import Engine

from storage.engine import reading
from storage.tables import events

#: what is looked back upon where nothing else is said
LOOKED_BACK: Final = timedelta(days=30)

#: the newest appearances that are looked at, of all sites and for the figure over all: more take longer (a second for
#: 100,000), and say the same
MOST: Final = 100_000
MOST_OVER_ALL: Final = 10_000

_SECONDS_A_DAY: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How long the events of appearances took at most."""

    #: appearances that were measured
    count: int
    #: half of them took at most this
    p50: timedelta
    #: 95 of 100 took at most this
    p95: timedelta

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Freshness | None:
        """The figures of these spans, in seconds; None if there is none. A clock that went back makes no span."""
        spans = sorted(max(0.0, one) for one in seconds)
        if not spans:
            return None
        return cls(count=len(spans), p50=_quantile(spans, 50), p95=_quantile(spans, 95))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """How fresh the events of an installation are."""

    #: None where nothing has appeared
    over_all: Freshness | None
    #: by the site's id; a site where nothing has appeared is not among them
    by_site: Mapping[int, Freshness]


def over_all(engine: Engine, since: datetime, *, most: int = MOST_OVER_ALL) -> Freshness | None:
    """The figures of all sites, of what was recorded since then: of the newest `most` of it, if it is more."""
    with reading(engine) as connection:
        query = _appearances(connection, since).order_by(events.c.at.desc()).limit(most)
        return Freshness.of(seconds for _, seconds in connection.execute(query))


def every(engine: Engine, since: datetime, *, most: int = MOST) -> Fresh:
    """The figures of each site and of all, of what was recorded since then: of the newest `most`, if it is more."""
    with reading(engine) as connection:
        query = _appearances(connection, since).order_by(events.c.at.desc()).limit(most)
        rows = connection.execute(query).all()
    spans: dict[int, list[float]] = {}
    for site_id, seconds in rows:
        spans.setdefault(site_id, []).append(seconds)
    figures = {site_id: Freshness.of(seconds) for site_id, seconds in spans.items()}
    return Fresh(
        over_all=Freshness.of(seconds for _, seconds in rows),
        by_site={site_id: found for site_id, found in figures.items() if found is not None},
    )


def of_sites(
    connection: Connection, ids: Collection[int], since: datetime, *, most: int = MOST_OVER_ALL
) -> dict[int, Freshness]:
    """The figures of these sites, by id: of what is among the newest `most` appearances of all sites."""
    newest = _appearances(connection, since).order_by(events.c.at.desc()).limit(most).subquery()
    spans: dict[int, list[float]] = {}
    for site_id, seconds in connection.execute(select(newest).where(newest.c.site_id.in_(ids))):
        spans.setdefault(site_id, []).append(seconds)
    return {site_id: found for site_id, one in spans.items() if (found := Freshness.of(one)) is not None}


def of_site(engine: Engine, site_id: int, since: datetime) -> Freshness | None:
    """The figures of one site, of what was recorded since then; None if nothing has appeared there."""
    with reading(engine) as connection:
        query = _appearances(connection, since).where(events.c.site_id == site_id)
        return Freshness.of(seconds for _, seconds in connection.execute(query))


def _appearances(connection: Connection, since: datetime) -> Select[Any]:
    """Site and seconds of each: read from one index, which holds nothing else."""
    return select(events.c.site_id, _seconds(connection)).where(events.c.unseen_at.is_not(None), events.c.at >= since)


def _seconds(connection: Connection) -> ColumnElement[float]:
    """From the last look that did not see a posting to its event."""
    if connection.dialect.name == "sqlite":
        days = func.julianday(events.c.at, type_=Float) - func.julianday(events.c.unseen_at, type_=Float)
        return days * _SECONDS_A_DAY
    return extract("epoch", events.c.at - events.c.unseen_at).cast(Float)


def _quantile(spans: Sequence[float], percent: int) -> timedelta:
    """The smallest of the sorted spans that `percent` of 100 of them do not pass (nearest rank)."""
    rank = -(-len(spans) * percent // 100)
    return timedelta(seconds=round(spans[rank - 1]))
