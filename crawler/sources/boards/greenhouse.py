"""Greenhouse: one answer holds the whole board, texts and count included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Request, Vendor, count_of, in_path, mapping, objects, text_of

_HOSTS = frozenset(
    {"boards.greenhouse.io", "job-boards.greenhouse.io", "boards.eu.greenhouse.io", "job-boards.eu.greenhouse.io"}
)
#: the rest API is one for all regions
_API_HOSTS = frozenset({"boards-api.greenhouse.io", "api.greenhouse.io", "boards-api.eu.greenhouse.io"})
_KIND = ("employment type", "employment", "time type", "job type", "requisition type", "contract type", "worker type")


class Greenhouse(Vendor):
    """boards.greenhouse.io, job-boards.greenhouse.io and their European twins."""

    name = "greenhouse"
    title = "Greenhouse"
    signs = ("greenhouse.io",)
    reserved = frozenset({"embed", "api", "v1", "users", "assets", "images", "robots.txt"})

    def find(self, address: Address) -> Board | None:
        segments, token = address.segments, None
        if address.host in _HOSTS:
            token = address.query.get("for") if segments[:1] == ("embed",) else next(iter(segments), None)
        elif address.host in _API_HOSTS and segments[:2] == ("v1", "boards") and len(segments) > 2:
            token = segments[2]
        if token is None or not self.is_name(token):
            return None
        region = ".eu" if ".eu." in address.host else ""
        home = f"https://job-boards{region}.greenhouse.io/{in_path(token)}"
        api = f"https://boards-api.greenhouse.io/v1/boards/{in_path(token)}"
        return Board(vendor=self.name, name=token, url=home, home=home, api=api)

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/jobs/{in_path(posting_id)}"

    def first_request(self, board: Board) -> Request:
        return Request(url=f"{board.api}/jobs?content=true")

    def rows(self, answer: Any) -> list[Any] | None:
        rows = mapping(answer).get("jobs")
        return rows if isinstance(rows, list) else None

    def total(self, answer: Any, request: Request) -> int | None:
        return count_of(mapping(mapping(answer).get("meta")).get("total"))

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        """Employers can set one page for all postings; an address that lacks the id is none of the posting's own."""
        said, number = text_of(one.get("absolute_url")), self.id_of(one)
        return said if said and (not board.home or (number and number in said)) else None

    def detail(self, answer: Any) -> Mapping[str, Any] | None:
        return answer if isinstance(answer, Mapping) and "absolute_url" in answer else None

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        one = {**one, **detail}
        said = mapping(one.get("location")).get("name")
        employer = text_of(one.get("company_name"))
        return markup.posting(
            title=one.get("title"),
            hiringOrganization=markup.organization(employer),
            identifier=markup.identifier(self.id_of(one), employer),
            jobLocation=markup.worded_places([said]),
            jobLocationType=markup.REMOTE if markup.says_remote(said) else None,
            employmentType=[
                field.get("value")
                for field in objects(one.get("metadata"))
                if str(field.get("name")).casefold() in _KIND
            ],
            # not `updated_at`, which moves with every edit of the template
            datePosted=one.get("first_published"),
            validThrough=one.get("application_deadline"),
            description=one.get("content"),
            inLanguage=one.get("language"),
        )

    def fits(self, answer: Any) -> bool:
        if not isinstance(answer, Mapping):
            return False
        rows = answer.get("jobs")
        if isinstance(rows, list):
            first = mapping(next(iter(rows), None))
            return "absolute_url" in first if rows else set(answer) == {"jobs", "meta"}
        return "absolute_url" in answer and "internal_job_id" in answer


VENDOR = Greenhouse()
