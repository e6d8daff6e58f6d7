"""What the postings of a sample have in common: how many there are of each site, place, employment type and so on.

Made from the newest postings that a query finds, so that it takes no longer where there are a million.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.engine import Engine

from storage.contents import BODY
from storage.engine import reading
from storage.tables import folded_postings, postings, sites

#: places of one posting that count; some name hundreds
_MOST_PLACES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How many postings there are of each value, the most common first; by the names of the query language."""

    #: of how many postings
    of: int
    site: tuple[tuple[str, int], ...]
    #: cities, or regions or countries where no city is stated, as pages spell them
    location: tuple[tuple[str, int], ...]
    #: FULL_TIME, …
    type: tuple[tuple[str, int], ...]
    remote: tuple[tuple[bool, int], ...]
    #: open, closed
    state: tuple[tuple[str, int], ...]


def facets(engine: Engine, ids: Sequence[str], *, most: int = 8) -> Facets:
    """The facets of the postings of those ids, `most` values each."""
    query = (
        select(
            sites.c.name,
            postings.c.state,
            BODY,
            folded_postings.c.types,
            folded_postings.c.remote,
        )
        .join(sites, sites.c.id == postings.c.site_id)
        .join(folded_postings, folded_postings.c.posting_id == postings.c.id)
        .where(postings.c.id.in_(ids))
    )
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    places = Counter(place for row in rows for place in _places(row.body["locations"]))
    return Facets(
        of=len(rows),
        site=tuple(Counter(row.name for row in rows).most_common(most)),
        location=tuple(places.most_common(most)),
        type=tuple(Counter(name for row in rows for name in (row.types or "").split()).most_common(most)),
        remote=tuple(Counter(bool(row.remote) for row in rows).most_common()),
        state=tuple(Counter(row.state for row in rows).most_common()),
    )


def _places(locations: Any) -> set[str]:
    places = (locations or [])[:_MOST_PLACES]
    named = (place.get("locality") or place.get("region") or place.get("country") for place in places)
    return {" ".join(name.split()) for name in named if name}
