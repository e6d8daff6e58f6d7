"""The routes of the API: which address leads to which action, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from pydantic import BaseModel

from dashboard.api import event_stream, events, inspect, openapi, outlets, postings, searches, sites, visits

#: where all of it stands; a change that breaks a program gets another number
ROOT: Final = "/api/v1"


@dataclass(frozen=True, slots=True)
class Route:
    """An address, what answers there, and what it says."""

    method: str
    path: str
    action: Callable[..., Any]
    #: what the answer holds; None = nothing
    says: type[BaseModel] | None
    status: int = 200
    media_type: str = "application/json"

    @property
    def name(self) -> str:
        """What the description of the API calls it."""
        return self.action.__name__


#: names may hold anything, also a `/`: what is more exact stands first
ROUTES: Final = (
    Route("GET", "/postings", postings.list_postings, postings.PostingsPage),
    Route("GET", "/postings/{id}", postings.one_posting, postings.PostingSaid),
    Route("GET", "/postings/{id}/history", postings.history, postings.History),
    Route("GET", "/sites", sites.list_sites, sites.SitesPage),
    Route("POST", "/sites", sites.add_site, sites.SiteSaid, status=201),
    Route("GET", "/sites/{name:path}/visits", visits.list_visits, visits.VisitsPage),
    Route("POST", "/sites/{name:path}/visit", sites.visit_site, sites.SiteSaid, status=202),
    Route("POST", "/sites/{name:path}/pause", sites.pause_site, sites.SiteSaid),
    Route("POST", "/sites/{name:path}/resume", sites.resume_site, sites.SiteSaid),
    Route("GET", "/sites/{name:path}", sites.one_site, sites.SiteSaid),
    Route("PATCH", "/sites/{name:path}", sites.change_site, sites.SiteSaid),
    Route("DELETE", "/sites/{name:path}", sites.remove_site, None, status=204),
    Route("GET", "/events", events.list_events, events.EventsPage),
    Route("GET", "/events/stream", event_stream.stream_events, None, media_type="text/event-stream"),
    Route("GET", "/preview", searches.preview_query, searches.Preview),
    Route("GET", "/searches", searches.list_searches, searches.SearchesPage),
    Route("POST", "/searches", searches.add_search, searches.SearchSaid, status=201),
    Route("GET", "/searches/{name:path}/preview", searches.preview_search, searches.Preview),
    Route("GET", "/searches/{name:path}", searches.one_search, searches.SearchSaid),
    Route("PATCH", "/searches/{name:path}", searches.change_search, searches.SearchSaid),
    Route("DELETE", "/searches/{name:path}", searches.remove_search, None, status=204),
    Route("GET", "/outlets", outlets.list_outlets, outlets.OutletsPage),
    Route("POST", "/outlets", outlets.add_outlet, outlets.AddedOutlet, status=201),
    Route("POST", "/outlets/{name:path}/check", outlets.check_outlet, outlets.Tried),
    Route("POST", "/outlets/{name:path}/test", outlets.test_outlet, outlets.Tried),
    Route("POST", "/outlets/{name:path}/disable", outlets.disable_outlet, outlets.OutletSaid),
    Route("POST", "/outlets/{name:path}/enable", outlets.enable_outlet, outlets.OutletSaid),
    Route("POST", "/outlets/{name:path}/replay", outlets.replay_outlet, outlets.Replayed),
    Route("GET", "/outlets/{name:path}", outlets.one_outlet, outlets.OutletSaid),
    Route("PATCH", "/outlets/{name:path}", outlets.change_outlet, outlets.AddedOutlet),
    Route("DELETE", "/outlets/{name:path}", outlets.remove_outlet, None, status=204),
    Route("POST", "/inspect", inspect.inspect, inspect.Inspection),
)


def add_routes(app: FastAPI) -> None:
    """Gives the application the routes of the API, and the address that describes them."""
    for route in ROUTES:
        path = f"{ROOT}{route.path}"
        app.add_api_route(
            path,
            route.action,
            name=f"api_{route.name}",
            operation_id=route.name,
            methods=[route.method],
            status_code=route.status,
            response_model=None,
            responses=_responses(route),
            tags=[route.path.split("/")[1]],
        )
        if route.method == "GET":
            app.add_api_route(
                path,
                route.action,
                name=f"api_{route.name}",
                methods=["HEAD"],
                response_model=None,
                include_in_schema=False,
            )
    app.add_api_route(
        f"{ROOT}/openapi.json",
        openapi.description,
        name="api_description",
        methods=["GET", "HEAD"],
        response_model=None,
        include_in_schema=False,
    )


def _responses(route: Route) -> dict[int | str, dict[str, Any]]:
    said: dict[str, Any] = {"description": "as asked for"}
    if route.says is not None:
        said["model"] = route.says
    elif route.status != 204:
        said["content"] = {route.media_type: {"schema": {"type": "string"}}}
    return {route.status: said, "default": openapi.PROBLEM}
