from __future__ import annotations

import gzip
import json
import random
import re
import threading
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import httpx
import pytest
from lxml import etree, html

from hirewatch.demo import jobs
from hirewatch.demo.site import CareerSite

NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def markup(text: str) -> dict[str, Any]:
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    assert script
    value: dict[str, Any] = json.loads(script[1])
    return next(one for one in value.get("@graph", [value]) if one["@type"] == "JobPosting")


def locations(body: bytes) -> list[str]:
    return etree.fromstring(body).xpath("//s:loc/text()", namespaces=NAMESPACE)


def walk_list(site: CareerSite, client: httpx.Client) -> list[str]:
    found, page = [], f"{site.origin}/careers/jobs"
    while page:
        tree = html.fromstring(client.get(page).text, base_url=page)
        tree.make_links_absolute()
        found += [link for link in tree.xpath("//main//li/a/@href") if "/careers/jobs/" in link]
        page = next(iter(tree.xpath("//a[@rel='next']/@href")), "")
    return found


def test_the_same_seed_gives_the_same_jobs() -> None:
    one, other = (CareerSite(seed=7, today=date(2026, 11, 25)) for _ in range(2))
    assert [one.job(handle) for handle in one.open_jobs()] == [other.job(handle) for handle in other.open_jobs()]


def test_no_two_invented_jobs_share_title_and_places() -> None:
    invented = jobs.invent(random.Random(1), employer=jobs.employer(1), first_number=1, today=date(2026, 11, 25))
    many = list(islice(invented, 2_000))
    assert len({(job.title, job.places) for job in many}) == len({job.handle for job in many}) == 2_000


def test_an_invented_job_was_posted_before_today_and_ends_after_it() -> None:
    today = date(2026, 11, 25)
    site = CareerSite(postings=200, today=today)
    every = [site.job(handle) for handle in site.open_jobs()]
    assert all(job.posted < today for job in every)
    assert all(job.until is None or job.until > today for job in every)


def test_list_pages_lead_to_every_open_job(career_site: CareerSite, client: httpx.Client) -> None:
    assert sorted(walk_list(career_site, client)) == sorted(map(career_site.address, career_site.open_jobs()))


def test_the_sitemap_lists_every_open_job_and_other_pages(career_site: CareerSite, client: httpx.Client) -> None:
    listed = locations(client.get(f"{career_site.origin}/sitemap.xml").content)
    assert {career_site.address(handle) for handle in career_site.open_jobs()} < set(listed)
    assert f"{career_site.origin}/blog" in listed


def test_a_sitemap_index_leads_to_a_gzipped_file_of_jobs(client: httpx.Client) -> None:
    with CareerSite(sitemap_index=True) as site:
        files = locations(client.get(f"{site.origin}/sitemap.xml").content)
        packed = next(file for file in files if file.endswith(".gz"))
        listed = locations(gzip.decompress(client.get(packed).content))
        assert sorted(listed) == sorted(map(site.address, site.open_jobs()))


def test_robots_names_the_sitemap_where_there_is_one(client: httpx.Client) -> None:
    with CareerSite(layout="sitemap") as with_one, CareerSite(layout="list") as without:
        assert f"Sitemap: {with_one.origin}/sitemap.xml" in client.get(f"{with_one.origin}/robots.txt").text
        assert "Sitemap" not in client.get(f"{without.origin}/robots.txt").text
        assert client.get(f"{without.origin}/sitemap.xml").status_code == 404


def test_a_site_found_by_sitemap_links_no_job(client: httpx.Client) -> None:
    with CareerSite(layout="sitemap") as site:
        assert "/careers/jobs/" not in client.get(site.url).text
        assert "/careers/jobs/" not in client.get(f"{site.origin}/careers/jobs").text


def test_markup_says_what_the_employer_keeps(career_site: CareerSite, client: httpx.Client) -> None:
    for handle in career_site.open_jobs():
        job, said = career_site.job(handle), markup(client.get(career_site.address(handle)).text)
        places = said["jobLocation"] if isinstance(said["jobLocation"], list) else [said["jobLocation"]]
        assert said["title"] == job.title
        assert said["identifier"]["value"] == job.requisition
        assert [place["address"]["addressLocality"] for place in places] == [place.city for place in job.places]
        assert ("baseSalary" in said) == (job.salary is not None)
        assert ("jobLocationType" in said) == job.remote


def test_markup_is_written_in_several_ways(career_site: CareerSite, client: httpx.Client) -> None:
    texts = [client.get(career_site.address(handle)).text for handle in career_site.open_jobs()]
    graphs = ["@graph" in text for text in texts]
    escaped = [markup(text)["description"].startswith("&lt;") for text in texts]
    lists = [isinstance(markup(text)["jobLocation"], list) for text in texts]
    assert all({True, False} == set(ways) for ways in (graphs, escaped, lists))


def test_an_opened_job_is_listed_and_says_what_was_given(career_site: CareerSite, client: httpx.Client) -> None:
    handle = career_site.open("Lighthouse Keeper", city="Cork", salary=(40_000, 50_000))
    assert career_site.address(handle) in walk_list(career_site, client)
    said = markup(client.get(career_site.address(handle)).text)
    assert said["title"] == "Lighthouse Keeper"
    assert said["baseSalary"]["value"]["minValue"] == 40_000
    assert "Lighthouse Keeper" in said["description"]


def test_an_edit_keeps_the_address_and_moves_lastmod(career_site: CareerSite, client: httpx.Client) -> None:
    handle = career_site.open_jobs()[0]
    before = career_site.job(handle).modified
    career_site.edit(handle, title="Something Else", city="Porto")
    said = markup(client.get(career_site.address(handle)).text)
    assert said["title"] == "Something Else"
    assert career_site.job(handle).modified > before


def test_two_edits_on_a_standing_clock_have_different_lastmods() -> None:
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    site = CareerSite(clock=lambda: noon)
    handle = site.open_jobs()[0]
    moments = []
    for title in ("First", "Second"):
        site.edit(handle, title=title)
        moments.append(site.job(handle).modified)
    assert moments[0] < moments[1]


@pytest.mark.parametrize("status", [404, 410])
def test_a_closed_job_leaves_the_lists_and_answers_its_status(
    career_site: CareerSite, client: httpx.Client, status: Any
) -> None:
    handle = career_site.open_jobs()[0]
    career_site.close(handle, status=status)
    assert client.get(career_site.address(handle)).status_code == status
    assert career_site.address(handle) not in walk_list(career_site, client)
    assert career_site.address(handle) not in locations(client.get(f"{career_site.origin}/sitemap.xml").content)


def test_a_reopened_job_is_as_it_was(career_site: CareerSite, client: httpx.Client) -> None:
    handle = career_site.open_jobs()[0]
    before = client.get(career_site.address(handle))
    career_site.close(handle)
    career_site.reopen(handle)
    assert client.get(career_site.address(handle)).content == before.content


def test_a_stopped_site_refuses_and_comes_back_on_its_port(client: httpx.Client) -> None:
    site = CareerSite().start()
    origin = site.origin
    assert client.get(origin).status_code == 200
    site.stop()
    with pytest.raises(httpx.TransportError):
        client.get(origin)
    with site:
        assert site.origin == origin
        assert client.get(origin).status_code == 200


def test_verbs_and_requests_from_many_threads_leave_a_whole_list(career_site: CareerSite) -> None:
    broken: list[str] = []

    def employ() -> None:
        for _ in range(20):
            career_site.close(career_site.open())

    def read() -> None:
        with httpx.Client(trust_env=False) as own:
            for _ in range(20):
                answer = own.get(f"{career_site.origin}/sitemap.xml")
                if answer.status_code != 200 or len(locations(answer.content)) < 45:
                    broken.append(answer.text)

    threads = [threading.Thread(target=work) for work in (employ, employ, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    assert len(career_site.open_jobs()) == 45


def test_a_text_cannot_end_the_script_it_stands_in(career_site: CareerSite, client: httpx.Client) -> None:
    handle = career_site.open("Tester </script><script>alert(1)</script>")
    answer = client.get(career_site.address(handle))
    assert markup(answer.text)["title"] == "Tester </script><script>alert(1)</script>"
    assert len(html.fromstring(answer.text).xpath("//script")) == 1


def test_a_slug_is_made_of_ascii_letters_digits_and_hyphens() -> None:
    assert jobs.slug("Senior Welder (m/w/d) Göteborg & Zürich") == "senior-welder-m-w-d-goteborg-zurich"


def test_a_job_dated_by_the_day_it_was_opened() -> None:
    day = datetime(2027, 3, 1, 9, tzinfo=UTC)
    site = CareerSite(today=date(2026, 11, 25), clock=lambda: day)
    assert site.job(site.open()).posted == day.date()
    assert site.job(site.open(posted=date(2027, 2, 1))).posted == date(2027, 2, 1)


def test_a_validity_can_be_taken_away(career_site: CareerSite, client: httpx.Client) -> None:
    handle = career_site.open(until=date(2027, 1, 9))
    assert "validThrough" in markup(client.get(career_site.address(handle)).text)
    career_site.edit(handle, until=None)
    assert "validThrough" not in markup(client.get(career_site.address(handle)).text)
