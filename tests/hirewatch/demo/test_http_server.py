from __future__ import annotations

import threading
from datetime import UTC, datetime

import httpx
import pytest

from hirewatch.demo.site import CareerSite


@pytest.mark.parametrize("path", ["/careers", "/careers/jobs", "/careers/jobs?page=2", "/sitemap.xml", "/robots.txt"])
def test_an_unchanged_page_answers_304_to_its_etag(career_site: CareerSite, client: httpx.Client, path: str) -> None:
    etag = client.get(career_site.origin + path).headers["etag"]
    again = client.get(career_site.origin + path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_changed_page_answers_200_to_its_old_etag(career_site: CareerSite, client: httpx.Client) -> None:
    handle = career_site.open_jobs()[0]
    etag = client.get(career_site.address(handle)).headers["etag"]
    career_site.edit(handle, title="Something Else")
    assert client.get(career_site.address(handle), headers={"If-None-Match": etag}).status_code == 200


def test_if_modified_since_counts_where_no_etag_is_sent(career_site: CareerSite, client: httpx.Client) -> None:
    address = career_site.address(career_site.open_jobs()[0])
    modified = client.get(address).headers["last-modified"]
    assert client.get(address, headers={"If-Modified-Since": modified}).status_code == 304
    both = {"If-Modified-Since": modified, "If-None-Match": '"another"'}
    assert client.get(address, headers=both).status_code == 200


def test_a_page_changed_in_this_second_has_no_last_modified(client: httpx.Client) -> None:
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    with CareerSite(clock=lambda: noon) as site:
        handle = site.open_jobs()[0]
        site.edit(handle, title="Something Else")
        assert "last-modified" not in client.get(site.address(handle)).headers


def test_the_log_tells_time_path_status_and_agent(career_site: CareerSite, client: httpx.Client) -> None:
    client.get(f"{career_site.origin}/careers/jobs?page=2", headers={"User-Agent": "tester/1"})
    client.get(f"{career_site.origin}/nothing")
    first, second = career_site.log
    assert (first.path, first.status, first.user_agent) == ("/careers/jobs?page=2", 200, "tester/1")
    assert second.status == 404
    assert first.began <= first.ended <= second.began


def test_stopping_ends_idle_connections(client: httpx.Client) -> None:
    before = threading.active_count()
    with CareerSite() as site:
        client.get(site.url)
    assert threading.active_count() == before
