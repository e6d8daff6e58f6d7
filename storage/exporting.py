"""All postings, batch by batch, in an order that new ones do not disturb. Exports read them so; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.engine import Engine

from storage.contents import BODY
from storage.engine import reading
from storage.postings import BATCH, StoredPosting, from_row
from storage.tables import postings, sites

#: above every id of a posting, none of which is empty
_BEGINNING: Final = ""


def batches(engine: Engine, *, condition: ColumnElement[bool] | None = None) -> Iterator[list[StoredPosting]]:
    """Every posting for which `condition` (one on `postings`) holds, by its id.

    Each batch is read in a transaction of its own, so that a slow reader holds no lock and no snapshot: each posting is
    shown as it stands when it is reached. A posting that is there from the beginning to the end comes exactly once.
    """
    query = (
        select(postings, BODY, sites.c.name.label("site"))
        .join(sites, sites.c.id == postings.c.site_id)
        .order_by(postings.c.id)
        .limit(BATCH)
    )
    if condition is not None:
        query = query.where(condition)
    last = _BEGINNING
    while True:
        with reading(engine) as connection:
            found = [from_row(row) for row in connection.execute(query.where(postings.c.id > last))]
        if not found:
            return
        last = found[-1].id
        yield found


def count(engine: Engine, *, condition: ColumnElement[bool] | None = None) -> int:
    """How many postings `batches` would give now."""
    query = select(func.count()).select_from(postings)
    if condition is not None:
        query = query.where(condition)
    with reading(engine) as connection:
        return connection.execute(query).scalar_one()
