"""Scrapy's HTTP/1.1 download handler with the bounds that it lacks.

Headers are counted as they arrive (DOWNLOAD_MAXSIZE counts bodies only), the address policy is made sure of before
any connection, and the delay between two requests is counted from the moment a request is written, not from the
moment it was taken from the queue (a slow connection would shorten the next wait).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)

from crawler.answers import HeadersTooLarge
from network.resolver import guard

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class BoundedDownloadHandler(HTTP11DownloadHandler):
    """Downloads http and https; see the module."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # At the head of the module it would choose the reactor before Scrapy does.
        from twisted.internet import reactor

        guard(reactor, crawler.settings)
        # What becomes of a download is told by its Answer; Scrapy's own line would stand in every user's terminal.
        logging.getLogger("scrapy.core.downloader").setLevel(logging.ERROR)
        # A request that was perhaps received is sent again only by the retry middleware, which keeps the delay.
        self._pool.retryAutomatically = False
        limit = crawler.settings.getint("HIREWATCH_HEADER_LIMIT")
        factory: Any = partial(_BoundedFactory, limit, self._sent)
        self._pool._factory = factory

    def _sent(self, host: str) -> None:
        slot = self._crawler.engine.downloader.slots.get(host.lower().removeprefix("www."))
        if slot is not None:
            slot.lastseen = monotonic()


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def __init__(self, limit: int, sent: Callable[[str], None], *args: Any) -> None:
        super().__init__(*args)  # type: ignore[no-untyped-call]
        self._limit = limit
        self._sent = sent

    def buildProtocol(self, addr: Any) -> _BoundedProtocol:
        protocol = _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
        protocol.header_limit = self._limit
        protocol.sent = self._sent
        return protocol


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    header_limit: int
    sent: Callable[[str], None]

    def request(self, request: Any) -> Any:
        answer = super().request(request)
        hosts = request.headers.getRawHeaders(b"host") or [b""]
        self.sent(hosts[0].decode("latin-1"))
        parser: Any = self._parser
        if parser is not None:
            # The parser's class is fixed by Twisted; this one holds the same state and one number more.
            parser.__class__ = _BoundedParser
            parser.header_room = self.header_limit
        return answer


class _BoundedParser(_LenientHTTPClientParser):
    header_room: int

    def lineReceived(self, line: bytes) -> None:
        self.header_room -= len(line)
        if self.header_room < 0:
            raise HeadersTooLarge("the headers of the answer are larger than the limit")
        super().lineReceived(line)
