"""Which openings a person has heard of already, under another posting of the same job. Pure (docs/rules.md, C.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from storage.told import Kin, Told

#: links that say for certain that two postings are one job; `likely repost` and `likely` do not
_CERTAIN = frozenset({"translation", "same requisition", "twin", "repost", "same job"})

#: a job that comes back later than this is news again
_REPOST_IS_OLD_NEWS = timedelta(days=30)


def silent(kin: Sequence[Kin], told: Mapping[str, Told], together: Mapping[str, int]) -> dict[int, str]:
    """The events to keep quiet about, by number, with the reason.

    `kin` are the linked postings among what would be told now, `told` are postings that the person has heard of,
    and `together` has the event number of every posting that would be told now: of several postings of one job
    that come together, the first is told.
    """
    quiet: dict[int, str] = {}
    for one in kin:
        for link in one.links:
            other = link["id"]
            if link["link"] in _CERTAIN and (
                together.get(other, one.number) < one.number or _is_old_news(one, link["link"], told.get(other))
            ):
                quiet[one.number] = f"told before as {other} ({link['link']})"
                break
    return quiet


def _is_old_news(one: Kin, link: str, before: Told | None) -> bool:
    if before is None:
        return False
    if link != "repost" or before.closed_at is None:
        return True
    return one.first_seen - before.closed_at <= _REPOST_IS_OLD_NEWS
