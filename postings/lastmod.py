"""How far the `lastmod` of a site's sitemap is believed: learned from visits, kept with the site's health.

Many sites write the time of the last build, or a time that stands still while the page changes. So a page is skipped
by its `lastmod` only where that has been put to the test: the values differ from page to page, and in the last three
visits no page had changed whose `lastmod` had not (docs/decisions.md: "`lastmod` has to earn trust, and loses it by one
lie").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

#: distinct values that a list must carry, and the share of its entries that must carry one
LEAST_DISTINCT = 20
LEAST_COVER = 0.9
#: visits in a row without a lie after which `lastmod` is trusted
CLEAN_VISITS = 3
#: pages with an unmoved `lastmod` that a visit must look at to count: this many, or this share of them
LEAST_SAMPLE, SAMPLE = 10, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Lastmod:
    """How the `lastmod` of a site stood the test so far."""

    #: visits in a row that looked at enough pages with an unmoved `lastmod` and found none of them changed
    clean_visits: int = 0
    #: pages, ever, that had changed although their `lastmod` had not
    lies: int = 0

    @property
    def trusted(self) -> bool:
        """Whether a page may be skipped because its `lastmod` has not moved, as long as the list's values differ."""
        return self.clean_visits >= CLEAN_VISITS


def is_varied(values: Iterable[str | None]) -> bool:
    """Whether the values of a list tell its entries apart: 20 distinct ones or more, on nine of ten entries."""
    total = given = 0
    distinct: set[str] = set()
    for value in values:
        total += 1
        if value:
            given += 1
            distinct.add(value)
    return len(distinct) >= LEAST_DISTINCT and given >= LEAST_COVER * total


def sample_size(pages: int) -> int:
    """How many of that many pages with an unmoved `lastmod` a visit looks at: 5 %, at least ten."""
    return min(pages, max(LEAST_SAMPLE, -int(-pages * SAMPLE // 1)))


def learn(before: Lastmod, *, looked_at: int, unmoved: int, lied: int, varied: bool, complete: bool) -> Lastmod:
    """What a visit adds.

    `looked_at` of `unmoved` pages were asked although their `lastmod` had not moved; `lied` of them had changed. One
    lie and trust starts anew. A visit that looked at too few, or was not `complete`, adds nothing to it.
    """
    if lied:
        return Lastmod(clean_visits=0, lies=before.lies + lied)
    if not varied or not complete or not unmoved or looked_at < sample_size(unmoved):
        return before
    return replace(before, clean_visits=min(before.clean_visits + 1, CLEAN_VISITS))
