"""`/api/v1/inspect`: what is read from an address, each field with its verdict, before anything is watched."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field, RootModel

from dashboard.api.bodies import Asked, Words
from dashboard.context import Given
from dashboard.leaving import Left, gone, while_waited_for
from postings import site_names


class Inspected(Asked):
    """What to look at."""

    url: Words = Field(min_length=1, max_length=2000, description="an address of the web")


class Inspection(RootModel[dict[str, Any]]):
    """What was read, as `hirewatch inspect --json --explain` tells it (docs/inspect.md)."""


async def inspect(context: Given, request: Request, body: Inspected) -> Response:
    """Fetches an address and tells what is read from it, as `hirewatch inspect --json --explain` does."""
    try:
        found = await while_waited_for(request, context.inspect(site_names.start_url(body.url)))
    except Left:
        return gone()
    return JSONResponse(found)
