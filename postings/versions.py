"""The versions of a posting, and what differs between two of them: for people who want to see what was changed.

What a change means (C.6) was decided when it was recorded; nothing here decides. Pure; made from the events of a
posting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, Literal

from postings import record as records
from postings.events import Event, EventType, Significance
from postings.posting import Posting

#: the fields of a record that the page says, in their order
CONTENT = tuple(records.body(Posting(title=None)))

#: lines, or words of lines that were rewritten, beyond which two texts are shown one after the other: a page may be as
#: long as it likes, and comparing costs up to the square of it
MOST_LINES, MOST_WORDS = 4_000, 2_000

#: fields that are texts: what was put in and taken out is shown, not both values
TEXTS = frozenset({"description_text", "description_html", "skills", "education", "experience"})

#: lines that did not change and are shown around those that did
_AROUND = 1

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A posting as it read from one event to the next."""

    #: 1 for the first
    number: int
    #: number of the event that brought it
    event: int
    type: EventType
    at: datetime
    significance: Significance
    #: it was there before anyone watched
    baseline: bool
    #: the fields that the event says have changed
    fields: tuple[str, ...]
    #: the whole public record after the event
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that differs, with its values as the records hold them."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of a text that is in both versions, or only in one."""

    kind: Literal["same", "gone", "new"]
    text: str


def versions(events: Sequence[Event], *, earlier: int = 0) -> tuple[Version, ...]:
    """The versions that the events of one posting, in their order, tell of: the first, and one for each event that
    changed its content (C.6). `earlier`: how many versions there were before these events, so that each has the same
    number however many are asked about."""
    found: list[Version] = []
    for event in events:
        brings = event.type is EventType.OPENED or bool(event.changes)
        if found and not brings:
            continue
        found.append(
            Version(
                # an event that changed nothing still shows what the one before it brought
                number=found[-1].number + 1 if found else max(earlier + brings, 1),
                event=event.number,
                type=event.type,
                at=event.at,
                significance=event.significance,
                baseline=event.baseline,
                fields=tuple(event.changes),
                record=event.record,
            )
        )
    return tuple(found)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The fields of content in which two records differ, in the order of the record.

    White space alone is no difference. The markup of a description is left out where its text differs too: it goes
    along with it.
    """
    found = [
        Difference(name=name, before=before.get(name), after=after.get(name))
        for name in CONTENT
        if _spaced(before.get(name)) != _spaced(after.get(name))
    ]
    if any(one.name == "description_text" for one in found):
        found = [one for one in found if one.name != "description_html"]
    return tuple(found)


def pieces(before: str | None, after: str | None) -> tuple[Piece, ...]:
    """How one text becomes the other: line by line, and word by word where lines were rewritten.

    All pieces but the new ones make `before`, all but the gone ones make `after`.
    """
    found: list[Piece] = []
    gone = new = blank = ""
    for piece in _by_line(before or "", after or ""):
        if piece.kind == "same":
            if gone and new and piece.text.isspace():
                # one blank that two rewritten words share does not tear their phrase apart
                blank += piece.text
                continue
            found += _run(gone, new, blank)
            gone = new = blank = ""
            found.append(piece)
        else:
            gone, new, blank = gone + blank, new + blank, ""
            gone += piece.text if piece.kind == "gone" else ""
            new += piece.text if piece.kind == "new" else ""
    return tuple(_joined([*found, *_run(gone, new, blank)]))


def changed_lines(found: Iterable[Piece]) -> Iterator[tuple[Piece, ...] | None]:
    """The lines of a rewritten text that changed, with their neighbours; None where some are left out."""
    lines: list[list[Piece]] = [[]]
    changed: set[int] = set()
    for piece in found:
        *ended, last = piece.text.split("\n")
        for place, part in enumerate((*ended, last)):
            if place:
                lines.append([])
            if part:
                lines[-1].append(Piece(kind=piece.kind, text=part))
            # what ends with a line leaves the next one as it is
            if piece.kind != "same" and (part or place < len(ended)):
                changed.add(len(lines) - 1)
    near = {place + step for place in changed for step in range(-_AROUND, _AROUND + 1)}
    left_out = False
    for place, line in enumerate(lines):
        if place not in near:
            left_out = True
            continue
        if left_out:
            yield None
            left_out = False
        yield tuple(line)
    if left_out:
        yield None


def _run(gone: str, new: str, blank: str) -> Iterator[Piece]:
    yield from _rewritten(gone, new)
    if blank:
        yield Piece(kind="same", text=blank)


def _joined(found: Sequence[Piece]) -> Iterator[Piece]:
    for kind, run in groupby(found, key=lambda piece: piece.kind):
        yield Piece(kind=kind, text="".join(piece.text for piece in run))


def _spaced(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _by_line(before: str, after: str) -> Iterator[Piece]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(old) > MOST_LINES or len(new) > MOST_LINES:
        yield from _rewritten(before, after)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            yield Piece(kind="same", text="".join(old[a:b]))
        else:
            yield from _by_word("".join(old[a:b]), "".join(new[c:d]))


def _by_word(before: str, after: str) -> Iterator[Piece]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) > MOST_WORDS or len(new) > MOST_WORDS:
        yield from _rewritten(before, after)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(kind="same", text="".join(old[a:b]))
        else:
            yield from _rewritten("".join(old[a:b]), "".join(new[c:d]))


def _rewritten(before: str, after: str) -> Iterator[Piece]:
    if before:
        yield Piece(kind="gone", text=before)
    if after:
        yield Piece(kind="new", text=after)
