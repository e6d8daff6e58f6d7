"""What came of asking for an address: an answer, or why there is none.

Made from Scrapy's responses and exceptions by the spider; everything above it reasons on this value alone.
"""

from __future__ import annotations

import errno
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from scrapy import Request
from scrapy import exceptions as scrapy_exceptions
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.web._newclient import ParseError
from w3lib.encoding import http_content_type_encoding

from crawler.codings import BodyTooLarge, CodingError
from crawler.pages import Page
from network.resolver import refused_address
from postings import urls

#: what says that a body is the page: 203 is a 200 that a proxy on the way has changed (RFC 9110 §15.3.4)
SHOWN = frozenset({200, 203})
#: flags of a response: the decoder did not reach its end; the length was not declared
CUT, UNDECLARED = "cut", "partial"


class HeadersTooLarge(Exception):
    """The header lines of an answer are longer than the limit in all."""


class Trouble(StrEnum):
    """Why there is no usable answer."""

    ROBOTS = "robots.txt"
    SCOPE = "outside of the site"
    ADDRESS = "address refused"
    REDIRECT = "redirect"
    SIZE = "too large"
    TIMEOUT = "time-out"
    NAME = "name not found"
    CONNECTION = "no connection"
    REFUSED = "connection refused"
    CUT = "cut off"
    CODING = "content coding"
    WAIT = "asked to wait"
    RENDERING = "not rendered"


class NotFollowed(IgnoreRequest):
    """A request that was not sent, or an answer that was not taken, and why."""

    def __init__(
        self,
        trouble: Trouble,
        detail: str,
        *,
        status: int | None = None,
        target: str | None = None,
        wait: float | None = None,
    ) -> None:
        """`status` of the answer that led here, `target` of a redirect that was not followed, `wait` in seconds that
        the site asks for."""
        super().__init__(detail)
        self.trouble = trouble
        self.detail = detail
        self.status = status
        self.target = target
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The last answer to a request, after redirects."""

    #: the address that was asked for first
    asked: str
    #: the address that answered
    url: str
    at: datetime
    #: None if nothing was answered
    status: int | None = None
    body: bytes = b""
    content_type: str | None = None
    robots_tag: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    #: the addresses on the way, without the last
    hops: tuple[str, ...] = ()
    #: nothing is known to be missing from the body
    whole: bool = True
    #: the server said how long the body is, or a decoder found its end
    measured: bool = True
    trouble: Trouble | None = None
    #: the trouble in words, or what a page that was rendered may lack
    detail: str = ""
    #: where a redirect led that was not followed
    refused_target: str | None = None
    #: seconds that the site asks to be left alone, where that is longer than a visit waits
    wait: float | None = None

    @property
    def key(self) -> str:
        """Address key of the address that answered."""
        return urls.key(self.url)

    @property
    def ok(self) -> bool:
        """200 (or 203) with a body that may be read."""
        return self.trouble is None and self.status in SHOWN

    @property
    def body_hash(self) -> str:
        """Hex digest (blake2b, 16 bytes) of the body."""
        return hashlib.blake2b(self.body, digest_size=16).hexdigest()

    @property
    def page(self) -> Page:
        """The answer as a page to read."""
        charset = http_content_type_encoding(self.content_type) if self.content_type else None
        return Page(
            url=self.url,
            body=self.body,
            content_type=self.content_type,
            robots_tag=self.robots_tag,
            charset=charset,
        )

    @property
    def summary(self) -> str:
        """The answer in words, for a person: "answered 503", "time-out after 30 s"."""
        return self.detail if self.trouble else f"answered {self.status}"


def of_response(asked: str, response: Response, at: datetime) -> Answer:
    """The answer that a response is."""
    flags = response.flags
    cut = CUT in flags
    return Answer(
        asked=asked,
        url=response.url,
        at=at,
        status=response.status,
        body=response.body,
        content_type=_header(response, "Content-Type"),
        robots_tag=_header(response, "X-Robots-Tag"),
        etag=_header(response, "ETag"),
        last_modified=_header(response, "Last-Modified"),
        hops=tuple(response.meta.get("hops", ())),
        whole=not cut,
        measured=UNDECLARED not in flags,
    )


def of_failure(asked: str, request: Request, error: Exception, at: datetime) -> Answer:
    """The answer that an exception of the downloader stands for."""
    trouble, detail = explain(error, request)
    return Answer(
        asked=asked,
        url=request.url,
        at=at,
        status=getattr(error, "status", None),
        hops=tuple(request.meta.get("hops", ())),
        whole=False,
        trouble=trouble,
        detail=detail,
        refused_target=getattr(error, "target", None),
        wait=getattr(error, "wait", None),
    )


def explain(error: Exception, request: Request) -> tuple[Trouble, str]:
    """What an exception of the downloader means, and the same in words."""
    if isinstance(error, NotFollowed):
        return error.trouble, error.detail
    if isinstance(error, CodingError):
        return Trouble.CODING, str(error)
    if isinstance(error, BodyTooLarge | scrapy_exceptions.DownloadCancelledError):
        return Trouble.SIZE, "the answer is larger than the limit"
    if isinstance(error, scrapy_exceptions.DownloadTimeoutError):
        return Trouble.TIMEOUT, f"no whole answer within {request.meta.get('download_timeout', 0):g} s"
    if isinstance(error, scrapy_exceptions.CannotResolveHostError):
        if refused := refused_address(urlsplit(request.url).hostname or ""):
            return Trouble.ADDRESS, f"the address policy does not let hirewatch contact {refused}"
        return Trouble.NAME, "the host name cannot be resolved"
    if isinstance(error, scrapy_exceptions.ResponseDataLossError):
        return Trouble.CUT, "the answer was cut off"
    if isinstance(error, scrapy_exceptions.DownloadConnectionRefusedError):
        return Trouble.REFUSED, "the connection was refused"
    inner = _innermost(error)
    if isinstance(inner, HeadersTooLarge):
        return Trouble.SIZE, "the headers of the answer are larger than the limit"
    if isinstance(inner, ParseError):
        return Trouble.CONNECTION, "the answer is no HTTP"
    if "certificate" in str(inner) or "service_identity" in type(inner).__module__:
        return Trouble.CONNECTION, "the certificate of the site cannot be verified"
    if isinstance(inner, ConnectionLost | ConnectionDone) or getattr(inner, "osError", None) == errno.ECONNRESET:
        # which of these it is depends on the moment only
        return Trouble.CONNECTION, "the site broke off the connection"
    reason = " ".join((str(inner) or type(inner).__name__).split())[:120]
    return Trouble.CONNECTION, f"the connection failed ({reason})"


def _innermost(error: Exception) -> BaseException:
    """What made a download fail, beneath the wrappers of Scrapy and Twisted."""
    reasons = getattr(error.__cause__, "reasons", None)
    return reasons[-1].value if reasons else error


def _header(response: Response, name: str) -> str | None:
    values = response.headers.getlist(name)
    if not values:
        return None
    return ", ".join(value.decode("latin-1") for value in values).strip()[:2000] or None
