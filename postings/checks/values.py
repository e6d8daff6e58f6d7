"""How values of the markup are looked at: whether they say something, and how a message shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from postings.normalise import text as texts

PLAIN_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def says_something(value: object) -> bool:
    """Whether a value is more than nothing: an object, a boolean, or a text that is not null-like."""
    return any(isinstance(one, (Mapping, bool)) or texts.line(one) is not None for one in texts.each(value))


def type_of(value: Mapping[str, Any]) -> str | None:
    """The type of an object, as it is written."""
    return texts.line(value.get("@type"))


def number(value: object) -> float | None:
    """The number that a value is, or that its text plainly writes."""
    one = texts.first(value)
    if isinstance(one, bool):
        return None
    if isinstance(one, (int, float)):
        return float(one)
    return float(one) if isinstance(one, str) and len(one) < 30 and PLAIN_NUMBER.fullmatch(one.strip()) else None


def is_iso(value: object) -> bool:
    """Whether a value is a date or time in ISO 8601 format."""
    text = (texts.line(value) or "").replace("Z", "+00:00")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def quoted(value: object) -> str:
    """A value as a message shows it."""
    return repr((texts.lines(value) or str(texts.first(value)))[:60])
