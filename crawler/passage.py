"""The way of a request: through all middlewares to the web and back.

Past the queue of Scrapy's engine, which would ask for delays, places and signals once more: the gate of a host
(`crawler.gate`) is what requests wait for, and who waits for an answer is the visit.
"""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response


async def answer_to(crawler: Crawler, request: Request) -> Response:
    """The answer to a request, or to the last of those that middlewares made of it. Raises what they raise."""
    assert crawler.engine is not None
    downloader = crawler.engine.downloader
    while True:
        answer = await downloader.middleware.download_async(downloader.handlers.download_request_async, request)
        if isinstance(answer, Response):
            if answer.request is None:
                answer.request = request
            return answer
        request = answer
