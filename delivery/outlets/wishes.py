"""What may be said of an outlet whatever its kind: what it hears, and when. Asked by the registry; pure.

These options stand beside those of the kind, as text or values: `only`, `when`, `quiet`, `zone`, `every_posting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from delivery.outlets import options as read
from delivery.rhythm import AT_ONCE, Rhythm, read_rhythm, write_quiet, write_when
from postings.errors import UsageError

if TYPE_CHECKING:
    from postings.query import Query

NAMES = read.OF_EVERY_KIND


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What an outlet hears, and when."""

    #: every one of them has to match
    queries: tuple[Query, ...] = ()
    rhythm: Rhythm = AT_ONCE
    #: a job of which it has heard under another posting is news too
    every_posting: bool = False


def split(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options that every kind has, and those of the kind itself."""
    ours = {name: value for name, value in options.items() if name in NAMES}
    return ours, {name: value for name, value in options.items() if name not in NAMES}


def prepare(options: Mapping[str, Any]) -> dict[str, Any]:
    """Our options as they are stored; an empty one is as one that is not given. Raises UsageError."""
    wishes = read_wishes(options)
    stored: dict[str, Any] = {}
    if options.get("only"):
        stored["only"] = options["only"]
    if options.get("when"):
        stored["when"] = write_when(wishes.rhythm)
    if options.get("quiet"):
        stored["quiet"] = write_quiet(wishes.rhythm)
    if options.get("zone"):
        stored["zone"] = wishes.rhythm.zone.key
    if wishes.every_posting:
        stored["every_posting"] = True
    return stored


def read_wishes(options: Mapping[str, Any], search: str | None = None) -> Wishes:
    """What these options say; `search` is the query of a saved search that has to match as well. Raises UsageError."""
    for name in ("only", "when", "quiet", "zone"):
        if options.get(name) is not None and not isinstance(options[name], str):
            raise UsageError("takes a text", subject=name)
    return Wishes(
        queries=tuple(parsed(text) for text in (search, options.get("only")) if text),
        rhythm=read_rhythm(options.get("when") or "instant", options.get("quiet"), options.get("zone") or "UTC"),
        every_posting=read.flag("every_posting", options.get("every_posting", False)),
    )


@lru_cache(maxsize=20_000)
def parsed(text: str) -> Query:
    """The query of a text, parsed once. Raises QueryError."""
    from postings.query import parse

    return parse(text)
