"""The HTTP client of everything that is not Scrapy: it contacts only addresses that the policy allows.

The name is resolved here, every answer is judged, and the connection goes to the judged address, so that no
second look-up can lead elsewhere. No redirects, no proxy and nothing else from the environment, and a deadline
for the exchange as a whole. Outlets call it.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
import httpx

from network.addresses import AddressPolicy
from postings.errors import AddressRefused, NetworkError

#: bytes of an answer's body that are read, so that its connection can be used again
_READ_AT_MOST = 64 * 1024

#: bytes that are written between two looks at the clock
_PIECE = 16 * 1024

#: the addresses of a host name, in the order in which to try them; raises OSError
Resolve = Callable[[str, int], Sequence[str]]


def client(
    policy: AddressPolicy,
    *,
    timeout: float,
    user_agent: str,
    ssl_context: ssl.SSLContext | None = None,
    resolve: Resolve | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> httpx.Client:
    """A client whose every connection passes `policy`.

    `timeout` is in seconds and bounds a whole request: connecting, sending, and reading to the last byte. Its
    requests raise AddressRefused or NetworkError, which name the host and never the rest of the URL.
    """
    # httpx logs every URL and httpcore every header; both may hold secrets
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    transport = _Transport(
        policy,
        timeout=timeout,
        ssl_context=ssl_context or public_authorities(),
        resolve=resolve or addresses_of,
        monotonic=monotonic,
    )
    return httpx.Client(
        transport=transport,
        timeout=timeout,
        headers={"User-Agent": user_agent},
        follow_redirects=False,
        trust_env=False,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered, as far as anyone looks at it."""

    status: int
    #: the Retry-After header as it came
    retry_after: str | None


def post(client: httpx.Client, url: str, *, content: bytes, headers: Mapping[str, str]) -> Answer:
    """The answer to one POST. Its body is read no further than 64 KiB, and never kept.

    Raises AddressRefused or NetworkError. Once a status has come, trouble with the body changes nothing.
    """
    try:
        request = client.build_request("POST", url, content=content, headers=dict(headers))
    except (httpx.InvalidURL, ValueError):
        # neither the URL nor a header is repeated: they may hold secrets
        raise NetworkError("the address or a header of the request cannot be sent") from None
    answer = client.send(request, stream=True)
    try:
        read = 0
        for part in answer.iter_raw():
            read += len(part)
            if read > _READ_AT_MOST:
                break
    except NetworkError:
        pass
    finally:
        answer.close()
    return Answer(status=answer.status_code, retry_after=answer.headers.get("Retry-After"))


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, for those who have to read what it says."""

    status: int
    #: by lower-case name
    headers: Mapping[str, str]
    body: bytes


def exchange(
    client: httpx.Client, method: str, url: str, *, content: bytes | None, headers: Mapping[str, str], most: int
) -> Reply:
    """The whole answer to one request, of which no more than `most` bytes are taken in.

    Raises AddressRefused, or NetworkError: also for a longer answer, and for one that ends too early.
    """
    try:
        # an answer that is not packed cannot unpack to more than was read
        asked = {**headers, "Accept-Encoding": "identity"}
        request = client.build_request(method, url, content=content, headers=asked)
    except (httpx.InvalidURL, ValueError):
        raise NetworkError("the address or a header of the request cannot be sent") from None
    answer = client.send(request, stream=True)
    try:
        body = bytearray()
        for part in answer.iter_raw():
            body += part
            if len(body) > most:
                raise NetworkError(f"answered with more than {most:,} bytes", subject=request.url.host)
    finally:
        answer.close()
    named = {name.lower(): value for name, value in answer.headers.items()}
    if named.get("content-encoding", "identity") != "identity":
        raise NetworkError("packed its answer, which nobody asked for", subject=request.url.host)
    return Reply(status=answer.status_code, headers=named, body=bytes(body))


def judge(policy: AddressPolicy, host: str, port: int, resolve: Resolve | None = None) -> list[str]:
    """The addresses of `host` that may be contacted. Nothing is sent to it.

    Raises AddressRefused if it has addresses and none of them may be, NetworkError if it has none.
    """
    try:
        answers = (resolve or addresses_of)(host, port)
    except (OSError, UnicodeError):
        answers = []
    if not answers:
        raise NetworkError("has a name that leads to no address", subject=host)
    allowed = [address for address in answers if policy.allows(address)]
    if not allowed:
        raise AddressRefused(
            "leads to an address that is not public",
            subject=host,
            remedy="allow its network with HIREWATCH_NETWORK__ALLOW_ADDRESSES if that is meant",
        )
    return allowed


def reach(policy: AddressPolicy, host: str, port: int, *, timeout: float, resolve: Resolve | None = None) -> None:
    """Connects to `host` and hangs up: whether anybody listens there. `timeout` is in seconds, for each address.

    Raises AddressRefused, or NetworkError if nobody answers.
    """
    said = ""
    for address in judge(policy, host, port, resolve):
        try:
            socket.create_connection((address, port), timeout).close()
        except OSError as error:
            said = error.strerror or "no answer in time"
        else:
            return
    raise NetworkError(f"cannot be reached ({said})", subject=host)


def addresses_of(host: str, port: int) -> list[str]:
    """What the system's resolver answers for `host`, literals of every spelling included."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@cache
def public_authorities() -> ssl.SSLContext:
    """What trusts the certificate authorities that come with Python's packages, whatever the machine has."""
    # reading the certificates takes longer than most requests
    return httpx.create_ssl_context(trust_env=False)


class _Deadline(threading.local):
    """When the exchange that this thread is in must be over, in seconds of the monotonic clock."""

    at: float = 0.0


class _Transport(httpx.BaseTransport):
    """httpx's requests on an httpcore pool of our own, through public interfaces only."""

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        timeout: float,
        ssl_context: ssl.SSLContext,
        resolve: Resolve,
        monotonic: Callable[[], float],
    ) -> None:
        self._timeout = timeout
        self._monotonic = monotonic
        self._deadline = _Deadline()
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context,
            max_connections=10,
            keepalive_expiry=5.0,
            network_backend=_Backend(policy, resolve=resolve, left=self._left),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        self._deadline.at = self._monotonic() + self._timeout
        if not isinstance(request.stream, httpx.SyncByteStream):
            raise TypeError("this client takes only synchronous request bodies")
        try:
            answer = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except _TRANSLATED as error:
            raise _translate(error, host) from None
        if not isinstance(answer.stream, Iterable):
            raise TypeError("the pool gave an answer that cannot be read synchronously")
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer, answer.stream, host),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()

    def _left(self) -> float:
        return self._deadline.at - self._monotonic()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, parts: Iterable[bytes], host: str) -> None:
        self._answer = answer
        self._parts = parts
        self._host = host

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._parts
        except _TRANSLATED as error:
            raise _translate(error, self._host) from None

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    """Opens TCP connections to judged addresses."""

    def __init__(self, policy: AddressPolicy, *, resolve: Resolve, left: Callable[[], float]) -> None:
        self._policy = policy
        self._resolve = resolve
        self._left = left
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        allowed = judge(self._policy, host, port, self._resolve)
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in allowed:
            try:
                stream = self._sockets.connect_tcp(
                    address, port, timeout=_bounded(timeout, self._left()), socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._left)
        assert failure is not None
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection on which nothing waits beyond the deadline of the exchange.

    httpx's own time-outs count each read anew: a byte every few seconds would keep it busy for days.
    """

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _bounded(timeout, self._left()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # in pieces, so that a receiver that takes one byte now and then meets the deadline too
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], _bounded(timeout, self._left()))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _bounded(timeout, self._left()))
        return _Stream(secured, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _bounded(timeout: float | None, left: float) -> float:
    if left <= 0:
        raise httpcore.ReadTimeout("the exchange took too long")
    return left if timeout is None else min(timeout, left)


#: what httpcore, the TLS layer and the HTTP parser raise
_TRANSLATED = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    ssl.SSLError,
    OSError,
)


def _translate(error: Exception, host: str) -> NetworkError:
    remedy = None
    match error:
        case httpcore.ConnectTimeout():
            problem = "does not answer"
        case httpcore.TimeoutException():
            problem = "did not answer in time"
        case httpcore.UnsupportedProtocol():
            problem, remedy = "is not a web address", "use http:// or https://"
        case httpcore.ProtocolError():
            problem = "did not speak HTTP, or hung up before its answer"
        case httpcore.ConnectError() if "certificate" in str(error).lower():
            problem = f"has a certificate that cannot be trusted ({error})"
        case _:
            said = _in_words(error)
            problem = f"cannot be reached ({said})" if said else "cannot be reached"
    return NetworkError(problem, subject=host, remedy=remedy)


def _in_words(error: Exception) -> str:
    """What the system says, without its number; httpcore wraps it."""
    for one in (error, *error.args):
        if isinstance(one, OSError) and one.strerror:
            return one.strerror
    return str(error)
