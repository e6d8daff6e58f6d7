"""Tells a site from where its pages were found: some show them only to who comes from one of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from scrapy import Request

from postings import urls

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class RefererMiddleware:
    """Names the start page, from which a visit sets out, as `Referer` (RFC 9110 §10.1.3) of what is asked of its own
    site. Takes the place of Scrapy's, which lets the site choose a policy: others are told nothing, and what was read
    over https is not named over http."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Adds the header."""
        spider: Any = self._crawler.spider
        start: str = spider.start_url
        steps_down = start.startswith("https:") and not request.url.startswith("https:")
        if request.meta.get("robots") or request.url == start or steps_down or not urls.same_site(request.url, start):
            return
        request.headers["Referer"] = start
