"""Which board a site's postings are read from, if any: that of its start address, or the one that its pages point at.

The visit asks before it looks for sitemaps and lists: a board is the whole list in one place, texts included. Pages that
point at boards of several employers are an aggregator's, and none of them is followed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler import discovery
from crawler.answers import Answer
from crawler.listing import Listed
from crawler.pages import Link, Reading
from crawler.sources import boards
from crawler.sources.board import BoardVisit
from crawler.sources.boards import Board
from postings.sites import KnownPage, Source, SourceKind

#: when each host of a vendor may be asked next, by the loop's clock: many sites share one, and each visit
#: keeps its own delays
_NEXT: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A board whose list was read."""

    visit: BoardVisit
    listed: Listed
    source: Source


class BoardChoice:
    """Finds the board of one site in one visit."""

    def __init__(
        self,
        start_url: str,
        *,
        source: Source | None,
        visit: Callable[[Board], BoardVisit],
        ask: Callable[[str], Awaitable[Answer]],
        read: Callable[[Answer], Awaitable[Reading]],
        problems: list[str],
    ) -> None:
        """`source` is what was known before; `visit` makes the visit of a board; `problems` takes what went wrong."""
        self._start_url = start_url
        self._source = source
        self._visit = visit
        self._ask = ask
        self._read = read
        self._problems = problems
        self._tried: set[str] = set()

    async def at_start(self) -> Chosen | None:
        """The board whose own address the start address is."""
        own = boards.recognise(self._start_url)
        if own is None or (self._source is not None and self._source.kind is not SourceKind.BOARD):
            return None
        return await self._choose(own, f"the start address is that of {_named(own)}", may_be_empty=True)

    async def as_before(self, start: Answer) -> Chosen | None:
        """The board that was found before, or the one that has taken its place on the start page."""
        source = self._source
        known = boards.recognise(source.urls[0]) if source is not None and source.urls else None
        if start.ok and (known is None or known.name.rpartition(":")[2].encode() not in start.body):
            found = await self._on([start])
            if len(found) == 1 and (known is None or known.id != found[0].id):
                other = await self._choose(found[0], f"the start page points at {_named(found[0])} now")
                if other is not None:
                    return other
        return await self._choose(known, source.reason if source else "", may_be_empty=True) if known else None

    async def on_start_page(self, start: Answer) -> Chosen | None:
        """The board that the start page points at."""
        return await self._one_of(await self._on([start]), "the start page")

    async def further(self, links: Sequence[Link]) -> Chosen | None:
        """The board that pages behind the start page point at, of those that may list postings."""
        urls = discovery.candidate_lists(links, self._start_url, without=())
        answers = [await self._ask(url) for url in urls]
        return await self._one_of(await self._on(page for page in answers if page.ok), "a page behind the start page")

    async def _on(self, pages: Iterable[Answer]) -> list[Board]:
        found: dict[str, Board] = {}
        for page in pages:
            links = (await self._read(page)).links
            for board in await asyncio.to_thread(boards.pointed_at, page.url, links, page.body):
                found.setdefault(board.id, board)
        return list(found.values())

    async def _one_of(self, found: Sequence[Board], where: str) -> Chosen | None:
        if len(found) > 1:
            names = ", ".join(map(_named, found[:3])) + (" and others" if len(found) > 3 else "")
            self._problems.append(f"{where} points at {names}: boards of several employers are not followed")
        return await self._choose(found[0], f"{where} points at {_named(found[0])}") if len(found) == 1 else None

    async def _choose(self, board: Board, reason: str, *, may_be_empty: bool = False) -> Chosen | None:
        """The board, if its list is of use. One that was used before is used although its list is doubtful."""
        if board.id in self._tried:
            return None
        self._tried.add(board.id)
        visit = self._visit(board)
        listed = await visit.list()
        source = self._source
        same = source is not None and source.kind is SourceKind.BOARD and board.url in source.urls
        useful = bool(listed.entries) or same or (may_be_empty and not listed.doubts)
        if listed.gone or not useful:
            self._problems.append(f"{_named(board)} was not used: {'; '.join(listed.doubts) or 'it lists nothing'}")
            return None
        if not same or source is None:
            source = Source(kind=SourceKind.BOARD, urls=(board.url,), reason=reason)
        return Chosen(visit, listed, source)


class Turns:
    """Asks a board's API in turn with all other visits of this process: hundreds of sites share a vendor's host."""

    def __init__(
        self,
        ask: Callable[..., Awaitable[Answer]],
        delay: float,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`delay` in seconds between two requests to one host."""
        self._ask = ask
        self._delay = delay
        self._sleep = sleep

    async def ask(
        self, url: str, *, known: KnownPage | None = None, post: str | None = None, large: bool = False
    ) -> Answer:
        """What comes of asking, once it is this visit's turn."""
        await self.wait(url)
        return await self._ask(url, known=known, post=post, large=large)

    async def wait(self, url: str) -> None:
        """Waits for the turn."""
        host, now = urlsplit(url).netloc, asyncio.get_running_loop().time()
        at = max(_NEXT.get(host, 0.0), now)
        _NEXT[host] = at + self._delay
        if at > now:
            await self._sleep(at - now)


def _named(board: Board) -> str:
    return f"the {boards.vendor_of(board).title} board {board.name}"
