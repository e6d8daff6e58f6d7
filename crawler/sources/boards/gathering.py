"""Puts the pages of a board's list together and says whether the whole is proven.

Pure: whoever reads the board asks for `request` until there is none, and hands each page over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from crawler.sources.boards.board import Board, BoardPage, Request, Row, Vendor, digest
from postings import urls

#: pages of one list
PAGES_LIMIT = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardList:
    """A board's list, as far as it was read."""

    #: one for each posting, in the order of the list
    rows: tuple[Row, ...]
    #: why absence from it proves nothing, in words; empty if it is proven whole
    doubts: tuple[str, ...] = ()
    #: the vendor gives this empty list for any name
    unproven: bool = False
    #: pages that were read with at least one row
    pages: int = 0


class Gathering:
    """The pages of one list, one after the other."""

    def __init__(self, vendor: Vendor, board: Board) -> None:
        self._vendor = vendor
        self._board = board
        self.request: Request | None = vendor.first_request(board)
        self._begins = True
        self._rows: dict[str, list[Row]] = {}
        #: rows as the vendor counts them: the same id at another place is another one
        self._counted: set[tuple[str, str]] = set()
        self._total: int | None = None
        self._doubts: list[str] = []
        self._pages = 0
        self._asked = 0
        self._unproven = False
        self._twice = False
        self._again = False

    def take(self, page: BoardPage) -> None:
        """Takes in the answer to `request`, and sets it to what is to be asked next."""
        request, self.request = self.request, None
        self._asked += 1
        self._doubts += page.doubts
        self._unproven = page.unproven
        if page.total is not None:
            self._total = page.total if self._begins else max(page.total, self._total or 0)
        fresh = [row for row in page.rows if (row.id, row.digest) not in self._counted] if self._counted else page.rows
        self._pages += bool(page.rows)
        self._twice |= len(fresh) < len(page.rows)
        for row in fresh:
            self._counted.add((row.id, row.digest))
            self._rows.setdefault(row.id, []).append(row)
        # The last page may overlap with others where a count tells whether all are there.
        repeated = bool(page.rows) and not fresh and not self._begins and not self._again
        if repeated and (page.next is not None or self._total is None):
            self._doubts.append(f"the page at {request.offset if request else 0} repeats what earlier ones said")
        elif page.next is not None and self._asked >= PAGES_LIMIT:
            self._doubts.append(f"more than {PAGES_LIMIT} pages")
        else:
            self.request = page.next
        self._begins = False
        if self.request is None:
            self._ask_again()

    def fail(self, reason: str, status: int | None = None) -> None:
        """The answer to `request` is none that can be read. A list that has another address is asked for there."""
        refused, self.request = self.request, None
        if refused is not None and self._begins:
            self.request = self._vendor.other_request(self._board, refused, status)
        if self.request is None:
            self._doubts.append(reason)

    def result(self) -> BoardList:
        """The list as it stands."""
        doubts = list(self._doubts)
        # More than it counts is no doubt: the count is older than the last one that was added.
        if not doubts and self._total is not None and self._seen() < self._total:
            doubts.append(f"it counts {self._total} and lists {self._seen()}")
        rows = [_united(rows) for rows in self._rows.values()]
        return BoardList(
            rows=tuple(_with_own_addresses(rows, self._vendor, self._board)),
            doubts=tuple(dict.fromkeys(doubts)),
            unproven=self._unproven and not rows,
            pages=self._pages,
        )

    def _seen(self) -> int:
        return len(self._counted)

    def _ask_again(self) -> None:
        """Pages overlap where the list moved while it was read, or is sorted anew each time: a second walk finds what
        slipped from one page to the next."""
        short = self._total is not None and self._seen() < self._total
        if short and self._twice and not self._doubts and not self._again:
            self._again = True
            self.request = self._vendor.first_request(self._board)


def _united(rows: list[Row]) -> Row:
    """One row of those that list a posting once for each place."""
    first = rows[0]
    if len(rows) == 1:
        return first
    ordered = sorted({row.objects[0]: row for row in rows}.values(), key=lambda row: row.digest)
    return replace(
        first,
        objects=tuple(text for row in ordered for text in row.objects),
        digest=digest([row.digest for row in ordered]),
    )


def _with_own_addresses(rows: Iterable[Row], vendor: Vendor, board: Board) -> list[Row]:
    """Rows whose address no other one has: where several share one (a careers page without an id), it is built."""
    rows = list(rows)
    shared: dict[str, int] = {}
    for row in rows:
        if row.url:
            shared[urls.key(row.url)] = shared.get(urls.key(row.url), 0) + 1
    return [
        replace(row, url=urls.parse(vendor.page_of(board, row.id)) if board.home else None)
        if row.url and shared[urls.key(row.url)] > 1
        else row
        for row in rows
    ]
