"""Keeps a copy of postings and events in a database: PostgreSQL, MySQL or MariaDB, SQLite. docs/stores.md.

A batch is one transaction of that database, and every row has a key: an event that is there already changes nothing,
and an older event changes no posting. So the rows are the events exactly, however often a process died in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select, update

from delivery import flat, formats
from delivery.outlets import options as read
from delivery.outlets import sql_server as server
from delivery.outlets import sql_tables as layout
from delivery.outlets.copying import selection
from delivery.outlets.outlet import Batch, Context, Delivered, Limits, OutletUnavailable, tag
from postings.errors import NetworkError, UsageError
from postings.events import Event, EventType, Evidence
from storage import outlets

shown = server.shown

__all__ = ["SqlOutlet", "prepare", "selection"]

#: what every database takes as a name, and short enough to leave room for the names of the tables
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,29}")


def prepare(address: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address and the options as they are stored. Raises UsageError.

    Options: `prefix` of the tables' names, `schema` to make them in, `events`, `with_baseline` (as it is if not given).
    """
    read.require_known(options, ("prefix", "schema", "events", "with_baseline"), "sql")
    url = server.parse(address)
    stored: dict[str, Any] = {}
    for name in ("prefix", "schema"):
        if options.get(name):
            stored[name] = _name(name, options[name])
    if "schema" in stored and url.get_backend_name() == "sqlite":
        raise UsageError("SQLite has none", subject="schema", remedy="leave it out, or name a `prefix`")
    stored |= read.of_events(options)
    return url.render_as_string(hide_password=False), stored


class SqlOutlet:
    """Three tables in a database of somebody else."""

    limits = Limits(most=500, each_alone=True)

    def __init__(self, row: outlets.Outlet, context: Context) -> None:
        """Connects to nothing yet. Raises ConfigurationError or UsageError if what is stored cannot be used."""
        address, options = prepare(row.address, row.options)
        self._name = row.name
        self._url = server.parse(address)
        self._context = context
        self._tag = tag(row, context.instance)
        self._shape = formats.events(context.instance)
        self._engine = server.open_engine(self._url, context, row.name)
        self._dialect = self._engine.dialect.name
        self._tables = layout.describe(options.get("prefix", ""), options.get("schema"))
        self._laid_out = False

    def check(self) -> None:
        """Looks at the database and changes nothing there.

        Raises ConfigurationError, AddressRefused, or OutletUnavailable if it cannot be reached.
        """
        if self._dialect == "sqlite":
            path = Path(str(self._url.database))
            server.writable(path, self._name)
            if not path.exists():
                return
        with self._explained(), self._engine.connect() as connection, connection.begin() as transaction:
            layout.compare(connection, self._tables, subject=self._name)
            transaction.rollback()

    def deliver(self, batch: Batch) -> Delivered:
        """Writes the batch in one transaction; an event that the database does not take is refused with the reason."""
        try:
            return self._deliver(batch.events)
        except server.Unfit:
            return self._deliver(batch.events, one_by_one=True)

    def test(self) -> None:
        """Makes the tables where they are missing, writes a sample, and takes it back before anyone can see it."""
        now = self._context.clock()
        sample = Event(
            number=0,
            type=EventType.OPENED,
            site="hirewatch",
            visit=None,
            posting_id="p_test",
            at=now,
            record={"id": "p_test", "title": "A test. No posting has changed."},
            evidence=Evidence(url=None, status=None, at=now, rule="test"),
        )
        try:
            with self._explained():
                self._lay_out()
                with self._engine.connect() as connection, connection.begin() as transaction:
                    self._write(connection, [sample])
                    transaction.rollback()
        except server.Unfit as error:
            raise OutletUnavailable(f"does not take the sample ({error})", subject=self._name) from None

    def close(self) -> None:
        self._engine.dispose()

    def _deliver(self, events: Sequence[Event], *, one_by_one: bool = False) -> Delivered:
        refused: dict[int, str] = {}
        with self._explained():
            self._lay_out()
            with self._engine.begin() as connection:
                there = self._lock(connection, events)
                foreign = {
                    event.number for event in events if there.get(event.number, event.posting_id) != event.posting_id
                }
                refused |= dict.fromkeys(
                    sorted(foreign), "the database has another event of this number; was hirewatch's own restored?"
                )
                fitting = [event for event in events if event.number not in foreign]
                if one_by_one:
                    refused |= self._write_each(connection, fitting)
                else:
                    self._write(connection, fitting)
                self._move(connection, events[-1].number)
        return Delivered(
            sent=tuple(event.number for event in events if event.number not in refused), refused=tuple(refused.items())
        )

    def _lay_out(self) -> None:
        if not self._laid_out:
            with self._engine.begin() as connection:
                layout.lay_out(connection, self._tables, subject=self._name)
            self._laid_out = True

    def _lock(self, connection: Connection, events: Sequence[Event]) -> dict[int, str]:
        """Waits for a transaction that a dead sender left behind; then, which of the events are there, and of whom."""
        cursors, stored = self._tables.cursors, self._tables.events
        mine = {"instance": self._context.instance, "outlet": self._tag}
        connection.execute(layout.insert_missing(self._dialect, cursors), {**mine, "event": 0})
        connection.execute(select(cursors.c.event).filter_by(**mine).with_for_update())
        numbers = [event.number for event in events]
        query = select(stored.c.event, stored.c.posting_id).where(
            stored.c.instance == self._context.instance, stored.c.event.in_(numbers)
        )
        return {row.event: row.posting_id for row in connection.execute(query)}

    def _move(self, connection: Connection, number: int) -> None:
        cursors = self._tables.cursors
        connection.execute(
            update(cursors)
            .where(
                cursors.c.instance == self._context.instance, cursors.c.outlet == self._tag, cursors.c.event < number
            )
            .values(event=number, updated_at=self._context.clock().astimezone(UTC))
        )

    def _write(self, connection: Connection, events: Sequence[Event]) -> None:
        if not events:
            return
        newest = {event.posting_id: event for event in events}
        connection.execute(
            layout.insert_missing(self._dialect, self._tables.events), [self._event_row(event) for event in events]
        )
        connection.execute(
            layout.insert_newer(self._dialect, self._tables.postings),
            [self._posting_row(event) for event in newest.values()],
        )

    def _write_each(self, connection: Connection, events: Sequence[Event]) -> dict[int, str]:
        refused = {}
        for event in events:
            try:
                with self._explained(), connection.begin_nested():
                    self._write(connection, [event])
            except server.Unfit as error:
                refused[event.number] = f"the database does not take it ({error})"
        return refused

    def _event_row(self, event: Event) -> dict[str, Any]:
        return {"instance": self._context.instance, **flat.event_row(event), "data": self._shape.json(event)}

    def _posting_row(self, event: Event) -> dict[str, Any]:
        return {
            "instance": self._context.instance,
            **flat.posting_row(event.record),
            "id": event.posting_id,
            "event": event.number,
            "event_at": event.at.astimezone(UTC),
            "data": formats.POSTINGS.json(event.record),
        }

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            words = server.explain(error, self._url, self._name)
            if isinstance(words, NetworkError) and not isinstance(words, OutletUnavailable):
                problem = f"{words.subject} {words.problem}"
                raise OutletUnavailable(problem, subject=self._name, remedy=words.remedy) from None
            if words is None or words is error:
                raise
            raise words from None


def _name(option: str, value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise UsageError(
            "is no name that every database takes",
            subject=option,
            remedy="use letters, digits and underscores, thirty at most",
        )
    return value
