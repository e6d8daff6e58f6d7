"""Lever: a bare list, page by page; the text is in several parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, in_path, mapping, objects, text_of

_PAGE = 100
_UNITS = {"year": "YEAR", "month": "MONTH", "week": "WEEK", "day": "DAY", "hour": "HOUR"}


class Lever(Vendor):
    """jobs.lever.co and jobs.eu.lever.co."""

    name = "lever"
    title = "Lever"
    signs = ("lever.co",)
    reserved = frozenset({"v0", "v1", "robots.txt", "favicon.ico"})

    def find(self, address: Address) -> Board | None:
        region = ".eu" if address.host.endswith(".eu.lever.co") else ""
        segments, site = address.segments, None
        if address.host == f"jobs{region}.lever.co":
            site = next(iter(segments), None)
        elif address.host == f"api{region}.lever.co" and segments[:2] == ("v0", "postings") and len(segments) > 2:
            site = segments[2]
        if site is None or not self.is_name(site):
            return None
        home = f"https://jobs{region}.lever.co/{in_path(site)}"
        api = f"https://api{region}.lever.co/v0/postings/{in_path(site)}"
        return Board(vendor=self.name, name=f"eu:{site}" if region else site, url=home, home=home, api=api)

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return self._page(board, 0)

    def next_request(self, board: Board, request: Request, answer: Any, rows: int, total: int | None) -> Request | None:
        return self._page(board, request.offset + rows) if rows >= _PAGE else None

    def _page(self, board: Board, offset: int) -> Request:
        return Request(url=f"{board.api}?mode=json&skip={offset}&limit={_PAGE}", offset=offset)

    def rows(self, answer: Any) -> list[Any] | None:
        return answer if isinstance(answer, list) else None

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        return text_of(one.get("hostedUrl"))

    def detail(self, answer: Any) -> Mapping[str, Any] | None:
        return answer if isinstance(answer, Mapping) and "hostedUrl" in answer else None

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        one = {**one, **detail}
        categories = mapping(one.get("categories"))
        main, country = categories.get("location"), one.get("country")
        said = categories.get("allLocations")
        places = said if isinstance(said, list) and said else [main]
        workplace = str(one.get("workplaceType")).casefold()
        remote = workplace == "remote" or (
            workplace not in ("onsite", "on-site", "hybrid") and any(map(markup.says_remote, places))
        )
        # The country is that of the main place; others may lie elsewhere.
        found = [markup.worded_place(text, country if text == main or len(places) == 1 else None) for text in places]
        employer = board.name.removeprefix("eu:") or None
        return markup.posting(
            title=one.get("text"),
            hiringOrganization=markup.organization(employer),
            identifier=markup.identifier(self.id_of(one), employer),
            jobLocation=[place for place in found if place is not None],
            jobLocationType=markup.REMOTE if remote else None,
            employmentType=categories.get("commitment"),
            datePosted=markup.moment(one.get("createdAt"), unit=0.001),
            baseSalary=_salary(mapping(one.get("salaryRange"))),
            description=_text(one),
        )

    def fits(self, answer: Any) -> bool:
        if isinstance(answer, list):
            first = mapping(next(iter(answer), None))
            return "hostedUrl" in first and "categories" in first
        return isinstance(answer, Mapping) and "hostedUrl" in answer and "categories" in answer


def _text(one: Mapping[str, Any]) -> str | None:
    # `description` is opening and body in one, in answers that have both
    body = one.get("descriptionBody")
    begin = [(None, one.get("opening")), (None, body)] if body else [(None, one.get("description"))]
    lists = [(part.get("text"), f"<ul>{part.get('content') or ''}</ul>") for part in objects(one.get("lists"))]
    return markup.sections([*begin, *lists, (None, one.get("additional"))])


def _salary(said: Mapping[str, Any]) -> dict[str, Any] | None:
    interval = str(said.get("interval")).casefold()
    unit = next((unit for word, unit in _UNITS.items() if f"per-{word}" in interval), None)
    return markup.salary(low=said.get("min"), high=said.get("max"), currency=said.get("currency"), unit=unit)


VENDOR = Lever()
