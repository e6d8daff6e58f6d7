"""Sites, their visits and days, and what was read of their pages and hosts."""

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

from storage.tables.columns import Number, UtcDateTime, metadata

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
