"""What one term of a query asks of a posting, and how it is said in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from postings.query.formula import Formula, Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A value as it stands in the query."""

    #: without quotes
    text: str
    #: its first sign in the query, counted from 1
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a term asks. `guard` must hold for the term and for its opposite: it says what can be compared at all."""

    test: Formula
    guard: Formula | None = None
    #: in words, and what its opposite is in words
    said: str
    denied: str


#: operator (None: a bare colon) and value in, meaning out. Raises QueryError
Reader = Callable[[Operator | None, Typed], Meaning]
