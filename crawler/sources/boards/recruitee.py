"""Recruitee (Tellent): one answer holds the whole board, on the employer's own host where it has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from crawler.pages import Link
from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, in_path, mapping, objects, text_of

_MARKS = ("recruiteecdn.com",)


class Recruitee(Vendor):
    """T.recruitee.com, and hosts of employers with postings at `/o/SLUG`."""

    name = "recruitee"
    title = "Recruitee"
    signs = ("recruitee.com", "/api/offers")
    reserved = frozenset({
        "www", "api", "app", "careers-analytics", "docs", "support", "help", "blog", "status", "auth", "d", "static",
        "jobs", "developers", "imgs", "careers",
    })  # fmt: skip

    def find(self, address: Address) -> Board | None:
        under = address.under("recruitee.com")
        if under is not None:
            return self._at(address.host, under) if self.is_name(under) and "." not in under else None
        # the list itself, as a board on an employer's host is kept
        return self._at(address.host, address.host) if address.segments[:2] == ("api", "offers") else None

    def mark(self, page: Address, links: Sequence[Link]) -> Board | None:
        served = any((urlsplit(link.url).hostname or "").endswith(_MARKS) for link in links)
        offers = any(
            urlsplit(link.url).path.startswith("/o/") and urlsplit(link.url).hostname == page.host for link in links
        )
        return self._at(page.host, page.host) if served and offers else None

    def _at(self, host: str, name: str) -> Board:
        home = f"https://{host}"
        own = name == host
        return Board(
            vendor=self.name,
            name=name,
            url=f"{home}/api/offers" if own else home,
            home=f"{home}/o",
            api=f"{home}/api/offers",
        )

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return Request(url=f"{board.api}/")

    def rows(self, answer: Any) -> list[Any] | None:
        rows = mapping(answer).get("offers")
        return rows if isinstance(rows, list) else None

    def is_listed(self, one: Mapping[str, Any]) -> bool:
        return str(one.get("status", "published")) == "published"

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        slug = text_of(one.get("slug"))
        return text_of(one.get("careers_url")) or (f"{board.home}/{in_path(slug)}" if slug and board.home else None)

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        one = {**one, **detail}
        employer = text_of(one.get("company_name"))
        pay = mapping(one.get("salary"))
        return markup.posting(
            title=one.get("title"),
            hiringOrganization=markup.organization(employer),
            identifier=markup.identifier(self.id_of(one), employer),
            jobLocation=_places(one),
            jobLocationType=markup.REMOTE if one.get("remote") is True else None,
            employmentType=one.get("employment_type_code"),
            datePosted=one.get("published_at"),
            validThrough=one.get("close_at"),
            baseSalary=markup.salary(
                low=pay.get("min"), high=pay.get("max"), currency=pay.get("currency"), unit=pay.get("period")
            ),
            description=markup.sections([(None, one.get("description")), (None, one.get("requirements"))]),
        )

    def fits(self, answer: Any) -> bool:
        rows = self.rows(answer)
        return rows is not None and (not rows or {"careers_url", "slug"} <= set(mapping(rows[0])))


def _places(one: Mapping[str, Any]) -> list[Any]:
    found = [
        markup.place(
            locality=at.get("city"),
            region=at.get("state"),
            country=at.get("country_code") or at.get("country"),
            postal_code=at.get("postal_code"),
            street=at.get("street"),
        )
        for at in objects(one.get("locations"))
    ]
    if not any(found):
        country = one.get("country_code") or one.get("country")
        found = [markup.place(locality=one.get("city"), region=one.get("state_name"), country=country)]
    return [place for place in found if place is not None]


VENDOR = Recruitee()
