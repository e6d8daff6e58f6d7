"""`/welcome`: from nothing to the first alert in three steps. It is also what `/` shows while no site is watched."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response

from dashboard.context import Given
from dashboard.templating import show
from storage import overview


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """How far somebody has come who has just begun."""

    #: sites that are watched, and those of them of which a visit was complete
    sites: int
    visited: int
    #: open postings
    open: int
    outlets: int

    @property
    def now(self) -> int:
        """The step that is next: 1 add a site, 2 see its postings, 3 say who is told; 4 once all are done."""
        if not self.sites:
            return 1
        if not self.open and not self.visited:
            return 2
        return 3 if not self.outlets else 4

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.now == 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRunView:
    """The three steps."""

    steps: Steps
    #: the step that is next; 4 = all are done
    now: int


def show_first_run(context: Given, request: Request) -> Response:
    """The three steps, as far as they are done."""
    now = context.clock()
    standing = overview.standing(context.engine, now, now)
    steps = Steps(sites=standing.sites, visited=standing.visited, open=standing.open, outlets=standing.outlets)
    return show(request, "first_run.html", FirstRunView(steps=steps, now=steps.now))
