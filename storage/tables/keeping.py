"""Answers that are kept to make a visit again (`crawl.keep_responses`)."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from storage.tables.columns import UtcDateTime, metadata

#: bodies of responses, zstd-compressed, by digest; only where `crawl.keep_responses` asks for it
kept_bodies = Table(
    "kept_bodies",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

#: what came of each request of a visit
kept_responses = Table(
    "kept_responses",
    metadata,
    Column("visit_id", ForeignKey("visits.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    #: digest of address and sent JSON
    Column("request", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("sent", Text),
    Column("at", UtcDateTime, nullable=False),
    #: null if nothing was answered
    Column("status", Integer),
    Column("body", ForeignKey("kept_bodies.hash")),
    Column("facts", JSON, nullable=False),
    Index(None, "site_id", "request", "at"),
    Index(None, "body"),
)

#: visits whose responses are all there
kept_visits = Table(
    "kept_visits",
    metadata,
    Column("visit_id", ForeignKey("visits.id"), primary_key=True),
    #: when the crawler was about to make its first request
    Column("asked_from", UtcDateTime, nullable=False),
    #: it asked all pages, not those that were due
    Column("thorough", Boolean, nullable=False),
    #: why it ended before its work was done
    Column("cut_short", Text),
    #: source, trust, health and baseline_done of the site when the visit began
    Column("site", JSON, nullable=False),
)
