"""Which events an outlet is told about. Asked by the dispatcher for every event, and pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from postings.events import EventType, Significance

EVERY_TYPE = frozenset(EventType)


class Candidate(Protocol):
    """What the choice depends on: an event, or what storage tells of one without reading all of it."""

    @property
    def type(self) -> EventType: ...
    @property
    def baseline(self) -> bool: ...
    @property
    def significance(self) -> Significance: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What an outlet wants. Of changes only material ones: the others are for the log."""

    types: frozenset[EventType] = EVERY_TYPE
    #: types wanted of what was there before anyone watched
    baseline_types: frozenset[EventType] = frozenset()


def wanted(selection: Selection, event: Candidate) -> bool:
    """Whether an outlet is told about this event."""
    types = selection.baseline_types if event.baseline else selection.types
    return event.type in types and event.significance is Significance.MATERIAL
