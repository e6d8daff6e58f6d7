"""`/api/v1/sites/NAME/visits`: what came of the visits to a site."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from fastapi import Request, Response
from pydantic import Field

from dashboard.api import cursors
from dashboard.api.bodies import Asking, Page, Said, page_answer
from dashboard.api.sites import InPath
from dashboard.context import Given
from postings.visits import VisitSummary
from storage import sites, visits


class VisitSaid(Said):
    """A visit."""

    id: str
    site: str
    started_at: datetime
    ended_at: datetime | None = Field(description="null while it runs, or if its process died")
    outcome: str | None = Field(description="complete, partial, suspect or failed")
    reason: str | None
    baseline: bool
    listed: int = Field(description="pages that the site's list names")
    read: int
    unreadable: int
    opened: int
    changed: int
    closed: int
    reopened: int
    requests: int
    answers: dict[str, int] = Field(description="the requests by what came of them: `2xx` to `5xx`, `none`, `script`")
    not_modified: int
    bytes: int
    seconds: float
    notes: list[str]


class VisitsPage(Page):
    """Visits, the newest first."""

    items: list[VisitSaid]


def list_visits(context: Given, request: Request, name: InPath, asked: Asking) -> Response:
    """The visits to a site, the newest first."""
    site = sites.find(context.engine, name)
    before = cursors.time_after(asked.after)
    found = visits.recent(context.engine, site.id, asked.limit + 1, before=before)
    shown = found[: asked.limit]
    more = cursors.at_time(shown[-1].started_at, shown[-1].id) if len(found) > asked.limit else None
    return page_answer(request, VisitsPage(items=[_said(visit) for visit in shown], next=more))


def _said(visit: VisitSummary) -> VisitSaid:
    return VisitSaid.model_validate(asdict(visit))
