"""The download handler: Scrapy's for HTTP/1.1 with the bounds that it lacks.

Headers are counted as they arrive (DOWNLOAD_MAXSIZE counts bodies only), the address policy is made sure of before
any connection, and each request passes the gate of its host, which counts the delay between two requests from the
moment a request is written (a slow connection would shorten the next wait).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _LenientHTTPClientParser
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IHandshakeListener, ISSLTransport
from twisted.web._newclient import HTTP11ClientProtocol
from twisted.web.client import HTTPConnectionPool, _HTTP11ClientFactory
from zope.interface import implementer

from crawler.answers import HeadersTooLarge, Trouble, explain
from crawler.exchange import Exchanges
from crawler.gate import Gate
from network.resolver import guard
from postings import urls

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

#: what speaks against a host, not against what was asked there
_FAILURES = frozenset({Trouble.TIMEOUT, Trouble.NAME, Trouble.CONNECTION, Trouble.REFUSED})
_TOO_MANY_REQUESTS = 429


class BoundedDownloadHandler(HTTP11DownloadHandler):
    """Downloads http and https; see the module."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # At the head of the module it would choose the reactor before Scrapy does.
        from twisted.internet import reactor

        guard(reactor, crawler.settings)
        settings = crawler.settings
        self._pool = _Pool(reactor)  # type: ignore[no-untyped-call]
        # A request that was perhaps received is sent again only by the retry middleware, which keeps the delay.
        self._pool.retryAutomatically = False
        self._pool.maxPersistentPerHost = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        factory: Any = partial(_BoundedFactory, settings.getint("HIREWATCH_HEADER_LIMIT"), self._sent)
        self._pool._factory = factory
        self._exchanges = Exchanges(
            reactor,
            self._pool,
            self._contextFactory,
            headers={**settings.getdict("DEFAULT_REQUEST_HEADERS"), "User-Agent": settings["USER_AGENT"]},
            seconds=settings.getfloat("DOWNLOAD_TIMEOUT"),
            most_bytes=settings.getint("DOWNLOAD_MAXSIZE"),
            take_cut=not settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS"),
        )

    async def download_request(self, request: Request) -> Response:
        """The answer, once it is the request's turn; the gate hears how the host did."""
        async with self._gate.turn(urls.host_key(request.url), request.meta.get("crawl_delay")) as turn:
            try:
                response = await self._exchanges.ask(request)
            except Exception as error:
                trouble, words = explain(error, request)
                if trouble in _FAILURES:
                    turn.failed(words)
                raise
            if response.status >= 500 or response.status == _TOO_MANY_REQUESTS:
                turn.failed(f"answered {response.status}")
            else:
                turn.answered()
            return response

    def _sent(self, host: str) -> None:
        self._gate.sent(host.lower().removeprefix("www."))

    @property
    def _gate(self) -> Gate:
        spider: Any = self._crawler.spider
        gate: Gate = spider.gate
        return gate


class _Pool(HTTPConnectionPool):
    def getConnection(self, key: Any, endpoint: Any) -> Any:
        """A connection, and none that the site has hung up, which it may do unannounced (RFC 9112 §9.5)."""
        while (waiting := self._connections.get(key)) and waiting[0].has_hung_up():
            self._timeouts[waiting[0]].cancel()
            self._removeConnection(key, waiting[0])  # type: ignore[no-untyped-call]
        return super().getConnection(key, endpoint)


class _BoundedFactory(_HTTP11ClientFactory):
    noisy = False

    def __init__(self, limit: int, sent: Callable[[str], None], *args: Any) -> None:
        super().__init__(*args)  # type: ignore[no-untyped-call]
        self._limit = limit
        self._sent = sent

    def buildProtocol(self, addr: Any) -> _BoundedProtocol:
        protocol = _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
        protocol.header_limit = self._limit
        protocol.sent = self._sent
        return protocol


@implementer(IHandshakeListener)
class _BoundedProtocol(HTTP11ClientProtocol):
    header_limit: int
    #: hears that a request to a host was written
    sent: Callable[[str], None]
    _told: Callable[[], None] | None = None
    #: TLS: what is written before waits for the handshake
    _greeted = False

    def has_hung_up(self) -> bool:
        """Whether the other side has closed the connection, and the loop has not come to it yet."""
        if self.state != "QUIESCENT":
            return False
        try:
            return not self.transport.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)  # type: ignore[union-attr]
        except BlockingIOError:
            return False
        except OSError:
            return True

    def handshakeCompleted(self) -> None:
        self._greeted = True
        self._written()

    def _written(self) -> None:
        """Tells of the request once the system has it: the transport hands it over in the next turn of the loop."""
        if self._told is not None:
            loop = asyncio.get_running_loop()
            # what is called soon runs before the transport in that turn, and after it in the one that follows
            loop.call_soon(loop.call_soon, self._told)
            self._told = None

    def request(self, request: Any) -> Any:
        answer = super().request(request)
        hosts = request.headers.getRawHeaders(b"host") or [b""]
        self._told = partial(self.sent, hosts[0].decode("latin-1"))
        if self._greeted or not ISSLTransport.providedBy(self.transport):
            self._written()
        parser: Any = self._parser
        if parser is not None:
            # The answer is taken as soon as its headers are there (`crawler.exchange`): nothing has to wait until then.
            proxy: Any = self._transportProxy
            proxy.pauseProducing = proxy.resumeProducing = _nothing
            # The parser's class is fixed by Twisted; this one holds the same state and a little more.
            parser.__class__ = _BoundedParser
            parser.header_room = parser.MAX_LENGTH = self.header_limit
            parser.is_plain = not ISSLTransport.providedBy(self.transport)
        return answer


def _nothing() -> None:
    pass


class _BoundedParser(_LenientHTTPClientParser):
    header_room: int
    #: not over TLS
    is_plain: bool

    def lineReceived(self, line: bytes) -> None:
        self.header_room -= len(line)
        if self.header_room < 0:
            raise HeadersTooLarge("the headers of the answer are larger than the limit")
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        raise HeadersTooLarge("a header line of the answer is larger than the limit")

    def connectionLost(self, reason: Any = None) -> None:
        body: Any = self.bodyDecoder
        # Twisted hands over a failure, or a bare ConnectionDone where it made that up itself.
        reset = isinstance(getattr(reason, "value", None), ConnectionLost)
        if self.is_plain and reset and getattr(body, "contentLength", 0) is None:
            # A body without a length ends with the connection: one that was reset lacks what was to come. Over TLS
            # many servers end like that when they are done.
            body.contentLength = 1
        super().connectionLost(reason)
