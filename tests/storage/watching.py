"""A site that is watched without a network: scenario verbs for tests of the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import Engine

from postings import record as records
from postings.events import Event
from postings.posting import Identifier, Location, Organization, Posting
from postings.sightings import PageRead, Seen, Sighting, Unchanged
from postings.sites import Site, Source, SourceKind
from postings.visits import Absence, Listing, Look, Spared, VisitReport, VisitSummary
from storage import events, leases, postings, sites
from storage.ledger import Ledger, NextVisit, Plan

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
TEXT = "We look for someone who {title}s well, every day, with care, in a team of nine people in {place}. " * 6


def a_job(title: str = "Welder", place: str = "Berlin", **fields: object) -> Posting:
    """A posting as a page has it."""
    posting = Posting(
        title=title,
        organization=Organization(name="Acme"),
        identifier=Identifier(value=f"R-{title}-{place}", name="Acme"),
        locations=(Location(locality=place, country="DE"),),
        description_text=TEXT.format(title=title.lower(), place=place),
        date_posted=START.date(),
        language="en",
    )
    return replace(posting, **fields)  # type: ignore[arg-type]


@dataclass
class Watch:
    """One site, its pages as they stand, and the visits to it."""

    engine: Engine
    now: datetime = START
    pages: dict[str, Posting] = field(default_factory=dict)
    batch: int = 50
    rng: Random = field(default_factory=lambda: Random(7))
    name: str = "acme"
    host: str = "acme.example"
    #: all postings stand on this page; None = each on its own
    one_page: str | None = None
    #: none of them has an address of its own
    anonymous: bool = False
    #: board ids, by path
    boards: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.engine)
        start_url = f"https://{self.host}/jobs"
        self.site = sites.add(self.engine, name=self.name, start_url=start_url, every=None, now=self.now)

    def later(self, **span: float) -> Watch:
        """The clock moves on."""
        self.now += timedelta(**span)
        return self

    def visit(
        self,
        *,
        looks: Mapping[str, Absence] | None = None,
        only: Iterable[str] | None = None,
        unchanged: Iterable[str] = (),
        unlisted: Iterable[str] = (),
        listed: Iterable[str] = (),
        whole: bool = True,
        moved_from: Mapping[str, str] | None = None,
        cut_short: str | None = None,
        come_back_at: datetime | None = None,
        start_status: int | None = 200,
        unreachable: bool = False,
        source: Source | None = None,
        left: Iterable[str] = (),
        spared: Spared | None = None,
        next_visit: NextVisit | None = None,
    ) -> VisitSummary:
        """A visit that reads `only` (all pages, if not given), confirms `unchanged` and is told `looks`.

        Pages in `left` are listed and not asked; `spared` says more than that. Pages in `listed` are listed, whatever
        was seen of them.
        """
        lease = leases.claim(
            self.engine, self.site.id, owner="test", now=self.now, ttl=timedelta(seconds=90), dead=lambda _: False
        )
        assert lease is not None
        visit = self.ledger.begin(self.current(), lease, self.now)
        left = set(left)
        shown = [path for path in self.pages if path not in left] if only is None else list(only)
        unchanged = set(unchanged)
        seen: list[Seen] = [
            Unchanged(page=self._page(self.one_page or path))
            if path in unchanged
            else self._sighting(path, moved_from or {})
            for path in shown
        ]
        self.rng.shuffle(seen)
        for start in range(0, len(seen), self.batch):
            self.ledger.record(visit, seen[start : start + self.batch], self.now)
        looked = looks or {}
        report = VisitReport(
            started_at=self.now,
            ended_at=self.now,
            source=source or Source(kind=SourceKind.SITEMAP, urls=(f"https://{self.host}/sitemap.xml",)),
            listing=Listing(
                addresses=frozenset(
                    f"{self.host}{path}" for path in (*shown, *left, *listed) if path not in set(unlisted)
                ),
                whole=whole,
                doubts=() if whole else ("the sitemap was cut short",),
                rows=len(shown) + len(left),
            ),
            looks=tuple(self._look(path, absence) for path, absence in looked.items()),
            asked=len(shown) + len(looked),
            answered=len(shown) + sum(absence is not Absence.UNKNOWN for absence in looked.values()),
            read=len(shown),
            requests=1 + len(shown) + len(looked),
            start_status=start_status,
            unreachable=unreachable,
            cut_short=cut_short,
            come_back_at=come_back_at,
            spared=replace(spared or Spared(), left=frozenset(f"{self.host}{path}" for path in left)),
        )
        in_six_hours = Plan(next_visit_at=self.now + timedelta(hours=6))
        return self.ledger.conclude(visit, report, self.now, next_visit or (lambda _: in_six_hours))

    def current(self) -> Site:
        """The site as it stands."""
        return sites.find(self.engine, self.name)

    def events(self) -> list[Event]:
        """The whole log."""
        return events.after(self.engine, 0, 100_000)

    def told(self, after: int = 0) -> list[tuple[str, str | None]]:
        """Type and title of the events after that number."""
        return [(str(event.type), event.record["title"]) for event in events.after(self.engine, after, 100_000)]

    def open(self) -> list[str]:
        """Titles of the open postings."""
        found = postings.search(self.engine, state="open", limit=None)
        return sorted(str(stored.record["title"]) for stored in found)

    def _page(self, path: str, origins: tuple[str, ...] = ()) -> PageRead:
        return PageRead(
            address=f"{self.host}{path}",
            url=f"https://{self.host}{path}",
            status=200,
            at=self.now,
            body_hash="00",
            redirected_from=origins,
        )

    def _sighting(self, path: str, moved_from: Mapping[str, str]) -> Sighting:
        posting = replace(self.pages[path], url=None if self.anonymous else f"https://{self.host}{path}")
        origins = (f"{self.host}{moved_from[path]}",) if path in moved_from else ()
        return Sighting(
            page=self._page(self.one_page or path, origins),
            address=None if self.anonymous else f"{self.host}{path}",
            posting=posting,
            raw=json.dumps(records.body(posting), sort_keys=True),
            board_id=self.boards.get(path),
        )

    def _look(self, path: str, absence: Absence) -> Look:
        status = {Absence.GONE: 410, Absence.NOT_FOUND: 404, Absence.UNKNOWN: 503}.get(absence, 200)
        return Look(
            address=f"{self.host}{path}",
            url=f"https://{self.host}{path}",
            absence=absence,
            status=status,
            at=self.now,
        )
