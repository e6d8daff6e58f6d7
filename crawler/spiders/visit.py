"""The spider of a visit: the thin layer between Scrapy and the steps of the visit.

One Crawler runs it once. It asks through Scrapy's downloader and all our middlewares (scope, robots, delay, retry,
codings, redirects, address policy) and tells what came of it as an `Answer`; the steps themselves are in
`crawler.visiting`, which is handed over as `work`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.http.request import NO_CALLBACK

from crawler.answers import Answer, NotFollowed, of_failure, of_response
from crawler.gate import Gate
from crawler.middlewares.counting import CountingMiddleware
from crawler.middlewares.robots import RobotsMiddleware
from crawler.passage import answer_to
from crawler.robots import Rules
from postings import urls
from postings.sites import Known, KnownPage, RobotsAnswer

if TYPE_CHECKING:
    from crawler.browser import Browser


class VisitSpider(Spider):
    """The connection to one site for the time of one crawl."""

    name = "visit"
    start_url: str
    known: Known
    clock: Callable[[], datetime]
    #: at each host the pace of all visits
    gate: Gate
    #: seconds between two requests to one host
    delay: float = 0.0
    #: shows pages as their scripts leave them; None where the site is not told to
    browser: Browser | None = None
    #: what is to be done with the connection
    work: Callable[[VisitSpider], Awaitable[None]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._admitted: list[Callable[[str], bool]] = []

    async def start(self) -> AsyncIterator[Any]:
        """Does the work of the crawl; yields nothing, so Scrapy closes the spider when it is done."""
        await self.work(self)
        nothing: tuple[Any, ...] = ()
        for request in nothing:
            yield request

    async def ask(
        self,
        url: str,
        *,
        known: KnownPage | None = None,
        large: bool = False,
        repeat: bool = True,
        post: str | None = None,
    ) -> Answer:
        """What comes of asking for `url`; never raises for what the network or the site does.

        `known` makes the request conditional, `large` lets the answer be as large as a sitemap, without `repeat` a
        failure is not tried again. `post` is JSON to send; the answer to that is taken only where it was sent to.
        """
        settings = self.crawler.settings
        meta: dict[str, Any] = {}
        if large:
            meta["download_maxsize"] = settings.getint("HIREWATCH_SITEMAP_MAXSIZE")
        if not repeat:
            meta["retries_left"] = 0
        headers = {}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        if post is not None:
            headers |= {"Content-Type": "application/json", "Accept": "application/json"}
        request = Request(
            url,
            method="GET" if post is None else "POST",
            body=post,
            headers=headers,
            meta=meta,
            callback=NO_CALLBACK,
            dont_filter=True,
        )
        try:
            response = await answer_to(self.crawler, request)
        except Exception as error:
            return of_failure(url, request, error, self.clock())
        return of_response(url, response, self.clock())

    async def render(self, answer: Answer, *, whole_list: bool) -> Answer:
        """The answer as the browser shows it, in turn with every other request to the host.

        Raises RuntimeError where the visit has no browser.
        """
        if self.browser is None:
            raise RuntimeError("this visit was not made with a browser")
        name, pace = urls.host_key(answer.url), (await self.rules(urls.origin(answer.url))).crawl_delay or 0.0
        try:
            async with self.gate.turn(name, pace) as turn:
                turn.sent()
                rendered = await self.browser.render(answer, whole_list=whole_list)
        except NotFollowed as refusal:
            trouble, words, wait = refusal.trouble, refusal.detail, refusal.wait
            return replace(answer, status=None, body=b"", whole=False, trouble=trouble, detail=words, wait=wait)
        # Its scripts have asked there until now.
        self.gate.hush(name, max(pace, self.delay))
        return rendered

    async def may_script_ask(self, url: str, page: str) -> bool:
        """Whether robots.txt allows what the scripts of `page` ask for. Its own site counts as one origin."""
        return (await self.rules(urls.origin(page if urls.same_site(url, page) else url))).allows(url)

    def admit(self, covers: Callable[[str], bool]) -> None:
        """Widens the scope of this crawl by the addresses that `covers` says yes to: a board's part of an API."""
        self._admitted.append(covers)

    def is_in_scope(self, url: str) -> bool:
        """Whether a parsed address may be asked: it is on the site, or was admitted."""
        return urls.same_site(url, self.start_url) or any(covers(url) for covers in self._admitted)

    async def rules(self, origin: str) -> Rules:
        """What the robots.txt of an origin says to us."""
        return await self._robots().rules(origin)

    @property
    def robots(self) -> Mapping[str, RobotsAnswer]:
        """The robots.txt answers that were fetched in this crawl, by origin."""
        return self._robots().fetched

    @property
    def requests(self) -> int:
        """Requests that went out, robots.txt, redirects and repetitions included."""
        scripts = self.browser.requests if self.browser else 0
        return self._counted.requests + scripts

    @property
    def answers(self) -> Mapping[str, int]:
        """The requests by what came of them: "2xx" to "5xx", "none", and "script" for what the scripts of pages
        asked."""
        counts: Counter[str] = Counter()
        counted = self._counted
        for status, number in counted.statuses.items():
            counts[f"{status // 100}xx"] += number
        counts["none"] = counted.requests - counts.total()
        counts["script"] = self.browser.requests if self.browser else 0
        return {kind: count for kind, count in counts.items() if count > 0}

    @property
    def bytes(self) -> int:
        """Bytes of answers as they came over the line."""
        scripts = self.browser.bytes if self.browser else 0
        return self._counted.bytes + scripts

    @cached_property
    def _counted(self) -> CountingMiddleware:
        middleware = self.crawler.get_downloader_middleware(CountingMiddleware)
        if middleware is None:
            raise RuntimeError("the counting middleware is not installed")
        return middleware

    def _robots(self) -> RobotsMiddleware:
        middleware = self.crawler.get_downloader_middleware(RobotsMiddleware)
        if middleware is None:
            raise RuntimeError("the robots middleware is not installed")
        return middleware
