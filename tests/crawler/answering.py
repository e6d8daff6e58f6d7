"""A site as a table of answers, for the parts of the crawler that ask and read but need no network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crawler.answers import Answer, Trouble
from crawler.extraction import read_page
from crawler.pages import Reading

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SITE = "https://acme.example"


def answer(url: str, body: bytes | str = b"", /, **fields: Any) -> Answer:
    """An answer with 200 unless told otherwise."""
    fields = {"asked": url, "url": url, "at": NOW, "status": 200, **fields}
    return Answer(body=body.encode() if isinstance(body, str) else body, **fields)


class Site:
    """Answers from a table of bodies, statuses or whole answers by address; 404 for the rest."""

    def __init__(self, pages: Mapping[str, str | bytes | int | Answer]) -> None:
        self.pages = {url if "://" in url else SITE + url: what for url, what in pages.items()}
        self.asked: list[str] = []

    async def ask(self, url: str, *, large: bool = False) -> Answer:
        self.asked.append(url)
        match self.pages.get(url, 404):
            case Answer() as whole:
                return whole
            case int(status):
                return answer(url, status=status)
            case body:
                return answer(url, body)

    async def read(self, page: Answer) -> Reading:
        return read_page(page.page, links=True)


def failed(url: str, trouble: Trouble = Trouble.TIMEOUT) -> Answer:
    return answer(url, status=None, whole=False, trouble=trouble, detail=str(trouble))


def links(*paths: str, then: str = "", tail: str = "</body></html>") -> str:
    """A page of HTML with these links."""
    anchors = "".join(f'<a href="{path}">a job</a>' for path in paths)
    return f"<html><head>{then}</head><body>{anchors}{tail}"
