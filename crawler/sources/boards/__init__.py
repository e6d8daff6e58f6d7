"""Boards of applicant tracking systems: their public lists, one vendor a file.

Every module of this package that holds a `VENDOR` is a vendor: a new one is a new file. Discovery asks `recognise` and
`pointed_at`, a visit reads through `crawler.sources.board`, `hirewatch inspect` through `read_answer`.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crawler.pages import Link, Page, Reading, ReadPosting
from crawler.sources.boards.board import Address, Board, BoardPage, Request, Row, Vendor, as_json, read_json
from crawler.sources.boards.gathering import BoardList, Gathering
from postings import urls
from postings.posting import Posting
from postings.reading import Unreadable, read_posting

__all__ = [
    "VENDORS",
    "Board",
    "BoardList",
    "BoardPage",
    "Gathering",
    "Request",
    "Row",
    "Vendor",
    "answer_reading",
    "pointed_at",
    "read_answer",
    "read_detail",
    "read_list",
    "read_row",
    "recognise",
    "vendor_of",
]


def _vendors() -> dict[str, Vendor]:
    found: dict[str, Vendor] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        vendor = getattr(importlib.import_module(f"{__name__}.{module}"), "VENDOR", None)
        if isinstance(vendor, Vendor):
            found[vendor.name] = vendor
    return found


#: by name
VENDORS: Mapping[str, Vendor] = _vendors()

# addresses in scripts and data of a page, where slashes and ampersands are escaped
_NAMED = re.compile(
    rb"https?:(?:\\?/|\\u002[fF]){2}[A-Za-z0-9.-]{4,100}(?:(?:\\?/|\\u002[fF])[^\s\"'<>\\)]{0,200}){0,8}"
)
_MOST_NAMED = 20_000
#: boards after which a page is an aggregator's, however many more it names
_ENOUGH = 20
_SIGN = re.compile("|".join(re.escape(sign) for vendor in VENDORS.values() for sign in vendor.signs), re.IGNORECASE)


def recognise(url: str) -> Board | None:
    """The board that an address belongs to, whatever vendor's; None if it belongs to none."""
    address = Address.of(url)
    if address is None:
        return None
    return next((board for vendor in VENDORS.values() if (board := vendor.find(address))), None)


def pointed_at(url: str, links: Sequence[Link], body: bytes = b"") -> tuple[Board, ...]:
    """The boards that a page points at, by links, frames and scripts, and by addresses inside of its scripts.

    `url` is the page's own address. Exactly one is the employer's; several make the page an aggregator's.
    """
    own = Address.of(url)
    found: dict[str, Board] = {}
    said = dict.fromkeys(text for text in (*(link.url for link in links), *_named(body)) if _SIGN.search(text))
    for board in filter(None, map(recognise, said)):
        found.setdefault(board.id, board)
        if len(found) >= _ENOUGH:
            break
    if not found and own is not None:
        for marked in (vendor.mark(own, links) for vendor in VENDORS.values()):
            if marked is not None:
                found.setdefault(marked.id, marked)
    return tuple(found.values())


def _named(body: bytes) -> Iterable[str]:
    for number, match in enumerate(_NAMED.finditer(body)):
        if number >= _MOST_NAMED:
            return
        text = match[0].decode("ascii", "ignore")
        text = re.sub(r"\\u002f|\\/", "/", text, flags=re.IGNORECASE).replace("&amp;", "&").replace("\\u0026", "&")
        if _SIGN.search(text) and (url := urls.parse(text.split("&quot;")[0].split("\\")[0])):
            yield url


def vendor_of(board: Board) -> Vendor:
    """The vendor of a board."""
    return VENDORS[board.vendor]


def read_list(board: Board, request: Request, body: bytes, known: Mapping[str, str] | None = None) -> BoardPage:
    """What an answer of a board's list says; `known` as `Vendor.read_list` takes it."""
    return vendor_of(board).read_list(board, request, body, known)


def read_row(board: Board, row: Row, detail: bytes | None = None) -> ReadPosting | Unreadable:
    """The posting of a row; `detail` is the answer to the row's `detail` request, where it has one.

    Unreadable are rows that say too little, and details that are none.
    """
    vendor = vendor_of(board)
    said: Mapping[str, Any] = {}
    if detail is not None:
        found = read_detail(board, detail)
        if isinstance(found, str):
            return Unreadable(found)
        said = found
    return _read(vendor, board, [json.loads(text) for text in row.objects], said, row.url)


def read_detail(board: Board, body: bytes) -> Mapping[str, Any] | str:
    """The vendor's object in the answer to a detail request, or why there is none, in words."""
    vendor = vendor_of(board)
    answer, doubt = vendor.parse(body)
    if doubt:
        return doubt
    found = vendor.detail(answer)
    if found is None:
        return f"it is no posting as {vendor.title} gives them"
    return "the board says that it is not public any more" if vendor.is_over(found) else found


def read_answer(body: bytes, url: str | None = None) -> tuple[str, tuple[ReadPosting, ...]] | None:
    """The vendor and the postings of a board's answer, told by its shape alone: of a list, or of one posting.

    None for what is no vendor's. `url` says which board it is, where it is known.
    """
    found = _read_all(body, url)
    return None if found is None else (found[0], tuple(one for one in found[1] if isinstance(one, ReadPosting)))


def answer_reading(page: Page) -> Reading | None:
    """The same as the reading of a page; None for what is no vendor's answer."""
    found = _read_all(page.body, page.url)
    if found is None:
        return None
    return Reading(
        url=page.url,
        postings=tuple(one for one in found[1] if isinstance(one, ReadPosting)),
        unreadable_postings=tuple(one.reason for one in found[1] if isinstance(one, Unreadable)),
    )


def _read_all(body: bytes, url: str | None) -> tuple[str, list[ReadPosting | Unreadable]] | None:
    as_usual = read_json(body)
    for vendor in VENDORS.values():
        answer, doubt = as_usual if type(vendor).parse is Vendor.parse else vendor.parse(body)
        if doubt or not vendor.fits(answer):
            continue
        rows = vendor.rows(answer)
        if rows is not None:
            board = vendor.board_of(rows, url)
            found = _united_by_id(vendor, board, rows)
            return vendor.name, [_read(vendor, board, ones, {}, where) for ones, where in found]
        detail = vendor.detail(answer)
        if detail is not None:
            board = vendor.board_of([detail], url)
            said = vendor.url_of(board, detail)
            return vendor.name, [_read(vendor, board, [{}], detail, urls.parse(said) if said else None)]
    return None


def _united_by_id(
    vendor: Vendor, board: Board, rows: Iterable[Any]
) -> list[tuple[list[Mapping[str, Any]], str | None]]:
    found: dict[str, tuple[list[Mapping[str, Any]], str | None]] = {}
    for number, one in enumerate(rows):
        if not isinstance(one, Mapping) or not vendor.is_listed(one):
            continue
        posting_id = vendor.id_of(one)
        said = vendor.url_of(board, one)
        built = vendor.page_of(board, posting_id) if posting_id and board.home else None
        where = (urls.parse(said) if said else None) or (urls.parse(built) if built else None)
        found.setdefault(posting_id or f"#{number}", ([], where))[0].append(one)
    return list(found.values())


def _read(
    vendor: Vendor, board: Board, ones: Sequence[Mapping[str, Any]], detail: Mapping[str, Any], url: str | None
) -> ReadPosting | Unreadable:
    markups = [vendor.markup(board, one, detail) for one in ones]
    markup = markups[0]
    if len(markups) > 1:
        places = [place for one in markups for place in _listed(one.get("jobLocation"))]
        remote = next((one["jobLocationType"] for one in markups if one.get("jobLocationType")), None)
        markup = {**markup, "jobLocation": places, "jobLocationType": remote}
    posting = read_posting(markup, syntax="board", page_url=url)
    if not isinstance(posting, Posting):
        return posting
    raw = ones[0] if len(ones) == 1 else list(ones)
    whole = {"list": raw, "detail": detail} if detail and raw else detail or raw
    return ReadPosting(posting=posting, raw=as_json(whole), own_url=url)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value is not None else []
