from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request

from crawler.middlewares.referer import RefererMiddleware

START = "https://acme.example/jobs?from=home"


def referer(url: str, start: str = START, **meta: Any) -> str | None:
    crawler: Any = SimpleNamespace(spider=SimpleNamespace(start_url=start))
    request = Request(url, meta=meta)
    RefererMiddleware.from_crawler(crawler).process_request(request)
    said = request.headers.get("Referer")
    return said.decode() if said is not None else None


@pytest.mark.parametrize("url", ["https://acme.example/jobs/1", "https://www.acme.example/sitemap.xml"])
def test_the_start_page_is_named_to_its_own_site(url: str) -> None:
    assert referer(url) == START


def test_what_is_asked_of_other_hosts_names_nothing() -> None:
    assert referer("https://boards-api.greenhouse.io/v1/boards/acme/jobs") is None
    assert referer("https://acme.example:8443/jobs/1") is None


def test_the_start_page_itself_and_robots_txt_are_asked_without() -> None:
    assert referer(START) is None
    assert referer("https://acme.example/robots.txt", robots=True) is None


def test_a_page_over_https_is_not_named_over_http() -> None:
    assert referer("http://acme.example/jobs/1") is None
    assert referer("https://acme.example/jobs/1", start="http://acme.example/jobs") == "http://acme.example/jobs"
