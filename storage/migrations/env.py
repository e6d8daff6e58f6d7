"""Alembic's entry: runs the migrations on the connection, and in the transaction, that `storage.schema` opened."""

from __future__ import annotations

from alembic import context

from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes a column by rebuilding its table
    render_as_batch=True,
    # all or nothing, however many versions are skipped
    transaction_per_migration=False,
)
context.run_migrations()
