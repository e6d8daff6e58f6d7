"""Reads the options of outlets as they come from a command line, a file or a form: text or values.

Each function takes the option's name for its error and raises UsageError, which never repeats the value: it may be
a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from delivery.outlets.envelope import DESCRIPTIONS
from postings.errors import UsageError
from postings.events import EventType

#: options that stand beside those of each kind
OF_EVERY_KIND = ("only", "when", "quiet", "zone", "every_posting")

#: options of all kinds that are told events whole; those that alert people have `events` only
OF_EVENTS = ("description", "events", "with_baseline")

#: what a header may be called (RFC 9110 §5.1)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: what a header may say: visible ASCII, spaces, tabs (RFC 9110 §5.5)
_FIELD = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?|")


def require_known(options: Mapping[str, Any], known: Iterable[str], kind: str) -> None:
    """Raises UsageError if an option is not one of `known`."""
    names = sorted(known)
    for name in options:
        if name not in names:
            raise UsageError(
                f"is no option of the outlet kind {kind}",
                subject=str(name),
                remedy=f"its options are {', '.join(names)}; every kind has {', '.join(OF_EVERY_KIND)}",
            )


def of_events(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `OF_EVENTS` that are given, as they are stored."""
    stored: dict[str, Any] = {}
    if "description" in options:
        stored["description"] = choice("description", options["description"], DESCRIPTIONS)
    if "events" in options:
        stored["events"] = sorted(event_types("events", options["events"]))
    if "with_baseline" in options:
        stored["with_baseline"] = flag("with_baseline", options["with_baseline"])
    return stored


def words(name: str, value: Any) -> tuple[str, ...]:
    """A list, or text with commas or spaces between the parts."""
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise UsageError("takes a list of words", subject=name, remedy="write them with commas between")


def flag(name: str, value: Any) -> bool:
    """true or false."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in {"true", "yes", "on", "1"}:
        return True
    if isinstance(value, str) and value.strip().lower() in {"false", "no", "off", "0"}:
        return False
    raise UsageError("is either true or false", subject=name)


def choice(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    """One of the words in `allowed`."""
    if value not in allowed:
        raise UsageError("has a value that it cannot take", subject=name, remedy=f"choose {' or '.join(allowed)}")
    return str(value)


def event_types(name: str, value: Any) -> frozenset[EventType]:
    """Types of events, as `opened` or `posting.opened`."""
    found = set()
    for word in words(name, value):
        try:
            found.add(EventType(word.removeprefix("posting.")))
        except ValueError:
            known = ", ".join(EventType)
            raise UsageError("names an event that does not exist", subject=name, remedy=f"there are {known}") from None
    if not found:
        raise UsageError("names no event", subject=name, remedy=f"choose from {', '.join(EventType)}")
    return frozenset(found)


def headers(name: str, value: Any, reserved: frozenset[str]) -> dict[str, str]:
    """Fixed HTTP headers; `reserved` ones (lower case) are set by hirewatch itself."""
    if not isinstance(value, Mapping):
        raise UsageError("takes names and values", subject=name, remedy='write {"Authorization" = "Bearer …"}')
    for header, text in value.items():
        if not isinstance(header, str) or not _TOKEN.fullmatch(header):
            raise UsageError("has a header whose name cannot be sent", subject=name)
        if header.lower() in reserved:
            raise UsageError(f"may not set {header}, which hirewatch sets itself", subject=name)
        if not isinstance(text, str) or not _FIELD.fullmatch(text):
            raise UsageError(f"has a value for {header} that cannot be sent", subject=name, remedy="use plain ASCII")
    return dict(value)
