"""What pages show of a site: views made of what is stored. Pure but for what it is handed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import quote

from dashboard import charts
from postings import wording
from postings.visits import Outcome
from storage.freshness import Freshness
from storage.site_pages import Line

#: what is counted as new and closed, and the days of a strip
RECENT: Final = timedelta(days=7)
STRIP_DAYS: Final = 45

#: the worst first: of a day the worst counts
_ENDS: Final = tuple(str(one) for one in (Outcome.FAILED, Outcome.SUSPECT, Outcome.PARTIAL, Outcome.COMPLETE))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How something stands: the kind of its badge, and the word on it."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """A site in a list."""

    name: str
    url: str
    #: of its page
    path: str
    state: State
    #: why a person has to look; None if nobody has to
    needs: str | None
    open: int
    opened: int
    closed: int
    last_visit_at: datetime | None
    outcome: Outcome | None
    #: how often it is visited
    every: str
    paused: bool
    next_visit_at: datetime | None
    fresh: Freshness | None
    days: tuple[charts.Day, ...]

    @property
    def strip(self) -> charts.Strip:
        """Its days as they are drawn."""
        return charts.strip(self.days)


def path(name: str) -> str:
    """Where the page of a site is."""
    return f"/sites/{quote(name, safe='')}"


def row(line: Line, now: datetime) -> SiteRow:
    """A site as a list shows it."""
    site, visit = line.site, line.visit
    return SiteRow(
        name=site.name,
        url=site.start_url,
        path=path(site.name),
        state=state(line, now),
        needs=wording.attention(site, visit),
        open=line.open,
        opened=line.opened,
        closed=line.closed,
        last_visit_at=visit.started_at if visit else None,
        outcome=visit.outcome if visit else None,
        every=f"cron {site.cron}" if site.cron else wording.interval(site.every),
        paused=site.paused_at is not None,
        next_visit_at=site.next_visit_at,
        fresh=line.fresh,
        days=days(line.days, now),
    )


def state(line: Line, now: datetime) -> State:
    """How a site stands, in a word or two."""
    if line.running:
        return State(kind="busy", words="being visited")
    if line.site.paused_at is not None:
        return State(kind="calm", words="paused")
    if wording.attention(line.site, line.visit):
        return State(kind="warn", words="needs you")
    if line.visit is None:
        due = line.site.next_visit_at is not None and line.site.next_visit_at <= now
        return State(kind="calm", words="first visit is due" if due else "not visited yet")
    if line.visit.outcome is None:
        return State(kind="warn", words=f"last visit {wording.outcome(line.visit, now)}")
    return State(kind="good", words="well")


def days(found: Mapping[date, Mapping[str, int]], now: datetime) -> tuple[charts.Day, ...]:
    """The last days, the newest last; of several visits a day the worst is its kind."""
    today = now.date()
    return tuple(
        _day(on, found.get(on, {})) for on in (today - timedelta(days=back) for back in reversed(range(STRIP_DAYS)))
    )


def since_days(now: datetime) -> datetime:
    """When the first day of a strip began."""
    begin = now - timedelta(days=STRIP_DAYS - 1)
    return begin.replace(hour=0, minute=0, second=0, microsecond=0)


def _day(on: date, ends: Mapping[str, int]) -> charts.Day:
    kind = next((one for one in _ENDS if ends.get(one)), "none")
    words = ", ".join(f"{ends[one]} {one}" for one in reversed(_ENDS) if ends.get(one)) or "no visit"
    return charts.Day(on=on, kind=kind, words=words)
