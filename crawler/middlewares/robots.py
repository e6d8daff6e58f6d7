"""Asks a site's robots.txt before anything else there and keeps to it, as RFC 9309 says.

Stock Scrapy ignores the status of the answer and takes an unreachable robots.txt for permission.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from crawler.answers import CUT, NotFollowed, Trouble, explain
from crawler.known_robots import KnownRobots
from crawler.passage import answer_to
from crawler.robots import MOST_BYTES, Rules, agent_of, holds, is_error, read_rules
from postings import urls
from postings.sites import RobotsAnswer

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class RobotsMiddleware:
    """Takes the place of Scrapy's RobotsTxtMiddleware."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent = agent_of(crawler.settings)
        self._answers: dict[str, RobotsAnswer] = {}
        self._rules: dict[str, Rules] = {}
        #: why a robots.txt could not be fetched, where that was no answer of the site
        self._failures: dict[str, tuple[Trouble, str]] = {}
        #: seconds that a site asks to be left alone in answer to the request for its robots.txt
        self._waits: dict[str, float] = {}
        self._began: datetime | None = None
        #: answers that were fetched in this crawl, by origin
        self.fetched: dict[str, RobotsAnswer] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises NotFollowed where robots.txt does not let hirewatch go."""
        if request.meta.get("robots"):
            return
        rules = await self.rules(urls.origin(request.url))
        if rules.closed is not None:
            origin = urls.origin(request.url)
            failure = self._failures.get(origin, (Trouble.ROBOTS, rules.closed))
            raise NotFollowed(*failure, wait=self._waits.get(origin))
        if not rules.allows(request.url):
            raise NotFollowed(Trouble.ROBOTS, "robots.txt does not allow it")
        request.meta["crawl_delay"] = rules.crawl_delay or 0.0

    async def rules(self, origin: str) -> Rules:
        """The rules of an origin: remembered, handed over by the spider, or fetched now."""
        known: KnownRobots = self._spider.gate.robots
        self._began = self._began or self._spider.clock()
        asked_before = self._answers.get(origin)
        if asked_before is not None and holds(asked_before, self._spider.clock()) and not is_error(asked_before):
            # no other request can be the one to ask for it
            return self._rules[origin]
        async with known.fetching(origin):
            now: datetime = self._spider.clock()
            answer = self._answers.get(origin) or self._handed_over(origin)
            if answer is None or not holds(answer, now):
                answer = await known.recall(origin)
            if answer is None or not holds(answer, now) or (is_error(answer) and answer.fetched_at < self._began):
                answer, asked = await self._fetch(origin)
                if asked:
                    self.fetched[origin] = answer
                    known.remember(origin, answer)
            if self._answers.get(origin) is not answer:
                self._answers[origin] = answer
                self._rules[origin] = read_rules(answer, self._agent)
            return self._rules[origin]

    @property
    def _spider(self) -> Any:
        return self._crawler.spider

    def _handed_over(self, origin: str) -> RobotsAnswer | None:
        """An error of an earlier visit is asked again: this visit may be the one that finds the site well."""
        known: Mapping[str, RobotsAnswer] = self._spider.known.robots
        answer = known.get(origin)
        return None if answer is None or is_error(answer) else answer

    async def _fetch(self, origin: str) -> tuple[RobotsAnswer, bool]:
        """The answer to keep to, and whether the site was asked for it: a host that rests is not."""
        request = Request(
            f"{origin}/robots.txt",
            # a coded body could not be read as far as it has come
            headers={"Accept-Encoding": "identity"},
            callback=NO_CALLBACK,
            # no limit that makes it an error to be longer: what follows is not read (RFC 9309 §2.5)
            meta={"robots": True, "download_maxsize": 0, "enough": MOST_BYTES},
            priority=1000,
        )
        self._failures.pop(origin, None)
        status: int | None
        asked = True
        try:
            response = await answer_to(self._crawler, request)
            status, body = response.status, response.body[: MOST_BYTES + 1]
            if CUT in response.flags:
                status, body = None, b""
        except NotFollowed as refusal:
            # A redirect that leads nowhere is "unavailable"; anything else that stopped us is "unreachable".
            nowhere = refusal.trouble is Trouble.REDIRECT and refusal.target is None
            status, body = (refusal.status if nowhere else None), b""
            if not nowhere:
                asked = refusal.trouble is not Trouble.WAIT or refusal.status is not None
                self._failures[origin] = refusal.trouble, f"robots.txt: {refusal.detail}" if asked else refusal.detail
            if refusal.wait is not None:
                self._waits[origin] = refusal.wait
        except Exception as error:
            # Whatever the downloader raises means the same: no answer.
            status, body = None, b""
            self._failures[origin] = explain(error, request)
        return RobotsAnswer(status=status, body=body, fetched_at=self._spider.clock()), asked
