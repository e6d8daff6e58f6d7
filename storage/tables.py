"""Every table, with what its columns mean. Migrations create them; only modules of `storage` name them.

One module writes a table: the ledger writes `postings`, `posting_keys`, `raw_postings`, `pages`, `events` and
`site_days`;
`sites` (with `leases` and `acceptance`), `outlets` and `deliveries`, `hosts`, `responses` and `access` write theirs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from storage.packed import PackedJson


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in, the same instant in UTC out, on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    # SQLite keeps texts. A visit of a large site reads thousands: by way of SQLAlchemy's own type each would cost three
    # times as much.

    def bind_processor(self, dialect: Dialect) -> Any:
        return _to_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone must not reach the database")
    return value.astimezone(UTC)


def _to_text(value: datetime | None) -> str | None:
    return None if value is None else _in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


#: SQLite counts rows only in a column of exactly this type
Number = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: exactly one row: who this installation is, and the number of the newest event. The row stays locked until
#: the commit, so event numbers have no gaps and become visible in their order.
installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("instance", Text, nullable=False),
    Column("last_event", Number, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    #: hours of one posting's waiting that a request is worth, and how much the longest interval is stretched, so that
    #: all visits stay within the budget; null = there is none
    Column("request_price", Float),
    Column("interval_stretch", Float),
    CheckConstraint("id = 1", name="one_row"),
)

sites = Table(
    "sites",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("start_url", Text, nullable=False),
    #: visits to one host never overlap
    Column("host_key", Text, nullable=False),
    Column("source", JSON(none_as_null=True)),
    #: seconds between visits; null = worked out, or by `cron`
    Column("every", Integer),
    #: when it is visited, as a cron line, and the time zone that it is meant in; null = not so
    Column("cron", Text),
    Column("zone", Text),
    #: requests a day that its visits may make; null = no limit of its own
    Column("requests_a_day", Integer),
    #: what the visits have taught of when it publishes
    Column("rhythm", JSON(none_as_null=True)),
    #: requests a day that it asks for at a price of 1 a request, and bounds of what it gets; null = not visited yet
    Column("demand", Float),
    Column("least_requests", Float),
    Column("most_requests", Float),
    #: a person has told hirewatch to run the scripts of its pages
    Column("render", Boolean, nullable=False, default=False),
    #: the part of the host that a person says the site is, as a path; '' = all of it, null = what the visits find
    Column("scope", Text),
    Column("added_at", UtcDateTime, nullable=False),
    Column("paused_at", UtcDateTime),
    #: no longer watched; its postings and events stay, it can be added again under the same address
    Column("removed_at", UtcDateTime),
    Column("next_visit_at", UtcDateTime),
    #: it asked to be left alone until then: nothing makes its visit due earlier but a person
    Column("come_back_at", UtcDateTime),
    Column("baseline_done", Boolean, nullable=False),
    #: how many of its postings are open: what its days have grown by
    Column("open", Integer, nullable=False, default=0),
    #: what the visits have shown of its keys
    Column("trust", JSON, nullable=False),
    #: what a person has decided about them; null = nothing. No visit writes it
    Column("overrides", JSON(none_as_null=True)),
    Column("health", JSON, nullable=False),
    #: who visits it now, until when; every write of a visit carries the fence, a stale one is refused
    Column("lease_owner", Text),
    Column("lease_until", UtcDateTime),
    Column("fence", Integer, nullable=False),
    Index(
        "uq_sites_name_watched",
        "name",
        unique=True,
        sqlite_where=text("removed_at IS NULL"),
        postgresql_where=text("removed_at IS NULL"),
    ),
    Index(None, "next_visit_at"),
    Index(None, "host_key"),
    Index(
        "ix_sites_leased",
        "lease_until",
        sqlite_where=text("lease_until IS NOT NULL"),
        postgresql_where=text("lease_until IS NOT NULL"),
    ),
)

visits = Table(
    "visits",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    #: null while it runs, or when the process died in it
    Column("ended_at", UtcDateTime),
    Column("outcome", Text),
    Column("reason", Text),
    Column("baseline", Boolean, nullable=False),
    Column("listed", Integer, nullable=False),
    Column("read", Integer, nullable=False),
    Column("unreadable", Integer, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("closed", Integer, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("requests", Integer, nullable=False),
    #: the requests by what came of them, like {"2xx": 118, "none": 2}
    Column("answers", JSON, nullable=False, default=dict),
    Column("not_modified", Integer, nullable=False),
    Column("bytes", Number, nullable=False),
    Column("notes", JSON, nullable=False),
    Index(None, "site_id", "started_at"),
    Index(None, "started_at"),
    Index(
        "ix_visits_ended",
        "ended_at",
        sqlite_where=text("ended_at IS NOT NULL"),
        postgresql_where=text("ended_at IS NOT NULL"),
    ),
    CheckConstraint("outcome IN ('complete', 'partial', 'suspect', 'failed')", name="outcome"),
)

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

#: pages as they were read last: what conditional requests and the body comparison need
pages = Table(
    "pages",
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("address", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", Text),
    Column("lastmod", Text),
    Column("last_read_at", UtcDateTime, nullable=False),
    Column("via", Text),
)

#: robots.txt answers, kept at most 24 hours (RFC 9309 §2.4)
robots = Table(
    "robots",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("status", Integer),
    Column("body", LargeBinary, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
)

#: web hosts: who asks there now, and how they stand (`postings.hosts`)
hosts = Table(
    "hosts",
    metadata,
    Column("name", Text, primary_key=True),
    #: the process that asks there, until when; null = none
    Column("owner", Text),
    Column("until", UtcDateTime),
    #: the process that waits for it
    Column("wanted_by", Text),
    Column("wanted_until", UtcDateTime),
    #: no request before this
    Column("next_at", UtcDateTime),
    #: seconds that its robots.txt asks for between two requests
    Column("delay", Float, nullable=False),
    #: visits in a row without a good answer
    Column("failures", Integer, nullable=False),
    Column("failed_at", UtcDateTime),
    Column("rests_until", UtcDateTime),
    Column("reason", Text),
    #: the host asked for its rest
    Column("wished", Boolean, nullable=False),
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

#: what happened on a site on a day (of UTC), a row a day on which anything did: for curves that reach back for months.
#: Written with the events and visits that it counts
site_days = Table(
    "site_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    #: visits that ended, by outcome
    Column("complete", Integer, nullable=False, default=0),
    Column("partial", Integer, nullable=False, default=0),
    Column("suspect", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    #: events, without those of postings that were there before anybody watched
    Column("opened", Integer, nullable=False, default=0),
    Column("changed", Integer, nullable=False, default=0),
    Column("closed", Integer, nullable=False, default=0),
    Column("reopened", Integer, nullable=False, default=0),
    #: how many more postings are open at its end than at its beginning
    Column("growth", Integer, nullable=False, default=0),
    Index(None, "site_id", "day"),
)

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

#: what the service does for the database once a day
maintenance = Table(
    "maintenance",
    metadata,
    Column("task", Text, primary_key=True),
    #: how far it has come, in words of its own; null = at its beginning
    Column("position", JSON(none_as_null=True)),
    #: when it last had nothing left to do
    Column("done_at", UtcDateTime),
)

#: the one password of the web server, as Argon2 keeps it; no row = none is set
password = Table(
    "password",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

#: browsers that have logged in
logins = Table(
    "logins",
    metadata,
    Column("id", Integer, primary_key=True),
    #: digest of what the cookie holds
    Column("hash", Text, nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    #: what the browser calls itself, shortened
    Column("browser", Text, nullable=False),
)

#: what programs and feed readers show instead of a password
tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    #: digest of the token
    Column("hash", Text, nullable=False, unique=True),
    Column("scope", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    CheckConstraint("scope IN ('read', 'write', 'feeds')", name="scope"),
)
