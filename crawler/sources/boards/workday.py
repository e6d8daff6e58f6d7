"""Workday: twenty rows a POST, a count that only the first page gives, and all that matters in the detail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, count_of, in_path, mapping, text_of
from postings.normalise.countries import read_country

#: more is answered with an error
_PAGE = 20
#: some tenants count no further, and begin again behind it
_CLAMP = 2_000
_TENANT = re.compile(r"([a-z0-9_-]+)\.(wd\d+)\.myworkdayjobs(?:-impl)?\.com(?::\d+)?")
_SHARED = re.compile(r"(wd\d+)\.myworkdaysite\.com(?::\d+)?")
_REQUISITION = re.compile(r"_([^_/]*\d[^_/]*)$")
_DOTTED = re.compile(r"[A-Z]{2,3}\.[^,\s]+(?:\.[^,]+)+")
_NUMBER_OF_PLACES = re.compile(r"\d+ \w+", re.IGNORECASE)


class Workday(Vendor):
    """T.wdN.myworkdayjobs.com/SITE and wdN.myworkdaysite.com/recruiting/T/SITE."""

    name = "workday"
    title = "Workday"
    signs = ("myworkdayjobs", "myworkdaysite.com")
    reserved = frozenset({"wday", "job", "jobs", "recruiting", "robots.txt", "details", "assets", "login"})
    volatile = frozenset({"postedOn"})

    def find(self, address: Address) -> Board | None:
        tenant = site = None
        if match := _TENANT.fullmatch(address.host):
            tenant, site = match[1], next(iter(address.local), None)
        elif _SHARED.fullmatch(address.host) and address.local[:1] == ("recruiting",) and len(address.local) > 2:
            tenant, site = address.local[1], address.local[2]
        if (match or _SHARED.fullmatch(address.host)) and address.segments[:2] == ("wday", "cxs"):
            tenant, site = (*address.segments[2:4], None, None)[:2]
        if tenant is None or site is None or not self.is_name(site) or not self.is_name(tenant):
            return None
        path = in_path(site) if match else f"recruiting/{in_path(tenant)}/{in_path(site)}"
        home = f"https://{address.host}/{path}"
        api = f"https://{address.host}/wday/cxs/{in_path(tenant)}/{in_path(site)}"
        return Board(vendor=self.name, name=f"{tenant}:{site}", url=home, home=home, api=api)

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/job/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return self._page(board, 0, None)

    def next_request(self, board: Board, request: Request, answer: Any, rows: int, total: int | None) -> Request | None:
        more = rows and (rows >= _PAGE if not total else request.offset + rows < total)
        return self._page(board, request.offset + rows, total) if more else None

    def _page(self, board: Board, offset: int, total: int | None) -> Request:
        asked = {"appliedFacets": {}, "limit": _PAGE, "offset": offset, "searchText": ""}
        return Request(url=f"{board.api}/jobs", post=json.dumps(asked), offset=offset, total=total)

    def rows(self, answer: Any) -> list[Any] | None:
        rows = mapping(answer).get("jobPostings")
        return rows if isinstance(rows, list) else None

    def total(self, answer: Any, request: Request) -> int | None:
        # later pages say 0
        return request.total if request.offset else count_of(mapping(answer).get("total"))

    def doubts(self, answer: Any, request: Request, rows: int) -> Iterable[str]:
        yield from super().doubts(answer, request, rows)
        if request.offset == 0 and self.total(answer, request) == _CLAMP:
            yield f"it counts exactly {_CLAMP}, as Workday does where there are more"

    def id_of(self, one: Mapping[str, Any]) -> str | None:
        """The end of the path: the requisition, and behind it which time that it is posted (`R-123-1`)."""
        path = (text_of(one.get("externalPath")) or "").rstrip("/").rsplit("/", 1)[-1]
        fields = one.get("bulletFields")
        for field in fields if isinstance(fields, list) else []:
            said = text_of(field)
            if said and (start := path.rfind(f"_{said}")) >= 0:
                return path[start + 1 :]
        match = _REQUISITION.search(path)
        return match[1] if match else path or None

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        said, path = text_of(one.get("externalUrl")), text_of(one.get("externalPath"))
        return said or (f"{board.home}{path}" if path and path.startswith("/") and board.home else None)

    def detail_request(self, board: Board, one: Mapping[str, Any], posting_id: str) -> Request | None:
        path = text_of(one.get("externalPath"))
        return Request(url=f"{board.api}{path}") if path and path.startswith("/") else None

    def detail(self, answer: Any) -> Mapping[str, Any] | None:
        info = mapping(answer).get("jobPostingInfo")
        if not isinstance(info, Mapping):
            return None
        return {**info, "hiringOrganization": answer.get("hiringOrganization")}

    def is_over(self, detail: Mapping[str, Any]) -> bool:
        return detail.get("posted") is False

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        further = detail.get("additionalLocations")
        words = [detail.get("location"), *(further if isinstance(further, list) else [])]
        if not detail:
            said = text_of(one.get("locationsText"))
            words = [None if said and _NUMBER_OF_PLACES.fullmatch(said) else said]
        country = mapping(detail.get("country")).get("descriptor")
        places = [_place(text, country if number == 0 else None) for number, text in enumerate(words)]
        kind = str(detail.get("remoteType") or one.get("remoteType") or "").casefold()
        remote = "remote" in kind and "hybrid" not in kind if kind else any(map(markup.says_remote, words))
        employer = mapping(detail.get("hiringOrganization")).get("name")
        number = self.id_of(one) or text_of(detail.get("jobReqId"))
        return markup.posting(
            title=detail.get("title") or one.get("title"),
            hiringOrganization=markup.organization(employer),
            identifier=markup.identifier(number, employer),
            jobLocation=[place for place in places if place is not None],
            jobLocationType=markup.REMOTE if remote else None,
            employmentType=detail.get("timeType"),
            # the list says "Posted Yesterday"
            datePosted=detail.get("startDate"),
            description=detail.get("jobDescription"),
        )

    def fits(self, answer: Any) -> bool:
        rows = self.rows(answer)
        if rows is None:
            return isinstance(mapping(answer).get("jobPostingInfo"), Mapping)
        return "total" in answer and (not rows or "externalPath" in mapping(rows[0]))


def _place(text: Any, country: Any) -> Any:
    """`US, NC, Durham` and `USA.VA.Reston` begin with the country; most other tenants end with it."""
    line = markup.without_remote(text)
    if line is None:
        return markup.place(country=country)
    parts = [part.strip() for part in (line.split(".") if _DOTTED.fullmatch(line) else line.split(",")) if part.strip()]
    code = read_country(parts[0]) if parts else None
    agrees = code is not None and (read_country(str(country)) == code if country else len(parts[0]) > 2)
    usual = code == "US" and len(parts) > 1 and len(parts[1]) == 2
    if not agrees and not (usual and country is None):
        return markup.worded_place(line, country)
    rest = parts[1:]
    if len(rest) == 1:
        state = len(rest[0]) == 2 and rest[0].isupper()
        return markup.place(region=rest[0], country=code) if state else markup.place(locality=rest[0], country=code)
    return markup.place(region=rest[0] if rest else None, locality=", ".join(rest[1:]), country=code)


VENDOR = Workday()
