"""Lets out only requests to the site that is visited, and to its board: each address, each hop of a redirect, whoever
asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy import Request

from crawler.answers import NotFollowed, Trouble
from network.addresses import AddressPolicy
from network.resolver import policy_of
from postings import urls

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_WEB_PORTS = (None, 80, 443)


class ScopeMiddleware:
    """Refuses what is no web address, lies outside of the site, or names a refused IP address."""

    def __init__(self, crawler: Crawler, policy: AddressPolicy) -> None:
        self._crawler = crawler
        self._policy = policy

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, policy_of(crawler.settings))

    async def process_request(self, request: Request) -> None:
        """Raises NotFollowed, also where the host rests. A robots.txt may lie elsewhere when the site redirects there
        (RFC 9309 §2.3.1.2)."""
        spider: Any = self._crawler.spider
        url = urls.parse(request.url)
        if url is None:
            raise NotFollowed(Trouble.SCOPE, "this is no web address that can be asked for")
        if not spider.is_in_scope(url) and not _robots_elsewhere(request, url):
            raise NotFollowed(Trouble.SCOPE, f"{urls.origin(url)} does not belong to the site")
        host = (urlsplit(url).hostname or "").strip("[]")
        if _is_literal(host) and not self._policy.allows(host):
            raise NotFollowed(Trouble.ADDRESS, f"the address policy does not let hirewatch contact {host}")
        # With and without `www.` it is one host: one delay, one place in the queue.
        request.meta["download_slot"] = name = urls.host_key(url)
        await spider.gate.refuse_rest(name)


def _robots_elsewhere(request: Request, url: str) -> bool:
    """Only at the ports of the web, and at the one where the site that leads there is itself."""
    own = [urlsplit(hop).port for hop in request.meta.get("hops", ())[:1]]
    return bool(request.meta.get("robots")) and urlsplit(url).port in (*_WEB_PORTS, *own)


def _is_literal(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
