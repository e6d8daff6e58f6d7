"""Reads one board during a visit: its list, then what the list does not say, as sightings of its postings.

Each posting counts as a page of its own, also where one answer holds them all: so each is compared, confirmed and
missed alone. Its address is that of its detail where it has one, else its public address; the evidence is the answer it
was read from.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from crawler.absences import judge_answer
from crawler.answers import Answer
from crawler.batches import Batches
from crawler.detail import Details
from crawler.listing import Entry, Listed
from crawler.pages import ReadPosting
from crawler.readers import NotRead
from crawler.sighted import page_read
from crawler.sources.boards import (
    Board,
    BoardList,
    BoardPage,
    Gathering,
    Request,
    Row,
    read_detail,
    read_list,
    read_row,
    vendor_of,
)
from postings import urls
from postings.reading import Unreadable
from postings.sightings import PageRead, Sighting, Unchanged
from postings.sites import KnownPage
from postings.visits import Absence, Look

__all__ = ["BoardVisit", "Run"]

#: rows that a reader process reads at a time
_AT_A_TIME = 25
#: rows that are as they were, and are confirmed at a time
_CONFIRMED_AT_A_TIME = 500
#: answers of a detail that say nothing of the posting
_NO_WORD = frozenset({401, 403, 407, 408, 429})


class Run(Protocol):
    """Runs a function in a reader process. Raises NotRead."""

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> Awaitable[Any]: ...


class AskBoard(Protocol):
    """Asks a board's API; `known` makes the request conditional."""

    def __call__(
        self, url: str, *, known: KnownPage | None = None, post: str | None = None, large: bool = False
    ) -> Awaitable[Answer]: ...


class BoardVisit:
    """One board in one visit: `list` first, then `show`."""

    def __init__(
        self,
        board: Board,
        *,
        ask: AskBoard,
        ask_detail: Callable[[str, KnownPage | None], Awaitable[Answer]],
        run: Run,
        known: Mapping[str, KnownPage],
        details: Details,
        batches: Batches,
    ) -> None:
        """`known` is what is remembered of the site's pages; what is seen is counted with `details`. Details are asked
        by `ask_detail`, which keeps the budget of pages."""
        self.board = board
        self._vendor = vendor_of(board)
        self._ask = ask
        self._ask_detail = ask_detail
        self._run = run
        self._known = known
        self._details = details
        self._batches = batches
        #: by address key of the page that each posting counts as
        self._rows: dict[str, Row] = {}
        #: the answers that rows stand in, by the ids of these: their evidence
        self._pages: dict[str, PageRead] = {}
        #: the first answer of the list
        self.answer: Answer | None = None
        #: the answer that holds all of a list that is whole, once what it says is handed over
        self.list_page: tuple[str, KnownPage] | None = None
        self._whole_list = False
        self._body_hash = ""

    # the list

    async def list(self) -> Listed:
        """What the board lists, and why that may not be all."""
        gathering = Gathering(self._vendor, self.board)
        read: dict[str, Answer] = {}
        while (request := gathering.request) is not None:
            # of the first answer alone anything is known before
            is_first = not self.has_details and not read
            before = self._known.get(urls.key(request.url)) if is_first else None
            answer = await self._ask(request.url, known=before, post=request.post, large=True)
            self._note(answer)
            if before is not None and _is_unchanged(answer, self._body_hash, before):
                return self._listed_before(answer)
            bodiless = read[request.url] = replace(answer, body=b"")
            page = await self._page(request, answer, self._digests() if is_first else {})
            if isinstance(page, str):
                gathering.fail(f"{request.url}: {page}", answer.status)
                if gathering.request is not None:
                    # what was refused is no answer of the list
                    self.answer = None
                    del read[request.url]
                continue
            gathering.take(page)
            evidence = _evidence(bodiless)
            for row in page.rows:
                self._pages.setdefault(row.id, evidence)
        return self._listed(gathering.result(), read)

    def _note(self, answer: Answer) -> None:
        """Keeps the first answer; its body may be tens of megabytes."""
        if self.answer is None:
            self.answer, self._body_hash = replace(answer, body=b""), answer.body_hash

    def _digests(self) -> dict[str, str]:
        """The digests of the rows that open postings were read from, by address key. Those that a list has again are
        left in the reader: `show` needs no more of them."""
        return {key: page.body_hash for key, page in self._known.items() if page.open and page.body_hash}

    async def _page(self, request: Request, answer: Answer, known: Mapping[str, str]) -> BoardPage | str:
        if not answer.ok:
            return answer.summary
        if not answer.whole:
            return "the answer was cut off"
        try:
            page: BoardPage = await self._run(read_list, self.board, request, answer.body, known)
        except NotRead as error:
            return str(error)
        return page

    def _listed(self, found: BoardList, read: dict[str, Answer]) -> Listed:
        listed = Listed(starts=(self.board.url,), rows=found.pages, read=read)
        listed.doubts += found.doubts
        first = self.answer
        listed.gone = first is not None and first.trouble is None and first.status in (404, 410)
        nameless = 0
        for row in found.rows:
            where = row.detail.url if row.detail else row.url
            if where is None or row.url is None:
                nameless += 1
                continue
            # A row that is as it was vouches for its detail as far as it has earned that: as `lastmod` does elsewhere.
            # Its shape is nobody's question: a board's list names nothing but postings.
            entry = Entry(where, urls.key(where), "", row.digest if row.detail else None)
            listed.add(entry)
            self._rows[entry.key] = row
        if nameless:
            listed.doubts.append(f"{nameless} rows have no address that can be used")
        if first is not None and len(read) == 1 and not self.has_details and not listed.doubts and self._rows:
            self._whole_list = True
        if found.unproven and not any(self.is_of(page) for page in self._known.values() if not page.barren):
            listed.doubts.append(
                f"it lists nothing, and {self._vendor.title} answers so for any name: check that "
                f"{self.board.name} is the name of a board"
            )
        return listed

    def _listed_before(self, answer: Answer) -> Listed:
        """The list as it was: what was read from it then, and has not gone missing since."""
        bodiless = replace(answer, body=b"")
        listed = Listed(starts=(self.board.url,), rows=1, read={answer.asked: bodiless})
        self._pages[""] = _evidence(bodiless)
        for key, page in self._known.items():
            if page.open and not page.missing and self.is_of(page):
                listed.add(Entry(f"https://{key}", key, ""))
                self._rows[key] = Row(id="", url=None, objects=(), digest=page.body_hash or "")
        self._whole_list = True
        return listed

    def is_of(self, page: KnownPage) -> bool:
        """Whether a page that is remembered was read from this board."""
        return self.board.covers(page.url)

    # the postings

    @property
    def has_details(self) -> bool:
        """Whether each posting is asked for by itself."""
        return self._vendor.has_details

    async def show(self) -> None:
        """Hands over the postings of a list that holds them whole; those whose row is as it was are confirmed."""
        before = self._digests()
        unchanged = [key for key, row in self._rows.items() if before.get(key) == row.digest]
        changed = [(key, row) for key, row in self._rows.items() if before.get(key) != row.digest]
        self._details.not_modified += len(unchanged)
        self._seen(unchanged)
        for start in range(0, len(unchanged), _CONFIRMED_AT_A_TIME):
            some = unchanged[start : start + _CONFIRMED_AT_A_TIME]
            await self._batches.add([Unchanged(page=self._page_of(key, self._rows[key])) for key in some])
        for start in range(0, len(changed), _AT_A_TIME):
            await self._show_some(changed[start : start + _AT_A_TIME])
        if self._whole_list and self.answer is not None:
            self.list_page = self.answer.key, self._remembered(self.answer)

    def _remembered(self, answer: Answer) -> KnownPage:
        before = self._known.get(answer.key) or KnownPage(url=answer.url)
        unchanged = answer.status == 304
        return KnownPage(
            url=answer.url,
            etag=answer.etag or (before.etag if unchanged else None),
            last_modified=answer.last_modified or (before.last_modified if unchanged else None),
            body_hash=before.body_hash if unchanged else self._body_hash,
            open=False,
            last_read_at=answer.at,
        )

    async def _show_some(self, some: Sequence[tuple[str, Row]]) -> None:
        try:
            found: list[ReadPosting | Unreadable] = await self._run(_read_rows, self.board, [row for _, row in some])
        except NotRead as error:
            if len(some) > 1:
                # one of them is hostile: the others are none the worse for it
                for one_alone in some:
                    await self._show_some([one_alone])
                return
            found = [Unreadable(str(error))]
        for (key, row), read in zip(some, found, strict=True):
            await self._hand_over(key, row, self._page_of(key, row), read)

    def _page_of(self, key: str, row: Row) -> PageRead:
        page = self._pages[row.id]
        # spelt out: `replace` takes three times as long, for each row of a long list
        return PageRead(
            address=key,
            url=page.url,
            status=page.status,
            at=page.at,
            body_hash=row.digest,
            lastmod=page.lastmod,
            redirected_from=page.redirected_from,
            via=page.via,
            language=page.language,
        )

    async def ask_detail(self, entry: Entry) -> None:
        """Asks for one posting, which the list names or which is known."""
        details, key = self._details, entry.key
        if key in details.done:
            return
        details.done.add(key)
        details.asked += 1
        known, listed = self._known.get(key), self._rows.get(key)
        answer = await self._ask_detail(entry.url, known if known and known.open else None)
        page = replace(page_read(answer, lastmod=entry.lastmod), address=key)
        if answer.status == 304 and answer.trouble is None and known is not None:
            page = replace(
                page,
                body_hash=known.body_hash or "",
                etag=page.etag or known.etag,
                last_modified=page.last_modified or known.last_modified,
            )
            await self._confirm(key, page)
        elif not answer.ok or not answer.whole:
            self._look(key, answer, *self._judge(key, answer))
        elif known is not None and known.open and known.body_hash == answer.body_hash:
            await self._confirm(key, page)
        elif listed is not None:
            await self._take(key, listed, page, answer)
        else:
            await self._take_unlisted(key, page, answer)

    async def _take(self, key: str, row: Row, page: PageRead, answer: Answer) -> None:
        try:
            read: ReadPosting | Unreadable = await self._run(read_row, self.board, row, answer.body)
        except NotRead as error:
            read = Unreadable(str(error))
        if isinstance(read, Unreadable):
            self._details.unreadable += 1
            self._look(key, answer, Absence.UNKNOWN, f"cannot be read: {read.reason}")
            return
        self._details.answered += 1
        await self._hand_over(key, row, page, read)

    async def _take_unlisted(self, key: str, page: PageRead, answer: Answer) -> None:
        """A posting that the list does not name any more, whose detail answers all the same."""
        try:
            found: Any = await self._run(read_detail, self.board, answer.body)
        except NotRead as error:
            self._look(key, answer, Absence.UNKNOWN, f"cannot be read: {error}")
            return
        if isinstance(found, str):
            self._look(key, answer, Absence.ABSENT, found)
        else:
            # What it says now is read again once it is listed again.
            known = self._known.get(key)
            await self._confirm(key, replace(page, body_hash=(known.body_hash if known else None) or page.body_hash))

    async def _confirm(self, key: str, page: PageRead) -> None:
        self._details.answered += 1
        self._details.not_modified += 1
        self._seen((key,))
        await self._batches.add([Unchanged(page=page)])

    async def _hand_over(self, key: str, row: Row, page: PageRead, read: ReadPosting | Unreadable) -> None:
        if isinstance(read, Unreadable):
            self._details.unreadable += 1
            self._details.fail(f"cannot be read: {read.reason}", page.url)
            return
        self._seen((key,))
        sighting = Sighting(
            page=page,
            address=urls.key(row.url) if row.url else None,
            posting=read.posting,
            raw=read.raw,
            board_id=f"{self.board.id}/{row.id}",
        )
        await self._batches.add([sighting])

    def _seen(self, keys: Sequence[str]) -> None:
        self._details.read += len(keys)
        self._details.shown.update(keys)

    def _judge(self, key: str, answer: Answer) -> tuple[Absence, str]:
        """What an answer says that is none. APIs refuse ids that they do not know with all kinds of 4xx: for a posting
        that the list lacks, too, that is no more than the list says."""
        verdict = judge_answer(answer) or (Absence.UNKNOWN, "the answer was cut off")
        said = verdict[0] is not Absence.UNKNOWN or answer.trouble is not None or answer.status is None
        if said or key in self._rows:
            return verdict
        assert answer.status is not None
        refused = 400 <= answer.status < 500 and answer.status not in _NO_WORD
        return (Absence.ABSENT, verdict[1]) if refused else verdict

    def _look(self, key: str, answer: Answer, absence: Absence, detail: str) -> None:
        details, known = self._details, self._known.get(key)
        if absence is Absence.UNKNOWN or key in self._rows:
            details.fail(detail if answer.ok else answer.summary, answer.asked)
        if absence is not Absence.UNKNOWN:
            details.answered += 1
        if known is not None and known.open:
            details.looks[key] = Look(
                address=key, url=known.url, absence=absence, status=answer.status, at=answer.at, detail=detail
            )


def _evidence(answer: Answer) -> PageRead:
    """The answer of a list as the page of any of its rows: these have no validators of their own."""
    return replace(page_read(answer), etag=None, last_modified=None)


def _is_unchanged(answer: Answer, body_hash: str, before: KnownPage) -> bool:
    if answer.trouble is not None or before.body_hash is None:
        return False
    return answer.status == 304 or (answer.ok and answer.whole and body_hash == before.body_hash)


def _read_rows(board: Board, rows: Sequence[Row]) -> list[ReadPosting | Unreadable]:
    return [read_row(board, row) for row in rows]
