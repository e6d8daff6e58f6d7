"""Postings that fall off a list although their pages answer: how many at once, and what that says of the list (C.5).

The ledger asks at the end of each believed visit, and keeps the `Falls` with the health of the site. Times are aware.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

#: so many together and more than this share of what is open; or at least so many and more than the larger share
_MANY, _MANY_SHARE = 5, 0.10
_FEWEST, _LARGE_SHARE = 3, 0.20
#: or, one after the other, so many and more than this share
_MOST = 0.5

#: times at which postings fall off a list that shows only the newest, before it is known for one
FEWEST_FALLS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Falls:
    """What the postings that a site's list lacks say of the list."""

    #: when many fell off it in one visit, while any of those is missing; None where none are
    together_at: datetime | None = None
    #: it shows only the newest: what it lacks may be there
    window: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether it may be the list that what is missing from it is missing."""
        return self.together_at is not None


def together(before: Falls, since: Iterable[datetime], *, of: int) -> datetime | None:
    """When many fell off the list in one visit, of those that it lacks since these times, of `of` open ones; or the
    first of them, where they are most of the site by now. Once it is so it stays so, as long as any of them is missing:
    a list that is mended in part is not whole yet."""
    fallen = Counter(since)
    if before.together_at in fallen:
        return before.together_at
    if fallen.total() >= _FEWEST and fallen.total() > _MOST * of:
        return min(fallen)
    return min((at for at, many in fallen.items() if fell_together(many, of=of)), default=None)


def fell_together(fallen: int, *, of: int) -> bool:
    """Whether so many of the open postings (`of`) fell off a list in one visit that it may be the list (C.5)."""
    return (fallen > _MANY and fallen > _MANY_SHARE * of) or (fallen >= _FEWEST and fallen > _LARGE_SHARE * of)


def is_window(unlisted_since: Collection[datetime], listed: Collection[int]) -> bool:
    """Whether a list shows only so many of the newest (C.5): at three times or more postings fell off it whose pages
    answer still, and in all that time it named the same number. `unlisted_since`: when each was first missed; `listed`:
    how many the complete visits since then found on it, the one before and this one included."""
    return len(set(unlisted_since)) >= FEWEST_FALLS and len(set(listed)) == 1
