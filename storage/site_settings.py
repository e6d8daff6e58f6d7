"""What a person decides about a site that is watched: when and how it is visited, and what it is believed.

Asked by the command line, the pages and the interface. What one call decides is kept whole, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, delete, func, literal, select, update
from sqlalchemy.engine import Engine

from postings.trust import Overrides
from storage import sites
from storage.engine import writing
from storage.tables import pages, posting_keys, postings
from storage.tables import sites as table


@contextmanager
def changing(engine: Engine, site_id: int) -> Iterator[Change]:
    """A change of a site: what is set within the block counts together at its end, or not at all if the block raises.

    Setting anything raises NotFoundError if the site is not watched.
    """
    with writing(engine) as connection:
        yield Change(connection, site_id)


class Change:
    """Sets what a person decides about one site, within one transaction."""

    def __init__(self, connection: Connection, site_id: int) -> None:
        """Made by `changing`."""
        self._connection = connection
        self._site_id = site_id

    def set_every(self, every: timedelta | None, *, now: datetime) -> None:
        """The time between two visits; None = worked out. No visit is due later for it."""
        latest = {} if every is None else {"next_visit_at": _no_later(now + every)}
        self._write(every=sites.seconds(every), cron=None, zone=None, **latest)

    def set_cron(self, line: str, zone: str, *, first: datetime) -> None:
        """Visits when a cron line fires in a time zone, `first` at that time."""
        self._write(every=None, cron=line, zone=zone, next_visit_at=_scheduled(first))

    def set_requests_a_day(self, requests: int | None) -> None:
        """How many requests a day its visits may make, from the next one on; None = no limit."""
        self._write(requests_a_day=requests)

    def set_render(self, render: bool) -> None:
        """Whether a browser runs the scripts of the site's pages, from the next visit on.

        Where its postings are found is worked out anew then, and pages that showed none are looked at again: what that
        finds was there before (C.5).
        """
        changed = self._connection.execute(
            update(table)
            .where(table.c.id == self._site_id, table.c.removed_at.is_(None), table.c.render.is_not(render))
            .values(render=render, source=None, baseline_done=False)
        )
        if not changed.rowcount:
            self._write(render=render)
            return
        carried = select(postings.c.page).where(postings.c.site_id == self._site_id)
        named = select(posting_keys.c.value).where(
            posting_keys.c.site_id == self._site_id, posting_keys.c.kind == "address"
        )
        self._connection.execute(
            delete(pages).where(
                pages.c.site_id == self._site_id, pages.c.address.not_in(carried), pages.c.address.not_in(named)
            )
        )

    def set_scope(self, scope: str | None) -> None:
        """The part of its host that the site is, as a path; "" = all of it, None = what the visits find.

        It counts from the next visit on. Where its postings are found is worked out anew then, and what that finds was
        there before (C.5).
        """
        other = table.c.scope.is_not(None) if scope is None else func.coalesce(table.c.scope, "*") != scope
        changed = self._connection.execute(
            update(table)
            .where(table.c.id == self._site_id, table.c.removed_at.is_(None), other)
            .values(scope=scope, source=None, baseline_done=False)
        )
        if not changed.rowcount:
            self._write(scope=scope)

    def set_overrides(self, overrides: Overrides) -> None:
        """What a person decides about the site's keys, from the next visit on (C.3)."""
        self._write(overrides=None if overrides == Overrides() else overrides.to_json())

    def _write(self, **values: Any) -> None:
        sites.write(self._connection, self._site_id, values)


def _no_later(at: datetime) -> Any:
    """Not later than `at`; a site that is paused, or that asked to be left alone until later, stays as it is."""
    later = (table.c.next_visit_at > at) & (func.coalesce(table.c.come_back_at, at) <= at)
    return case((later, literal(at, table.c.next_visit_at.type)), else_=table.c.next_visit_at)


def _scheduled(at: datetime) -> Any:
    """At `at`, unless the site is paused, or asked to be left alone until later."""
    free = table.c.next_visit_at.is_not(None) & (func.coalesce(table.c.come_back_at, at) <= at)
    return case((free, literal(at, table.c.next_visit_at.type)), else_=table.c.next_visit_at)
