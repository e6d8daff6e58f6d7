"""Ashby: one answer holds the whole board, unlisted postings among it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, in_path, mapping, objects, text_of

_UNITS = {"YEAR": "YEAR", "MONTH": "MONTH", "WEEK": "WEEK", "DAY": "DAY", "HOUR": "HOUR"}


class Ashby(Vendor):
    """jobs.ashbyhq.com."""

    name = "ashby"
    title = "Ashby"
    signs = ("ashbyhq.com",)
    reserved = frozenset({"api", "robots.txt", "favicon.ico", "_next", "static"})

    def find(self, address: Address) -> Board | None:
        segments, name = address.segments, None
        if address.host == "jobs.ashbyhq.com":
            name = next(iter(segments), None)
        elif address.host == "api.ashbyhq.com" and segments[:2] == ("posting-api", "job-board") and len(segments) > 2:
            name = segments[2]
        if name is None or not self.is_name(name):
            return None
        home = f"https://jobs.ashbyhq.com/{in_path(name)}"
        api = f"https://api.ashbyhq.com/posting-api/job-board/{in_path(name)}"
        return Board(vendor=self.name, name=name, url=home, home=home, api=api)

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return Request(url=f"{board.api}?includeCompensation=true")

    def rows(self, answer: Any) -> list[Any] | None:
        rows = mapping(answer).get("jobs")
        return rows if isinstance(rows, list) else None

    def is_listed(self, one: Mapping[str, Any]) -> bool:
        return one.get("isListed") is not False

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        return text_of(one.get("jobUrl"))

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        sites = [one, *objects(one.get("secondaryLocations"))]
        names = [site.get("location") for site in sites]
        remote = one.get("isRemote") is True or str(one.get("workplaceType")).casefold() == "remote"
        places = [_place(site) for site in sites]
        return markup.posting(
            title=one.get("title"),
            hiringOrganization=markup.organization(board.name),
            identifier=markup.identifier(self.id_of(one), board.name),
            jobLocation=[place for place in places if place is not None],
            jobLocationType=markup.REMOTE if remote or any(map(markup.says_remote, names)) else None,
            employmentType=one.get("employmentType"),
            datePosted=one.get("publishedAt"),
            baseSalary=_salary(mapping(one.get("compensation"))),
            description=one.get("descriptionHtml") or one.get("descriptionPlain"),
        )

    def fits(self, answer: Any) -> bool:
        rows = self.rows(answer)
        if rows is None:
            return False
        return "jobUrl" in mapping(next(iter(rows), None)) if rows else "apiVersion" in answer


def _place(site: Mapping[str, Any]) -> Any:
    address = mapping(mapping(site.get("address")).get("postalAddress"))
    found = markup.place(
        locality=address.get("addressLocality"),
        region=address.get("addressRegion"),
        country=address.get("addressCountry"),
        postal_code=address.get("postalCode"),
        street=address.get("streetAddress"),
    )
    return found if found is not None else markup.worded_place(site.get("location"))


def _salary(said: Mapping[str, Any]) -> dict[str, Any] | None:
    """The pay of the first tier: further tiers are for other places or levels."""
    tiers = [part for tier in objects(said.get("compensationTiers")) for part in objects(tier.get("components"))]
    for part in [*objects(said.get("summaryComponents")), *tiers]:
        if part.get("compensationType") != "Salary":
            continue
        interval = str(part.get("interval")).upper()
        pay = markup.salary(
            low=part.get("minValue"),
            high=part.get("maxValue"),
            currency=part.get("currencyCode"),
            unit=next((unit for word, unit in _UNITS.items() if interval.endswith(word)), None),
        )
        if pay is not None:
            return pay
    return None


VENDOR = Ashby()
