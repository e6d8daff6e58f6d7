"""The tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
#: SQLite counts rows only in a column of exactly this type
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: JSON that nobody looks into: SQLite would keep it as long as it is
PACKED = sa.JSON().with_variant(sa.LargeBinary(), "sqlite")

#: what is long and repeats itself: lz4 packs it about as well as PostgreSQL's own method, several times faster
LONG = (
    ("contents", "body"),
    ("folded_postings", "text"),
    ("events", "changes"),
    ("sites", "source"),
)


def upgrade() -> None:
    _create_tables()
    if op.get_context().dialect.name == "postgresql" and _has_lz4():
        for table, column in LONG:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION lz4")


def _has_lz4() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
    )
    # None: a server older than 14, which has no choice
    return bool(found.scalar())


def _create_tables() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("last_event", NUMBER, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("request_price", sa.Float(), nullable=True),
        sa.Column("interval_stretch", sa.Float(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("grammar", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searches")),
        sa.UniqueConstraint("name", name=op.f("uq_searches_name")),
    )
    op.create_table(
        "outlets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("search_id", sa.Integer(), nullable=True),
        sa.Column("cursor", NUMBER, nullable=False),
        sa.Column("since", NUMBER, nullable=False),
        sa.Column("released_at", TIME, nullable=True),
        sa.Column("released", NUMBER, nullable=False),
        sa.Column("held_until", TIME, nullable=True),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled_at", TIME, nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["search_id"], ["searches.id"], name=op.f("fk_outlets_search_id_searches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlets")),
        sa.UniqueConstraint("name", name=op.f("uq_outlets_name")),
        sa.UniqueConstraint("token", name=op.f("uq_outlets_token")),
    )
    op.create_index(op.f("ix_outlets_search_id"), "outlets", ["search_id"], unique=False)
    op.create_table(
        "hosts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("until", TIME, nullable=True),
        sa.Column("wanted_by", sa.Text(), nullable=True),
        sa.Column("wanted_until", TIME, nullable=True),
        sa.Column("next_at", TIME, nullable=True),
        sa.Column("delay", sa.Float(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", TIME, nullable=True),
        sa.Column("rests_until", TIME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("wished", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_hosts")),
    )
    op.create_table(
        "maintenance",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("position", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("done_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_maintenance")),
    )
    op.create_table(
        "contents",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", PACKED, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_contents")),
    )
    op.create_table(
        "raw_postings",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("packed_with", NUMBER, nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["packed_with"], ["contents.number"], name=op.f("fk_raw_postings_packed_with_contents")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_raw_postings")),
    )
    op.create_table(
        "robots",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots")),
    )
    op.create_table(
        "sites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("start_url", sa.Text(), nullable=False),
        sa.Column("host_key", sa.Text(), nullable=False),
        sa.Column("source", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("every", sa.Integer(), nullable=True),
        sa.Column("cron", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("requests_a_day", sa.Integer(), nullable=True),
        sa.Column("rhythm", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("demand", sa.Float(), nullable=True),
        sa.Column("least_requests", sa.Float(), nullable=True),
        sa.Column("most_requests", sa.Float(), nullable=True),
        sa.Column("render", sa.Boolean(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("paused_at", TIME, nullable=True),
        sa.Column("removed_at", TIME, nullable=True),
        sa.Column("next_visit_at", TIME, nullable=True),
        sa.Column("come_back_at", TIME, nullable=True),
        sa.Column("baseline_done", sa.Boolean(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("trust", sa.JSON(), nullable=False),
        sa.Column("overrides", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("health", sa.JSON(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
    )
    op.create_index(op.f("ix_sites_host_key"), "sites", ["host_key"])
    op.create_index(
        "ix_sites_leased",
        "sites",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(op.f("ix_sites_next_visit_at"), "sites", ["next_visit_at"])
    op.create_index(
        "uq_sites_name_watched",
        "sites",
        ["name"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "deliveries",
        sa.Column("outlet_id", sa.Integer(), nullable=False),
        sa.Column("event", NUMBER, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_attempt_at", TIME, nullable=False),
        sa.Column("last_attempt_at", TIME, nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'retry') = (next_attempt_at IS NOT NULL)", name=op.f("ck_deliveries_next_attempt_at")
        ),
        sa.CheckConstraint("status IN ('retry', 'sent', 'parked')", name=op.f("ck_deliveries_status")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_deliveries_outlet_id_outlets")),
        sa.PrimaryKeyConstraint("outlet_id", "event", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_deliveries_parked",
        "deliveries",
        ["outlet_id", "event"],
        unique=False,
        sqlite_where=sa.text("status = 'parked'"),
        postgresql_where=sa.text("status = 'parked'"),
    )
    op.create_index(
        "ix_deliveries_pending",
        "deliveries",
        ["outlet_id"],
        unique=False,
        sqlite_where=sa.text("status = 'retry'"),
        postgresql_where=sa.text("status = 'retry'"),
    )
    op.create_table(
        "pages",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.Column("lastmod", sa.Text(), nullable=True),
        sa.Column("last_read_at", TIME, nullable=False),
        sa.Column("via", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_pages_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "address", name=op.f("pk_pages")),
    )
    op.create_table(
        "postings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("content", NUMBER, nullable=False),
        sa.Column("raw_hash", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.Column("last_visit", sa.Text(), nullable=False),
        sa.Column("last_read", TIME, nullable=False),
        sa.Column("missing_since", TIME, nullable=True),
        sa.Column("missing_how", sa.Text(), nullable=True),
        sa.Column("missing_looks", sa.Integer(), nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.Column("closed_recorded_at", TIME, nullable=True),
        sa.Column("valid_until", TIME, nullable=True),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_postings_closed_at")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_postings_state")),
        sa.ForeignKeyConstraint(["content"], ["contents.number"], name=op.f("fk_postings_content_contents")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_postings_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
    )
    op.create_index(op.f("ix_postings_site_id_page"), "postings", ["site_id", "page"])
    op.create_index(op.f("ix_postings_site_id_state_last_visit"), "postings", ["site_id", "state", "last_visit"])
    op.create_index(op.f("ix_postings_state_valid_until"), "postings", ["state", "valid_until"])
    op.create_index(op.f("ix_postings_state_closed_recorded_at"), "postings", ["state", "closed_recorded_at"])
    op.create_index(op.f("ix_postings_state_first_seen"), "postings", ["state", "first_seen"])
    op.create_index(op.f("ix_postings_site_id_state_first_seen"), "postings", ["site_id", "state", "first_seen"])
    op.create_index(
        "ix_postings_missing",
        "postings",
        ["site_id"],
        sqlite_where=sa.text("state = 'open' AND missing_since IS NOT NULL"),
        postgresql_where=sa.text("state = 'open' AND missing_since IS NOT NULL"),
    )
    op.create_table(
        "folded_postings",
        sa.Column("posting_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("employer", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("types", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("remote", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("salary_low", sa.Float(), nullable=True),
        sa.Column("salary_high", sa.Float(), nullable=True),
        sa.Column("posted", sa.Date(), nullable=True),
        sa.Column("closes", sa.Date(), nullable=True),
        sa.Column("described", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["posting_id"], ["postings.id"], name=op.f("fk_folded_postings_posting_id_postings")),
        sa.PrimaryKeyConstraint("posting_id", name=op.f("pk_folded_postings")),
    )
    op.create_table(
        "visits",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("not_modified", sa.Integer(), nullable=False),
        sa.Column("bytes", NUMBER, nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.CheckConstraint("outcome IN ('complete', 'partial', 'suspect', 'failed')", name=op.f("ck_visits_outcome")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_visits_site_id_sites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_site_id_started_at"), "visits", ["site_id", "started_at"])
    op.create_index(op.f("ix_visits_started_at"), "visits", ["started_at"])
    op.create_index(
        "ix_visits_ended",
        "visits",
        ["ended_at"],
        sqlite_where=sa.text("ended_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_table(
        "events",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Text(), nullable=True),
        sa.Column("posting_id", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("unseen_at", TIME, nullable=True),
        sa.Column("content", NUMBER, nullable=False),
        sa.Column("standing", sa.JSON(), nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changes", PACKED, nullable=False),
        sa.Column("significance", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("raw_hash", sa.Text(), nullable=True),
        sa.CheckConstraint("significance IN ('material', 'minor', 'site-wide')", name=op.f("ck_events_significance")),
        sa.CheckConstraint("type IN ('opened', 'changed', 'closed', 'reopened')", name=op.f("ck_events_type")),
        sa.ForeignKeyConstraint(["content"], ["contents.number"], name=op.f("fk_events_content_contents")),
        sa.ForeignKeyConstraint(["posting_id"], ["postings.id"], name=op.f("fk_events_posting_id_postings")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_events_site_id_sites")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_events_visit_id_visits")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_posting_id_number"), "events", ["posting_id", "number"])
    op.create_index(op.f("ix_events_site_id_number"), "events", ["site_id", "number"])
    op.create_index(op.f("ix_events_visit_id"), "events", ["visit_id"])
    op.create_index(
        "ix_events_unseen",
        "events",
        ["at", "site_id", "unseen_at"],
        sqlite_where=sa.text("unseen_at IS NOT NULL"),
        postgresql_where=sa.text("unseen_at IS NOT NULL"),
    )
    op.create_index(
        "ix_events_proven",
        "events",
        ["raw_hash"],
        sqlite_where=sa.text("raw_hash IS NOT NULL"),
        postgresql_where=sa.text("raw_hash IS NOT NULL"),
    )
    op.create_index(
        "ix_events_appeared",
        "events",
        ["at", "number"],
        sqlite_where=sa.text("type = 'opened' AND baseline IS FALSE"),
        postgresql_where=sa.text("type = 'opened' AND baseline IS FALSE"),
    )
    op.create_table(
        "site_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("complete", sa.Integer(), nullable=False),
        sa.Column("partial", sa.Integer(), nullable=False),
        sa.Column("suspect", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("growth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_site_days_site_id_sites")),
        sa.PrimaryKeyConstraint("day", "site_id", name=op.f("pk_site_days")),
    )
    op.create_index(op.f("ix_site_days_site_id_day"), "site_days", ["site_id", "day"])
    op.create_table(
        "posting_keys",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("posting_id", sa.Text(), nullable=False),
        sa.Column("since", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["posting_id"], ["postings.id"], name=op.f("fk_posting_keys_posting_id_postings")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_posting_keys_site_id_sites")),
        sa.PrimaryKeyConstraint("site_id", "kind", "value", "posting_id", name=op.f("pk_posting_keys")),
    )
    op.create_index(op.f("ix_posting_keys_posting_id"), "posting_keys", ["posting_id"])
    op.create_index(op.f("ix_posting_keys_kind_value"), "posting_keys", ["kind", "value"])
    op.create_table(
        "kept_bodies",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_kept_bodies")),
    )
    op.create_table(
        "kept_responses",
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("sent", sa.Text(), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["kept_bodies.hash"], name=op.f("fk_kept_responses_body_kept_bodies")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_kept_responses_site_id_sites")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_kept_responses_visit_id_visits")),
        sa.PrimaryKeyConstraint("visit_id", "number", name=op.f("pk_kept_responses")),
    )
    op.create_index(op.f("ix_kept_responses_body"), "kept_responses", ["body"])
    op.create_index(op.f("ix_kept_responses_site_id_request_at"), "kept_responses", ["site_id", "request", "at"])
    op.create_table(
        "kept_visits",
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("asked_from", TIME, nullable=False),
        sa.Column("thorough", sa.Boolean(), nullable=False),
        sa.Column("cut_short", sa.Text(), nullable=True),
        sa.Column("site", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_kept_visits_visit_id_visits")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_kept_visits")),
    )
    op.create_table(
        "password",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_password_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password")),
    )
    op.create_table(
        "logins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logins")),
        sa.UniqueConstraint("hash", name=op.f("uq_logins_hash")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME, nullable=True),
        sa.CheckConstraint("scope IN ('read', 'write', 'feeds')", name=op.f("ck_tokens_scope")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
        sa.UniqueConstraint("name", name=op.f("uq_tokens_name")),
    )
