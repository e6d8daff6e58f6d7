"""Follows redirects hop by hop, each as a new request that passes scope, robots and address policy again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.http import Response

from crawler.answers import NotFollowed, Trouble
from postings import urls

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: RFC 9309 §2.3.1.2
_ROBOTS_HOPS = 5
#: cookies of one answer that are looked at, and characters of one
_MOST_COOKIES, _LONGEST_COOKIE = 20, 4096
#: what a redirected request keeps; validators and slots belong to the address that was left
_KEPT = ("robots", "enough", "download_maxsize", "download_timeout", "retries_left")


class RedirectMiddleware:
    """Takes the place of Scrapy's RedirectMiddleware: bounded, no step down from https, nothing inherited.

    No cookies are kept but those of a bounce: a site that sends back to the address that was asked, with a cookie,
    shows nothing without it. They are sent to that origin for the rest of the visit.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._most = crawler.settings.getint("HIREWATCH_MAX_REDIRECTS")
        #: by origin
        self._cookies: dict[str, dict[str, str]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Adds the cookies that the origin asks for."""
        if self._cookies and (cookies := self._cookies.get(urls.origin(request.url))):
            request.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """The answer, or a request for where it points. Raises NotFollowed."""
        if response.status not in _REDIRECTS or "Location" not in response.headers:
            return response
        target = _target(response)
        if target is None:
            raise NotFollowed(
                Trouble.REDIRECT, "redirected to something that is no web address", status=response.status
            )
        hops = [*request.meta.get("hops", ()), request.url]
        if len(hops) > (_ROBOTS_HOPS if request.meta.get("robots") else self._most):
            raise NotFollowed(Trouble.REDIRECT, f"more than {len(hops) - 1} redirects", status=response.status)
        if request.url.startswith("https:") and target.startswith("http:"):
            raise NotFollowed(Trouble.REDIRECT, "redirected from https to http", status=response.status, target=target)
        if request.method != "GET":
            raise NotFollowed(Trouble.REDIRECT, "redirected what was sent", status=response.status, target=target)
        spider: Any = self._crawler.spider
        if not request.meta.get("robots") and not spider.is_in_scope(target):
            raise NotFollowed(
                Trouble.SCOPE,
                f"redirected to {urls.origin(target)}, which does not belong to the site",
                status=response.status,
                target=target,
            )
        meta = {name: request.meta[name] for name in _KEPT if name in request.meta}
        if cookies := {**request.meta.get("cookies_set", {}), **_set_cookies(response)}:
            meta["cookies_set"] = cookies
            if urls.origin(target) == urls.origin(request.url) and _is_back(target, hops):
                self._cookies.setdefault(urls.origin(target), {}).update(cookies)
        return Request(
            target,
            callback=request.callback,
            meta={**meta, "hops": hops},
            priority=request.priority,
            dont_filter=False,
        )


def _is_back(target: str, hops: list[str]) -> bool:
    """Whether a redirect leads to an address that was asked on the way, its parameters aside."""
    return any(target.partition("?")[0] == hop.partition("?")[0] for hop in hops)


def _set_cookies(response: Response) -> dict[str, str]:
    """The cookies that an answer sets, by name; not those that it takes away."""
    found: dict[str, str] = {}
    for line in response.headers.getlist("Set-Cookie")[:_MOST_COOKIES]:
        said, *attributes = line.decode("latin-1").split(";")
        name, equals, value = said.strip().partition("=")
        gone = any(attribute.strip().lower() == "max-age=0" for attribute in attributes)
        if equals and value and not gone and len(said) <= _LONGEST_COOKIE and said.isascii() and said.isprintable():
            found[name] = value
    return found


def _target(response: Response) -> str | None:
    location = response.headers["Location"] or b""
    try:
        text = location.decode("utf-8")
    except UnicodeDecodeError:
        text = location.decode("latin-1")
    return urls.parse(text.strip(), response.url)
