"""Eightfold: ten rows a page whatever is asked for, the text in the detail.

Each employer has one of two interfaces, and the other one answers 403: the older `/api/apply/v2/jobs`, or `/api/pcsx`,
to which employers are moved one after the other. Both also answer 403 to who asks too often.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, count_of, in_path, mapping, text_of

_PAGE = 10
#: under `/api`: the list of either interface
_OLDER, _NEWER = "/apply/v2/jobs", "/pcsx/search"
_REFUSED = 403


class Eightfold(Vendor):
    """T.eightfold.ai/careers?domain=D, and hosts of employers that answer at `/api/apply/v2/jobs` or `/api/pcsx`."""

    name = "eightfold"
    title = "Eightfold"
    signs = (".eightfold.ai", "/api/apply/v2/jobs", "/api/pcsx/")
    reserved = frozenset({"www", "static", "app", "api", "docs", "help"})

    def find(self, address: Address) -> Board | None:
        domain = address.query.get("domain")
        under = address.under("eightfold.ai")
        own = under is not None and "." not in under and self.is_name(under)
        asked = address.segments[:4] == ("api", "apply", "v2", "jobs") or address.segments[:2] == ("api", "pcsx")
        if not domain or not self.is_name(domain) or not (own or asked):
            return None
        home, api = f"https://{address.host}/careers", f"https://{address.host}/api"
        where = home if own else f"{api}{_OLDER}"
        return Board(vendor=self.name, name=domain, url=f"{where}?domain={quote(domain)}", home=f"{home}/job", api=api)

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return self._page(board, _OLDER, 0, None)

    def other_request(self, board: Board, refused: Request, status: int | None) -> Request | None:
        return self._page(board, _NEWER, 0, None) if status == _REFUSED and not _is_newer(board, refused) else None

    def next_request(self, board: Board, request: Request, answer: Any, rows: int, total: int | None) -> Request | None:
        # some employers' lists do not count: these end with an empty page
        more = rows and (total is None or request.offset + rows < total)
        where = _NEWER if _is_newer(board, request) else _OLDER
        return self._page(board, where, request.offset + rows, total) if more else None

    def _page(self, board: Board, where: str, start: int, total: int | None) -> Request:
        url = f"{board.api}{where}?domain={quote(board.name)}&start={start}&num={_PAGE}&sort_by=timestamp"
        return Request(url=url, offset=start, total=total)

    def rows(self, answer: Any) -> list[Any] | None:
        rows = _list(answer).get("positions")
        return rows if isinstance(rows, list) else None

    def total(self, answer: Any, request: Request) -> int | None:
        return count_of(_list(answer).get("count"))

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        return text_of(one.get("canonicalPositionUrl"))

    def detail_request(self, board: Board, one: Mapping[str, Any], posting_id: str) -> Request | None:
        if "postedTs" in one:
            said = f"position_id={quote(posting_id, safe='')}&domain={quote(board.name)}"
            return Request(url=f"{board.api}/pcsx/position_details?{said}")
        return Request(url=f"{board.api}{_OLDER}/{in_path(posting_id)}?domain={quote(board.name)}")

    def detail(self, answer: Any) -> Mapping[str, Any] | None:
        older, newer = mapping(answer), mapping(mapping(answer).get("data"))
        if "job_description" in older and "name" in older:
            return older
        return newer if "jobDescription" in newer and "name" in newer else None

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        one = {**one, **detail}
        words = _places(one)
        option = str(one.get("work_location_option") or one.get("workLocationOption")).casefold()
        remote = option.startswith("remote") or any(map(markup.says_remote, words))
        return markup.posting(
            title=one.get("name"),
            hiringOrganization=markup.organization(board.name),
            identifier=markup.identifier(self.id_of(one), board.name),
            jobLocation=markup.worded_places(words),
            jobLocationType=markup.REMOTE if remote else None,
            datePosted=markup.moment(one.get("t_create") or one.get("postedTs")),
            description=one.get("job_description") or one.get("jobDescription"),
        )

    def fits(self, answer: Any) -> bool:
        rows = self.rows(answer)
        if rows is not None:
            return bool({"t_create", "postedTs"} & set(mapping(rows[0]))) if rows else "count" in _list(answer)
        detail = self.detail(answer)
        return detail is not None and bool({"t_create", "postedTs"} & set(detail))


def _is_newer(board: Board, request: Request) -> bool:
    return request.url.startswith(board.api + _NEWER)


def _list(answer: Any) -> Mapping[str, Any]:
    """Where an answer has its list: at the top, or in `data`."""
    said = mapping(answer)
    return said if "positions" in said else mapping(said.get("data"))


def _places(one: Mapping[str, Any]) -> list[Any]:
    """The places in words; in the form that is the same for all employers, where it is there for each of them."""
    said, alike = one.get("locations"), one.get("standardizedLocations")
    said = said if isinstance(said, list) and said else [one.get("location")]
    return alike if isinstance(alike, list) and len(alike) >= len(said) else said


VENDOR = Eightfold()
