"""Teamtailor: a JSON Feed, page by page, with each posting's own schema.org JobPosting inside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from crawler.pages import Link
from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, in_path, mapping, text_of
from postings import urls

#: where the scripts of every career site of theirs come from; their image host serves other sites, too
_MARKS = frozenset({"assets-aws.teamtailor-cdn.com", "scripts.teamtailor-cdn.com"})
_JOB = re.compile(r"/jobs/(\d+)(?:-|/|$)")


class Teamtailor(Vendor):
    """T.teamtailor.com, and hosts of employers with postings at `/jobs/NUMBER-slug`."""

    name = "teamtailor"
    title = "Teamtailor"
    signs = (".teamtailor.com", "/jobs.json")
    reserved = frozenset(
        {"www", "app", "api", "career", "support", "docs", "blog", "tt", "get", "status", "go", "info"}
    )

    def find(self, address: Address) -> Board | None:
        under = address.under("teamtailor.com")
        if under is not None:
            return self._at(address.host, under) if self.is_name(under) else None
        # the list itself, as a board on an employer's host is kept
        return self._at(address.host, address.host) if address.segments == ("jobs.json",) else None

    def mark(self, page: Address, links: Sequence[Link]) -> Board | None:
        parts = [urlsplit(link.url) for link in links]
        served = any(part.netloc in _MARKS for part in parts)
        jobs = any(part.netloc == page.host and _JOB.search(part.path) for part in parts)
        return self._at(page.host, page.host) if served and jobs else None

    def _at(self, host: str, name: str) -> Board:
        home = f"https://{host}"
        api = f"{home}/jobs.json"
        return Board(vendor=self.name, name=name, url=api if name == host else home, home=home, api=api)

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/jobs/{in_path(posting_id)}"

    def rows(self, answer: Any) -> list[Any] | None:
        rows = mapping(answer).get("items")
        return rows if isinstance(rows, list) and "jsonfeed" in str(answer.get("version")) else None

    def next_request(self, board: Board, request: Request, answer: Any, rows: int, total: int | None) -> Request | None:
        """JSON Feed 1.1: a feed without `next_url` has no further page."""
        said = text_of(answer.get("next_url"))
        url = urls.parse(said, request.url) if said else None
        return Request(url=url, offset=request.offset + 1) if url and board.covers(url) and rows else None

    def doubts(self, answer: Any, request: Request, rows: int) -> list[str]:
        said = text_of(answer.get("next_url"))
        url = urls.parse(said, request.url) if said else None
        covered = url is not None and urlsplit(url).netloc == urlsplit(request.url).netloc
        return ["its next page lies elsewhere"] if said and not covered else []

    def id_of(self, one: Mapping[str, Any]) -> str | None:
        """The number in the address: the feed's own id is a uuid that stands nowhere else."""
        match = _JOB.search(text_of(one.get("url")) or "")
        return match[1] if match else text_of(one.get("id"))

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        return text_of(one.get("url"))

    def board_of(self, objects: Sequence[Any], url: str | None) -> Board:
        board = super().board_of(objects, url)
        said = next((one.get("url") for one in objects if isinstance(one, Mapping) and one.get("url")), None)
        address = Address.of(said) if not board.api and isinstance(said, str) else None
        return self._at(address.host, address.host) if address else board

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        said = dict(mapping(one.get("_jobposting")))
        employer = said.get("hiringOrganization")
        said["title"] = one.get("title") or said.get("title")
        said["identifier"] = markup.identifier(self.id_of(one), employer)
        said["datePosted"] = said.get("datePosted") or one.get("date_published")
        said["description"] = one.get("content_html") or said.get("description")
        said["inLanguage"] = said.get("inLanguage") or one.get("language")
        # the address is the page's
        said.pop("url", None)
        return said

    def fits(self, answer: Any) -> bool:
        rows = self.rows(answer)
        if rows is None:
            return False
        feed = str(mapping(answer).get("feed_url"))
        return "_jobposting" in mapping(next(iter(rows), None)) if rows else feed.endswith("/jobs.json")


VENDOR = Teamtailor()
