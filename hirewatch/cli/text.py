"""JSON that may be shown on a terminal."""

from __future__ import annotations

import json
from typing import Any

from postings.cleaning import UNSAFE, UNSAFE_IN_LINES


def to_json(value: Any, *, indent: int | None = None) -> str:
    """The value as JSON that may be shown on a terminal: what `clean` would remove is written as an escape."""
    written = json.dumps(value, ensure_ascii=False, indent=indent)
    safe = UNSAFE if indent is None else UNSAFE_IN_LINES
    return safe.sub(lambda sign: f"\\u{ord(sign.group()):04x}", written)
