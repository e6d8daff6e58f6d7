"""Pinpoint: one answer holds the whole board, each text in four parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.sources.boards import markup
from crawler.sources.boards.board import Address, Board, Vendor, in_path, mapping, text_of

_PARTS = ("description", "key_responsibilities", "skills_knowledge_expertise", "benefits")


class Pinpoint(Vendor):
    """T.pinpointhq.com."""

    name = "pinpoint"
    title = "Pinpoint"
    signs = (".pinpointhq.com",)
    reserved = frozenset({"www", "app", "api", "developers", "help", "support", "cdn", "assets", "status"})

    def find(self, address: Address) -> Board | None:
        name = address.under("pinpointhq.com")
        if name is None or "." in name or not self.is_name(name):
            return None
        home = f"https://{address.host}"
        return Board(vendor=self.name, name=name, url=home, home=home, api=f"{home}/postings.json")

    def page_of(self, board: Board, posting_id: str) -> str:
        return f"{board.home}/postings/{in_path(posting_id)}"

    def rows(self, answer: Any) -> list[Any] | None:
        rows = mapping(answer).get("data")
        return rows if isinstance(rows, list) else None

    def url_of(self, board: Board, one: Mapping[str, Any]) -> str | None:
        path = text_of(one.get("path"))
        return text_of(one.get("url")) or (f"{board.home}{path}" if path and board.home else None)

    def markup(self, board: Board, one: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        at = mapping(one.get("location"))
        found = markup.place(
            locality=at.get("city"),
            region=at.get("province"),
            country=at.get("country") or at.get("country_code"),
            postal_code=at.get("postal_code"),
        ) or markup.worded_place(at.get("name"))
        shown = one.get("compensation_visible") is not False
        return markup.posting(
            title=one.get("title"),
            identifier=markup.identifier(self.id_of(one)),
            jobLocation=found,
            jobLocationType=markup.REMOTE if one.get("workplace_type") == "remote" else None,
            employmentType=[one.get("employment_type"), one.get("employment_type_text")],
            validThrough=one.get("deadline_at"),
            baseSalary=markup.salary(
                low=one.get("compensation_minimum"),
                high=one.get("compensation_maximum"),
                currency=one.get("compensation_currency"),
                unit=one.get("compensation_frequency"),
            )
            if shown
            else None,
            description=markup.sections((one.get(f"{part}_header"), one.get(part)) for part in _PARTS),
        )

    def fits(self, answer: Any) -> bool:
        rows = self.rows(answer)
        return bool(rows) and {"workplace_type", "key_responsibilities"} <= set(mapping(rows[0] if rows else None))


VENDOR = Pinpoint()
