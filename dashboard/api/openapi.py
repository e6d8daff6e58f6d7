"""`/api/v1/openapi.json`: the API described for programs (OpenAPI 3.1). Records are described by their own schemas."""

from __future__ import annotations

import json
from importlib import metadata
from importlib.resources import files
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from dashboard.api.bodies import RECORD_MARK

#: what is answered where something is wrong
PROBLEM: Final[dict[str, Any]] = {
    "description": "what is wrong, and what to do (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}

_ABOUT: Final = """\
Reads and changes what hirewatch watches. On loopback no login is needed unless a password is set; elsewhere send a token
that `hirewatch tokens create` made. Lists are read on with `next`, which is also in the field Link. Events are the way to
keep a copy: they are numbered without gaps."""


class Fault(BaseModel):
    """One thing that is wrong with what was sent: in the body at a place, or in a parameter."""

    pointer: str | None = Field(default=None, description="JSON Pointer into the body, like `#/name`")
    parameter: str | None = Field(default=None, description="name of a parameter")
    detail: str


class Problem(BaseModel):
    """What is wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = Field(default=None, description="what is wrong with which thing, and what to do")
    errors: list[Fault] | None = None


def description(request: Request) -> Response:
    """The description of the API."""
    return Response(json.dumps(describe(request.app), ensure_ascii=False), media_type="application/json")


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application's routes that belong to the API."""
    routes = [route for route in app.routes if isinstance(route, APIRoute) and route.path.startswith("/api/")]
    made = get_openapi(
        title="hirewatch",
        version=metadata.version("hirewatch"),
        openapi_version="3.1.0",
        description=_ABOUT,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=routes,
    )
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    template = "#/components/schemas/{model}"
    for name, model in (("Fault", Fault), ("Problem", Problem)):
        schemas[name] = model.model_json_schema(ref_template=template)
        schemas[name].pop("$defs", None)
    for name in ("posting", "event"):
        schemas[name.title()] = json.loads((files("postings") / "schemas" / f"{name}-1.json").read_text())
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "hw_…"}}
    # on loopback nothing is needed
    made["security"] = [{"token": []}, {}]
    pointed: dict[str, Any] = _pointed(made)
    return pointed


def _pointed(value: Any) -> Any:
    """The same with references in place of the marks of records."""
    if isinstance(value, dict):
        if RECORD_MARK in value:
            return {"$ref": f"#/components/schemas/{value[RECORD_MARK].title()}"}
        return {name: _pointed(one) for name, one in value.items()}
    return [_pointed(one) for one in value] if isinstance(value, list) else value
