"""Repeats what failed for a moment, at the pace that the site asks for.

Retry-After (RFC 9110 §10.2.3) holds for the whole host, whichever visit asks there. Above the limit nothing is
repeated: the host rests, and the visit is told to end. Without the header the wait doubles with each attempt.
"""

from __future__ import annotations

import email.utils
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    ResponseDataLossError,
)
from scrapy.http import Response

from crawler.answers import NotFollowed, Trouble
from crawler.gate import Gate
from network.resolver import refused_address
from postings import urls

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

#: a time-out is not among them: it has cost its whole time already
_TRANSIENT = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    ResponseDataLossError,
)


class RetryMiddleware:
    """Takes the place of Scrapy's RetryMiddleware, which ignores Retry-After and waits for nothing."""

    def __init__(self, crawler: Crawler, now: Callable[[], datetime]) -> None:
        """`now` gives the time that a Retry-After date is measured from; aware."""
        settings = crawler.settings
        self._crawler = crawler
        self._times = settings.getint("RETRY_TIMES")
        self._statuses = frozenset(int(status) for status in settings.getlist("RETRY_HTTP_CODES"))
        self._wait = settings.getfloat("HIREWATCH_RETRY_WAIT")
        self._limit = settings.getfloat("HIREWATCH_RETRY_AFTER_LIMIT")
        self._now = now

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, lambda: datetime.now(UTC))

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """The answer, or the request once more. Raises NotFollowed if the site wants a longer wait than the limit."""
        if response.status not in self._statuses:
            return response
        asked = retry_after(response.headers.get("Retry-After"), self._now())
        if asked is not None and asked > self._limit:
            self._gate.wish(urls.host_key(request.url), asked, f"it answered {response.status} and asked for it")
            raise NotFollowed(
                Trouble.WAIT,
                f"answered {response.status} and asks to wait {asked:.0f} s",
                status=response.status,
                wait=asked,
            )
        return self._again(request, asked) or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """The request once more where the failure may pass; a refused address stays refused."""
        if not isinstance(exception, _TRANSIENT):
            return None
        if isinstance(exception, CannotResolveHostError) and refused_address(_host(request)):
            return None
        return self._again(request, None)

    def _again(self, request: Request, asked: float | None) -> Request | None:
        left = int(request.meta.get("retries_left", self._times))
        if left <= 0:
            if asked:
                self._hush(request, asked)
            return None
        self._hush(request, asked if asked is not None else self._wait * 2 ** max(0, self._times - left))
        return request.replace(meta={**request.meta, "retries_left": left - 1}, dont_filter=True)

    def _hush(self, request: Request, seconds: float) -> None:
        self._gate.hush(urls.host_key(request.url), seconds)

    @property
    def _gate(self) -> Gate:
        spider: Any = self._crawler.spider
        gate: Gate = spider.gate
        return gate


def retry_after(header: bytes | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date measured from `now`; None if it says neither."""
    text = (header or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        at = email.utils.parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        return max(0.0, (at - now).total_seconds())
    except OverflowError:
        return None


def _host(request: Request) -> str:
    return urlsplit(request.url).hostname or ""
