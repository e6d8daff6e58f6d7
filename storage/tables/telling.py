"""Questions that are kept, and who is told: searches, outlets, deliveries."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from storage.tables.columns import Number, UtcDateTime, metadata

#: questions that are kept
searches = Table(
    "searches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    #: as it was typed
    Column("query", Text, nullable=False),
    #: version of the query language that it was typed in
    Column("grammar", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

outlets = Table(
    "outlets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    #: webhook, email, …: a name of the registry in `delivery.outlets`
    Column("kind", Text, nullable=False),
    #: where it is told: a URL or an address; may hold a secret
    Column("address", Text, nullable=False),
    Column("options", JSON, nullable=False),
    #: it hears what this saved search finds
    Column("search_id", ForeignKey("searches.id")),
    #: number of the last event that is settled for this outlet
    Column("cursor", Number, nullable=False),
    #: number of the newest event when it was added: earlier ones are told only where a delivery says so
    Column("since", Number, nullable=False),
    #: the last moment at which held events left together, and the number of the last of them
    Column("released_at", UtcDateTime),
    Column("released", Number, nullable=False),
    #: nothing may leave before, whatever happens
    Column("held_until", UtcDateTime),
    #: what a link in a mail ends it with
    Column("token", Text, nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    #: the receiver asked for no more (410), or a person did
    Column("disabled_at", UtcDateTime),
    Column("disabled_reason", Text),
    #: what a person has to see to: why it cannot be told, or who of several behind it is not; nothing once all were
    Column("trouble", Text),
    Index(None, "search_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("outlet_id", ForeignKey("outlets.id"), primary_key=True),
    #: outlet + event number is the idempotency key
    Column("event", Number, primary_key=True),
    #: retry = waits for its next attempt, sent = accepted, parked = given up and shown
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_attempt_at", UtcDateTime, nullable=False),
    Column("last_attempt_at", UtcDateTime, nullable=False),
    Column("next_attempt_at", UtcDateTime),
    #: what the receiver or the network said, without secrets
    Column("error", Text),
    #: few of many: what is about to be sent
    Index(
        "ix_deliveries_pending",
        "outlet_id",
        sqlite_where=text("status = 'retry'"),
        postgresql_where=text("status = 'retry'"),
    ),
    #: what was given up
    Index(
        "ix_deliveries_parked",
        "outlet_id",
        "event",
        sqlite_where=text("status = 'parked'"),
        postgresql_where=text("status = 'parked'"),
    ),
    CheckConstraint("status IN ('retry', 'sent', 'parked')", name="status"),
    CheckConstraint("(status = 'retry') = (next_attempt_at IS NOT NULL)", name="next_attempt_at"),
)
