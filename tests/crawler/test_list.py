from __future__ import annotations

import asyncio
import json

import pytest

from crawler.listing import Listed
from crawler.sources.further_pages import page_number
from crawler.sources.list import repeats, walk_list
from postings import urls
from tests.crawler.answering import SITE, Site, answer, failed, links

START = f"{SITE}/jobs"


def walk(site: Site, *starts: str) -> Listed:
    return asyncio.run(walk_list(site.ask, site.read, starts or (START,), start_url=SITE))


def jobs(first: int, last: int) -> list[str]:
    return [f"/jobs/{number}" for number in range(first, last + 1)]


def keys(first: int, last: int) -> set[str]:
    return {f"acme.example{path}" for path in jobs(first, last)}


def test_pages_are_followed_by_rel_next() -> None:
    def following(url: str) -> str:
        return f'<link rel="next" href="{url}">'

    site = Site(
        {
            "/jobs": links(*jobs(1, 3), then=following("/jobs/more/abc")),
            "/jobs/more/abc": links(*jobs(4, 6), then=following("/jobs/more/def")),
            "/jobs/more/def": links(*jobs(7, 8)),
        }
    )
    listed = walk(site)
    assert keys(1, 8) <= set(listed.entries)
    assert listed.doubts == []


@pytest.mark.parametrize("form", ["/jobs?page={}", "/jobs?lang=en&p={}", "/jobs/page/{}", "/jobs?start={}0"])
def test_pages_are_followed_by_their_numbers(form: str) -> None:
    start = "/jobs?lang=en" if "lang=en" in form else "/jobs"
    numbers = [form.format(number) for number in (2, 3)]
    site = Site(
        {
            start: links(*jobs(1, 3), *numbers),
            numbers[0]: links(*jobs(4, 6), *numbers),
            numbers[1]: links(*jobs(7, 8), *numbers),
        }
    )
    listed = walk(site, SITE + start)
    assert keys(1, 8) <= set(listed.entries)
    assert listed.doubts == []
    assert len(site.asked) == 3


def test_only_pages_of_the_same_list_are_followed() -> None:
    site = Site(
        {"/jobs": links(*jobs(1, 3), "/news?page=2", "/jobs?sort=date&page=2", "https://evil.example/jobs?page=2")}
    )
    walk(site)
    assert site.asked == [START]


def test_a_list_without_end_stops_where_nothing_new_comes() -> None:
    pages = {f"/jobs?page={number}": links(*jobs(1, 3), f"/jobs?page={number + 1}") for number in range(2, 50)}
    site = Site({"/jobs": links(*jobs(1, 3), "/jobs?page=2")} | pages)
    listed = walk(site)
    assert len(site.asked) < 10
    assert repeats(listed, frozenset(keys(1, 3)))


def test_a_list_that_invents_addresses_without_end_is_cut_and_doubted() -> None:
    class Endless(Site):
        async def ask(self, url: str, *, large: bool = False) -> object:  # type: ignore[override]
            self.asked.append(url)
            number = page_number(url) or 1
            return answer(url, links(f"/jobs/{number}", f"/jobs?page={number + 1}"))

    listed = walk(Endless({}))
    assert any("more than 1000 list pages" in doubt for doubt in listed.doubts)


def test_wordpress_posts_are_no_pages_of_a_list() -> None:
    site = Site(
        {"/": links("/?p=4718", "/?p=4720"), "/blog": links("/blog?p=2", "/jobs/1"), "/blog?p=2": links("/jobs/2")}
    )
    assert set(walk(site, f"{SITE}/").entries) == {"acme.example?p=4718", "acme.example?p=4720"}
    assert set(walk(site, f"{SITE}/blog").entries) == {"acme.example/jobs/1", "acme.example/jobs/2"}


def test_the_first_page_under_its_number_is_no_repetition() -> None:
    site = Site(
        {
            "/jobs": links(*jobs(1, 3), "/jobs?page=2"),
            "/jobs?page=2": links(*jobs(4, 5), "/jobs?page=1"),
            "/jobs?page=1": links(*jobs(1, 3), "/jobs?page=2"),
        }
    )
    assert repeats(walk(site), frozenset(keys(1, 5))) == []


def test_an_empty_last_page_is_no_repetition() -> None:
    site = Site({"/jobs": links(*jobs(1, 3), "/jobs?page=2"), "/jobs?page=2": links("/about")})
    assert repeats(walk(site), frozenset(keys(1, 3))) == []


@pytest.mark.parametrize(
    "second",
    [503, 404, failed(f"{START}?page=2"), answer(f"{START}?page=2", links(*jobs(4, 5)), whole=False)],
    ids=["503", "404", "time-out", "cut"],
)
def test_a_list_page_that_fails_makes_the_list_doubtful(second: object) -> None:
    site = Site({"/jobs": links(*jobs(1, 3), "/jobs?page=2"), "/jobs?page=2": second})  # type: ignore[dict-item]
    listed = walk(site)
    assert [doubt.split(":")[0] for doubt in listed.doubts] == ["https"]
    assert keys(1, 3) <= set(listed.entries)


@pytest.mark.parametrize("status", [404, 410])
def test_the_page_behind_the_last_of_several_may_be_missing(status: int) -> None:
    pages = {"/jobs": links(*jobs(1, 3), "/jobs?page=2"), "/jobs?page=2": links(*jobs(4, 5), "/jobs?page=3")}
    listed = walk(Site({**pages, "/jobs?page=3": status}))
    assert listed.doubts == []
    assert keys(1, 5) <= set(listed.entries)


def test_a_missing_page_before_the_last_makes_the_list_doubtful() -> None:
    pages = {"/jobs": links(*jobs(1, 3), "/jobs?page=2", "/jobs?page=3"), "/jobs?page=3": links(*jobs(4, 5))}
    assert len(walk(Site({**pages, "/jobs?page=2": 404})).doubts) == 1


def test_a_page_that_opens_html_and_does_not_close_it_is_doubted_though_its_length_is_declared() -> None:
    assert walk(Site({"/jobs": links(*jobs(1, 3), tail="")})).doubts == [f"{START}: the answer was cut off"]


def test_a_page_whose_length_is_not_declared_needs_its_end_tag() -> None:
    bare = "".join(f'<a href="{path}">a job</a>' for path in jobs(1, 3))
    assert walk(Site({"/jobs": answer(START, bare, measured=True)})).doubts == []
    assert walk(Site({"/jobs": answer(START, bare, measured=False)})).doubts != []


def test_addresses_that_repeat_a_segment_are_left_out_and_doubted() -> None:
    listed = walk(Site({"/jobs": links(*jobs(1, 2), "/jobs/a/jobs/a/jobs/a/9")}))
    assert not any("/9" in key for key in listed.entries)
    assert any("path segment" in doubt for doubt in listed.doubts)


def test_a_start_that_is_gone_is_told() -> None:
    assert walk(Site({})).gone
    assert not walk(Site({"/jobs": 503})).gone


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/jobs?page=3", 3),
        ("/jobs?Page=12", 12),
        ("/jobs/page/4/", 4),
        ("/jobs/page-5", 5),
        ("/jobs/7", None),
        ("/jobs?id=3", None),
    ],
)
def test_page_numbers_are_read_from_addresses(path: str, number: int | None) -> None:
    assert page_number(SITE + path) == number


@pytest.mark.parametrize(
    "url",
    [
        "/jobs?page=2", "/jobs?pr=2", "/jobs?tx_jobs[list][currentPage]=2", "/jobs?tx_jobs%5B%40widget_0%5D%5BcurrentPage%5D=2",
        "/jobs?_paged=2", "/jobs?query-0-page=2", "/jobs?e-page-1a2b3c4=2", "/jobs?job-page=2", "/jobs?limitstart=2",
    ],
)  # fmt: skip
def test_page_numbers_go_by_many_names(url: str) -> None:
    assert page_number(SITE + url) == 2


@pytest.mark.parametrize("url", ["/jobs?homepageid=2", "/jobs?pages=2", "/jobs?landingpage=2", "/jobs?id=2", "/jobs/2"])
def test_other_numbers_are_no_page_numbers(url: str) -> None:
    assert page_number(SITE + url) is None


def test_only_what_a_reader_can_follow_is_a_row() -> None:
    machines = '<link rel="alternate" href="/wp-json/jobs/9"><script src="/jobs/app"></script><iframe src="/jobs/map"></iframe>'
    listed = walk(Site({"/jobs": links(*jobs(1, 2), then=machines)}))
    assert set(listed.entries) == keys(1, 2)


@pytest.mark.parametrize("text", ["Next", "next page »", "›", "Weiter", "Page suivante", "次へ"])
def test_a_link_to_the_next_page_by_a_token_is_followed(text: str) -> None:
    def then(token: str) -> str:
        return f'<a href="/jobs?cursor={token}">{text}</a>'

    site = Site(
        {
            "/jobs": links(*jobs(1, 3), then=then("eyJ4")),
            "/jobs?cursor=eyJ4": links(*jobs(4, 6), then=then("fz9a")),
            "/jobs?cursor=fz9a": links(*jobs(7, 8)),
        }
    )
    listed = walk(site)
    assert keys(1, 8) <= set(listed.entries)
    assert listed.doubts == []


@pytest.mark.parametrize(
    "arrow",
    [
        '<a class="pager next" href="/jobs?after=eyJ4"><svg></svg></a>',
        '<a href="/jobs?after=eyJ4"><img src="/a.gif" alt="next"></a>',
    ],
    ids=["class", "picture"],
)
def test_a_link_that_shows_an_arrow_is_told_by_its_class_or_its_picture(arrow: str) -> None:
    site = Site(
        {
            "/jobs": links(*jobs(1, 3), then=arrow),
            "/jobs?after=eyJ4": links(*jobs(4, 6)),
        }
    )
    assert keys(1, 6) <= set(walk(site).entries)


@pytest.mark.parametrize(
    "further",
    [
        '<a href="/jobs?month=2026-12">Next</a>',
        '<a href="/jobs/1?cursor=x">Next</a>',
        '<a href="/jobs?cursor=x">Next steps</a>',
    ],
)
def test_no_next_page_is_a_month_or_another_page_or_what_only_begins_so(further: str) -> None:
    site = Site({"/jobs": links(*jobs(1, 3), then=further)})
    walk(site)
    assert site.asked == [START]


def numbered(*targets: str) -> str:
    return "".join(f'<a href="{target}">{number}</a>' for number, target in enumerate(targets, 1))


def test_pages_that_only_their_links_call_so_and_that_bring_nothing_cast_no_doubt_and_are_given_up() -> None:
    days = [f"/jobs?d={day}" for day in range(1, 31)]
    body = links(*jobs(1, 3), then=numbered(*days))
    site = Site({"/jobs": body, **dict.fromkeys(days, body)})
    listed = walk(site)
    assert repeats(listed, frozenset(keys(1, 3))) == []
    assert len(listed.read) == 4


def test_pages_that_only_their_links_call_so_and_that_go_on_are_doubted_where_one_repeats_another() -> None:
    pages = [f"/jobs/list_{number}.html" for number in (1, 2, 3, 4)]
    rows = [jobs(1, 3), jobs(4, 6), jobs(4, 6), jobs(7, 9)]
    bodies = [links(*row, then=numbered(*pages)) for row in rows]
    site = Site({"/jobs": bodies[0], **dict(zip(pages, bodies, strict=True))})
    listed = walk(site)
    assert keys(1, 9) <= set(listed.entries)
    assert [url.rpartition("/")[2] for url in repeats(listed, frozenset(keys(1, 9)))] == ["list_3.html"]


def test_a_page_behind_the_last_that_shows_it_once_more_is_its_end() -> None:
    def following(number: int) -> str:
        return f'<a href="/jobs?page={number + 1}">Next</a>'

    rows = [jobs(1, 3), jobs(4, 6), jobs(7, 8), jobs(7, 8)]
    pages = {f"/jobs?page={at}": links(*row, then=following(at)) for at, row in enumerate(rows, 1)}
    listed = walk(Site({"/jobs": pages["/jobs?page=1"], **pages}))
    assert repeats(listed, frozenset(keys(1, 8))) == []


def test_a_second_page_that_shows_the_first_once_more_is_a_repetition() -> None:
    pages = {f"/jobs?page={at}": links(*jobs(1, 3), then=f'<a href="/jobs?page={at + 1}">Next</a>') for at in (1, 2)}
    listed = walk(Site({"/jobs": pages["/jobs?page=1"], **pages}))
    assert repeats(listed, frozenset(keys(1, 3))) == [f"{SITE}/jobs?page=2"]


@pytest.mark.parametrize("others", [True, False], ids=["others are pages", "none is"])
def test_what_only_its_link_calls_a_page_and_is_not_there_is_a_doubt_where_others_are_pages(others: bool) -> None:
    pages = [f"/jobs/list_{number}.html" for number in (1, 2, 3)]
    body = links(*jobs(1, 3), then=numbered(*pages))
    found = {pages[1]: links(*jobs(4, 6), then=numbered(*pages))} if others else {}
    listed = walk(Site({"/jobs": body, **found}))
    assert any("list_3.html" in doubt for doubt in listed.doubts) is others


@pytest.mark.parametrize("name", ["per_page", "perPage", "items_per_page", "page_size", "pagesize", "size", "limit"])
def test_how_many_rows_a_page_has_is_no_page_number(name: str) -> None:
    assert page_number(f"{START}?{name}=25") is None
    assert page_number(f"{START}?{name}=25&page=2") == 2


def job(title: str, heading: str = "", *, then: str = "") -> str:
    """The page of a posting; with another heading it is another page that carries one."""
    markup = json.dumps({"@context": "https://schema.org", "@type": "JobPosting", "title": title, "description": "x"})
    return f'<html><head></head><body><h1>{heading or title}</h1>{then}<script type="application/ld+json">{markup}</script></body></html>'


@pytest.mark.parametrize("form", ["/jobs/p/{}", "/jobs?p={}"])
def test_what_is_numbered_like_pages_and_shows_one_posting_is_a_job(form: str) -> None:
    paths = [form.format(number) for number in (1, 2, 3)]
    similar = "".join(f'<a href="{path}">similar</a>' for path in paths)
    site = Site({"/jobs": links(*paths), **{path: job(f"Job {path}", then=similar) for path in paths}})
    listed = walk(site)
    assert {f"acme.example{path}" for path in paths} <= set(listed.entries)
    assert len(site.asked) == 2
    assert listed.doubts == []


def test_a_page_of_a_list_may_show_one_posting_that_is_not_its_heading() -> None:
    pages = [f"/jobs?page={number}" for number in (2, 3)]
    shown = {page: job("Cook", "Jobs", then=links(*jobs(at, at + 2))) for page, at in zip(pages, (4, 7), strict=True)}
    assert keys(1, 9) <= set(walk(Site({"/jobs": links(*jobs(1, 3), *pages), **shown})).entries)


def test_the_last_page_of_postings_that_stand_on_the_list_itself_may_be_left_with_one() -> None:
    site = Site({"/jobs": job("Cook", then=links("/jobs?page=2")), "/jobs?page=2": job("Baker", then=links("/jobs/9"))})
    assert "acme.example/jobs/9" in walk(site).entries


@pytest.mark.parametrize(
    "further",
    [
        '<a href="/search?c=sales&p=0">Show more</a>',
        '<div hx-get="/search?c=sales&amp;p=0" hx-trigger="revealed"></div>',
        '<turbo-frame id="more" loading="lazy" src="/search?c=sales&amp;p=0"></turbo-frame>',
    ],
)
def test_what_shows_more_elsewhere_by_the_number_of_a_page_may_be_a_further_one(further: str) -> None:
    listed = walk(Site({"/jobs": links(*jobs(1, 3), then=further), "/search?c=sales&p=0": links(*jobs(1, 6))}))
    assert keys(1, 6) <= set(listed.entries)
    nothing = walk(Site({"/jobs": links(*jobs(1, 3), then=further)}))
    assert nothing.doubts == []


def test_a_list_that_goes_on_behind_a_form_sent_by_post_proves_nothing() -> None:
    posted = '<form method="post"><button name="page" value="2">2</button></form>'
    listed = walk(Site({"/jobs": links(*jobs(1, 3), then=posted)}))
    assert listed.newest_only
    assert "POST" in listed.remarks[0]
    assert not walk(Site({"/jobs": links(*jobs(1, 3), "/jobs?page=2", then=posted)})).newest_only


def called(text: str, *paths: str) -> str:
    """Links that all say the same."""
    return "".join(f'<a href="{path}">{text}</a>' for path in paths)


@pytest.mark.parametrize("text", ["View more", "See more"])
@pytest.mark.parametrize("form", ["/?p={}", "/p/{}", "/offers?pg={}"])
def test_rows_that_say_more_and_are_numbered_like_pages_are_rows(form: str, text: str) -> None:
    rows = [form.format(number) for number in (4711, 4712, 4713, 4714, 4715)]
    site = Site({"/jobs": links(*jobs(1, 2), tail=called(text, *rows)), **dict.fromkeys(rows, links("/about"))})
    listed = walk(site)
    assert {urls.key(SITE + row) for row in rows} <= set(listed.entries)
    assert site.asked == [START]


def test_what_is_left_of_a_guess_that_is_given_up_is_listed() -> None:
    rows = [f"/{kind}/p/{number}" for kind in ("news", "events", "offers") for number in (1, 2, 3)]
    body = links(*jobs(11, 13), then=called("View more", *rows))
    site = Site({"/jobs": body, **dict.fromkeys(rows, links(*jobs(11, 13)))})
    listed = walk(site)
    assert len(site.asked) == 4
    assert {f"acme.example{row}" for row in rows[3:]} <= set(listed.entries)


def test_rows_that_say_more_on_a_page_that_is_not_followed_are_listed() -> None:
    again = links(*jobs(1, 3), then=called("View more", "/offers/p/2"))
    site = Site({"/jobs": links(*jobs(1, 3), "/jobs?page=2"), "/jobs?page=2": again})
    assert "acme.example/offers/p/2" in walk(site).entries


NEWS = {
    "a query": ('<a href="/news?page=2">Show more news</a>', "/news?page={}", "Next"),
    "a folder": ('<a href="/blog/page/2/">Load more</a>', "/blog/page/{}/", "Load more"),
    "loaded": ('<div hx-get="/blog/page/2/" hx-trigger="revealed"></div>', "/blog/page/{}/", "Older posts"),
}


@pytest.mark.parametrize("name", NEWS)
def test_a_blog_beside_a_list_is_not_read_to_its_end(name: str) -> None:
    teaser, form, text = NEWS[name]

    def page(number: int) -> str:
        posts = [f"/posts/what-happened-{number}-{at}" for at in range(5)]
        return links(*posts, tail=called(text, form.format(number + 1)) + "</body></html>")

    blog = {form.format(number): page(number) for number in range(2, 40)}
    site = Site({"/jobs": links(*jobs(1, 3), tail=f"{teaser}</body></html>"), **blog})
    listed = walk(site)
    assert len(site.asked) == 2
    assert listed.doubts == []


@pytest.mark.parametrize("more", [called("Show more", "/search?c=it&p=2"), NEWS["loaded"][0].replace("blog", "search")])
def test_a_list_that_goes_on_elsewhere_is_read_to_its_end(more: str) -> None:
    form = "/search?c=it&p={}" if "c=it" in more else "/search/page/{}/"
    later = {
        form.format(at): links(
            *jobs(3 * at - 2, 3 * at), then=called("More jobs", form.format(at + 1) if at < 8 else "/about")
        )
        for at in range(2, 9)
    }
    listed = walk(Site({"/jobs": links(*jobs(1, 3), then=more), **later}))
    assert keys(1, 24) <= set(listed.entries)
    assert listed.doubts == []


def test_a_page_that_a_guess_leads_to_is_a_guess_too() -> None:
    second = links(*jobs(4, 6), tail=called("Next", "/search?p=3") + "</body></html>")
    listed = walk(Site({"/jobs": links(*jobs(1, 3), then=called("Show more", "/search?p=2")), "/search?p=2": second}))
    assert listed.guessed == {f"{SITE}/search?p=2", f"{SITE}/search?p=3"}


@pytest.mark.parametrize("form", ["/jobs/p/{}", "/offers/p/{}"], ids=["below the list", "elsewhere"])
def test_a_list_of_nothing_but_numbered_jobs_is_not_empty(form: str) -> None:
    paths = [form.format(number) for number in (1, 2, 3)]
    site = Site(
        {"/jobs": f"<html><body>{called('View more', *paths)}</body></html>", **dict.fromkeys(paths, job("Cook"))}
    )
    listed = walk(site)
    assert {f"acme.example{path}" for path in paths} <= set(listed.entries)
    assert listed.rows == 1


@pytest.mark.parametrize("odd", [2, 3, 4])
@pytest.mark.parametrize("form", ["/jobs?page={}", "/jobs?start={}0", "/jobs/list_{}.html"])
def test_a_page_of_a_list_that_shows_one_of_its_jobs_in_full_is_no_job(form: str, odd: int) -> None:
    numbers = numbered(*(form.format(at) for at in (1, 2, 3, 4)))
    pages = {form.format(at): links(*jobs(3 * at - 2, 3 * at), tail=numbers) for at in (1, 2, 3, 4)}
    pages[form.format(odd)] = job("Cook", then=links(*jobs(3 * odd - 2, 3 * odd), tail=numbers))
    assert keys(1, 12) <= set(walk(Site({"/jobs": pages[form.format(1)], **pages})).entries)


@pytest.mark.parametrize("form", ["/jobs?page={}", "/jobs/list_{}.html"])
def test_the_last_page_of_a_list_may_be_left_with_one_job_that_it_shows_in_full(form: str) -> None:
    numbers = "".join(called(str(at), form.format(at)) for at in (1, 2, 4, 3))
    pages = {form.format(at): links(*jobs(3 * at - 2, 3 * at), tail=numbers) for at in (1, 2, 3)}
    pages[form.format(4)] = job("Cook")
    assert keys(1, 9) <= set(walk(Site({"/jobs": pages[form.format(1)], **pages})).entries)


def test_a_blog_whose_newest_posts_stand_beside_a_list_is_not_read_to_its_end_where_its_postings_are_known() -> None:
    def posts(number: int) -> str:
        named = [f"/posts/what-happened-{number}-{at}" for at in range(5)]
        return "".join(f'<a href="{post}">post</a>' for post in named) + called(
            "Load more", f"/blog/page/{number + 1}/"
        )

    blog = {f"/blog/page/{number}/": links(tail=f"{posts(number)}</body></html>") for number in range(2, 40)}
    site = Site({"/jobs": links(*jobs(1, 3), then=posts(1)), **blog})
    known = walk_list(site.ask, site.read, [START], start_url=SITE, shapes=["acme.example/jobs/*"])
    assert keys(1, 3) <= set(asyncio.run(known).entries)
    assert len(site.asked) == 2
    assert len(walk(site).pages) > 30
