"""A site that is watched over simulated days: real HTTP, a real worker, a real ledger, and time that is moved by
hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from postings.events import Event, EventType
from postings.visits import Outcome, VisitSummary
from storage import events, postings, sites
from storage.engine import connect
from storage.schema import upgrade
from tests.sites.scripted import ScriptedSite
from tests.worlds.crew import Crew, Order

#: a Monday; every world begins then
BEGINNING = datetime(2026, 11, 2, 8, tzinfo=UTC)


class Time:
    """What a world and the site in it both look at."""

    def __init__(self) -> None:
        self.now = BEGINNING

    def __call__(self) -> datetime:
        return self.now


class World:
    """One site, its watcher's database, and what happens on the days between the visits."""

    def __init__(self, crew: Crew, folder: Path, site: ScriptedSite, time: Time) -> None:
        self.site = site
        self._time = time
        self._crew = crew
        self._database = f"sqlite:///{folder}/hirewatch.sqlite"
        self._engine = connect(self._database)
        upgrade(self._engine)
        sites.add(self._engine, name="acme", start_url=site.url, every=None, now=time())
        self._told = 0
        #: every visit so far
        self.visits: list[VisitSummary] = []

    @property
    def now(self) -> datetime:
        """The time of this world."""
        return self._time()

    def later(self, **span: float) -> World:
        """Moves the clock: `later(days=1, hours=2)`."""
        self._time.now += timedelta(**span)
        return self

    def visit(self, *, asked: bool = False, **limits: Any) -> Outcome:
        """A visit that is due (or that a person asked for), and how it ended. `limits` as in `crawler.visit.Limits`."""
        what = "asked" if asked else "visit"
        summary = self._order(what, limits)
        assert summary is not None, "no visit was made"
        assert summary.outcome is not None
        self.visits.append(summary)
        return summary.outcome

    def daily(self, days: int, each: Callable[[int], object] | None = None) -> list[Outcome]:
        """A visit a day; `each` is called with the number of the day before its visit."""
        outcomes = []
        for day in range(days):
            self.later(days=1)
            if each is not None:
                each(day)
            outcomes.append(self.visit())
        return outcomes

    def expire(self) -> None:
        """What the service does between visits: closes what has passed its validThrough."""
        self._order("expire", {})

    def news(self) -> list[str]:
        """The events since the last call, without a baseline, in words: "closed gone welder-lyon-10003"."""
        found = events.after(self._engine, self._told, 1_000_000)
        self._told = found[-1].number if found else self._told
        return sorted(self._in_words(event) for event in found if not event.baseline)

    def open(self) -> list[str]:
        """Handles of the postings that the ledger holds open."""
        return sorted(self._handle(posting.record["id"]) for posting in postings.search(self._engine, state="open"))

    def links(self, handle: str) -> list[tuple[str, str]]:
        """The duplicates of every posting of this handle: kind of link, and the other's handle."""
        return sorted(
            (link["link"], self._handle(link["id"]))
            for posting in postings.search(self._engine, state="all")
            if self._handle(posting.record["id"]) == handle
            for link in posting.record["duplicates"]
        )

    def notes(self) -> tuple[str, ...]:
        """What the last visit says in words."""
        return self.visits[-1].notes

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.dispose()

    def _order(self, what: str, limits: dict[str, Any]) -> VisitSummary | None:
        order = Order(database=self._database, now=self._time.now, what=what, site="acme", limits=tuple(limits.items()))
        summary, self._time.now = self._crew.do(order)
        return summary

    def _in_words(self, event: Event) -> str:
        parts = [str(event.type)]
        if event.type is EventType.CHANGED:
            parts.append(f"{event.significance} {','.join(sorted(event.changes))}")
        elif event.reason:
            parts.append(event.reason)
        return " ".join([*parts, self._handle(event.posting_id)])

    def _handle(self, posting_id: str) -> str:
        """What the site calls a posting: the last part of the address that it was opened with."""
        opened = events.of_posting(self._engine, posting_id)[0]
        return str(opened.record["url"]).rstrip("/").rpartition("/")[2]
