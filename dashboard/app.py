"""The web application: which address leads to which action. `hirewatch.serving` runs it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from fastapi import Depends, FastAPI

from dashboard import feeds, health, metrics, unsubscribe
from dashboard.access import admit
from dashboard.api import events
from dashboard.context import Context
from dashboard.guard import Guard
from dashboard.problems import add_handlers

_Route = tuple[str, Callable[..., Any], str]

#: address, the action, its name: what only looks, and what changes something. An action is closed unless
#: `dashboard.access` names it
_ROUTES: Final[tuple[_Route, ...]] = (
    ("/health/live", health.live, "live"),
    ("/health/ready", health.ready, "ready"),
    ("/metrics", metrics.metrics, "metrics"),
    ("/feeds/all.{format}", feeds.all_postings, "feed_of_all"),
    ("/feeds/sites/{name:path}", feeds.of_site, "feed_of_site"),
    ("/feeds/searches/{name:path}", feeds.of_search, "feed_of_search"),
    ("/feeds/jobs.xml", feeds.jobs, "job_xml"),
    ("/feeds.opml", feeds.list_of_feeds, "list_of_feeds"),
    ("/api/v1/events", events.list_events, "events"),
    ("/u/{token}", unsubscribe.ask_to_unsubscribe, "ask_to_unsubscribe"),
)
_CHANGES: Final[tuple[_Route, ...]] = (("/u/{token}", unsubscribe.unsubscribe, "unsubscribe"),)


def make_app(context: Context, *, names: Collection[str] = (), on_loopback: bool) -> FastAPI:
    """The application. `names` are host names under which it may be asked for.

    `on_loopback`: only programs of this machine reach it; without that, only the open routes answer.
    """
    # no page of documentation: FastAPI's loads its scripts from another host
    app = FastAPI(title="hirewatch", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(admit)])
    app.state.context = context
    app.state.on_loopback = on_loopback
    for path, action, name in _ROUTES:
        app.add_api_route(path, action, name=name, methods=["GET", "HEAD"], response_model=None)
    for path, action, name in _CHANGES:
        app.add_api_route(path, action, name=name, methods=["POST"], response_model=None)
    add_handlers(app)
    app.add_middleware(Guard, names=names)
    return app
