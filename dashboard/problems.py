"""Errors, whatever raised them: a page for people, `application/problem+json` (RFC 9457) for programs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from dashboard.templating import show, wanted
from postings.errors import DatabaseError, HirewatchError, NotFoundError, UsageError

log = logging.getLogger(__name__)

#: what people read in place of the phrase of a status (RFC 9110 §15), where that says little to them
_TITLES: Final = {
    403: "This may not be shown",
    404: "There is nothing here",
    405: "That cannot be done here",
    422: "That cannot be used",
    500: "Something broke",
    502: "The other side did not answer as it should",
    503: "The database cannot be used",
}
_REMEDIES: Final = {
    404: "It may have been removed or renamed. The pages above lead to everything there is.",
    500: "The log says what. Visits and deliveries go on; nothing that was recorded is lost.",
    503: "Visits and deliveries wait for it. This page works again as soon as it does.",
}
#: what is said of a fault in what was sent, by its kind, where the words of pydantic say little to who sent it
_FAULTS: Final = {
    "extra_forbidden": "there is no such field or parameter",
    "json_invalid": "is no JSON",
    "missing": "is needed",
    "model_attributes_type": "must be a JSON object, and be sent as Content-Type: application/json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView:
    """What a page says of an error."""

    status: int
    title: str
    detail: str | None
    remedy: str | None


def problem(
    status: int, detail: str | None = None, *, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """A problem of no further type: its title is that of the status (RFC 9457 §4.2.1)."""
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if detail and detail != title:
        body["detail"] = detail
    return JSONResponse(
        body | more, status_code=status, headers=dict(headers or {}), media_type="application/problem+json"
    )


def answer_problem(
    request: Request, status: int, detail: str | None = None, *, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """A page if a browser asks for one, else a problem."""
    if not is_for_people(request):
        return problem(status, detail, headers=headers, **more)
    phrase = HTTPStatus(status).phrase
    view = ErrorView(
        status=status,
        title=_TITLES.get(status, phrase),
        detail=detail if detail != phrase else None,
        remedy=_REMEDIES.get(status),
    )
    # htmx shows the answer within a page that stands
    within = request.headers.get("hx-request") == "true"
    return show(request, "parts/error.html" if within else "error.html", view, status=status, headers=headers)


def is_for_people(request: Request) -> bool:
    """Whether HTML is named among what is accepted, and the address is not one of programs."""
    if request.url.path.startswith("/api/") or wanted(request) != "html":
        return False
    return any(
        one.partition(";")[0].strip().lower() == "text/html" for one in request.headers.get("accept", "").split(",")
    )


def add_handlers(app: FastAPI) -> None:
    """Errors that the application raises become pages or problems."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HirewatchError, _ours)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer_problem(request, error.status_code, error.detail, headers=error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # what was sent is not repeated: it may hold a secret
    errors = [{**_place(found), "detail": _fault(found)} for found in error.errors()]
    return answer_problem(request, 422, "what was sent cannot be used", errors=errors)


def _fault(found: Mapping[str, Any]) -> str:
    return _FAULTS.get(found["type"]) or str(found["msg"]).removeprefix("Value error, ")


def _place(found: Mapping[str, Any]) -> dict[str, str]:
    """Where a fault is: a JSON Pointer into the body (RFC 6901 §6), or the name of a parameter."""
    kind, *path = found["loc"]
    if kind != "body":
        return {"parameter": str(path[0]) if path else str(kind)}
    if found["type"] == "json_invalid":
        return {"pointer": "#"}
    return {"pointer": "#" + "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)}


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, HirewatchError)
    if isinstance(error, DatabaseError):
        # what it says may tell where the database is
        log.warning("database.unusable error=%s", error)
        return answer_problem(request, 503, "the database cannot be used; the log says why")
    status = 404 if isinstance(error, NotFoundError) else 400 if isinstance(error, UsageError) else 502
    return answer_problem(request, status, str(error))
