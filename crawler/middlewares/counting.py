"""Counts what a crawl asks and what comes of it, on the line: after all other middlewares, each hop and repetition."""

from __future__ import annotations

from collections import Counter

from scrapy import Request
from scrapy.http import Response

#: bytes of a status line beside its phrase, and of the line that ends the headers
_STATUS_LINE = 21


class CountingMiddleware:
    """Takes the place of Scrapy's DownloaderStats, which writes each request out to count its bytes."""

    def __init__(self) -> None:
        #: requests that went out
        self.requests = 0
        #: answers by their status
        self.statuses: Counter[int] = Counter()
        #: bytes of answers as they came over the line, heads included
        self.bytes = 0

    def process_request(self, request: Request) -> None:
        """Counts a request."""
        self.requests += 1

    def process_response(self, request: Request, response: Response) -> Response:
        """Counts an answer."""
        self.statuses[response.status] += 1
        head = sum(len(name) + len(value) + 4 for name, values in dict.items(response.headers) for value in values)
        self.bytes += len(response.body) + head + _STATUS_LINE
        return response
