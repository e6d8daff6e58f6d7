"""Finding the list of a site: from its front page, after the list has died, and where postings are rare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.discovery import candidate_lists, elsewhere, nothing_found, sample
from crawler.discovery import groups as grouped
from crawler.job_words import names_a_job, speaks_of_jobs
from crawler.listing import Entry
from crawler.pages import Link
from hirewatch.demo.http_server import Answer
from postings.sites import Health, Known, SourceKind
from tests.crawler.answering import SITE
from tests.crawler.visits import Crawling, Visited, remembered
from tests.sites import layouts
from tests.sites.layouts import Layout, StaticSite, Told
from tests.sites.scripted import ScriptedSite

Sites = Callable[..., ScriptedSite]


def page(title: str, *links: str) -> Answer:
    anchors = "".join(f'<li><a href="{link}">{link.strip("/").replace("-", " ")}</a></li>' for link in links)
    return Answer(status=200, body=f"<html><head><title>{title}</title></head><body>{anchors}</body></html>".encode())


def with_pages(site: ScriptedSite, pages: Mapping[str, Answer]) -> None:
    """Puts pages of its own in front of the site's."""
    for path, answer in pages.items():
        site._damage(path, lambda request, before, answer=answer: answer)  # type: ignore[misc]


def and_barren(*visits: Visited) -> Known:
    """What storage remembers after these visits, pages without a posting too."""
    known = remembered(*visits)
    others = {key: replace(page, barren=True) for one in visits for key, page in one.told.list_pages.items()}
    return Known(pages={**others, **known.pages}, robots=known.robots)


@pytest.mark.parametrize(
    "words",
    [
        "Jobs", "Careers", "Karriere", "Offene Stellen", "Nous rejoindre", "Offres d'emploi", "Trabaja con nosotros",
        "Lavora con noi", "Vagas", "Trabalhe conosco", "Werken bij Acme", "Vacatures", "Lediga jobb",
        "Ledige stillinger", "Avoimet työpaikat", "Praca", "Volná místa", "Kariéra", "Állásaink", "Kariyer", "Вакансии",
        "Θέσεις εργασίας", "採用情報", "招聘", "채용", "%E6%8E%A1%E7%94%A8", "join-us", "work-with-us",
    ],
)  # fmt: skip
def test_words_for_jobs_are_known_in_many_languages(words: str) -> None:
    assert speaks_of_jobs(words)


@pytest.mark.parametrize(
    "words", ["About us", "Contact", "Blog", "Products", "Impressum", "Pricing", "Team", "Privacy", "Investors"]
)
def test_other_words_are_none(words: str) -> None:
    assert not speaks_of_jobs(words)


def test_the_slug_of_a_posting_reads_like_a_title() -> None:
    assert names_a_job("https://acme.example/x/senior-welder-m-w-d")
    assert names_a_job("https://acme.example/x/software-engineer-berlin?ref=1")
    assert not names_a_job("https://acme.example/engineering/our-new-office")


def test_slugs_that_read_like_a_posting_are_sampled_first() -> None:
    paths = [f"/p/news-item-{number}" for number in range(200)]
    paths[150] = "/p/software-engineer-150"
    [group] = grouped([Entry.of(SITE + path) for path in paths])
    taken = sample(group, 8)
    assert taken[0].url.endswith("/p/software-engineer-150")
    assert len({entry.url for entry in taken}) == 8


def test_links_to_jobs_on_other_hosts_are_told() -> None:
    links = [
        Link("https://careers.acme.example/en", "Jobs"),
        Link("https://careers.acme.example/de", "Karriere"),
        Link("https://social.example/acme", "Follow us"),
        Link("https://cdn.example/jobs.js", tag="script"),
    ]
    assert elsewhere(links, "https://acme.example/") == ("https://careers.acme.example/en",)
    said = nothing_found(SITE, pages=14, lists=[SITE], in_sitemaps=0, elsewhere=["https://jobs.example/a"], links=4)
    assert said.startswith("no JobPosting was found: looked at 14 pages of ")
    assert "it links to https://jobs.example/a: if its postings are there, add that address" in said


def test_postings_are_found_from_the_front_page_in_two_hops(crawling: Crawling, sites: Sites) -> None:
    site = sites(9, layout="list")
    with_pages(
        site,
        {
            "/": page("Acme", "/about", "/karriere", "/contact"),
            "/karriere": page("Karriere bei Acme", "/warum-acme", "/careers/jobs"),
        },
    )
    visited = crawling.visit(f"{site.origin}/")
    assert visited.told.source is not None
    assert visited.told.source.kind is SourceKind.LIST
    assert len(visited.sightings) == 9
    assert visited.told.listing.whole, visited.told.listing.doubts


def test_a_sitemap_that_only_the_head_of_a_page_names_is_read(crawling: Crawling, sites: Sites) -> None:
    site = sites(9, layout="list")
    named = "".join(f"<url><loc>{site.address(handle)}</loc></url>" for handle in site.open_jobs())
    urlset = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{named}</urlset>'
    head = '<html><head><link rel="sitemap" href="/sitemap-0.xml"></head><body><div id="app"></div></body></html>'
    site._damage("start", lambda request, answer: Answer(status=200, body=head.encode()))
    site._damage("/sitemap-0.xml", lambda request, answer: Answer(status=200, body=urlset.encode()))
    visited = crawling.visit(site.url)
    assert len(visited.sightings) == 9
    assert crawling.again(visited, site.url).told.listing.whole


def test_what_may_be_a_list_and_names_no_posting_is_not_followed_for_ever(crawling: Crawling, sites: Sites) -> None:
    site = sites(9, layout="list")
    numbers = range(1, 60)
    with_pages(site, {f"/career-blog/{number}": blog_page(number + 1) for number in numbers})
    careers = "/careers/jobs"
    with_pages(site, {"/": page("Acme", "/career-blog/1", careers)})
    visited = crawling.visit(f"{site.origin}/")
    assert len(visited.sightings) == 9
    asked = {request.path for request in site.log}
    assert len([number for number in numbers if f"/career-blog/{number}" in asked]) < 30


def blog_page(following: int) -> Answer:
    """A page that leads to the next one, and to a news of its own."""
    body = f'<a rel="next" href="/career-blog/{following}">Next</a><a href="/news-{following}/x">News</a>'
    return Answer(status=200, body=f"<html><body>{body}</body></html>".encode())


def test_a_long_list_that_the_front_page_leads_to_is_read_whole(crawling: Crawling, sites: Sites) -> None:
    site = sites(24, layout="list")
    jobs = [site.address(handle) for handle in site.open_jobs()]
    pages = [jobs[at : at + 2] for at in range(0, 24, 2)]
    following = [f"/vacancies/page/{number}" for number in range(2, 13)]
    rows = [page("Vacancies", *row, *following[at : at + 1]) for at, row in enumerate(pages)]
    with_pages(
        site, {"/": page("Acme", "/vacancies"), "/vacancies": rows[0], **dict(zip(following, rows[1:], strict=True))}
    )
    visited = crawling.visit(f"{site.origin}/")
    assert len(visited.sightings) == 24
    assert visited.told.listing.whole, visited.told.listing.doubts


def test_a_site_without_postings_says_where_it_looked_and_what_to_do(crawling: Crawling, sites: Sites) -> None:
    site = sites(3, layout="list")
    with_pages(site, {"/": page("Acme", "/about", "/contact", "https://jobs.elsewhere.example/acme")})
    visited = crawling.visit(f"{site.origin}/")
    [doubt] = visited.told.listing.doubts
    assert doubt.startswith("no JobPosting was found: looked at ")
    assert "https://jobs.elsewhere.example/acme" in doubt
    assert "add that address" in doubt


def test_a_sitemap_that_no_longer_names_postings_is_noticed_and_the_list_serves(
    crawling: Crawling, sites: Sites
) -> None:
    site = sites(9, layout="both")
    first = crawling.visit(site.url)
    assert first.told.source is not None
    assert first.told.source.kind is SourceKind.SITEMAP
    site.empty_sitemap()
    second = crawling.again(first, site.url, health=Health(last_complete_at=first.told.ended_at))
    assert second.told.source is not None
    assert set(second.told.source.urls) > set(first.told.source.urls)
    assert len(second.told.listing.addresses) == 9
    assert any("the list names no posting any more" in problem for problem in second.told.problems)
    site.mend()
    third = crawling.visit(site.url, source=second.told.source, known=remembered(first, second))
    assert third.told.listing.whole
    assert third.told.problems == ()


def test_a_sitemap_that_has_not_served_for_a_week_is_given_up_for_a_list_that_does(
    crawling: Crawling, sites: Sites
) -> None:
    site = sites(9, layout="both")
    first = crawling.visit(site.url)
    site.outage(403, on="sitemap")
    health = Health(last_complete_at=first.told.ended_at - timedelta(days=8))
    second = crawling.again(first, site.url, health=health)
    assert second.told.source is not None
    assert second.told.source.kind is SourceKind.LIST
    assert second.told.listing.whole
    assert len(second.told.listing.addresses) == 9


def test_a_site_that_really_has_none_left_keeps_its_source(crawling: Crawling, sites: Sites) -> None:
    site = sites(6, layout="sitemap")
    first = crawling.visit(site.url)
    for handle in site.open_jobs():
        site.close(handle)
    second = crawling.again(first, site.url)
    assert second.told.source == first.told.source
    assert second.told.listing.whole
    assert second.told.listing.addresses == frozenset()


def test_rare_postings_among_pages_of_one_shape_are_found_over_time(crawling: Crawling, sites: Sites) -> None:
    site = sites(40, layout="sitemap")
    rare = site.open_jobs()[17:19]
    site.drop_markup(*(handle for handle in site.open_jobs() if handle not in rare))
    visits = [crawling.visit(site.url)]
    for _ in range(8):
        if visits[-1].sightings:
            break
        visits.append(crawling.visit(site.url, source=visits[-1].told.source, known=and_barren(*visits)))
    assert {one.posting.title for one in visits[-1].sightings} == {site.job(handle).title for handle in rare}
    last = visits[-1]
    again = crawling.visit(site.url, source=last.told.source, known=and_barren(*visits))
    assert {one.page.address for one in again.unchanged} == {one.page.address for one in last.sightings}


def test_a_page_without_a_posting_is_remembered_and_is_no_new_one(crawling: Crawling, sites: Sites) -> None:
    site = sites(30, layout="sitemap")
    site.drop_markup(*site.open_jobs()[:20])
    first = crawling.visit(site.url)
    barren = {key for key, page in first.told.list_pages.items() if page.barren}
    assert len(barren) >= 20
    site.forget_log()
    second = crawling.visit(site.url, source=first.told.source, known=and_barren(first))
    asked = {entry.path for entry in site.log if "/careers/jobs/" in entry.path}
    assert len(asked) < 20
    assert len(second.unchanged) == 10


def test_a_page_that_gets_its_posting_later_is_found(crawling: Crawling, sites: Sites) -> None:
    site = sites(6, layout="sitemap")
    late = site.open_jobs()[2]
    site.drop_markup(late)
    first = crawling.visit(site.url)
    assert len(first.sightings) == 5
    site._unmarked.clear()
    a_week_ago = {
        key: replace(page, last_read_at=first.told.started_at - timedelta(days=7))
        for key, page in and_barren(first).pages.items()
    }
    second = crawling.visit(site.url, source=first.told.source, known=Known(pages=a_week_ago))
    assert second.titles == {site.job(late).title}


def test_a_posting_is_no_list_to_follow() -> None:
    links = [Link(f"{SITE}/jobs/{number}-welder", "Welder job") for number in range(9)]
    links.append(Link(f"{SITE}/karriere", "Karriere"))
    shapes = {entry.shape for entry in (Entry.of(link.url) for link in links[:9])}
    assert candidate_lists(links, SITE, without=shapes) == [f"{SITE}/karriere"]


def departments(pages: dict[str, Told], *listed: str, linked: str = "abc") -> Layout:
    """Puts the jobs and list pages of departments in place; `linked` are those that the start page leads to."""
    jobs = [f"/jobs/{name}/{number}-cook" for name in listed for number in range(3)]
    pages.clear()
    pages.update({path: layouts.job(f"Job at {path}") for path in jobs})
    pages["/jobs"] = layouts.page(layouts.links(f"/jobs/list/{name}" for name in linked))
    for name in listed:
        own = (path for path in jobs if path.startswith(f"/jobs/{name}/"))
        pages[f"/jobs/list/{name}"] = layouts.page(layouts.links(own))
    return Layout(pages=pages, start="/jobs", titles=frozenset())


@pytest.mark.parametrize("linked", ["ab", "abc"])
def test_a_closed_department_casts_no_doubt_on_the_others_unless_a_page_leads_to_it(
    crawling: Crawling, linked: str
) -> None:
    pages: dict[str, Told] = {}
    with StaticSite(departments(pages, "a", "b", "c")) as site:
        first = crawling.visit(site.url)
        departments(pages, "a", "b", linked=linked)
        second = crawling.again(first, site.url)
    assert first.told.source is not None
    assert second.told.source is not None
    closed = site.url.replace("/jobs", "/jobs/list/c")
    assert closed in first.told.source.urls
    assert second.told.listing.whole is (linked == "ab")
    assert (closed in second.told.source.urls) is (linked == "abc")
    said = f"{closed} is not there any more, and no page leads to it"
    assert second.told.problems == ((said,) if linked == "ab" else (f"{closed}: answered 404",))
