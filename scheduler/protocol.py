"""What passes between the service and its worker processes: plain values, one JSON object a line.

The service writes a worker's settings as the first line (a database URL may hold a password, which must not show
in the list of processes), then an `Order` a line; the worker answers with a `Done` a line. Loads no library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from postings.record import instant
from postings.visits import SECONDS, Outcome, VisitSummary
from scheduler.cadence import Bounds

#: seconds; renewed three times in it
LEASE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """Everything that a worker process needs to know."""

    #: SQLAlchemy URL
    database: str
    #: seconds between two requests to one host
    delay: float = 1.0
    #: requests at a time to one host
    concurrency: int = 1
    #: budget of one visit: pages, and seconds
    pages: int = 20_000
    seconds: float = SECONDS
    #: seconds until an answer must be there
    timeout: float = 30.0
    #: networks that may be contacted although they are not public
    allow_addresses: tuple[str, ...] = ()
    #: how the crawler names itself; None = the crawler's own name
    user_agent: str | None = None
    #: path of the Chromium that runs the scripts of pages; looked for if empty
    browser: str = ""
    #: visits that run at the same time, each to another host
    visits: int = 8
    #: seconds between two visits of a site, where hirewatch chooses: at least, and at most
    shortest_interval: float = 15 * 60.0
    longest_interval: float = 24 * 3600.0
    #: requests that all visits together may make; None = as many as they are worth
    requests_a_day: float | None = None
    #: reader processes, the seconds each may take for a page, and its memory in MiB
    readers: int = 1
    reader_deadline: float = 10.0
    reader_memory: int = 1024
    #: seconds that whole responses are kept for a replay; None = they are not
    keep_responses: float | None = None
    #: seconds after which the sites and hosts of a process that gives no sign of life are free for others
    lease: float = LEASE
    #: visits come from the queue in the database, which all machines share, and not from the service that started it
    shared: bool = False
    #: "text" or "json"
    log_format: str = "text"
    log_level: str = "WARNING"

    @property
    def bounds(self) -> Bounds:
        """Between which two times an interval is chosen."""
        return Bounds(
            shortest=timedelta(seconds=self.shortest_interval), longest=timedelta(seconds=self.longest_interval)
        )

    def to_json(self) -> str:
        """The settings as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> WorkerSettings:
        """The settings that `to_json` wrote."""
        values = json.loads(text)
        return cls(**{**values, "allow_addresses": tuple(values["allow_addresses"])})


@dataclass(frozen=True, slots=True)
class Order:
    """Visit this site, if it is due."""

    site: int
    #: its name
    name: str

    def to_json(self) -> str:
        """The order as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Order:
        """The order in one line; ValueError if there is none."""
        match json.loads(text):
            case {"site": int(site), "name": str(name)} if not isinstance(site, bool):
                return cls(site, name)
        raise ValueError("no site in the order")


@dataclass(frozen=True, slots=True)
class Taken:
    """A worker has taken a visit from the shared queue."""

    site: int

    def to_json(self) -> str:
        """It as one line of JSON."""
        return json.dumps({"taken": self.site})


def read_answer(text: str) -> Taken | Done:
    """What a worker wrote in one line. Raises ValueError, KeyError or TypeError if it is no answer."""
    value = json.loads(text)
    return Taken(int(value["taken"])) if "taken" in value else Done.from_json(text)


class Fate(StrEnum):
    """What became of an order."""

    VISITED = "visited"
    #: another process has the site or its host, or has just visited it
    NOT_NEEDED = "not needed"
    #: the lease went to another process during the visit
    LOST = "lost"
    #: the visit could not be kept, e.g. because the disk is full
    UNABLE = "unable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An order is finished; the worker forgets it."""

    site: int
    fate: Fate
    summary: VisitSummary | None = None
    #: what went wrong, in words
    problem: str | None = None

    def to_json(self) -> str:
        """The answer as one line of JSON."""
        return json.dumps(
            {
                "site": self.site,
                "fate": self.fate,
                "summary": summary_json(self.summary) if self.summary else None,
                "problem": self.problem,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Done:
        """The answer that `to_json` wrote."""
        value = json.loads(text)
        return cls(
            site=value["site"],
            fate=Fate(value["fate"]),
            summary=_summary(value["summary"]) if value["summary"] else None,
            problem=value["problem"],
        )


def summary_json(summary: VisitSummary) -> dict[str, Any]:
    """A visit as JSON values; times in UTC with `Z`."""
    value = asdict(summary)
    value["started_at"] = instant(summary.started_at)
    value["ended_at"] = instant(summary.ended_at) if summary.ended_at else None
    return value


def _summary(value: Mapping[str, Any]) -> VisitSummary:
    return VisitSummary(
        **{
            **value,
            "started_at": datetime.fromisoformat(value["started_at"]),
            "ended_at": datetime.fromisoformat(value["ended_at"]) if value["ended_at"] else None,
            "outcome": Outcome(value["outcome"]) if value["outcome"] else None,
            "notes": tuple(value["notes"]),
        }
    )
