"""Undoes content codings and marks answers whose coded body was cut, which stock Scrapy passes on as whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy import Request
from scrapy.http import Response

from crawler.answers import CUT, UNDECLARED
from crawler.codings import undo

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class CompressionMiddleware:
    """Takes the place of Scrapy's HttpCompressionMiddleware."""

    def __init__(self, limit: int) -> None:
        """`limit` in bytes of the decoded body, where the request names none."""
        self._limit = limit

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_response(self, request: Request, response: Response) -> Response:
        """The answer with its body decoded. Raises CodingError and BodyTooLarge."""
        encodings = response.headers.getlist("Content-Encoding")
        if not encodings or not response.body:
            return response
        names = b",".join(encodings).decode("latin-1")
        decoded = undo(response.body, names, int(request.meta.get("download_maxsize") or self._limit))
        del response.headers["Content-Encoding"]
        # A decoder that reached its end proves the length that the server did not declare.
        flags = [flag for flag in response.flags if flag != UNDECLARED] + ([] if decoded.whole else [CUT])
        return response.replace(body=decoded.body, flags=flags)
