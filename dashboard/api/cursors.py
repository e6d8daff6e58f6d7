"""Cursors of lists: where a page ended, as one opaque word. Who reads on gives it back as `after`."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

from postings.errors import UsageError
from postings.record import instant
from storage.engine import can_hold


def at_name(name: str) -> str:
    """The cursor behind a name, in a list that is sorted by names."""
    return _pack(name)


def name_after(cursor: str | None) -> str:
    """The name that a cursor stands behind; "" for None, which all names follow. Raises UsageError."""
    if cursor is None:
        return ""
    match _unpack(cursor):
        case [str(name)]:
            return name
    raise _wrong()


def at_time(at: datetime, id_: str) -> str:
    """The cursor behind what happened then and has this id, in a list that is sorted by both."""
    return _pack(instant(at), id_)


def time_after(cursor: str | None) -> tuple[datetime, str] | None:
    """The aware time and the id that a cursor stands behind; None for None. Raises UsageError."""
    if cursor is None:
        return None
    match _unpack(cursor):
        case [str(text), str(id_)]:
            try:
                at = datetime.fromisoformat(text)
                if at.utcoffset() is not None:
                    return at.astimezone(UTC), id_
            except (ValueError, OverflowError):
                raise _wrong() from None
    raise _wrong()


def _pack(*parts: str) -> str:
    return urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def _unpack(cursor: str) -> list[object]:
    """Never repeats what was sent."""
    try:
        made = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise _wrong() from None
    if not isinstance(made, list) or not all(isinstance(part, str) and can_hold(part) for part in made):
        raise _wrong()
    return made


def _wrong() -> UsageError:
    return UsageError("is no cursor of this list", subject="after", remedy="give `next` of the page before, unchanged")
