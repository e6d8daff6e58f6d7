"""What a job board of an applicant tracking system is: its address, its list, a row of that list, and its vendor.

Pure over bytes. Each vendor is a subclass of `Vendor` in a file of its own; the registry is the package itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import msgspec

from crawler.pages import Link
from postings import urls

#: rows of one answer that are looked at
ROWS_LIMIT = 20_000

#: how a vendor puts a name into a path; anything else in that place is no board
_NAME = re.compile(r"[^\W_](?:[\w.,&'+~ -]{0,98}[\w.])?", re.UNICODE)
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One employer's board at a vendor."""

    #: the vendor's name, e.g. "greenhouse"
    vendor: str
    #: what the vendor calls the board; the middle of the board id (K4 of C.2)
    name: str
    #: an address by which the board is recognised again: kept with the site
    url: str
    #: start of the addresses of its pages, without a slash at the end; "" where an answer does not tell
    home: str
    #: start of every address that its list and its postings are asked at: the scope of a visit is widened by it
    api: str

    @property
    def id(self) -> str:
        """Vendor and name, as they stand in board ids; the same however the board was found."""
        return f"{self.vendor}/{self.name.casefold()}"

    def covers(self, url: str) -> bool:
        """Whether a parsed address belongs to the board's own part of the vendor's API."""
        return bool(self.api) and (url == self.api or url.startswith((f"{self.api}/", f"{self.api}?")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of a board."""

    url: str
    #: the JSON to send by POST; None asks by GET
    post: str | None = None
    #: rows, or pages where the vendor counts in pages, that lie before this one
    offset: int = 0
    #: how many there are in all, where an earlier page has said so
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A posting on a list, as far as the list tells."""

    #: the vendor's id of the posting
    id: str
    #: where a person reads it; None where neither the row nor the board tells
    url: str | None
    #: the vendor's objects as JSON texts: several where it lists the posting once for each place, none where they are
    #: as they were, so that nobody asks for them
    objects: tuple[str, ...]
    #: hex digest of the objects, without what changes by itself
    digest: str
    #: where the rest of the posting is to be had; None where the list has all of it
    detail: Request | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # readers hand over thousands: by way of its fields, as dataclasses do it, each takes several times as long
        return Row, (self.id, self.url, self.objects, self.digest, self.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """What one answer of a list says."""

    #: as they stand there: a posting that is listed once for each place has several
    rows: tuple[Row, ...] = ()
    #: how many there are in all, as the vendor counts them; None where it does not say
    total: int | None = None
    next: Request | None = None
    #: why the answer may lack postings, in words
    doubts: tuple[str, ...] = ()
    #: the vendor gives this answer for any name: nothing shows that there is such a board
    unproven: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address, taken apart."""

    url: str
    #: with the port where it is not the default one
    host: str
    #: of the path, percent-decoded
    segments: tuple[str, ...]
    #: the last value of each parameter
    query: Mapping[str, str]

    @classmethod
    def of(cls, url: str) -> Address | None:
        """None for what is no web address."""
        parsed = urls.parse(url)
        if parsed is None:
            return None
        parts = urlsplit(parsed)
        segments = tuple(unquote(segment) for segment in parts.path.split("/") if segment)
        return cls(parsed, parts.netloc, segments, dict(parse_qsl(parts.query)))

    @property
    def local(self) -> tuple[str, ...]:
        """The segments without a language at their head (`/en-US/External` is `/External`)."""
        return self.segments[1:] if self.segments and _LANGUAGE.fullmatch(self.segments[0]) else self.segments

    def under(self, *domains: str) -> str | None:
        """What stands before one of these domains (`acme` of `acme.bamboohr.com`); None if the host is another."""
        for domain in domains:
            if self.host.endswith(f".{domain}"):
                return self.host.removesuffix(f".{domain}")
        return None


class Vendor:
    """One applicant tracking system. Subclasses say what is special; what is the same for all stands here.

    Nothing here raises for anything in an address or an answer.
    """

    #: in board ids; lower case
    name: ClassVar[str]
    #: as people call it
    title: ClassVar[str]
    #: texts of which each of its addresses holds one: pages have thousands of links, and few are worth a look
    signs: ClassVar[tuple[str, ...]]
    #: it answers 200 and an empty list for names that it does not know
    knows_any_name: ClassVar[bool] = False
    #: names in its addresses that are no boards
    reserved: ClassVar[frozenset[str]] = frozenset()
    #: keys of a row whose values change by themselves ("Posted Today")
    volatile: ClassVar[frozenset[str]] = frozenset()

    @property
    def has_details(self) -> bool:
        """Whether its lists lack the text, so that each posting is asked for by itself."""
        return type(self).detail_request is not Vendor.detail_request

    # addresses

    def recognise(self, url: str) -> Board | None:
        """The board that an address belongs to: of its list, of a posting on it, of a script that embeds it."""
        address = Address.of(url)
        return self.find(address) if address is not None else None

    def find(self, address: Address) -> Board | None:
        """The same for an address that is taken apart."""
        raise NotImplementedError

    def mark(self, page: Address, links: Sequence[Link]) -> Board | None:
        """The board whose page this is although its host is the employer's own, told by marks on the page."""
        return None

    def is_name(self, text: str) -> bool:
        """Whether a part of an address can be the name of a board."""
        return _NAME.fullmatch(text) is not None and text.casefold() not in self.reserved

    def page_of(self, board: Board, posting_id: str) -> str:
        """The address of a posting, built from its id: for rows that do not say it."""
        raise NotImplementedError

    # lists

    def first_request(self, board: Board) -> Request:
        """What the list of a board begins with."""
        return Request(url=board.api)

    def other_request(self, board: Board, refused: Request, status: int | None) -> Request | None:
        """Where else the list may be had, if its beginning was refused with this status."""
        return None

    def read_list(
        self, board: Board, request: Request, body: bytes, known: Mapping[str, str] | None = None
    ) -> BoardPage:
        """What an answer to `request` says.

        `known` holds digests of rows by the address keys of their postings: where the answer is the whole list, rows
        that still have theirs come without their objects.
        """
        answer, doubt = self.parse(body)
        if doubt:
            return BoardPage(doubts=(doubt,))
        objects = self.rows(answer)
        if objects is None:
            return BoardPage(doubts=(f"it is no list of postings as {self.title} gives them",))
        doubts = []
        if len(objects) > ROWS_LIMIT:
            doubts.append(f"more than {ROWS_LIMIT} rows in one answer")
            objects = objects[:ROWS_LIMIT]
        named = [
            (one, posting_id)
            for one in objects
            if isinstance(one, Mapping) and (posting_id := self.id_of(one)) is not None
        ]
        if lost := len(objects) - len(named):
            doubts.append(f"{lost} of {len(objects)} rows have no id or are no objects")
        rows = [(self._row(board, one, posting_id), one) for one, posting_id in named if self.is_listed(one)]
        total = self.total(answer, request)
        further = self.next_request(board, request, answer, len(objects), total)
        as_were = _as_they_were([row for row, _ in rows], known) if known and further is None else frozenset()
        return BoardPage(
            rows=tuple(row if row.id in as_were else replace(row, objects=(as_json(one),)) for row, one in rows),
            total=total,
            next=further,
            doubts=(*doubts, *self.doubts(answer, request, len(objects))),
            unproven=self.knows_any_name and not objects and not total and not request.offset,
        )

    def parse(self, body: bytes) -> tuple[Any, str]:
        """The answer as plain objects, and why it cannot be read: one of the two."""
        return read_json(body)

    def rows(self, answer: Any) -> list[Any] | None:
        """The vendor's objects in an answer; None if it has another shape."""
        raise NotImplementedError

    def total(self, answer: Any, request: Request) -> int | None:
        """How many rows the answer counts in all, or an earlier one did."""
        return request.total

    def doubts(self, answer: Any, request: Request, rows: int) -> Iterable[str]:
        """What else makes an answer doubtful, in words."""
        if request.offset == 0 and isinstance(total := self.total(answer, request), int) and rows and not total:
            yield f"it counts none and lists {rows}"

    def next_request(self, board: Board, request: Request, answer: Any, rows: int, total: int | None) -> Request | None:
        """The rest of the list, where this answer of `rows` rows is not the end of it."""
        return None

    def is_listed(self, one: Mapping[str, Any]) -> bool:
        """Whether an object of the list is one that the vendor shows to the public."""
        return True

    def id_of(self, one: Mapping[str, Any]) -> str | None:
        """The vendor's id of a posting."""
        return text_of(one.get("id"))

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        """The address of a posting as its row says it."""
        return None

    def _row(self, board: Board, one: Mapping[str, Any], posting_id: str) -> Row:
        said = self.url_of(board, one)
        return Row(
            id=posting_id,
            url=(urls.parse(said) if said else None)
            or (urls.parse(self.page_of(board, posting_id)) if board.home else None),
            objects=(),
            digest=digest({key: value for key, value in one.items() if key not in self.volatile}),
            detail=self.detail_request(board, one, posting_id) if board.api else None,
        )

    # postings

    def detail_request(self, board: Board, one: Mapping[str, Any], posting_id: str) -> Request | None:
        """Where the rest of a posting is to be had, for vendors whose lists lack the text."""
        return None

    def detail(self, answer: Any) -> Mapping[str, Any] | None:
        """The posting in an answer to `detail_request`; None if it has another shape."""
        return None

    def is_over(self, detail: Mapping[str, Any]) -> bool:
        """Whether a detail says of itself that the posting is not public any more."""
        return False

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        """A posting in the shape of schema.org's JobPosting, which `postings.reading` reads; `detail` may be empty."""
        raise NotImplementedError

    # an answer without its address

    def board_of(self, objects: Sequence[Any], url: str | None) -> Board:
        """The board that an answer seems to be of, by the addresses in it; its name may be unknown."""
        if url and (board := self.recognise(url)):
            return board
        nowhere = Board(vendor=self.name, name="", url="", home="", api="")
        for one in objects[:20]:
            if isinstance(one, Mapping) and (said := self.url_of(nowhere, one)) and (board := self.recognise(said)):
                return board
        return nowhere

    def fits(self, answer: Any) -> bool:
        """Whether an answer that has rows, or a detail, can be this vendor's: told by keys that no other one has."""
        raise NotImplementedError


def _as_they_were(rows: Sequence[Row], known: Mapping[str, str]) -> frozenset[str]:
    """The ids of the rows whose digest is known at their address.

    None where two have one id or one address: such rows are put together, or get addresses of their own.
    """
    keys = {row.id: urls.key(row.url) for row in rows if row.url}
    if len(set(keys.values())) < len(rows):
        return frozenset()
    return frozenset(row.id for row in rows if known.get(keys[row.id]) == row.digest)


def read_json(body: bytes) -> tuple[Any, str]:
    """The JSON of an answer, and why it cannot be read: one of the two."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        return None, "the answer is empty"
    if text.startswith(b"<"):
        return None, "the answer is HTML or XML, not JSON"
    try:
        # takes valid JSON only, and reads it as the decoder below does in half the time
        return msgspec.json.decode(text), ""
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    try:
        return json.loads(text, strict=False), ""
    except json.JSONDecodeError as error:
        cut = error.pos >= len(error.doc) - 1 or error.msg.startswith("Unterminated string")
        return None, "the answer is cut off" if cut else "the answer is no JSON"
    except (ValueError, RecursionError):
        return None, "the answer is no JSON"


def as_json(value: Any) -> str:
    """A value as JSON text that every store can carry."""
    try:
        # a twentieth of what json takes, which most of the reading of a long list went into
        return msgspec.json.encode(value).decode()
    except (UnicodeError, OverflowError):
        # a lone surrogate, or an integer of more than 64 bits
        return json.dumps(value, separators=(",", ":"))


def digest(value: Any) -> str:
    """Hex digest (blake2b, 16 bytes) of a value; the order of keys does not count."""
    try:
        data = msgspec.json.encode(value, order="sorted")
    except (UnicodeError, OverflowError):
        # a lone surrogate, or an integer of more than 64 bits
        data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def text_of(value: Any) -> str | None:
    """An id or a name that is given as text or as a number; None for anything else, or nothing."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 128:
        return str(value)
    return None


def count_of(value: Any) -> int | None:
    """A number of rows, as a number or as digits, cut down to a thousand million; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return min(value, 10**9) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def mapping(value: Any) -> Mapping[str, Any]:
    """An object, or an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a list; none for anything else."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def first_object(value: Any) -> Mapping[str, Any]:
    """The first object of a list, or an empty one."""
    return next(iter(objects(value)), {})


def in_path(name: str) -> str:
    """A name as a segment of a path."""
    return quote(name, safe="")
