"""The time zone of this machine: what local times mean where nobody named a zone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones


def zoned(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an outlet, with this machine's time zone where they hold local times and name none."""
    local = bool(options.get("quiet")) or str(options.get("when", "")).lower().startswith(("daily", "weekly"))
    return {**options, "zone": local_zone()} if local and not options.get("zone") else dict(options)


def local_zone() -> str:
    """The name of this machine's time zone; UTC where it has none that the time zone database knows."""
    known = _known()
    named = os.environ.get("TZ", "").lstrip(":")
    if named in known:
        return named
    _, found, linked = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    return linked if found and linked in known else "UTC"


@cache
def _known() -> frozenset[str]:
    # reads the whole database
    return frozenset(available_timezones())
