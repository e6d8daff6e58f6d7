"""Visits in the foreground, as `add` and `visit` make them: progress on a terminal, one result a site."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hirewatch import wiring
from hirewatch.cli.front import Front
from postings.cleaning import clean
from postings.sites import Site
from postings.visits import Outcome, VisitSummary

if TYPE_CHECKING:
    from rich.progress import TaskID

    from crawler.visiting import Progress

#: characters of a page's name beside a bar
_SHOWN = 32


def visit_now(
    front: Front,
    wanted: Sequence[Site],
    *,
    finished: Callable[[VisitSummary], None],
    busy: Callable[[Site], None],
) -> bool:
    """Visits each site once; `finished` and `busy` hear of each as it ends. True if all visits were complete."""
    from scheduler import worker

    with shown(front) as progress:

        def ended(summary: VisitSummary) -> None:
            progress.done(summary.site)
            finished(summary)

        visits = worker.run_once(
            wanted,
            wiring.worker_settings(front.settings, verbose=front.verbose),
            progress=progress.told,
            finished=ended,
            busy=busy,
        )
    return len(visits) == len(wanted) and all(visit.outcome is Outcome.COMPLETE for visit in visits)


def as_json(visit: VisitSummary) -> dict[str, Any]:
    """A visit as `visit --json` tells it."""
    return {
        "site": visit.site,
        "visit": visit.id,
        "outcome": visit.outcome and str(visit.outcome),
        "reason": visit.reason,
        "baseline": visit.baseline,
        "listed": visit.listed,
        "read": visit.read,
        "unreadable": visit.unreadable,
        "opened": visit.opened,
        "changed": visit.changed,
        "closed": visit.closed,
        "reopened": visit.reopened,
        "requests": visit.requests,
        "not_modified": visit.not_modified,
        "bytes": visit.bytes,
        "seconds": round(visit.seconds, 3),
        "notes": list(visit.notes),
    }


class Silent:
    """Shows nothing: no person looks, or with -q."""

    def told(self, site: Site, step: Progress) -> None:
        """A visit has come a step further."""

    def done(self, site: str) -> None:
        """A visit has ended."""


class Bars(Silent):
    """A bar a running visit, on stderr."""

    def __init__(self, front: Front) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self.bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[url]}", style="dim", markup=False),
            console=front.err(),
            transient=True,
            redirect_stdout=sys.stdout.isatty(),
        )
        self._tasks: dict[str, TaskID] = {}

    def told(self, site: Site, step: Progress) -> None:
        """A visit has come a step further."""
        if site.name not in self._tasks:
            self._tasks[site.name] = self.bars.add_task(clean(site.name).replace("[", r"\["), total=None, url="")
        # pages that are asked for beside the list count too, so the total may grow
        total = None if step.listed is None else max(step.listed, step.asked)
        page = clean(step.url).rstrip("/").rpartition("/")[2]
        self.bars.update(self._tasks[site.name], total=total, completed=step.asked, url=page[:_SHOWN])

    def done(self, site: str) -> None:
        """A visit has ended."""
        task = self._tasks.pop(site, None)
        if task is not None:
            self.bars.remove_task(task)


@contextmanager
def shown(front: Front) -> Iterator[Silent]:
    """Where the progress of visits is shown: bars on a terminal, nothing elsewhere."""
    if front.quiet or front.verbose or not sys.stderr.isatty():
        yield Silent()
        return
    bars = Bars(front)
    with bars.bars:
        yield bars
