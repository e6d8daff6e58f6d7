"""What happened to a posting: the event, and its public form (CloudEvents 1.0).

Made by the ledger, kept for ever, read by every outlet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from postings.record import instant


class EventType(StrEnum):
    """The four things that happen to a posting."""

    OPENED = "opened"
    CHANGED = "changed"
    CLOSED = "closed"
    REOPENED = "reopened"


class Significance(StrEnum):
    """Whether a person wants to hear of it; alerts and feeds take `material` only."""

    MATERIAL = "material"
    MINOR = "minor"
    SITE_WIDE = "site-wide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What proved an event."""

    url: str | None
    status: int | None
    #: when it was seen
    at: datetime
    #: the rule that decided, in words, beginning with its number in docs/rules
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a posting, once and for ever."""

    #: 1, 2, 3 … without gaps, in the order in which events became visible
    number: int
    type: EventType
    site: str
    #: None where no visit was needed (expiry, a person's decision)
    visit: str | None
    posting_id: str
    #: when it was recorded; aware, UTC
    at: datetime
    #: the public record as it stood after the event
    record: Mapping[str, Any]
    baseline: bool = False
    reason: str | None = None
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    significance: Significance = Significance.MATERIAL
    evidence: Evidence


def cloudevent(event: Event, instance: str) -> dict[str, Any]:
    """The event as a CloudEvents 1.0 JSON object; `instance` is the id of this installation."""
    return {
        "specversion": "1.0",
        "id": f"evt_{event.number}",
        "source": f"hirewatch:{instance}",
        "type": f"posting.{event.type}",
        "subject": event.posting_id,
        "time": instant(event.at),
        "sequence": f"{event.number:020d}",
        "datacontenttype": "application/json",
        "data": {
            "site": event.site,
            "visit": event.visit,
            "posting": dict(event.record),
            "baseline": event.baseline,
            "reason": event.reason,
            "changes": {name: dict(change) for name, change in event.changes.items()},
            "significance": str(event.significance),
            "evidence": {
                "url": event.evidence.url,
                "status": event.evidence.status,
                "at": instant(event.evidence.at),
                "rule": event.evidence.rule,
            },
        },
    }
