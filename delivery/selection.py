"""Which events an outlet is told about. Asked by the dispatcher for every event, and pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

from postings.events import Event, EventType, Significance

if TYPE_CHECKING:
    from postings.query import Query, Subject

EVERY_TYPE = frozenset(EventType)
EVERY_SIGNIFICANCE = frozenset(Significance)


class Candidate(Protocol):
    """What the choice depends on: an event, or what storage tells of one without reading all of it."""

    @property
    def number(self) -> int: ...
    @property
    def type(self) -> EventType: ...
    @property
    def at(self) -> datetime: ...
    @property
    def baseline(self) -> bool: ...
    @property
    def significance(self) -> Significance: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What an outlet wants. Of changes only material ones, unless it keeps a copy of everything."""

    types: frozenset[EventType] = EVERY_TYPE
    #: types wanted of what was there before anyone watched
    baseline_types: frozenset[EventType] = frozenset()
    significances: frozenset[Significance] = frozenset({Significance.MATERIAL})
    #: every one of them has to match the posting
    queries: tuple[Query, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The posting of an event as queries see it."""

    after: Subject
    #: as it stood before the event: of a change, and of a closing
    before: Subject | None = None


class Verdict(Enum):
    """Whether an outlet is told about an event."""

    NO = auto()
    YES = auto()
    #: the change makes the posting match: news, unless the outlet was told of it before
    ARRIVES = auto()
    #: the posting does not match (any more): told where the outlet has been told of it
    IF_TOLD = auto()


def judge(selection: Selection, event: Candidate, view: Callable[[int], View]) -> Verdict:
    """Whether an outlet is told about this event; `view` is asked for its number, only where a query decides.

    A posting matches as it stood when the event was recorded: a retry decides as the first attempt did.
    """
    types = selection.baseline_types if event.baseline else selection.types
    if event.significance not in selection.significances:
        return Verdict.NO
    if not selection.queries:
        return Verdict.YES if event.type in types else Verdict.NO
    arrival = event.type is EventType.CHANGED and EventType.OPENED in types
    if event.type not in types and not arrival:
        return Verdict.NO
    seen = view(event.number)
    after = _matches(selection, seen.after, event.at)
    if event.type is EventType.OPENED:
        return Verdict.YES if after else Verdict.NO
    before = seen.before is not None and _matches(selection, seen.before, event.at)
    if event.type is EventType.CHANGED and after and not before:
        return Verdict.ARRIVES
    if event.type not in types:
        return Verdict.NO
    if before or (after and event.type is not EventType.CLOSED):
        return Verdict.YES
    return Verdict.IF_TOLD


def settle(verdict: Verdict, selection: Selection, event: Candidate, *, told: bool) -> bool:
    """Whether an outlet is told, once it is known whether it has been told of the posting."""
    match verdict:
        case Verdict.ARRIVES:
            return not told or event.type in selection.types
        case Verdict.IF_TOLD:
            return told
        case _:
            return verdict is Verdict.YES


def view(event: Event) -> View:
    """The posting of an event as queries see it."""
    from postings.query import Subject

    changed = event.type is EventType.CHANGED
    before = _before(event)
    return View(
        after=Subject.of(event.record, changed=changed),
        before=Subject.of(before) if before is not None else None,
    )


def _before(event: Event) -> dict[str, Any] | None:
    if event.type is EventType.CHANGED:
        return {**event.record, **{name: change.get("before") for name, change in event.changes.items()}}
    if event.type is EventType.CLOSED:
        return {**event.record, "state": "open", "closed_at": None, "closed_reason": None}
    return None


def _matches(selection: Selection, subject: Subject, at: datetime) -> bool:
    for query in selection.queries:  # noqa: SIM110  # a generator would cost as much as the query
        if not query.matches(subject, at):
            return False
    return True
