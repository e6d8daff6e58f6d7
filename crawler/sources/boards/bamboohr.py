"""BambooHR: one answer lists all, the text stands in the detail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, count_of, in_path, mapping, text_of

#: `locationType`: "0" at the office, "1" remote, "2" hybrid
_REMOTE = "1"


class BambooHR(Vendor):
    """T.bamboohr.com/careers."""

    name = "bamboohr"
    title = "BambooHR"
    signs = (".bamboohr.com",)
    reserved = frozenset(
        {"www", "app", "api", "partners", "help", "documentation", "marketplace", "resources", "images"}
    )

    def find(self, address: Address) -> Board | None:
        name = address.under("bamboohr.com")
        if name is None or "." in name or not self.is_name(name):
            return None
        # the rest of the host is where employees log in
        if not {address.segments[:1], address.local[:1]} & {("careers",), ("jobs",), ("js",)}:
            return None
        home = f"https://{address.host}/careers"
        return Board(vendor=self.name, name=name, url=home, home=home, api=home)

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return Request(url=f"{board.api}/list")

    def rows(self, answer: Any) -> list[Any] | None:
        rows = mapping(answer).get("result")
        return rows if isinstance(rows, list) else None

    def total(self, answer: Any, request: Request) -> int | None:
        return count_of(mapping(mapping(answer).get("meta")).get("totalCount"))

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        return text_of(one.get("jobOpeningShareUrl"))

    def detail_request(self, board: Board, one: Mapping[str, Any], posting_id: str) -> Request | None:
        return Request(url=f"{board.api}/{in_path(posting_id)}/detail")

    def detail(self, answer: Any) -> Mapping[str, Any] | None:
        found = mapping(mapping(answer).get("result")).get("jobOpening")
        return found if isinstance(found, Mapping) else None

    def is_over(self, detail: Mapping[str, Any]) -> bool:
        return str(detail.get("jobOpeningStatus", "Open")).casefold() not in ("open", "")

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        one = {**one, **detail}
        office, wide = mapping(one.get("location")), mapping(one.get("atsLocation"))
        # remote openings fill the one, others the other
        found = markup.place(
            locality=office.get("city") or wide.get("city"),
            region=office.get("state") or wide.get("state") or wide.get("province"),
            country=office.get("addressCountry") or office.get("country") or wide.get("country"),
            postal_code=office.get("postalCode"),
        )
        remote = one.get("isRemote") in (True, "yes", "true", "1") or str(one.get("locationType")) == _REMOTE
        return markup.posting(
            title=one.get("jobOpeningName"),
            identifier=markup.identifier(text_of(one.get("id"))),
            jobLocation=found,
            jobLocationType=markup.REMOTE if remote else None,
            employmentType=one.get("employmentStatusLabel"),
            datePosted=one.get("datePosted"),
            baseSalary=one.get("compensation") if isinstance(one.get("compensation"), str) else None,
            description=one.get("description"),
            experienceRequirements=one.get("minimumExperience"),
        )

    def fits(self, answer: Any) -> bool:
        result = mapping(answer).get("result")
        if isinstance(result, list):
            return "jobOpeningName" in mapping(next(iter(result), None)) if result else "meta" in answer
        return "jobOpeningName" in mapping(mapping(result).get("jobOpening"))


VENDOR = BambooHR()
