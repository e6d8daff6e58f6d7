"""One case from end to end: a good visit, one while the site misbehaves, and one when it is well again."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from postings.events import EventType
from postings.visits import VisitSummary
from storage import events, sites
from tests.crawler.hostile.careers import JOBS, Careers
from tests.crawler.hostile.cases import CASES, HANGING
from tests.crawler.hostile.certificates import Authority
from tests.crawler.hostile.watching import SMALL, WELL, Ended, Watching

TABLE = Path(__file__).with_name("verdicts.txt")
#: what robots.txt said holds for a day, and absences are confirmed within one
_LATER = timedelta(hours=25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a case."""

    before: VisitSummary
    during: Ended
    after: VisitSummary
    #: events of the visit with the misbehaviour, and of the one after it
    events: Counter[EventType]
    requests: int

    @property
    def verdict(self) -> str:
        """The outcome and its reason, as the table has them."""
        summary = self.during.summary
        if summary is None:
            return f"none: {self.during.error}"
        reason = re.sub(r"https?://(?:127[.\d]+|[\w.]+\.example)(?::\d+)?", "SITE", summary.reason or "")
        return f"{summary.outcome}: {reason}" if reason else str(summary.outcome)


class Trying:
    """Tries cases, each on a site of its own, with one worker and one database."""

    def __init__(self, engine: Engine, watching: Watching, authority: Authority) -> None:
        self._engine = engine
        self._watching = watching
        self._authority = authority
        self._ahead = timedelta()

    def try_out(self, name: str) -> Tried:
        """Tries one case."""
        case = CASES[name]
        watched = f"site-{list(CASES).index(name)}"
        with Careers(
            case.layout, name=case.name, authority=self._authority if case.tls or case.layout == "board" else None
        ) as site:
            self._forget(site.start_url)
            sites.add(self._engine, name=watched, start_url=site.start_url, every=None, now=datetime.now(UTC))

            def visit(*, well: bool) -> Ended:
                self._ahead += _LATER
                return self._watching.visit(
                    watched,
                    WELL if well else replace(SMALL, timeout=1.0) if name in HANGING else SMALL,
                    ahead=self._ahead,
                    names=dict.fromkeys(site.names, site.place),
                    reader_deadline=10.0 if well else 2.0,
                )

            before = _of(visit(well=True))
            assert (before.outcome, before.read) == ("complete", len(JOBS)), before
            number = events.last(self._engine)
            case.misbehave(site)
            asked = len(site.paths)
            during = visit(well=False)
            asked = len(site.paths) - asked
            site.behave()
            after = _of(visit(well=True))
        happened = events.after(self._engine, number, 1000)
        return Tried(
            before=before,
            during=during,
            after=after,
            events=Counter(event.type for event in happened),
            requests=asked,
        )

    def _forget(self, start_url: str) -> None:
        """The cases of one board take turns at its address."""
        for site in sites.watched(self._engine):
            if site.start_url == start_url:
                sites.remove(self._engine, site.id, datetime.now(UTC))


def table() -> dict[str, str]:
    """The verdicts as the file has them, by case."""
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split(" | ", 1) for line in lines)


def _of(ended: Ended) -> VisitSummary:
    assert ended.summary is not None, ended.error
    return ended.summary
