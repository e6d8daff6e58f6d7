"""Looks at a few pages of each shape that lists name: the shapes whose pages carry postings, and those that do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from crawler import discovery
from crawler.detail import Details
from crawler.listing import Entry, Listed


class Sampling:
    """The pages that are sampled in one visit. Every one of them counts as visited."""

    def __init__(
        self, *, details: Details, list_keys: set[str], tell: Callable[[str], None], brief: bool = False
    ) -> None:
        """`tell` is told an address now and then; pages of rare forms are left alone where `brief`."""
        self._details = details
        self._list_keys = list_keys
        self._tell = tell
        self._brief = brief

    async def sample(
        self,
        listed: Listed,
        *,
        known: Iterable[str],
        size: int = discovery.SAMPLE,
        most: int = discovery.MOST_SAMPLES,
    ) -> tuple[list[str], list[str]]:
        """Asks for pages of each unknown shape until one shows a posting: the shapes that do, and that do not."""
        entries = self._not_looked_at(listed)
        shapes: list[str] = []
        refused: list[str] = []
        unlikely: list[discovery.Group] = []
        for group in discovery.groups(entries, without=known):
            if most <= 0:
                break
            few = not group.speaks and len(group.entries) < discovery.LATER_SAMPLE
            if few and any("*" in shape for shape in shapes):
                unlikely.append(group)
                continue
            for entry in discovery.sample(group, size if group.speaks or not shapes else discovery.LATER_SAMPLE):
                most -= 1
                if await self._details.sample(entry.url, entry.lastmod):
                    shapes.append(group.shape)
                    break
            else:
                refused.append(group.shape)
            self._tell(group.entries[0].url)
        spare = min(most, discovery.MOST_SURVEYED) if size >= discovery.SAMPLE and not self._brief else 0
        found = await self._survey(unlikely, spare)
        return [*shapes, *found], [*refused, *(one.shape for one in unlikely if one.shape not in found)]

    async def second_look(self, listed: Listed, rejected: Iterable[str], *, thorough: bool = False) -> list[str]:
        """The shapes among `rejected` that turn out to carry postings after all.

        A few pages a visit that nobody has looked at yet, those first that read like a posting's; in a `thorough` visit
        more of them, whatever they read like.
        """
        given_up = frozenset(rejected)
        groups = discovery.groups(entry for entry in self._not_looked_at(listed) if entry.shape in given_up)
        if thorough:
            return await self._survey(groups, discovery.MOST_SURVEYED)
        return await self._survey((one for one in groups if one.may_hold_postings), discovery.MOST_SECOND_LOOKS)

    async def one_by_one(self, listed: Listed, *, most: int) -> list[str]:
        """The shapes that show a posting in one of up to `most` pages, where no sample did.

        Postings may be few among many pages of one shape; but where most of those cannot be read anyway and nothing
        about them speaks of jobs, a few more are enough.
        """
        found: list[str] = []
        for group in discovery.groups(self._not_looked_at(listed)):
            worth = len(group.entries) <= 2 * most or group.may_hold_postings
            for entry in discovery.sample(group, most if worth else min(most, discovery.MOST_LATER_SEARCHED)):
                most -= 1
                if await self._details.sample(entry.url, entry.lastmod):
                    found.append(group.shape)
                    break
                self._tell(entry.url)
        return found

    async def _survey(self, groups: Iterable[discovery.Group], most: int) -> list[str]:
        """Those of the shapes that show a posting in one of `most` pages, looked at one after another."""
        found: list[str] = []
        for group in groups:
            for entry in discovery.sample(group, most):
                most -= 1
                if await self._details.sample(entry.url, entry.lastmod):
                    found.append(group.shape)
                    break
            if most <= 0:
                break
        return found

    def _not_looked_at(self, listed: Listed) -> Iterable[Entry]:
        return (
            entry
            for key, entry in listed.entries.items()
            if key not in self._list_keys and not self._details.is_barren(key)
        )
