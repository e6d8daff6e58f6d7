"""Personio: one XML file holds the whole board, in the language that is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, in_path, mapping, objects, text_of

_END = re.compile(rb"(?:</(?:workzag-jobs|positions)\s*>|<(?:workzag-jobs|positions)\b[^<>]*/>)(?:\s|<!--[^<>]*-->)*\Z")
_DEPTH = 8
_LISTS = frozenset({"jobDescriptions", "additionalOffices"})


class Personio(Vendor):
    """T.jobs.personio.de and T.jobs.personio.com, which are one board."""

    name = "personio"
    title = "Personio"
    signs = (".jobs.personio.",)
    knows_any_name = True
    reserved = frozenset({"www", "api", "assets"})

    def find(self, address: Address) -> Board | None:
        name = address.under("jobs.personio.de", "jobs.personio.com")
        if name is None or "." in name or not self.is_name(name):
            return None
        home = f"https://{address.host}"
        return Board(vendor=self.name, name=name, url=home, home=home, api=f"{home}/xml")

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/job/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        # One language, always: without it the server chooses, and every text would seem to change.
        return Request(url=f"{board.api}?language=en")

    def parse(self, body: bytes) -> tuple[Any, str]:
        text = body.removeprefix(b"\xef\xbb\xbf").strip()
        if not text:
            return None, "the answer is empty"
        if not text.startswith(b"<"):
            return None, "the answer is no XML"
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
        try:
            root = etree.fromstring(text, parser)
        except (etree.LxmlError, ValueError):
            return None, "the XML cannot be read"
        if root is None or root.tag not in ("workzag-jobs", "positions"):
            return None, "the answer is no list of postings as Personio gives them"
        if not _END.search(text):
            return None, "the XML is cut off"
        return {"positions": [_plain(one, _DEPTH) for one in root if one.tag == "position"]}, ""

    def rows(self, answer: Any) -> list[Any] | None:
        rows = mapping(answer).get("positions")
        return rows if isinstance(rows, list) else None

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        one = {**one, **detail}
        offices = [one.get("office"), *(_texts(one.get("additionalOffices")))]
        employer = text_of(one.get("subcompany"))
        parts = [(part.get("name"), part.get("value")) for part in objects(one.get("jobDescriptions"))]
        return markup.posting(
            title=one.get("name"),
            hiringOrganization=markup.organization(employer),
            identifier=markup.identifier(self.id_of(one), employer),
            jobLocation=markup.worded_places(offices),
            jobLocationType=markup.REMOTE if any(map(markup.says_remote, offices)) else None,
            employmentType=_kinds(one),
            datePosted=one.get("createdAt"),
            baseSalary=_salary(mapping(one.get("salaryInformation"))),
            description=markup.sections(parts),
        )

    def fits(self, answer: Any) -> bool:
        return isinstance(answer, Mapping) and set(answer) == {"positions"}


def _plain(element: Any, depth: int) -> Any:
    """An element as text, or as an object of its children; those that hold several of a kind as lists."""
    children = [child for child in element if isinstance(child.tag, str)] if depth else []
    if element.tag in _LISTS:
        return [_plain(child, depth - 1) for child in children]
    if not children:
        return (element.text or "").strip() or None
    return {child.tag: _plain(child, depth - 1) for child in children}


def _texts(value: Any) -> list[Any]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _salary(said: Mapping[str, Any]) -> dict[str, Any] | None:
    """`<salaryInformation>`: `<min>60000.00</min>`, `<max>`, `<currencyCode>`, and `<type>`, which is the period."""
    return markup.salary(
        low=said.get("min"), high=said.get("max"), currency=said.get("currencyCode"), unit=said.get("type")
    )


def _kinds(one: Mapping[str, Any]) -> list[Any]:
    """ "permanent" is no kind of the eight; what is full time or part time stands in the schedule."""
    schedule = one.get("schedule")
    if schedule == "full-or-part-time":
        schedule = "full-time, part-time"
    return [one.get("employmentType"), schedule]


VENDOR = Personio()
