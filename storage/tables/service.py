"""The installation itself, what its service does once a day, and who gets in to the web server."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, Float, Integer, Table, Text

from storage.tables.columns import Number, UtcDateTime, metadata

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
