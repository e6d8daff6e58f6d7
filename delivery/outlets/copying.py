"""What the outlets have in common that keep a copy of the event log: stores, files, streams, indexes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from delivery.outlets import options as read
from delivery.selection import EVERY_SIGNIFICANCE, EVERY_TYPE, Selection


def selection(options: Mapping[str, Any]) -> Selection:
    """Everything, minor changes and what was there before anyone watched too: a copy with holes would be none."""
    types = read.event_types("events", options["events"]) if "events" in options else EVERY_TYPE
    return Selection(
        types=types,
        baseline_types=types if options.get("with_baseline", True) else frozenset(),
        significances=EVERY_SIGNIFICANCE,
    )


def shown(address: str) -> str:
    """The address without user and password."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"
