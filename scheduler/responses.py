"""Keeps the whole responses of a visit, a few at a time, where the settings ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Engine

from crawler.keeping import kept_robots
from postings.responses import KeptResponse
from postings.sites import Known, RobotsAnswer, Site
from scheduler.threads import StorageThread
from storage import responses

#: how many responses, or bytes of them, wait before they are kept
_MOST, _MOST_BYTES = 64, 4 * 1024 * 1024


class Responses:
    """The responses of one visit on their way to storage."""

    def __init__(
        self,
        store: StorageThread,
        engine: Engine,
        site: Site,
        visit_id: str,
        *,
        asked_from: datetime,
        thorough: bool,
    ) -> None:
        """`site` as the visit finds it, `asked_from` when the crawler is about to begin; `thorough` if it asks all."""
        self._store = store
        self._engine = engine
        self._site = site
        self._visit_id = visit_id
        self._asked_from = asked_from
        self._thorough = thorough
        self._kept = 0
        self._waiting: list[KeptResponse] = []
        self._bytes = 0

    async def keep(self, response: KeptResponse) -> None:
        """Takes in one response. Raises DatabaseError."""
        self._waiting.append(response)
        self._bytes += len(response.body)
        if len(self._waiting) >= _MOST or self._bytes >= _MOST_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Keeps what waits. Due before what was read from it is recorded: the next visit, told "as before" of a page,
        rests on what was answered then, even if this one dies. Raises DatabaseError."""
        batch, self._waiting, self._bytes = self._waiting, [], 0
        first, self._kept = self._kept, self._kept + len(batch)
        await self._store(responses.keep, self._engine, self._site.id, self._visit_id, first, batch)

    async def conclude(
        self, *, cut_short: str | None, robots: Mapping[str, RobotsAnswer] = MappingProxyType({})
    ) -> None:
        """The visit is over: what is left is kept. Raises DatabaseError."""
        self._waiting += kept_robots(robots)
        await self.flush()
        await self._store(
            responses.conclude,
            self._engine,
            self._site,
            self._visit_id,
            asked_from=self._asked_from,
            thorough=self._thorough,
            cut_short=cut_short,
        )


def unconditional(known: Known) -> Known:
    """What is known, without what would let a site answer "as before": the first visit kept has to stand alone."""
    return replace(
        known,
        pages={
            key: replace(page, etag=None, last_modified=None, body_hash=None, lastmod=None)
            for key, page in known.pages.items()
            if not page.barren
        },
    )
