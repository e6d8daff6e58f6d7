"""Eightfold: ten rows a page whatever is asked for, the text in the detail, and often a 403."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, count_of, in_path, mapping, text_of

_PAGE = 10


class Eightfold(Vendor):
    """T.eightfold.ai/careers?domain=D, and hosts of employers that answer at `/api/apply/v2/jobs`."""

    name = "eightfold"
    title = "Eightfold"
    signs = (".eightfold.ai", "/api/apply/v2/jobs")
    reserved = frozenset({"www", "static", "app", "api", "docs", "help"})

    def find(self, address: Address) -> Board | None:
        domain = address.query.get("domain")
        under = address.under("eightfold.ai")
        own = under is not None and "." not in under and self.is_name(under)
        if (
            not domain
            or not self.is_name(domain)
            or not (own or address.segments[:4] == ("api", "apply", "v2", "jobs"))
        ):
            return None
        home = f"https://{address.host}/careers"
        api = f"https://{address.host}/api/apply/v2/jobs"
        where = home if own else api
        return Board(vendor=self.name, name=domain, url=f"{where}?domain={quote(domain)}", home=f"{home}/job", api=api)

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return self._page(board, 0, None)

    def next_request(self, board: Board, request: Request, answer: Any, rows: int, total: int | None) -> Request | None:
        more = rows and (rows >= _PAGE if total is None else request.offset + rows < total)
        return self._page(board, request.offset + rows, total) if more else None

    def _page(self, board: Board, start: int, total: int | None) -> Request:
        url = f"{board.api}?domain={quote(board.name)}&start={start}&num={_PAGE}&sort_by=timestamp"
        return Request(url=url, offset=start, total=total)

    def rows(self, answer: Any) -> list[Any] | None:
        rows = mapping(answer).get("positions")
        return rows if isinstance(rows, list) else None

    def total(self, answer: Any, request: Request) -> int | None:
        return count_of(mapping(answer).get("count"))

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        return text_of(one.get("canonicalPositionUrl"))

    def detail_request(self, board: Board, one: Mapping[str, Any], posting_id: str) -> Request | None:
        return Request(url=f"{board.api}/{in_path(posting_id)}?domain={quote(board.name)}")

    def detail(self, answer: Any) -> Mapping[str, Any] | None:
        return answer if isinstance(answer, Mapping) and "job_description" in answer and "name" in answer else None

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        one = {**one, **detail}
        said = one.get("locations")
        words = said if isinstance(said, list) and said else [one.get("location")]
        remote = str(one.get("work_location_option")).casefold() == "remote" or any(map(markup.says_remote, words))
        return markup.posting(
            title=one.get("name"),
            hiringOrganization=markup.organization(board.name),
            identifier=markup.identifier(self.id_of(one), board.name),
            jobLocation=markup.worded_places(words),
            jobLocationType=markup.REMOTE if remote else None,
            datePosted=markup.moment(one.get("t_create")),
            description=one.get("job_description"),
        )

    def fits(self, answer: Any) -> bool:
        rows = self.rows(answer)
        if rows is not None:
            return "count" in answer and (not rows or "t_create" in mapping(rows[0]))
        return {"job_description", "t_create"} <= set(mapping(answer))


VENDOR = Eightfold()
