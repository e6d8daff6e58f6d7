from __future__ import annotations

import gzip
import json
import re
import time
import zlib
from collections.abc import Callable, Iterator

import brotli
import httpx
import pytest
from backports import zstd
from lxml import etree

from crawler.extraction import read_page
from crawler.pages import Page
from postings.posting import Posting
from tests.sites.scripted import CODINGS, FRAMINGS, Coding, Framing, ScriptedSite


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as running:
        yield running


def first(site: ScriptedSite) -> str:
    return site.address(site.open_jobs()[0])


def listed(site: ScriptedSite, client: httpx.Client) -> list[str]:
    body = client.get(f"{site.origin}/sitemap.xml").content
    return [where for where in re.findall(r"<loc>(.*?)</loc>", body.decode()) if re.search(r"-\d{5}$|/\d{5}/", where)]


def test_each_site_has_a_host_of_its_own(sites: Callable[..., ScriptedSite]) -> None:
    assert len({httpx.URL(sites(postings=1).url).host for _ in range(5)}) == 5


def test_an_outage_ends_when_it_is_mended(site: ScriptedSite, client: httpx.Client) -> None:
    site.outage(429, retry_after=30)
    answer = client.get(site.url)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    site.mend()
    assert client.get(site.url).status_code == 200


def test_an_outage_can_concern_one_part(site: ScriptedSite, client: httpx.Client) -> None:
    site.outage(503, on="details")
    assert client.get(first(site)).status_code == 503
    assert client.get(site.url).status_code == client.get(f"{site.origin}/sitemap.xml").status_code == 200


def test_a_connection_can_end_without_an_answer(site: ScriptedSite, client: httpx.Client) -> None:
    site.hang_up(on="robots")
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(f"{site.origin}/robots.txt")
    assert client.get(site.url).status_code == 200


def test_a_slow_answer_comes_at_once_when_the_site_is_mended(site: ScriptedSite, client: httpx.Client) -> None:
    site.slow(60)
    with pytest.raises(httpx.ReadTimeout):
        client.get(site.url, timeout=0.1)
    began = time.monotonic()
    site.mend()
    assert client.get(site.url).status_code == 200
    assert time.monotonic() - began < 5


DECODERS: dict[Coding, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_body_kept_whole_decodes_to_the_page(site: ScriptedSite, client: httpx.Client, coding: Coding) -> None:
    page = client.get(first(site)).content
    site.cut(coding=coding, keep=1.0, on="details")
    with client.stream("GET", first(site)) as answer:
        assert DECODERS[coding](b"".join(answer.iter_raw())) == page


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_cut_body_is_shorter_than_the_page(
    site: ScriptedSite, client: httpx.Client, coding: Coding, framing: Framing
) -> None:
    whole = len(DECODERS["identity"](client.get(first(site)).content))
    site.cut(coding=coding, keep=0.3, framing=framing, on="details")
    received = b""
    told = False
    try:
        with client.stream("GET", first(site)) as answer:
            for part in answer.iter_raw():
                received += part
    except httpx.RemoteProtocolError:
        told = True
    assert 0 < len(received) < whole
    assert told == (framing in ("length", "chunks"))


def test_an_empty_sitemap_is_valid_and_lists_nothing(site: ScriptedSite, client: httpx.Client) -> None:
    site.empty_sitemap()
    assert len(etree.fromstring(client.get(f"{site.origin}/sitemap.xml").content)) == 0


def test_a_sitemap_can_be_a_page(site: ScriptedSite, client: httpx.Client) -> None:
    site.html_sitemap()
    assert client.get(f"{site.origin}/sitemap.xml").text.startswith("<!doctype html>")


def test_a_wall_answers_200_without_a_posting(site: ScriptedSite, client: httpx.Client) -> None:
    site.wall()
    answer = client.get(first(site))
    assert (answer.status_code, "JobPosting" in answer.text, "password" in answer.text) == (200, False, True)


def test_a_broken_script_names_the_posting_and_is_no_json(site: ScriptedSite, client: httpx.Client) -> None:
    site.break_scripts()
    script = re.search(r'<script type="application/ld\+json">(.*)', client.get(first(site)).text)
    assert script
    assert "JobPosting" in script[1]
    with pytest.raises(json.JSONDecodeError):
        json.loads(script[1].split("</head>")[0])


def test_a_page_that_varies_never_comes_twice(site: ScriptedSite, client: httpx.Client) -> None:
    site.vary()
    one, other = client.get(first(site)), client.get(first(site))
    assert one.content != other.content
    assert one.headers["etag"] != other.headers["etag"]


def test_robots_can_answer_anything(site: ScriptedSite, client: httpx.Client) -> None:
    site.robots_answer(503)
    assert client.get(f"{site.origin}/robots.txt").status_code == 503
    site.mend()
    site.robots_answer(text="User-agent: *\nDisallow: /\n")
    assert "Disallow: /\n" in client.get(f"{site.origin}/robots.txt").text


def test_a_repeated_first_page_always_promises_another(
    sites: Callable[..., ScriptedSite], client: httpx.Client
) -> None:
    site = sites(postings=45)
    site.repeat_first_page()
    one, far = (client.get(f"{site.origin}/careers/jobs?page={number}").text for number in (1, 99))
    jobs = re.findall(r"/careers/jobs/[\w-]+", one)
    assert jobs
    assert jobs == re.findall(r"/careers/jobs/[\w-]+", far)
    assert 'rel="next" href="/careers/jobs?page=100"' in far


def test_a_broken_build_loses_lists_and_pages(site: ScriptedSite, client: httpx.Client) -> None:
    site.broken_build()
    assert listed(site, client) == []
    assert "/careers/jobs/" not in client.get(f"{site.origin}/careers/jobs").text
    assert client.get(first(site)).status_code == 404


def test_a_moved_site_lists_new_addresses_and_the_old_ones_are_gone(site: ScriptedSite, client: httpx.Client) -> None:
    old = first(site)
    site.move_all()
    assert old not in listed(site, client)
    assert len(listed(site, client)) == 12
    assert client.get(old).status_code == 404
    assert "JobPosting" in client.get(first(site)).text


def test_a_moved_site_can_redirect_and_move_again(site: ScriptedSite, client: httpx.Client) -> None:
    old = first(site)
    site.move_all(redirect=301)
    site.move_all(redirect=301)
    answer = client.get(old)
    assert (answer.status_code, answer.headers["location"]) == (301, first(site))


@pytest.mark.parametrize(("to", "target"), [("list", "/careers/jobs"), ("start", "/careers")])
def test_closed_jobs_can_redirect(site: ScriptedSite, client: httpx.Client, to: str, target: str) -> None:
    site.move_closed(to)  # type: ignore[arg-type]  # mypy sees a str, pytest gives one of the two
    handle = site.open_jobs()[0]
    site.close(handle)
    answer = client.get(site.address(handle))
    assert (answer.status_code, answer.headers["location"]) == (302, site.origin + target)


def test_a_soft_404_says_so_with_status_200(site: ScriptedSite, client: httpx.Client) -> None:
    site.move_closed("soft 404")
    handle = site.open_jobs()[0]
    site.close(handle)
    answer = client.get(site.address(handle))
    assert (answer.status_code, "no longer available" in answer.text) == (200, True)
    assert client.get(f"{site.origin}/careers/jobs/never-was-99999").status_code == 404


def test_markup_and_index_permission_can_be_taken_from_single_jobs(site: ScriptedSite, client: httpx.Client) -> None:
    bare, hidden, other = site.open_jobs()[:3]
    site.drop_markup(bare)
    site.noindex(hidden)
    texts = [client.get(site.address(handle)).text for handle in (bare, hidden, other)]
    assert ["JobPosting" in text for text in texts] == [False, True, True]
    assert ["noindex" in text for text in texts] == [False, True, False]


def test_an_unlisted_job_still_answers(site: ScriptedSite, client: httpx.Client) -> None:
    handle = site.open_jobs()[0]
    site.unlist(handle)
    assert site.address(handle) not in listed(site, client)
    assert client.get(site.address(handle)).status_code == 200
    site.relist(handle)
    assert site.address(handle) in listed(site, client)


def test_a_new_template_writes_other_bytes(site: ScriptedSite, client: httpx.Client) -> None:
    before = client.get(first(site)).text
    site.change_template()
    after = client.get(first(site)).text
    assert before != after
    assert 'class="grid"' in after


def read(site: ScriptedSite, client: httpx.Client, handle: str) -> Posting:
    answer = client.get(site.address(handle))
    page = Page(
        url=site.address(handle),
        body=answer.content,
        content_type=answer.headers["content-type"],
        robots_tag=None,
        charset=None,
    )
    (only,) = read_page(page, links=False).postings
    return only.posting


def test_a_new_template_says_the_same_of_every_job(site: ScriptedSite, client: httpx.Client) -> None:
    before = {handle: read(site, client, handle) for handle in site.open_jobs()}
    for _ in range(4):
        site.change_template()
        assert {handle: read(site, client, handle) for handle in site.open_jobs()} == before


def test_what_is_read_is_what_the_employer_keeps(sites: Callable[..., ScriptedSite], client: httpx.Client) -> None:
    site = sites(postings=30)
    for handle in site.open_jobs():
        job, posting = site.job(handle), read(site, client, handle)
        assert posting.title == job.title
        assert posting.identifier
        assert posting.identifier.value == job.requisition
        assert [(one.locality, one.country) for one in posting.locations] == [
            (place.city, place.country) for place in job.places
        ]
        assert (posting.salary and posting.salary.max) == (job.salary and job.salary.high)
        assert sorted(posting.employment_types) == sorted(job.employment)
        assert posting.remote == job.remote


def test_retitling_changes_every_open_job(site: ScriptedSite, client: httpx.Client) -> None:
    site.retitle("(m/f/d)")
    assert all(site.job(handle).title.endswith("(m/f/d)") for handle in site.open_jobs())


def test_a_thousand_jobs_open_and_list_within_a_second_or_two(site: ScriptedSite, client: httpx.Client) -> None:
    began = time.monotonic()
    site.open_many(1_000)
    assert len(listed(site, client)) == 1_012
    assert time.monotonic() - began < 5
