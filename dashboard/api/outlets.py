"""`/api/v1/outlets`: the places that are told about events. What an address or an option keeps secret is not shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Path, Request, Response
from pydantic import AfterValidator, Field, JsonValue

from dashboard.api import cursors
from dashboard.api.bodies import Asked, Asking, Name, Page, Said, Words, answer, page_answer
from dashboard.context import Context, Given
from delivery import outlets as kinds
from delivery.naming import require_name
from delivery.zones import zoned
from postings.errors import UsageError
from storage import outlets
from storage.engine import can_hold
from storage.events import HIGHEST
from storage.standings import Standing, standing, standings

InPath = Annotated[str, Path(description="the outlet's name", max_length=200, examples=["phone"])]

#: kinds of addresses that are files of the machine that the service runs on
_OF_THIS_MACHINE = frozenset({"file", "sqlite"})


def _kept(options: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if not _storable(options):
        raise ValueError("an option holds a sign that no text has, or is nested too deep")
    return options


#: options by their names
Options = Annotated[dict[Words, JsonValue], AfterValidator(_kept)]


class NewOutlet(Asked):
    """A place to tell about events from now on."""

    name: Name
    url: Words = Field(min_length=1, max_length=4000, description="`https://…`, `mailto:me@example.org`, …")
    search: Words | None = Field(default=None, max_length=200, description="only what this saved search finds")
    options: Options = Field(
        default={}, description='what it hears, when, and what its kind knows: `{"when": "daily 08:00"}`'
    )


class ChangedOutlet(Asked):
    """What is to be different; what is not named stays."""

    url: Words | None = Field(
        default=None,
        min_length=1,
        max_length=4000,
        description="another address of the same kind. A webhook gets a new secret, and loses its headers",
    )
    options: Options = Field(
        default={}, description='`{"when": "daily 08:00", "only": ""}`: an empty text takes one away'
    )


class Replay(Asked):
    """What to tell again: give one of the three."""

    after: int | None = Field(default=None, ge=0, le=HIGHEST, description="everything after this event number")
    first: int | None = Field(default=None, ge=0, le=HIGHEST, description="everything from this event number on")
    given_up: bool = Field(default=False, description="only what was given up")


class OutletSaid(Said):
    """An outlet and how it stands."""

    outlet: str = Field(description="its name")
    kind: str
    address: str = Field(description="without what is secret")
    search: str | None
    only: str | None
    when: str | None
    quiet: str | None
    zone: str | None
    cursor: int = Field(description="number of the last event that is settled")
    behind: int = Field(description="events in the log after the cursor")
    behind_since: datetime | None
    given_up: int
    error: str | None = Field(
        description="why it cannot be told, who of several behind it is not, or what it said last if something waits for "
        "another attempt"
    )
    next_attempt_at: datetime | None
    created_at: datetime
    disabled_at: datetime | None
    disabled_reason: str | None


class AddedOutlet(OutletSaid):
    """An outlet, and its secret if that is new."""

    secret: str | None = Field(description="what a webhook is signed with from now on; shown this once")


class OutletsPage(Page):
    """Outlets, by name."""

    items: list[OutletSaid]


class Tried(Said):
    """How a try went."""

    outlet: str
    ok: bool
    problem: str | None


class Replayed(Said):
    """What will be told again."""

    outlet: str
    after: int | None = Field(description="everything after this event number")
    events: int | None = Field(description="so many events that were given up")


def list_outlets(context: Given, request: Request, asked: Asking) -> Response:
    """The outlets and how they stand, by name."""
    found = standings(context.engine, cursors.name_after(asked.after), asked.limit + 1)
    shown = found[: asked.limit]
    more = cursors.at_name(shown[-1].outlet.name) if len(found) > asked.limit else None
    return page_answer(request, OutletsPage(items=[_said(one) for one in shown], next=more))


def one_outlet(context: Given, name: InPath) -> Response:
    """The outlet of that name and how it stands."""
    return answer(_said(standing(context.engine, name)))


def add_outlet(context: Given, body: NewOutlet) -> Response:
    """Tells a place about events from now on."""
    require_remote(body.url)
    made = kinds.add(
        context.engine,
        name=require_name(body.name, "an outlet"),
        address=body.url,
        options=zoned(body.options),
        now=context.clock(),
        search=body.search,
    )
    return answer(
        _with_secret(context, made),
        status=201,
        headers={"Location": f"/api/v1/outlets/{quote(made.name, safe='')}"},
    )


def change_outlet(context: Given, name: InPath, body: ChangedOutlet) -> Response:
    """Changes what an outlet hears and when, or where it is; its place in the log stays."""
    outlet = outlets.find(context.engine, name)
    if body.url is not None:
        require_remote(body.url)
    options = body.options if outlet.options.get("zone") else zoned(body.options)
    changed = kinds.change(context.engine, outlet, options, address=body.url)
    if changed.options.get("secret") != outlet.options.get("secret") and "secret" not in body.options:
        return answer(_with_secret(context, changed))
    return answer(AddedOutlet(**_stands(context, changed), secret=None))


def remove_outlet(context: Given, name: InPath) -> Response:
    """Tells a place no more."""
    outlets.remove(context.engine, outlets.find(context.engine, name).id)
    return Response(status_code=204)


def check_outlet(context: Given, name: InPath) -> Response:
    """Whether an outlet can be reached; tells it nothing."""
    return _tried(context, name, "check")


def test_outlet(context: Given, name: InPath) -> Response:
    """Sends an outlet a sample."""
    return _tried(context, name, "test")


def disable_outlet(context: Given, name: InPath) -> Response:
    """Tells an outlet nothing for now; what happens meanwhile is kept for it."""
    outlet = outlets.find(context.engine, name)
    if outlet.disabled_at is None:
        outlets.disable(context.engine, outlet.id, outlets.BY_A_PERSON, context.clock())
    return answer(_said(standing(context.engine, outlet.name)))


def enable_outlet(context: Given, name: InPath) -> Response:
    """Tells an outlet again, from where it stopped."""
    outlet = outlets.find(context.engine, name)
    outlets.enable(context.engine, outlet.id, context.clock())
    return answer(_said(standing(context.engine, outlet.name)))


def replay_outlet(context: Given, name: InPath, body: Replay) -> Response:
    """Tells an outlet again what it was told, under the same ids."""
    if (body.after is not None) + (body.first is not None) + body.given_up != 1:
        raise UsageError("say what to tell again", subject=name, remedy="give one of after, first and given_up")
    outlet = outlets.find(context.engine, name)
    if body.given_up:
        count = outlets.retry_parked(context.engine, outlet.id, context.clock())
        return answer(Replayed(outlet=outlet.name, after=None, events=count))
    after = max(0, body.first - 1) if body.first is not None else body.after or 0
    after = outlets.replay(context.engine, outlet.id, after)
    return answer(Replayed(outlet=outlet.name, after=after, events=None))


def require_remote(address: str) -> None:
    """Raises UsageError for an address that is a file of this machine: who may log in may not write to its disk."""
    scheme = address.strip().partition(":")[0].lower().partition("+")[0]
    if scheme in _OF_THIS_MACHINE:
        raise UsageError(
            "is a file of the machine that hirewatch runs on",
            subject="the address",
            remedy="add it there: hirewatch outlets add NAME URL",
        )


def _tried(context: Context, name: str, method: Literal["test", "check"]) -> Response:
    outlet = outlets.find(context.engine, name)
    problem = kinds.attempt(outlet, context.delivery, method)
    return answer(Tried(outlet=outlet.name, ok=problem is None, problem=None if problem is None else str(problem)))


def _storable(value: JsonValue, depth: int = 0) -> bool:
    match value:
        case str():
            return can_hold(value)
        case dict():
            return depth < 3 and all(can_hold(key) and _storable(one, depth + 1) for key, one in value.items())
        case list():
            return depth < 3 and all(_storable(one, depth + 1) for one in value)
    return True


def _with_secret(context: Context, outlet: outlets.Outlet) -> AddedOutlet:
    secret = outlet.options.get("secret") if outlet.kind == "webhook" else None
    return AddedOutlet(**_stands(context, outlet), secret=secret[0] if secret else None)


def _stands(context: Context, outlet: outlets.Outlet) -> dict[str, Any]:
    return _said(standing(context.engine, outlet.name)).model_dump()


def _said(stands: Standing) -> OutletSaid:
    outlet, pending = stands.outlet, stands.pending
    return OutletSaid(
        outlet=outlet.name,
        kind=outlet.kind,
        address=kinds.shown_address(outlet),
        search=outlet.search,
        only=outlet.options.get("only"),
        when=outlet.options.get("when"),
        quiet=outlet.options.get("quiet"),
        zone=outlet.options.get("zone"),
        cursor=outlet.cursor,
        behind=stands.behind,
        behind_since=stands.behind_since,
        given_up=stands.parked,
        error=outlet.trouble or (pending.error if pending else None),
        next_attempt_at=pending.next_attempt_at if pending else None,
        created_at=outlet.created_at,
        disabled_at=outlet.disabled_at,
        disabled_reason=outlet.disabled_reason,
    )
