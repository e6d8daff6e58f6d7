"""Lengths of time as the settings write them: "15m", "12h", "30d", "2w"; and "0" or "off" for none."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

_SPAN = re.compile(r"(\d{1,4})\s*([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def read(value: Any, *, besides: str = "") -> timedelta:
    """The length that `value` writes. Raises ValueError, which names what may be written `besides` where that is
    given."""
    text = str(value).strip().lower()
    if text in ("0", "off"):
        return timedelta(0)
    match = _SPAN.fullmatch(text)
    if match is None:
        instead = f", or {besides}" if besides else ""
        if text.isascii() and text.isdigit() and 0 < len(text) < 5:
            raise ValueError(
                f'has no unit: write "{text}d" for days, "{text}h" for hours or "{text}m" for minutes{instead}'
            )
        raise ValueError(f'must be a time like "15m", "12h", "30d" or "2w"{instead}')
    return int(match[1]) * _UNITS[match[2]]


def written(span: timedelta) -> str:
    """A length that was read, as `read` takes it again: in whole days, hours or minutes."""
    minutes = span // _UNITS["m"]
    if minutes % 60:
        return f"{minutes}m"
    hours = minutes // 60
    if hours % 24:
        return f"{hours}h"
    days = hours // 24
    # more than four digits are not read
    return "0" if not days else f"{days}d" if days < 10_000 else f"{days // 7}w"
