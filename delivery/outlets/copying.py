"""What the outlets have in common that keep a copy of the event log: stores, files, streams, indexes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from delivery.outlets import options as read
from delivery.outlets.envelope import DESCRIPTIONS
from delivery.selection import EVERY_SIGNIFICANCE, EVERY_TYPE, Selection

#: the options that each of them has
COMMON: Final = ("description", "events", "with_baseline")


def common_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `COMMON` that are given, as they are stored. Raises UsageError."""
    stored: dict[str, Any] = {}
    if "description" in options:
        stored["description"] = read.choice("description", options["description"], DESCRIPTIONS)
    if "events" in options:
        stored["events"] = sorted(read.event_types("events", options["events"]))
    if "with_baseline" in options:
        stored["with_baseline"] = read.flag("with_baseline", options["with_baseline"])
    return stored


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
