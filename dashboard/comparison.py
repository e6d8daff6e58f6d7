"""What differs between two versions of a posting, as its page shows it. Every text of a comparison is clean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from fastapi import HTTPException

from postings import versions, wording
from postings.cleaning import clean
from postings.versions import Difference, Piece, Version

#: lines of one text of which a difference is shown, and characters of one piece of it
_MOST_LINES: Final = 400
_MOST_SIGNS: Final = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of text that is in both versions, or only in one; clean."""

    kind: Literal["same", "gone", "new"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """A field that differs: by its lines, of which None stands for some that are left out."""

    name: str
    lines: tuple[tuple[Run, ...] | None, ...]
    #: there are more lines than these
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions, and what differs."""

    before: int
    after: int
    fields: tuple[Differing, ...]


def compare(known: Sequence[Version], before: int, after: int) -> Comparison | None:
    """What differs between two versions, of the last two by default; None where there is one only.

    Raises HTTPException where there are no versions of these numbers.
    """
    if len(known) < 2 and not before and not after:
        return None
    records = {one.number: one.record for one in known}
    first, last = min(records, default=0), max(records, default=0)
    after = after or last
    before = before or after - 1
    if before not in records or after not in records:
        raise HTTPException(404, f"versions {first} to {last} of this posting can be compared")
    differing = versions.differences(records[before], records[after])
    return Comparison(before=before, after=after, fields=tuple(_differing(one) for one in differing))


def _differing(difference: Difference) -> Differing:
    one, other = wording.change(difference.name, difference.before, difference.after)
    if difference.name in versions.TEXTS:
        lines = list(versions.changed_lines(versions.pieces(one, other)))
    elif difference.name == "title":
        lines = [versions.pieces(one, other)]
    else:
        # of numbers and dates a part says nothing
        both = (Piece(kind="gone", text=one), Piece(kind="same", text=" "), Piece(kind="new", text=other))
        lines = [tuple(piece for piece in both if piece.text)]
    return Differing(
        name=difference.name.replace("_", " "),
        lines=tuple(None if line is None else tuple(map(_run, line)) for line in lines[:_MOST_LINES]),
        cut=len(lines) > _MOST_LINES,
    )


def _run(piece: Piece) -> Run:
    text = piece.text if len(piece.text) <= _MOST_SIGNS else f"{piece.text[:_MOST_SIGNS]}…"
    return Run(kind=piece.kind, text=clean(text, keep_lines=True))
