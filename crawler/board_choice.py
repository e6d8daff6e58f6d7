"""Which board a site's postings are read from, if any: that of its start address, or the one that its pages point at.

The visit asks before it looks for sitemaps and lists: a board is the whole list in one place, texts included. Pages
that point at boards of several employers are an aggregator's, and none of them is followed. A page that lists postings
of its own and mentions a board beside them points at somebody else's, say a sister company's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from crawler import discovery
from crawler.answers import Answer
from crawler.listing import Listed
from crawler.pages import Link, Reading
from crawler.sources import boards
from crawler.sources.board import BoardVisit
from crawler.sources.boards import Board
from postings import urls
from postings.sites import Source, SourceKind

#: pages that are asked for to tell whether a site has postings of its own beside a board
_PROBES = 3


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
        shows_posting: Callable[[str], Awaitable[bool]],
        problems: list[str],
    ) -> None:
        """`source` is what was known before; `visit` makes the visit of a board; `shows_posting` asks for a page;
        `problems` takes what went wrong."""
        self._start_url = start_url
        self._source = source
        self._visit = visit
        self._ask = ask
        self._read = read
        self._shows_posting = shows_posting
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
        """The board that the start page points at, unless the page lists other postings, which are the site's own."""
        chosen = await self._one_of(await self._on([start]), "the start page")
        if chosen is None or not await self._lists_others(start, chosen.listed):
            return chosen
        self._problems.append(
            f"the start page also points at {_named(chosen.visit.board)}, which lists none of the postings that the site "
            "shows on pages of its own: watch that board as a site of its own if it matters"
        )
        return None

    async def _lists_others(self, start: Answer, listed: Listed) -> bool:
        """Whether the page links to postings of the site's own, none of which the board lists. Pages of the site's own
        that hold no posting, of jobs that the board has under other numbers, are only another face of the board."""
        own = discovery.own_jobs((await self._read(start)).links, self._start_url)
        on_board = {token for entry in listed.entries.values() for token in urls.tokens(entry.url).values()}
        if not own or any(token in on_board for url in own for token in urls.tokens(url).values()):
            return False
        for url in own[:: max(1, len(own) // _PROBES)][:_PROBES]:
            if await self._shows_posting(url):
                return True
        return False

    async def further(self, links: Sequence[Link]) -> Chosen | None:
        """The board that pages behind the start page point at, of those that may list postings."""
        candidates = discovery.candidate_lists(links, self._start_url, without=())
        answers = [await self._ask(url) for url in candidates]
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


def _named(board: Board) -> str:
    return f"the {boards.vendor_of(board).title} board {board.name}"
