"""Errors as `application/problem+json` (RFC 9457), whatever raised them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from postings.errors import DatabaseError, HirewatchError, NotFoundError, UsageError

log = logging.getLogger(__name__)


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


def add_handlers(app: FastAPI) -> None:
    """Errors that the application raises become problems."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HirewatchError, _ours)


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail, headers=error.headers)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # what was sent is not repeated: it may hold a secret
    errors = [{"at": [str(part) for part in found["loc"]], "problem": found["msg"]} for found in error.errors()]
    return problem(422, "what was sent cannot be used", errors=errors)


async def _ours(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HirewatchError)
    if isinstance(error, DatabaseError):
        # what it says may tell where the database is
        log.warning("database.unusable error=%s", error)
        return problem(503, "the database cannot be used; the log says why")
    status = 404 if isinstance(error, NotFoundError) else 400 if isinstance(error, UsageError) else 502
    return problem(status, str(error))
