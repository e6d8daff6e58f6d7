"""Finds out which part of a host a site is (`crawler.scope` decides): looks at a few pages below the start address's
path, and at a few elsewhere, before any of them counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from crawler import discovery
from crawler.detail import Details
from crawler.listing import Entry, Listed
from crawler.scope import WHOLE, Scope, are_strangers, chooses, employer, is_of, paths
from postings import urls
from postings.comparison import organization
from postings.sites import KnownPage

#: pages with postings that are looked at below the path, those elsewhere that are compared with them, and pages that
#: are asked for to find them
_MOST = 8
_ENOUGH = 3
_MOST_ASKED = 20


class Scoping:
    """The scope of one site in one visit: what a person or an earlier visit decided, or what this one finds."""

    def __init__(
        self,
        start_url: str,
        *,
        chosen: str | None,
        found: Scope | None,
        known: Mapping[str, KnownPage],
        details: Details,
        list_keys: Collection[str],
    ) -> None:
        """`chosen` is the path that a person chose ("" for all of the host), `found` what was found before; `known` is
        what is remembered of the site's pages."""
        self._start_url = start_url
        self._known = known
        self._chosen = chosen
        self._details = details
        self._list_keys = list_keys
        #: None while nothing tells
        self.scope = found if found is not None or chosen is None else Scope(chosen)
        self._is_settled = found is not None

    async def decide(self, listed: Listed, named: Collection[str], *, without: Iterable[str] = ()) -> None:
        """Decides from what the lists name; `named` are the address keys that the start page or list pages below its
        path name themselves. Addresses of the shapes in `without` carry no posting."""
        if self._is_settled:
            return
        left_out = frozenset(without)
        entries = [
            entry
            for entry in listed.entries.values()
            if entry.key not in self._list_keys and entry.shape not in left_out
        ]
        if self._chosen is None and not self._unknown(entries):
            return
        if self._chosen is not None:
            self.scope = await self._as_chosen(self._chosen, entries)
        else:
            self.scope = await self._found(entries, frozenset(named))
        self._is_settled = self.scope is not None

    async def _as_chosen(self, path: str, entries: list[Entry]) -> Scope | None:
        if not path:
            return WHOLE
        inside = [entry for entry in entries if urls.lies_below(entry.key, path)]
        return Scope(path, led=not await self._employers(inside, enough=1))

    async def _found(self, entries: list[Entry], named: frozenset[str]) -> Scope | None:
        possible = paths(self._start_url)
        if not possible:
            return WHOLE
        beyond = self._unknown(entry for entry in entries if not urls.lies_below(entry.key, possible[0]))
        if not await self._employers(beyond, each=1, enough=1):
            return None
        if "?" in possible[0] and (led := await self._led(possible[0], entries, named)) not in (None, WHOLE):
            return led
        for path in possible:
            inside = [entry for entry in entries if urls.lies_below(entry.key, path)]
            rest = self._unknown(entry for entry in entries if not urls.lies_below(entry.key, path))
            if not rest:
                return None
            if own := await self._employers(inside):
                return await self._compared(own, rest, Scope(path))
        return await self._led(possible[0], entries, named)

    async def _led(self, path: str, entries: list[Entry], named: frozenset[str]) -> Scope | None:
        """Where no posting lies below the path, the list there says which are its own."""
        mine = [entry for entry in entries if entry.key in named]
        shapes = {entry.shape for entry in mine}
        rest = self._unknown(entry for entry in entries if entry.key not in named and entry.shape in shapes)
        if not rest:
            return None
        own = await self._employers(mine)
        name = employer(own)
        if len(own) < _ENOUGH and name is not None and not chooses(path, name):
            # it may be any of an agency's clients
            return None
        return await self._compared(own, rest, Scope(path, led=True)) if own else None

    async def _compared(self, own: list[str], rest: list[Entry], scope: Scope) -> Scope | None:
        """The scope, if the pages in it name one employer and those of the rest others. None if no other one shows a
        posting."""
        name = employer(own)
        if name is None or is_of(urls.host_key(self._start_url), name):
            return WHOLE
        others = await self._employers(rest, each=1, enough=_ENOUGH)
        if 0 < len(others) < _ENOUGH:
            others = await self._employers(rest, each=_ENOUGH, enough=_ENOUGH)
        if not others:
            return None
        return scope if are_strangers(name, others) else WHOLE

    def _unknown(self, entries: Iterable[Entry]) -> list[Entry]:
        """What was seen before has been taken for the site's own, or holds no posting."""
        return [entry for entry in entries if entry.key not in self._known]

    async def _employers(self, entries: Iterable[Entry], *, each: int = _MOST, enough: int = _MOST) -> list[str]:
        """The employers that up to `enough` of the pages name which show a posting, at most `each` of one shape."""
        found: list[str] = []
        left = _MOST_ASKED
        for group in discovery.groups(entries):
            shown = 0
            for asked, entry in enumerate(discovery.sample(group, max(each, _ENOUGH))):
                if left <= 0 or len(found) >= enough:
                    return found
                if shown >= each or (asked >= _ENOUGH and not shown):
                    break
                left -= 1
                if postings := await self._details.peek(entry.url):
                    found.append(organization(postings[0].posting))
                    shown += 1
        return found
