from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.answers import Answer, Trouble
from crawler.extraction import read_page
from crawler.pages import Page, Reading
from crawler.rendered import RenderedPages
from crawler.shells import is_shell
from postings import urls
from postings.sites import KnownPage

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SITE = "https://acme.example"
POSTING = b"""<html><body><h1>Welder</h1><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "JobPosting", "title": "Welder", "description": "Weld."}</script></body></html>"""
EMPTY = b"<html><body><div id=app></div><script src=/app.js></script></body></html>"


class Web:
    """Pages as they come and as scripts leave them; notes what was rendered."""

    def __init__(
        self, *, plain: dict[str, bytes] | None = None, rendered: dict[str, bytes | str] | None = None
    ) -> None:
        self.plain = plain or {}
        #: bytes are the page, an address is where its scripts lead, nothing is a page that is not shown
        self.shown = rendered or {}
        self.asked: list[str] = []
        self.rendered: list[str] = []
        self.kind = "text/html"

    async def ask(self, url: str) -> Answer:
        self.asked.append(url)
        body = self.plain.get(url, EMPTY)
        return Answer(asked=url, url=url, at=NOW, status=200, body=body, content_type=self.kind, etag='"shell"')

    async def ask_page(self, url: str, known: KnownPage | None) -> Answer:
        return await self.ask(url)

    async def read(self, answer: Answer) -> Reading:
        return read_page(Page(url=answer.url, body=answer.body, content_type="text/html"), links=False)

    async def render(self, answer: Answer, *, whole_list: bool) -> Answer:
        self.rendered.append(answer.url)
        match self.shown.get(answer.url):
            case bytes() as body:
                return replace(answer, body=body, etag=None)
            case target:
                return replace(answer, trouble=Trouble.RENDERING, detail="nothing", body=b"", refused_target=target)

    def pages(self, known: dict[str, KnownPage] | None = None) -> RenderedPages:
        return RenderedPages(
            ask=self.ask, ask_page=self.ask_page, read=self.read, render=self.render, known=known or {}
        )


def job(number: int) -> str:
    return f"{SITE}/jobs/{number}"


def test_a_page_that_comes_with_its_posting_is_not_rendered() -> None:
    web = Web(plain={job(1): POSTING})
    answer = asyncio.run(web.pages().posting_page(job(1), None))
    assert answer.body == POSTING
    assert web.rendered == []


def test_a_page_that_comes_without_one_is_rendered_from_the_answer_that_is_there() -> None:
    web = Web(rendered={job(1): POSTING})
    answer = asyncio.run(web.pages().posting_page(job(1), None))
    assert answer.body == POSTING
    assert web.asked == [job(1)]


def test_pages_of_a_kind_that_is_rendered_in_vain_are_left_as_they_are() -> None:
    async def scene() -> None:
        web = Web(rendered={job(number): EMPTY for number in range(9)})
        pages = web.pages()
        for number in range(9):
            await pages.posting_page(job(number), None)
        assert len(web.rendered) == 3

    asyncio.run(scene())


def test_a_page_that_lacks_what_others_of_its_kind_come_with_is_not_rendered() -> None:
    async def scene() -> None:
        web = Web(plain={job(1): POSTING}, rendered={job(2): POSTING})
        pages = web.pages()
        await pages.posting_page(job(1), None)
        assert (await pages.posting_page(job(2), None)).body == EMPTY
        assert web.rendered == []

    asyncio.run(scene())


def test_a_page_that_is_as_it_was_is_neither_read_nor_rendered() -> None:
    plain = asyncio.run(Web().ask(job(1)))
    known = {urls.key(job(1)): KnownPage(url=job(1), body_hash=plain.body_hash)}
    web = Web(rendered={job(1): POSTING})
    assert asyncio.run(web.pages(known).posting_page(job(1), None)).body == EMPTY
    assert web.rendered == []


def test_a_list_is_rendered_always_and_what_is_no_page_never() -> None:
    web = Web(plain={SITE: POSTING}, rendered={SITE: POSTING})
    asyncio.run(web.pages().list_page(SITE))
    assert web.rendered == [SITE]
    web.kind = "application/json"
    asyncio.run(web.pages().list_page(SITE))
    assert web.rendered == [SITE]


def test_where_scripts_lead_is_asked_plainly_and_rendered_in_turn() -> None:
    web = Web(rendered={SITE: f"{SITE}/all", f"{SITE}/all": POSTING})
    answer = asyncio.run(web.pages().list_page(SITE))
    assert web.asked == [SITE, f"{SITE}/all"]
    assert (answer.asked, answer.url, answer.hops, answer.body) == (SITE, f"{SITE}/all", (SITE,), POSTING)


def test_scripts_that_lead_in_a_circle_are_left() -> None:
    web = Web(rendered={SITE: f"{SITE}/all", f"{SITE}/all": SITE})
    answer = asyncio.run(web.pages().list_page(SITE))
    assert answer.trouble is Trouble.RENDERING
    assert len(web.rendered) == 3


@pytest.mark.parametrize(
    ("page", "shell"),
    [
        (EMPTY, True),
        (b"<html><body><noscript>" + b"Please turn it on now. " * 99 + b"</noscript><script>x</script>", True),
        (b"<html><head><script>" + b"word " * 99 + b"</script></head><body>Loading</body></html>", True),
        (b"<html><body><p>Loading</p></body></html>", False),
        (b"<html><body><script>x</script>" + b"<p>We weld and hire.</p>" * 30 + b"</body></html>", False),
        (b"", False),
    ],
)
def test_a_shell_has_scripts_and_next_to_no_words(page: bytes, shell: bool) -> None:
    assert is_shell(page) is shell


@pytest.mark.parametrize("part", [b"<", b"<script", b"<script>", b"</", b"<head>", b"<noscript><"])
def test_a_hostile_page_is_looked_through_once(part: bytes) -> None:
    is_shell(part * (1024 * 1024 // len(part)))
