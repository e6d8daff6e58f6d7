"""Postings, what they say and are known by, and their events: the ledger alone writes them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from storage.packed import PackedJson
from storage.tables.columns import Number, UtcDateTime, metadata

#: what postings say (`postings.record.body`), each content once, by the number of the event that told it first
contents = Table(
    "contents",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("body", PackedJson, nullable=False),
)

postings = Table(
    "postings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("content", ForeignKey("contents.number"), nullable=False),
    #: digest of the JobPosting as it stood in the page
    Column("raw_hash", Text, nullable=False),
    #: address key of the page it was last seen on
    Column("page", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("last_visit", Text, nullable=False),
    #: when its page was last read with the posting on it (a list alone does not count)
    Column("last_read", UtcDateTime, nullable=False),
    Column("missing_since", UtcDateTime),
    Column("missing_how", Text),
    Column("missing_looks", Integer, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("closed_reason", Text),
    Column("closed_recorded_at", UtcDateTime),
    #: the instant after which its validThrough has passed in every zone
    Column("valid_until", UtcDateTime),
    #: [{"id": "p_…", "link": "translation", "evidence": "…"}]
    Column("links", JSON, nullable=False),
    Index(None, "site_id", "state", "last_visit"),
    Index(None, "site_id", "page"),
    Index(None, "state", "valid_until"),
    Index(None, "state", "closed_recorded_at"),
    Index(None, "state", "first_seen"),
    #: the postings of a site, newest first
    Index(None, "site_id", "state", "first_seen"),
    #: few of many: those that close if another look confirms it
    Index(
        "ix_postings_missing",
        "site_id",
        sqlite_where=text("state = 'open' AND missing_since IS NOT NULL"),
        postgresql_where=text("state = 'open' AND missing_since IS NOT NULL"),
    ),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
)

#: what queries look at in a posting's content (`postings.query.subject.looked_at`), a row a posting. A table of its
#: own, written with the content only: SQLite writes a row anew, with all its texts, where one column of it changes
folded_postings = Table(
    "folded_postings",
    metadata,
    Column("posting_id", ForeignKey("postings.id"), primary_key=True),
    #: folded texts: words with single blanks between them and at both ends; null = not stated
    Column("title", Text),
    Column("employer", Text),
    Column("location", Text),
    #: " FULL_TIME INTERN "
    Column("types", Text),
    #: " de de-at "
    Column("language", Text),
    Column("remote", Boolean, nullable=False),
    Column("currency", Text),
    #: pay a year
    Column("salary_low", Float),
    Column("salary_high", Float),
    #: days, as the page gives them
    Column("posted", Date),
    Column("closes", Date),
    Column("described", Boolean, nullable=False),
    #: all texts in one. The last column: what stands behind a long text is slow to read
    Column("text", Text, nullable=False),
)

#: what a posting is known by. Rows are added and never pointed elsewhere: a recycled address gets a second row,
#: and the one with the highest `since` counts.
posting_keys = Table(
    "posting_keys",
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("posting_id", ForeignKey("postings.id"), primary_key=True),
    #: number of the newest event when the row was added
    Column("since", Number, nullable=False),
    Index(None, "posting_id"),
    #: the same job on another site
    Index(None, "kind", "value"),
)

#: JobPostings as they stood in their pages, zstd-compressed, by digest: the evidence of events
raw_postings = Table(
    "raw_postings",
    metadata,
    Column("hash", Text, primary_key=True),
    #: the content that it is packed with; null = with none
    Column("packed_with", ForeignKey("contents.number")),
    Column("content", LargeBinary, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("visit_id", ForeignKey("visits.id")),
    Column("posting_id", ForeignKey("postings.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    #: of what appeared: when the last complete visit that did not see it had begun; null = not known
    Column("unseen_at", UtcDateTime),
    #: what the posting said after it
    Column("content", ForeignKey("contents.number"), nullable=False),
    #: and how it stood (`storage.contents.standing_json`)
    Column("standing", JSON, nullable=False),
    Column("baseline", Boolean, nullable=False),
    Column("reason", Text),
    Column("changes", PackedJson, nullable=False),
    Column("significance", Text, nullable=False),
    #: {"url", "status", "at", "rule"}
    Column("evidence", JSON, nullable=False),
    Column("raw_hash", Text),
    Index(None, "posting_id", "number"),
    Index(None, "site_id", "number"),
    Index(None, "visit_id"),
    #: how fresh events are
    Index(
        "ix_events_unseen",
        "at",
        "site_id",
        "unseen_at",
        sqlite_where=text("unseen_at IS NOT NULL"),
        postgresql_where=text("unseen_at IS NOT NULL"),
    ),
    #: what a JobPosting is evidence of
    Index(
        "ix_events_proven",
        "raw_hash",
        sqlite_where=text("raw_hash IS NOT NULL"),
        postgresql_where=text("raw_hash IS NOT NULL"),
    ),
    #: what appeared while someone watched
    Index(
        "ix_events_appeared",
        "at",
        "number",
        sqlite_where=text("type = 'opened' AND baseline IS FALSE"),
        postgresql_where=text("type = 'opened' AND baseline IS FALSE"),
    ),
    CheckConstraint("type IN ('opened', 'changed', 'closed', 'reopened')", name="type"),
    CheckConstraint("significance IN ('material', 'minor', 'site-wide')", name="significance"),
)
