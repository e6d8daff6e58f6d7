"""One request and its answer over a connection of Twisted's pool.

What Scrapy's agent does beside (proxies, addresses to bind, certificates and IP addresses of answers, signals for each
part that arrives) nobody asks for here, and it would be a good part of what a page costs the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import _RequestBodyProducer
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, ResponseDataLossError
from scrapy.http import Headers, Response
from scrapy.utils._download_handlers import make_response, wrap_twisted_exceptions
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import URI, Agent, HTTPConnectionPool, ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers as RawHeaders
from twisted.web.iweb import UNKNOWN_LENGTH, IAgentEndpointFactory
from zope.interface import implementer

from crawler.answers import UNDECLARED


class Exchanges:
    """Asks over the connections of a pool."""

    def __init__(
        self,
        reactor: Any,
        pool: HTTPConnectionPool,
        tls: Any,
        *,
        headers: Mapping[str, str],
        seconds: float,
        most_bytes: int,
        take_cut: bool,
    ) -> None:
        """`tls` makes what greets over TLS. `headers` go out where the request names no other, `seconds` may pass until
        there is a whole answer, of `most_bytes` at most (0 for any). Without `take_cut` an answer that ends before its
        declared length is none."""
        endpoints = _Endpoints(reactor, tls, seconds)
        self._agent = Agent.usingEndpointFactory(reactor, endpoints, pool)  # type: ignore[no-untyped-call]
        self._headers = RawHeaders({name: [value] for name, value in headers.items()})
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._take_cut = take_cut

    async def ask(self, request: Request) -> Response:
        """The whole answer, or as much of it as `enough` in the request's meta says.

        Raises Scrapy's exceptions of downloads, and what TLS raises.
        """
        meta = request.meta
        seconds = meta.setdefault("download_timeout", self._seconds)
        answer = _Answer(
            meta.get("download_maxsize", self._most_bytes), take_cut=self._take_cut, enough=meta.get("enough")
        )
        headers = self._headers.copy()
        for name, values in request.headers.items():
            headers.setRawHeaders(name, values)
        asked: Deferred[Any] = self._agent.request(
            request.method.encode(),
            request.url.encode(),
            headers,
            _RequestBodyProducer(request.body) if request.body else None,
        )
        asked.addCallbacks(answer.begin, answer.fail)
        try:
            with wrap_twisted_exceptions():
                async with asyncio.timeout(seconds):
                    await answer.ended
        except TimeoutError:
            _hang_up(asked, answer)
            raise DownloadTimeoutError(f"{request.url} took longer than {seconds:g} s") from None
        except asyncio.CancelledError:
            _hang_up(asked, answer)
            raise
        return answer.response(request.url)


def _hang_up(asked: Deferred[Any], answer: _Answer) -> None:
    asked.cancel()
    answer.abort()


class _Answer(Protocol):
    """An answer as it arrives."""

    def __init__(self, most_bytes: int, *, take_cut: bool, enough: int | None) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._most_bytes = most_bytes
        self._take_cut = take_cut
        self._enough = enough
        self._head: Any = None
        self._parts: list[bytes] = []
        self._arrived = 0
        self._flags: list[str] = []

    def begin(self, head: Any) -> None:
        """The headers have arrived."""
        self._head = head
        if head.length == 0:
            self._end()
        elif self._most_bytes and head.length != UNKNOWN_LENGTH and head.length > self._most_bytes:
            self._refuse()
        else:
            # at once: what follows is on its way
            head.deliverBody(self)

    def fail(self, failure: Failure) -> None:
        """There is no answer."""
        if not self.ended.done():
            assert failure.value is not None
            self.ended.set_exception(failure.value)

    def abort(self) -> None:
        """Ends the connection without any manners; not one that was given back to the pool."""
        if self._head is not None and (transport := self._head._transport._producer) is not None:
            transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:
        if self.ended.done():
            # what had arrived before it was aborted
            return
        self._parts.append(data)
        self._arrived += len(data)
        if self._most_bytes and self._arrived > self._most_bytes:
            self._parts.clear()
            self._refuse()
        elif self._enough is not None and self._arrived > self._enough:
            self._end()
            self.abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.ended.done():
            return
        if isinstance(reason.value, PotentialDataLoss):
            self._flags.append(UNDECLARED)
        elif not isinstance(reason.value, ResponseDone) and not self._take_cut:
            loss = ResponseDataLossError()
            loss.__cause__ = reason.value
            self.ended.set_exception(loss)
            return
        self._end()

    def response(self, url: str) -> Response:
        """The answer as Scrapy has it."""
        head, headers = self._head, Headers()
        if head.length != UNKNOWN_LENGTH:
            headers[b"Content-Length"] = str(head.length).encode()
        headers.update(head.headers.getAllRawHeaders())
        return make_response(url, head.code, headers, b"".join(self._parts), self._flags)

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def _refuse(self) -> None:
        self.abort()
        if not self.ended.done():
            self.ended.set_exception(DownloadCancelledError(f"larger than {self._most_bytes} bytes"))


@implementer(IAgentEndpointFactory)
class _Endpoints:
    def __init__(self, reactor: Any, tls: Any, seconds: float) -> None:
        self._reactor = reactor
        self._tls = tls
        self._seconds = seconds

    def endpointForURI(self, uri: URI) -> _Endpoint:
        return _Endpoint(self, uri)

    def connect(self, uri: URI, factory: Any) -> Deferred[Any]:
        """A new connection; the name is looked up, and the address judged, for each."""
        host = uri.host.decode("ascii")
        endpoint: Any = HostnameEndpoint(self._reactor, host, uri.port, timeout=self._seconds)
        if uri.scheme == b"https":
            endpoint = wrapClientTLS(self._tls.creatorForNetloc(uri.host, uri.port), endpoint)
        connected: Deferred[Any] = endpoint.connect(factory)
        return connected


@implementer(IStreamClientEndpoint)
class _Endpoint:
    """Twisted asks for one at each request; it is made where a connection is, which few requests need."""

    def __init__(self, endpoints: _Endpoints, uri: URI) -> None:
        self._endpoints = endpoints
        self._uri = uri

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        return self._endpoints.connect(self._uri, protocolFactory)
