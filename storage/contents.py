"""What postings say, each content once: rows of postings and events hold the number of the one they mean.

A content has the number of the event that told it first. Events are kept for ever, so contents are too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from postings import record as records
from storage.tables import contents, events, postings

#: of a row of `postings`: its content, as `body`
BODY = select(contents.c.body).where(contents.c.number == postings.c.content).scalar_subquery().label("body")

#: of a row of `events`: the content that the posting had after it, as `body`
TOLD = select(contents.c.body).where(contents.c.number == events.c.content).scalar_subquery().label("body")


def standing_json(standing: records.Standing) -> dict[str, Any]:
    """A posting's life as its event holds it: what is not stated is left out, and its id is a column."""
    closed_at = records.instant(standing.closed_at) if standing.closed_at else None
    stated = {
        "site": standing.site,
        "state": standing.state,
        "first_seen": records.instant(standing.first_seen),
        "last_seen": records.instant(standing.last_seen),
        "closed_at": closed_at,
        "closed_reason": standing.closed_reason,
        "duplicates": [dict(link) for link in standing.duplicates],
    }
    return {name: value for name, value in stated.items() if value}


def record_told(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """The record that an event told: of a row with its `posting_id`, its `standing` and its `body`."""
    return records.record(row.body, _standing(row.posting_id, row.standing))


def _standing(posting_id: str, said: Mapping[str, Any]) -> records.Standing:
    closed_at = said.get("closed_at")
    return records.Standing(
        id=posting_id,
        site=said["site"],
        state=said["state"],
        first_seen=datetime.fromisoformat(said["first_seen"]),
        last_seen=datetime.fromisoformat(said["last_seen"]),
        closed_at=datetime.fromisoformat(closed_at) if closed_at else None,
        closed_reason=said.get("closed_reason"),
        duplicates=tuple(said.get("duplicates", ())),
    )
