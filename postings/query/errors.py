"""What is wrong with a query, where it is wrong, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from postings.errors import UsageError


class QueryError(UsageError):
    """A query cannot be read. `column` counts the characters from 1."""

    def __init__(self, problem: str, *, column: int, remedy: str | None = None) -> None:
        """`problem` is a clause without a full stop; `remedy` says what to write instead."""
        super().__init__(problem, subject=f"column {column}", remedy=remedy)
        self.column = column


def nearest(typed: str, names: Iterable[str]) -> str:
    """`, did you mean `NAME`?` where one of `names` is near to what was typed, else nothing."""
    near = get_close_matches(typed.casefold()[:40], list(names), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""
