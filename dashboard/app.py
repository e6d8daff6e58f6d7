"""The web application: which address leads to which action. `hirewatch.serving` runs it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from fastapi import Depends, FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from dashboard import assets, feeds, health, login, metrics, unsubscribe
from dashboard.access import admit
from dashboard.api.routes import add_routes
from dashboard.context import Context
from dashboard.guard import Guard
from dashboard.pages import events as event_pages
from dashboard.pages import first_run, overview, settings, site_changes
from dashboard.pages import inspect as inspect_page
from dashboard.pages import outlet as outlet_page
from dashboard.pages import outlets as outlet_pages
from dashboard.pages import posting as posting_page
from dashboard.pages import postings as posting_pages
from dashboard.pages import search as search_page
from dashboard.pages import searches as search_pages
from dashboard.pages import site as site_page
from dashboard.pages import sites as site_pages
from dashboard.pages import visit as visit_page
from dashboard.problems import add_handlers
from dashboard.stream import Log

_Route = tuple[str, Callable[..., Any], str]

#: address, the action, its name. An action is closed unless `dashboard.access` names it
_ROUTES: Final[tuple[_Route, ...]] = (
    ("/health/live", health.live, "live"),
    ("/health/ready", health.ready, "ready"),
    ("/metrics", metrics.metrics, "metrics"),
    ("/feeds/all.{format}", feeds.all_postings, "feed_of_all"),
    ("/feeds/sites/{name:path}", feeds.of_site, "feed_of_site"),
    ("/feeds/searches/{name:path}", feeds.of_search, "feed_of_search"),
    ("/feeds/jobs.xml", feeds.jobs, "job_xml"),
    ("/feeds.opml", feeds.list_of_feeds, "list_of_feeds"),
    ("/postings/{id}/raw", posting_page.show_raw, "raw_posting"),
    ("/events/stream", event_pages.stream_lines, "event_lines"),
    ("/u/{token}", unsubscribe.ask_to_unsubscribe, "ask_to_unsubscribe"),
    ("/static/{digest}/{path:path}", assets.asset, "asset"),
    ("/login", login.ask_to_log_in, "ask_to_log_in"),
    ("/visits/{visit_id}", visit_page.find_visit, "find_visit"),
)
#: pages: each also answers as JSON at its address with `.json`. What stands first is asked first
_PAGES: Final[tuple[_Route, ...]] = (
    ("/", overview.show_overview, "overview"),
    ("/welcome", first_run.show_first_run, "first_run"),
    ("/settings", settings.show_settings, "settings"),
    ("/events", event_pages.show_events, "event_page"),
    ("/postings/{id}", posting_page.show_posting, "posting_page"),
    ("/sites/{name:path}/visits/{visit_id}", visit_page.show_visit, "visit_page"),
    ("/sites/{name:path}", site_page.show_site, "site_page"),
    ("/inspect", inspect_page.show_inspect, "inspect_page"),
    ("/searches", search_pages.show_searches, "search_pages"),
    ("/searches/{name:path}", search_page.show_search, "search_page"),
    ("/outlets", outlet_pages.show_outlets, "outlet_pages"),
    ("/outlets/{name:path}", outlet_page.show_outlet, "outlet_page"),
)
#: pages that are lists: they also answer with `.csv`
_LISTS: Final[tuple[_Route, ...]] = (
    ("/sites", site_pages.list_sites, "site_pages"),
    ("/postings", posting_pages.show_postings, "posting_pages"),
)
#: what changes something, by POST
_CHANGES: Final[tuple[_Route, ...]] = (
    ("/u/{token}", unsubscribe.unsubscribe, "unsubscribe"),
    ("/login", login.log_in, "log_in"),
    ("/logout", login.log_out, "log_out"),
    ("/settings/tokens", settings.add_token, "add_token"),
    ("/settings/tokens/revoke", settings.revoke_token, "revoke_token"),
    ("/settings/logins/end", settings.end_login, "end_login"),
    ("/sites", site_pages.add_site, "add_site"),
    ("/sites/{name:path}/visit", site_changes.visit_now, "visit_now"),
    ("/sites/{name:path}/accept", site_changes.accept_site, "accept_site"),
    ("/sites/{name:path}/pause", site_changes.pause_site, "pause_site"),
    ("/sites/{name:path}/resume", site_changes.resume_site, "resume_site"),
    ("/sites/{name:path}/schedule", site_changes.set_schedule, "set_schedule"),
    ("/sites/{name:path}/belief", site_changes.set_belief, "set_belief"),
    ("/sites/{name:path}/remove", site_changes.remove_site, "remove_site"),
    ("/searches", search_pages.add_search, "add_search"),
    ("/searches/{name:path}/query", search_page.change_query, "change_query"),
    ("/searches/{name:path}/outlets", search_page.tell, "tell"),
    ("/searches/{name:path}/remove", search_page.remove_search, "remove_search"),
    ("/outlets", outlet_pages.add_outlet, "add_outlet"),
    ("/outlets/{name:path}/test", outlet_page.test_outlet, "test_outlet"),
    ("/outlets/{name:path}/check", outlet_page.check_outlet, "check_outlet"),
    ("/outlets/{name:path}/enable", outlet_page.enable_outlet, "enable_outlet"),
    ("/outlets/{name:path}/disable", outlet_page.disable_outlet, "disable_outlet"),
    ("/outlets/{name:path}/replay", outlet_page.replay_outlet, "replay_outlet"),
    ("/outlets/{name:path}/retry", outlet_page.retry_given_up, "retry_given_up"),
    ("/outlets/{name:path}/forget", outlet_page.forget_given_up, "forget_given_up"),
    ("/outlets/{name:path}/settings", outlet_page.change_settings, "change_outlet"),
    ("/outlets/{name:path}/remove", outlet_page.remove_outlet, "remove_outlet"),
)

#: bytes of what may be sent
_LARGEST: Final = 1_000_000


def make_app(context: Context, *, names: Collection[str] = (), on_loopback: bool) -> FastAPI:
    """The application. `names` are host names under which it may be asked for.

    `on_loopback`: only programs of this machine reach it; without that, only the open routes answer.
    """
    # no page of documentation: FastAPI's loads its scripts from another host
    app = FastAPI(title="hirewatch", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(admit)])
    app.state.context = context
    app.state.log = Log(context.engine)
    app.state.on_loopback = on_loopback
    for path, action, name in _ROUTES:
        app.add_api_route(path, action, name=name, methods=["GET", "HEAD"], response_model=None)
    for path, action, name in (*_LISTS, *_PAGES):
        for suffix in ("json", "csv") if (path, action, name) in _LISTS else ("json",):
            app.add_api_route(
                f"{'/overview' if path == '/' else path}.{suffix}",
                action,
                name=f"{name}_{suffix}",
                methods=["GET", "HEAD"],
                response_model=None,
            )
        app.add_api_route(path, action, name=name, methods=["GET", "HEAD"], response_model=None)
    for path, action, name in _CHANGES:
        app.add_api_route(path, action, name=name, methods=["POST"], response_model=None)
    add_routes(app)
    add_handlers(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=_LARGEST)
    app.add_middleware(Guard, names=names)
    return app
