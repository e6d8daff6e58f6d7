"""JobPostings as they stood in their pages, which prove what events tell. Kept for a time: `storage.retention`."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.engine import Engine

from storage import raws
from storage.engine import reading
from storage.tables import contents, events, postings, raw_postings

_PACKED = (
    raw_postings.c.content,
    select(contents.c.body).where(contents.c.number == raw_postings.c.packed_with).scalar_subquery().label("body"),
)


def of_posting(engine: Engine, posting_id: str) -> str | None:
    """The JobPosting by which a posting is known as it stands, as JSON text; None if it is no longer kept.

    Where its page was read again and said the same in other words, it is the one that said so first.
    """
    newest = (
        select(*_PACKED)
        .join(events, events.c.raw_hash == raw_postings.c.hash)
        .where(events.c.posting_id == posting_id)
        .order_by(events.c.number.desc())
        .limit(1)
    )
    now = select(*_PACKED).join(postings, postings.c.raw_hash == raw_postings.c.hash).where(postings.c.id == posting_id)
    with reading(engine) as connection:
        row = connection.execute(now).first() or connection.execute(newest).first()
    return None if row is None else raws.unpack(row.content, row.body)
