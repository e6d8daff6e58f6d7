"""`/outlets/NAME`: one outlet, what became of what it was sent, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Form, Request, Response
from starlette.concurrency import run_in_threadpool

from dashboard.context import Context, Given
from dashboard.pages.hearing import Wished
from dashboard.pages.outlets import Line, address_of, line
from dashboard.probe import Probe
from dashboard.templating import go_to, show
from delivery import outlets as kinds
from delivery.attention import beside
from delivery.outlets import wishes
from delivery.safe_text import one_line
from delivery.zones import local_zone
from postings.errors import UsageError
from storage import deliveries, events, outlets, standings
from storage.deliveries import Delivery, DeliveryStatus
from storage.outlets import BY_A_PERSON, Outlet

#: deliveries of the page
_SHOWN: Final = 20
#: seconds that a test or a check may take; a send gives up earlier
_PATIENCE: Final = 30.0

#: what was done, in words, by the word that the address carries
_DONE: Final = {
    "enabled": "It is told again, from where it stopped.",
    "disabled": "It is told nothing for now. What happens meanwhile is kept for it.",
    "changed": "What it hears is changed.",
    "replayed": "It will be told again, under the same ids.",
    "retried": "What was given up is sent again.",
    "forgotten": "What was given up is forgotten.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one event."""

    number: int
    posting: str
    title: str
    status: DeliveryStatus
    attempts: int
    last_attempt_at: datetime
    next_attempt_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a test or a check."""

    ok: bool
    words: str
    remedy: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What it hears and when, as it was typed."""

    only: str
    when: str
    quiet: str
    zone: str
    events: str
    #: names of what else is set; values may be secrets
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletView:
    """An outlet."""

    line: Line
    created_at: datetime
    settings: Settings
    newest: int
    sent: tuple[Sent, ...]
    given_up: tuple[Sent, ...]
    zone: str
    #: what was just done
    done: str | None = None
    result: Result | None = None
    #: why what was asked for could not be done
    problem: str | None = None


def show_outlet(context: Given, request: Request, name: str, done: str = "") -> Response:
    """The outlet. Raises NotFoundError."""
    return show(request, "outlet.html", _view(context, name, done=_DONE.get(done)))


async def test_outlet(context: Given, request: Request, name: str) -> Response:
    """Sends a sample. Raises NotFoundError."""
    return await _tried(context, request, name, "test", "It took the sample.")


async def check_outlet(context: Given, request: Request, name: str) -> Response:
    """Looks whether it can work, and sends nothing. Raises NotFoundError."""
    return await _tried(context, request, name, "check", "It is ready.")


def enable_outlet(context: Given, name: str) -> Response:
    """Tells it again, from where it stopped. Raises NotFoundError."""
    return _change(context, name, "enabled", lambda one: outlets.enable(context.engine, one.id, context.clock()))


def disable_outlet(context: Given, name: str) -> Response:
    """Tells it nothing for now. Raises NotFoundError."""

    def disable(outlet: Outlet) -> None:
        if outlet.disabled_at is None:
            outlets.disable(context.engine, outlet.id, BY_A_PERSON, context.clock())

    return _change(context, name, "disabled", disable)


def replay_outlet(context: Given, name: str, first: Annotated[int, Form(ge=0, le=events.HIGHEST)]) -> Response:
    """Tells it everything again from event number `first` on. Raises NotFoundError."""
    return _change(context, name, "replayed", lambda one: outlets.replay(context.engine, one.id, max(0, first - 1)))


def retry_given_up(context: Given, name: str) -> Response:
    """Sends again what was given up. Raises NotFoundError."""
    return _change(context, name, "retried", lambda one: outlets.retry_parked(context.engine, one.id, context.clock()))


def forget_given_up(context: Given, name: str) -> Response:
    """Forgets what was given up. Raises NotFoundError."""
    return _change(context, name, "forgotten", lambda one: outlets.forget_parked(context.engine, one.id))


def remove_outlet(context: Given, name: str) -> Response:
    """Tells a place no more. Raises NotFoundError."""
    outlets.remove(context.engine, outlets.find(context.engine, name).id)
    return go_to("/outlets")


def change_settings(context: Given, request: Request, name: str, wished: Wished) -> Response:
    """Changes what it hears and when: an empty field takes a wish away, options that are not named stay."""
    outlet = outlets.find(context.engine, name)
    try:
        kinds.change(context.engine, outlet, wished.all_options())
    except UsageError as error:
        return show(request, "outlet.html", _view(context, name, problem=one_line(error, 500)), status=400)
    return go_to(f"{address_of(name)}?done=changed")


def _change(context: Context, name: str, done: str, change: Callable[[Outlet], object]) -> Response:
    change(outlets.find(context.engine, name))
    return go_to(f"{address_of(name)}?done={done}")


async def _tried(
    context: Context, request: Request, name: str, method: Literal["test", "check"], success: str
) -> Response:
    outlet = await run_in_threadpool(outlets.find, context.engine, name)
    try:
        # what it calls may hang, and holds up nothing but a thread of its own
        result = await Probe(lambda: _try(context, outlet, method, success), _PATIENCE)()
    except TimeoutError:
        result = Result(ok=False, words=f"It has not answered within {_PATIENCE:g} s.", remedy=None)
    view = await run_in_threadpool(lambda: _view(context, name, result=result))
    return await run_in_threadpool(lambda: show(request, "outlet.html", view))


def _try(context: Context, outlet: Outlet, method: Literal["test", "check"], success: str) -> Result:
    error = kinds.attempt(outlet, context.delivery, method)
    if error is None:
        return Result(ok=True, words=success, remedy=None)
    return Result(
        ok=False,
        words=one_line(beside(error, outlet.name), 500),
        remedy=one_line(error.remedy, 500) if error.remedy else None,
    )


def _view(
    context: Context, name: str, *, done: str | None = None, result: Result | None = None, problem: str | None = None
) -> OutletView:
    standing = standings.standing(context.engine, name)
    outlet = standing.outlet
    recent = standings.recent(context.engine, outlet.id, _SHOWN)
    parked = deliveries.parked(context.engine, outlet.id, _SHOWN) if standing.parked else []
    told = {
        event.number: event for event in events.of_numbers(context.engine, [one.event for one in (*recent, *parked)])
    }

    def sent(delivery: Delivery) -> Sent:
        event = told.get(delivery.event)
        return Sent(
            number=delivery.event,
            posting=event.posting_id if event else "",
            title=one_line(event.record["title"] or "", 120) if event else "",
            status=delivery.status,
            attempts=delivery.attempts,
            last_attempt_at=delivery.last_attempt_at,
            next_attempt_at=delivery.next_attempt_at,
            error=one_line(delivery.error, 300) if delivery.error else None,
        )

    return OutletView(
        line=line(standing, context.clock()),
        created_at=outlet.created_at,
        settings=_settings(outlet),
        newest=events.last(context.engine),
        sent=tuple(sent(one) for one in recent),
        given_up=tuple(sent(one) for one in parked),
        zone=local_zone(),
        done=done,
        result=result,
        problem=problem,
    )


def _settings(outlet: Outlet) -> Settings:
    ours, own = wishes.split(outlet.options)
    events: Any = own.pop("events", ())
    return Settings(
        only=str(ours.get("only") or ""),
        when=str(ours.get("when") or ""),
        quiet=str(ours.get("quiet") or ""),
        zone=str(ours.get("zone") or ""),
        events=events if isinstance(events, str) else ",".join(events or ()),
        others=tuple(sorted({*own, *(name for name in ours if name == "every_posting")})),
    )
