"""What the outlets have in common that alert people: mail and channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from delivery.outlets import options as read
from delivery.outlets.outlet import Limits
from delivery.selection import Selection
from postings.events import EventType

#: one message about a visit, and a job only once
LIMITS: Final = Limits(by_visit=True, once_per_job=True)


def selection(options: Mapping[str, Any]) -> Selection:
    """New postings, unless the options name more; of what stood there at the first visit, the summary."""
    types = read.event_types("events", options["events"]) if "events" in options else frozenset({EventType.OPENED})
    return Selection(types=types, baseline_types=frozenset({EventType.OPENED}))
