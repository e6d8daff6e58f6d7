"""What goes in and out of every action of the API: the shape of bodies, of lists, and of the words in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from storage.engine import can_hold

#: the mark of a schema that stands in a file of its own (`dashboard.api.openapi`)
RECORD_MARK = "x-hirewatch-record"


class Asked(BaseModel):
    """What is sent: what has no meaning here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True)


def _storable(text: str) -> str:
    if not can_hold(text):
        raise ValueError("holds a sign that no text has")
    return text


#: a text that can be kept
Words = Annotated[str, AfterValidator(_storable)]
Name = Annotated[Words, Field(min_length=1, max_length=200)]

#: records as their own schemas describe them
PostingRecord = Annotated[dict[str, Any], WithJsonSchema({RECORD_MARK: "posting"})]
EventRecord = Annotated[dict[str, Any], WithJsonSchema({RECORD_MARK: "event"})]


class Paging(Asked):
    """Which part of a list is asked for."""

    limit: int = Field(default=100, ge=1, le=1000, description="at most so many")
    after: str | None = Field(default=None, max_length=2000, description="`next` of the page before, unchanged")


class Page(Said):
    """A part of a list."""

    items: Sequence[Any]
    next: str | None = Field(description="what to ask `after` for the following ones; null if there are none")


#: the parameter by which a list is asked for
Asking = Annotated[Paging, Query()]


def answer(body: BaseModel, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """The answer that says this."""
    return Response(body.model_dump_json(), status_code=status, media_type="application/json", headers=headers)


def page_answer(request: Request, page: Page) -> Response:
    """A page, and in the field Link (RFC 8288) the address of the next one."""
    headers = {}
    if page.next is not None:
        headers["Link"] = f'<{request.url.include_query_params(after=page.next)}>; rel="next"'
    return answer(page, headers=headers)
