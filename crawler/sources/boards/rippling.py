"""Rippling: pages of rows, the same posting once for each place; the text stands in the detail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, count_of, in_path, mapping, objects, text_of

_PAGE = 50
#: where the same lists stand for other people's pages
_PLATFORM = tuple(("platform", "api", "ats", version, "board") for version in ("v1", "v2"))
#: `employmentType.label`; `id` holds the words for people
_KIND = re.compile(r"(?:^|_)(FT|PT|TEMP|INTERN|CONTRACTOR)$")
_KINDS = {"FT": "FULL_TIME", "PT": "PART_TIME", "TEMP": "TEMPORARY", "INTERN": "INTERN", "CONTRACTOR": "CONTRACTOR"}


class Rippling(Vendor):
    """ats.rippling.com."""

    name = "rippling"
    title = "Rippling"
    signs = ("ats.rippling.com", "/ats/v1/board/", "/ats/v2/board/")
    reserved = frozenset({"api", "embed", "_next", "static", "robots.txt", "jobs", "login"})

    def find(self, address: Address) -> Board | None:
        segments, name = address.local, None
        if address.host == "ats.rippling.com":
            board_at = 3 if address.segments[:3] in (("api", "v2", "board"), ("api", "v1", "board")) else 0
            name = address.segments[board_at] if board_at and len(address.segments) > board_at else None
            if not board_at:
                name = next(iter(segments[1:] if segments[:1] == ("embed",) else segments), None)
        elif address.host == "api.rippling.com" and address.segments[:5] in _PLATFORM:
            name = next(iter(address.segments[5:]), None)
        if name is None or not self.is_name(name):
            return None
        home = f"https://ats.rippling.com/{in_path(name)}"
        api = f"https://ats.rippling.com/api/v2/board/{in_path(name)}"
        return Board(vendor=self.name, name=name, url=f"{home}/jobs", home=home, api=api)

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/jobs/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return self._page(board, 0, None)

    def next_request(self, board: Board, request: Request, answer: Any, rows: int, total: int | None) -> Request | None:
        pages = count_of(mapping(answer).get("totalPages"))
        more = rows and (rows >= _PAGE if pages is None else request.offset + 1 < pages)
        return self._page(board, request.offset + 1, total) if more else None

    def _page(self, board: Board, page: int, total: int | None) -> Request:
        return Request(url=f"{board.api}/jobs?page={page}&pageSize={_PAGE}", offset=page, total=total)

    def rows(self, answer: Any) -> list[Any] | None:
        rows = answer if isinstance(answer, list) else mapping(answer).get("items")
        return rows if isinstance(rows, list) else None

    def total(self, answer: Any, request: Request) -> int | None:
        said = count_of(mapping(answer).get("totalItems"))
        return request.total if said is None else said

    def id_of(self, one: Mapping[str, Any]) -> str | None:
        return text_of(one.get("uuid")) or text_of(one.get("id"))

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        return text_of(one.get("url"))

    def detail_request(self, board: Board, one: Mapping[str, Any], posting_id: str) -> Request | None:
        return Request(url=f"{board.api}/jobs/{in_path(posting_id)}")

    def detail(self, answer: Any) -> Mapping[str, Any] | None:
        return answer if isinstance(answer, Mapping) and "name" in answer and "description" in answer else None

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        both = {**one, **detail}
        places, remote = _places(one, detail)
        kind = mapping(both.get("employmentType"))
        label = _KIND.search(str(kind.get("label")).upper())
        text = both.get("description")
        employer = text_of(both.get("companyName"))
        return markup.posting(
            title=both.get("name"),
            hiringOrganization=markup.organization(employer),
            identifier=markup.identifier(self.id_of(both), employer),
            jobLocation=places,
            jobLocationType=markup.REMOTE if remote else None,
            employmentType=_KINDS[label[1]] if label else [kind.get("id"), kind.get("label")],
            datePosted=both.get("createdOn"),
            baseSalary=_salary(both.get("payRangeDetails")),
            description=markup.sections(
                [(None, text.get("company")), (None, text.get("role"))] if isinstance(text, Mapping) else [(None, text)]
            ),
        )

    def fits(self, answer: Any) -> bool:
        rows = self.rows(answer)
        if rows is not None:
            first = mapping(next(iter(rows), None))
            paged = isinstance(answer, Mapping) and "totalPages" in answer
            return "name" in first and ("workLocation" in first or "locations" in first) if rows else paged
        return "workLocations" in mapping(answer) and "description" in mapping(answer)


def _places(one: Mapping[str, Any], detail: Mapping[str, Any]) -> tuple[list[Any], bool]:
    given = objects(one.get("locations"))
    found = [
        markup.place(
            locality=at.get("city"),
            region=at.get("stateCode") or at.get("state"),
            country=at.get("countryCode") or at.get("country"),
        )
        or markup.worded_place(at.get("name"))
        for at in given
    ]
    kinds = {str(at.get("workplaceType")).upper() for at in given}
    words = [mapping(one.get("workLocation")).get("label"), *(at.get("name") for at in given)]
    further = detail.get("workLocations")
    if not given:
        words += further if isinstance(further, list) else []
        found = markup.worded_places(dict.fromkeys(text_of(text) for text in words if text_of(text)))
    remote = kinds == {"REMOTE"} or (not kinds - {"NONE"} and any(map(markup.says_remote, words)))
    return [place for place in found if place is not None], remote


def _salary(said: Any) -> dict[str, Any] | None:
    """The whole range of those that are of one currency and period; bands for other countries are left out."""
    bands = [one for one in objects(said) if one.get("rangeStart") is not None or one.get("rangeEnd") is not None]
    if not bands:
        return None
    kinds = [(one.get("currency"), one.get("frequency")) for one in bands]
    usual = max(kinds, key=kinds.count)
    same = [one for one, kind in zip(bands, kinds, strict=True) if kind == usual]
    low = [one["rangeStart"] for one in same if isinstance(one.get("rangeStart"), (int, float))]
    high = [one["rangeEnd"] for one in same if isinstance(one.get("rangeEnd"), (int, float))]
    return markup.salary(
        low=min(low, default=None), high=max(high, default=None), currency=usual[0], unit=text_of(usual[1])
    )


VENDOR = Rippling()
