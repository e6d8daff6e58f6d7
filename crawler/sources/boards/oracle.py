"""Oracle Recruiting Cloud: pages through a finder expression, the text in the detail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from crawler.sources.boards import markup
from crawler.sources.boards.board import (
    Address,
    Board,
    Request,
    Vendor,
    count_of,
    first_object,
    in_path,
    mapping,
    objects,
    text_of,
)

_PAGE = 25
_SITE = re.compile(r"siteNumber=([\w.-]+)")
_PARTS = (
    "ExternalDescriptionStr",
    "ExternalResponsibilitiesStr",
    "ExternalQualificationsStr",
    "CorporateDescriptionStr",
    "OrganizationDescriptionStr",
)


class Oracle(Vendor):
    """*.oraclecloud.com/hcmUI/CandidateExperience/LANGUAGE/sites/SITE, and the same on hosts of employers."""

    name = "oracle"
    title = "Oracle Recruiting"
    signs = (".oraclecloud.com", "/hcmUI/CandidateExperience/", "/recruitingCEJobRequisitions")
    knows_any_name = True

    def find(self, address: Address) -> Board | None:
        tenant, segments, site = address.under("oraclecloud.com") or address.host, address.segments, None
        language = "en"
        if segments[:2] == ("hcmUI", "CandidateExperience") and "sites" in segments[:-1]:
            place = segments.index("sites")
            site = segments[place + 1]
            language = segments[2] if place > 2 else "en"
        elif segments[:3] == ("hcmRestApi", "resources", "latest") and (
            match := _SITE.search(address.query.get("finder", ""))
        ):
            site = match[1]
        if site is None or not self.is_name(site):
            return None
        home = f"https://{address.host}/hcmUI/CandidateExperience/{in_path(language)}/sites/{in_path(site)}"
        return Board(
            vendor=self.name,
            name=f"{tenant}:{site}",
            url=home,
            home=home,
            api=f"https://{address.host}/hcmRestApi/resources/latest",
        )

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/job/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return self._page(board, 0, None)

    def next_request(self, board: Board, request: Request, answer: Any, rows: int, total: int | None) -> Request | None:
        more = rows and (rows >= _PAGE if total is None else request.offset + rows < total)
        return self._page(board, request.offset + rows, total) if more else None

    def _page(self, board: Board, offset: int, total: int | None) -> Request:
        site = board.name.partition(":")[2]
        # Limit and offset count only inside of the finder.
        finder = f"findReqs;siteNumber={quote(site)},limit={_PAGE},offset={offset},sortBy=POSTING_DATES_DESC"
        return Request(
            url=f"{board.api}/recruitingCEJobRequisitions?onlyData=true"
            f"&expand=requisitionList.secondaryLocations&finder={finder}",
            offset=offset,
            total=total,
        )

    def rows(self, answer: Any) -> list[Any] | None:
        items = mapping(answer).get("items")
        if not isinstance(items, list):
            return None
        found: list[Any] = []
        for item in items:
            rows = mapping(item).get("requisitionList")
            if not isinstance(rows, list):
                return None
            found += rows
        return found

    def total(self, answer: Any, request: Request) -> int | None:
        return count_of(first_object(mapping(answer).get("items")).get("TotalJobsCount"))

    def id_of(self, one: Mapping[str, Any]) -> str | None:
        return text_of(one.get("Id"))

    def detail_request(self, board: Board, one: Mapping[str, Any], posting_id: str) -> Request | None:
        site = board.name.partition(":")[2]
        finder = f"ById;Id=%22{quote(posting_id, safe='')}%22,siteNumber={quote(site)}"
        return Request(url=f"{board.api}/recruitingCEJobRequisitionDetails?expand=all&onlyData=true&finder={finder}")

    def detail(self, answer: Any) -> Mapping[str, Any] | None:
        found = first_object(mapping(answer).get("items"))
        return found if "Title" in found else None

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        one = {**one, **detail}
        words = [one.get("PrimaryLocation"), *(at.get("Name") for at in objects(one.get("secondaryLocations")))]
        kind = f"{one.get('WorkplaceType')} {one.get('WorkplaceTypeCode')}".casefold()
        remote = "remote" in kind or (kind == "none none" and any(map(markup.says_remote, words)))
        text = markup.sections((None, one.get(part)) for part in _PARTS)
        return markup.posting(
            title=one.get("Title"),
            identifier=markup.identifier(self.id_of(one)),
            jobLocation=markup.worded_places(words),
            jobLocationType=markup.REMOTE if remote else None,
            employmentType=one.get("JobSchedule"),
            datePosted=one.get("PostedDate") or one.get("ExternalPostedStartDate"),
            validThrough=one.get("PostingEndDate") or one.get("ExternalPostedEndDate"),
            description=text or one.get("ShortDescriptionStr"),
        )

    def fits(self, answer: Any) -> bool:
        first = first_object(mapping(answer).get("items"))
        return isinstance(first.get("requisitionList"), list) or {"Title", "ExternalDescriptionStr"} <= set(first)


VENDOR = Oracle()
