"""SmartRecruiters: pages that may overlap, texts in the detail only, and an empty list for any name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, count_of, in_path, mapping, text_of

_PAGE = 100
_SECTIONS = ("companyDescription", "jobDescription", "qualifications", "additionalInformation")


class SmartRecruiters(Vendor):
    """careers.smartrecruiters.com and jobs.smartrecruiters.com."""

    name = "smartrecruiters"
    title = "SmartRecruiters"
    signs = ("smartrecruiters.com",)
    knows_any_name = True
    reserved = frozenset(
        {"api", "sr-jobs", "oneclick-ui", "external-referrals", "robots.txt", "static", "job-api", "v1"}
    )

    def find(self, address: Address) -> Board | None:
        segments, company = address.segments, None
        if address.host in ("careers.smartrecruiters.com", "jobs.smartrecruiters.com"):
            company = next(iter(segments), None)
        elif address.host == "api.smartrecruiters.com" and len(segments) > 2:
            company = segments[2] if segments[1] == "companies" else None
        if company is None or not self.is_name(company):
            return None
        return Board(
            vendor=self.name,
            name=company,
            url=f"https://careers.smartrecruiters.com/{in_path(company)}",
            home=f"https://jobs.smartrecruiters.com/{in_path(company)}",
            api=f"https://api.smartrecruiters.com/v1/companies/{in_path(company)}/postings",
        )

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return self._page(board, 0, None)

    def next_request(self, board: Board, request: Request, answer: Any, rows: int, total: int | None) -> Request | None:
        more = rows and (rows >= _PAGE if total is None else request.offset + rows < total)
        return self._page(board, request.offset + rows, total) if more else None

    def _page(self, board: Board, offset: int, total: int | None) -> Request:
        return Request(url=f"{board.api}?limit={_PAGE}&offset={offset}", offset=offset, total=total)

    def rows(self, answer: Any) -> list[Any] | None:
        rows = mapping(answer).get("content")
        return rows if isinstance(rows, list) else None

    def total(self, answer: Any, request: Request) -> int | None:
        return count_of(mapping(answer).get("totalFound"))

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        # `postingUrl` ends in a slug of the title and stands in the detail only; the id alone leads there, too
        company = board.name or text_of(mapping(one.get("company")).get("identifier"))
        posting_id = self.id_of(one)
        if not company or not posting_id:
            return None
        return f"https://jobs.smartrecruiters.com/{in_path(company)}/{in_path(posting_id)}"

    def detail_request(self, board: Board, one: Mapping[str, Any], posting_id: str) -> Request | None:
        return Request(url=f"{board.api}/{in_path(posting_id)}")

    def detail(self, answer: Any) -> Mapping[str, Any] | None:
        return answer if isinstance(answer, Mapping) and "jobAd" in answer else None

    def is_over(self, detail: Mapping[str, Any]) -> bool:
        return detail.get("active") is False

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        one = {**one, **detail}
        at, kind = mapping(one.get("location")), mapping(one.get("typeOfEmployment"))
        employer = mapping(one.get("company")).get("name")
        parts = [mapping(mapping(mapping(one.get("jobAd")).get("sections")).get(name)) for name in _SECTIONS]
        found = markup.place(
            locality=at.get("city"),
            region=at.get("region"),
            country=at.get("country"),
            postal_code=at.get("postalCode"),
            street=at.get("address"),
            latitude=at.get("latitude"),
            longitude=at.get("longitude"),
        )
        return markup.posting(
            title=one.get("name"),
            hiringOrganization=markup.organization(employer),
            identifier=markup.identifier(self.id_of(one), employer),
            jobLocation=found,
            jobLocationType=markup.REMOTE if at.get("remote") is True else None,
            employmentType=[kind.get("id"), kind.get("label")],
            datePosted=one.get("releasedDate"),
            description=markup.sections((part.get("title"), part.get("text")) for part in parts),
            industry=mapping(one.get("industry")).get("label"),
            inLanguage=mapping(one.get("language")).get("code"),
        )

    def fits(self, answer: Any) -> bool:
        if not isinstance(answer, Mapping):
            return False
        if isinstance(answer.get("content"), list):
            return "totalFound" in answer
        return isinstance(mapping(answer.get("jobAd")).get("sections"), Mapping)


VENDOR = SmartRecruiters()
