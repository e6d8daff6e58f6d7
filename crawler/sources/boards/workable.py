"""Workable: one answer holds the whole account; a posting may have one row for each place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, in_path, mapping, objects, text_of


class Workable(Vendor):
    """apply.workable.com."""

    name = "workable"
    title = "Workable"
    signs = ("workable.com",)
    reserved = frozenset({"api", "j", "apply", "assets", "static", "robots.txt", "www", "jobs", "help", "resources"})

    def find(self, address: Address) -> Board | None:
        segments, account = address.segments, None
        if address.host == "apply.workable.com":
            widget = segments[:4] == ("api", "v1", "widget", "accounts") and len(segments) > 4
            account = segments[4] if widget else next(iter(segments), None)
        elif address.host == "www.workable.com" and segments[:2] == ("api", "accounts") and len(segments) > 2:
            account = segments[2]
        elif (under := address.under("workable.com")) and under != "apply" and "." not in under:
            account = under
        if account is None or not self.is_name(account):
            return None
        home = f"https://apply.workable.com/{in_path(account)}"
        api = f"https://apply.workable.com/api/v1/widget/accounts/{in_path(account)}"
        return Board(vendor=self.name, name=account, url=home, home=home, api=api)

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"https://apply.workable.com/j/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return Request(url=f"{board.api}?details=true")

    def rows(self, answer: Any) -> list[Any] | None:
        rows = mapping(answer).get("jobs")
        if not isinstance(rows, list):
            return None
        # the employer's name stands beside the list, and belongs into what is kept of each posting
        employer = mapping(answer).get("name")
        return [{"account_name": employer, **one} if isinstance(one, Mapping) else one for one in rows]

    def id_of(self, one: Mapping[str, Any]) -> str | None:
        return text_of(one.get("shortcode"))

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        return text_of(one.get("url")) or text_of(one.get("shortlink"))

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        employer = text_of(one.get("account_name")) or board.name or None
        places = [
            markup.place(
                locality=at.get("city"), region=at.get("region"), country=at.get("countryCode") or at.get("country")
            )
            for at in objects(one.get("locations"))
            # hidden is the exact place, not that there is one
        ] or [markup.place(locality=one.get("city"), region=one.get("state"), country=one.get("country"))]
        return markup.posting(
            title=one.get("title"),
            hiringOrganization=markup.organization(employer),
            identifier=markup.identifier(self.id_of(one), employer),
            jobLocation=[place for place in places if place is not None],
            jobLocationType=markup.REMOTE if one.get("telecommuting") is True else None,
            employmentType=one.get("employment_type"),
            datePosted=one.get("published_on"),
            description=one.get("description"),
            industry=one.get("industry"),
            educationRequirements=one.get("education"),
            experienceRequirements=one.get("experience"),
        )

    def fits(self, answer: Any) -> bool:
        rows = mapping(answer).get("jobs")
        if not isinstance(rows, list):
            return False
        return "shortcode" in mapping(next(iter(rows), None)) if rows else "name" in answer and "meta" not in answer


VENDOR = Workable()
