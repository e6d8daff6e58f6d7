from __future__ import annotations

import asyncio
import gzip
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.answers import Answer
from crawler.listing import Listed
from crawler.sources.sitemap import walk_sitemaps
from crawler.sources.sitemap_file import is_sitemap, read_sitemap
from tests.crawler.answering import SITE, Site, answer, failed

ROOT = f"{SITE}/sitemap.xml"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def urlset(*paths: str, lastmod: str = "") -> str:
    stamp = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    rows = "".join(f"<url><loc>{SITE}{path}</loc>{stamp}</url>\n" for path in paths)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{NAMESPACE}">\n{rows}</urlset>\n'


def index(*names: str) -> str:
    rows = "".join(f"<sitemap><loc>{SITE}/{name}</loc></sitemap>" for name in names)
    return f'<sitemapindex xmlns="{NAMESPACE}">{rows}</sitemapindex>'


JOBS = [f"/jobs/{number}" for number in range(50)]
WHOLE = urlset(*JOBS)


def read(body: str | bytes, *, measured: bool = True) -> tuple[str, int, str]:
    file = read_sitemap(body.encode() if isinstance(body, str) else body, ROOT, measured=measured, limit=10**6)
    return file.kind, len(file.entries), file.doubt


def walk(site: Site, *roots: str) -> Listed:
    return asyncio.run(walk_sitemaps(site.ask, roots or (ROOT,), start_url=SITE, limit=10**6))


def test_a_sitemap_names_addresses_with_their_lastmod() -> None:
    file = read_sitemap(urlset("/jobs/1", lastmod="2026-11-01").encode(), ROOT, measured=True, limit=10**6)
    assert [(entry.url, entry.lastmod) for entry in file.entries] == [(f"{SITE}/jobs/1", "2026-11-01")]
    assert file.doubt == ""


@pytest.mark.parametrize(
    "body",
    [
        WHOLE,
        WHOLE.replace("urlset", "sm:urlset").replace("xmlns=", "xmlns:sm="),
        "\ufeff" + WHOLE,
        WHOLE + "<!-- made by a plugin -->\n",
        WHOLE.replace("/jobs/3<", "/jobs/3?a=1&b=2<"),
        gzip.compress(WHOLE.encode()),
    ],
    ids=["plain", "prefixed", "byte order mark", "comment after it", "bare ampersand", "gzip"],
)
def test_a_whole_file_is_whole(body: str | bytes) -> None:
    assert read(body) == ("urlset", 50, "")


@given(st.integers(min_value=1, max_value=len(WHOLE) - len("</urlset>\n") + 1))
def test_a_file_cut_anywhere_is_never_whole(at: int) -> None:
    assert read(WHOLE[:at])[2]


@given(st.integers(min_value=1, max_value=len(WHOLE) - len("</urlset>\n") + 1))
def test_a_file_with_a_bare_ampersand_cut_anywhere_is_never_whole(at: int) -> None:
    damaged = WHOLE.replace("/jobs/0<", "/jobs/0?a=1&b=2<")
    assert read(damaged[:at])[2]


def test_a_cut_gzip_file_is_doubtful() -> None:
    packed = gzip.compress(WHOLE.encode())
    assert read(packed[: len(packed) // 2]) == ("none", 0, "the gzip file is cut off")


def test_a_gzip_bomb_is_refused() -> None:
    assert "larger than" in read(gzip.compress(b"\0" * 5_000_000))[2]


@pytest.mark.parametrize(
    ("body", "doubt"),
    [
        ("<!doctype html><html><body><p>Maintenance<br></body></html>", "HTML in place of a sitemap"),
        ("<html><body/></html>", "HTML in place of a sitemap"),
        ("<rss/>", "<rss> in place of a sitemap"),
        ("", "the file is empty"),
        ("not found", "neither XML nor a list of addresses"),
        ('{"error": 1}', "neither XML nor a list of addresses"),
    ],
)
def test_something_else_in_its_place_is_a_doubt(body: str, doubt: str) -> None:
    assert read(body) == ("none", 0, doubt)


def test_an_empty_sitemap_is_whole_and_remarked_on() -> None:
    listed = walk(Site({"/sitemap.xml": urlset()}))
    assert (listed.doubts, listed.remarks) == ([], [f"{ROOT} is empty"])


def test_entities_are_not_expanded_and_files_not_read(tmp_path: object) -> None:
    bomb = (
        '<!DOCTYPE u [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        f'<urlset xmlns="{NAMESPACE}"><url><loc>{SITE}/&f;&b;</loc></url></urlset>'
    )
    file = read_sitemap(bomb.encode(), ROOT, measured=True, limit=10**6)
    assert not any("root" in entry.url or "aaaa" in entry.url for entry in file.entries)


@pytest.mark.parametrize("loc", ["file:///etc/passwd", "javascript:alert(1)", "http://u:p@acme.example/", "//x\\y", ""])
def test_a_loc_that_is_no_web_address_is_left_out(loc: str) -> None:
    assert read(f'<urlset xmlns="{NAMESPACE}"><url><loc>{loc}</loc></url></urlset>') == ("urlset", 0, "")


def test_a_list_of_addresses_is_whole_only_with_a_declared_length() -> None:
    text = f"{SITE}/jobs/1\n{SITE}/jobs/2\n"
    assert read(text) == ("urlset", 2, "")
    assert read(text, measured=False) == ("urlset", 2, "its length was not declared")


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(body: bytes) -> None:
    read_sitemap(body, ROOT, measured=True, limit=10**6)


def test_an_index_is_followed_job_files_first() -> None:
    site = Site(
        {
            "/sitemap.xml": index("pages.xml", "news.xml", "job-postings.xml"),
            "/pages.xml": urlset("/about"),
            "/news.xml": urlset("/news/1"),
            "/job-postings.xml": urlset("/jobs/1", "/jobs/2"),
        }
    )
    listed = walk(site)
    assert site.asked[1] == f"{SITE}/job-postings.xml"
    assert set(listed.entries) == {
        "acme.example/about",
        "acme.example/news/1",
        "acme.example/jobs/1",
        "acme.example/jobs/2",
    }
    assert listed.doubts == []


@pytest.mark.parametrize(
    "child",
    [503, 404, answer(f"{SITE}/b.xml", urlset("/jobs/2"), whole=False), failed(f"{SITE}/b.xml"), WHOLE[:500]],
    ids=["503", "404", "cut body", "time-out", "cut file"],
)
def test_one_child_that_fails_makes_the_whole_list_doubtful(child: int | Answer | str) -> None:
    site = Site({"/sitemap.xml": index("a.xml", "b.xml"), "/a.xml": urlset("/jobs/1"), "/b.xml": child})
    listed = walk(site)
    assert len(listed.doubts) == 1
    assert listed.doubts[0].startswith(f"{SITE}/b.xml: ")
    assert "acme.example/jobs/1" in listed.entries


def test_an_index_that_names_itself_ends() -> None:
    site = Site({"/sitemap.xml": index("sitemap.xml", "a.xml"), "/a.xml": index("sitemap.xml", "a.xml")})
    walk(site)
    assert len(site.asked) == 2


def test_indexes_nested_without_end_are_given_up() -> None:
    site = Site({f"/{number}.xml": index(f"{number + 1}.xml") for number in range(100)})
    listed = walk(site, f"{SITE}/0.xml")
    assert len(site.asked) < 10
    assert any("nested" in doubt for doubt in listed.doubts)


def test_an_index_of_indexes_of_indexes_is_read() -> None:
    site = Site({"/0.xml": index("1.xml"), "/1.xml": index("2.xml"), "/2.xml": index("3.xml"), "/3.xml": urlset("/a")})
    listed = walk(site, f"{SITE}/0.xml")
    assert (list(listed.entries), listed.doubts) == (["acme.example/a"], [])


def test_an_ampersand_that_nobody_escaped_leaves_nothing_of_an_address_out() -> None:
    body = urlset("/job?id=1&lang=en&amp;a=%20", "/b").replace(f"{SITE}/b", f"<![CDATA[{SITE}/b?c=1&d=2]]>")
    file = read_sitemap(body.encode(), ROOT, measured=True, limit=10**6)
    assert [entry.url for entry in file.entries] == [f"{SITE}/job?id=1&lang=en&a=%20", f"{SITE}/b?c=1&d=2"]
    assert file.doubt == ""


def test_ampersands_behind_sections_that_do_not_end_are_looked_for_at_once() -> None:
    began = time.process_time()
    assert read(f"<urlset>{'<![CDATA[&' * 50_000}")[2]
    assert time.process_time() - began < 3


def test_files_without_number_are_given_up_and_doubted() -> None:
    names = [f"part-{number}.xml" for number in range(300)]
    site = Site({"/sitemap.xml": index(*names)} | {f"/{name}": urlset(f"/{name}/x") for name in names})
    listed = walk(site)
    assert len(site.asked) <= 60
    assert any("were not read" in doubt for doubt in listed.doubts)


def test_the_job_files_of_a_large_index_are_all_read() -> None:
    names = [f"part-{number}.xml" for number in range(100)] + [f"jobs-{number}.xml" for number in range(80)]
    site = Site({"/sitemap.xml": index(*names)} | {f"/{name}": urlset(f"/{name}/x") for name in names})
    listed = walk(site)
    assert sum("jobs-" in url for url in site.asked) == 80
    assert listed.doubts == []


def test_addresses_of_other_sites_are_left_out() -> None:
    foreign = urlset("/jobs/1").replace("</urlset>", "<url><loc>https://evil.example/jobs/2</loc></url></urlset>")
    assert list(walk(Site({"/sitemap.xml": foreign})).entries) == ["acme.example/jobs/1"]


def test_images_and_documents_are_left_out() -> None:
    assert list(walk(Site({"/sitemap.xml": urlset("/jobs/1", "/jobs/1.pdf", "/logo.png")})).entries) == [
        "acme.example/jobs/1"
    ]


def test_a_sitemap_that_is_gone_is_told_from_one_that_fails() -> None:
    assert walk(Site({"/sitemap.xml": 404})).gone
    assert not walk(Site({"/sitemap.xml": 503})).gone


@pytest.mark.parametrize(
    ("path", "is_file"),
    [
        ("/sitemap.xml", True),
        ("/sitemap_index.php?type=jobs", True),
        ("/jobs.xml.gz", True),
        ("/list.txt", True),
        ("/jobs", False),
        ("/jobs?page=2", False),
    ],
)
def test_a_sitemap_is_told_from_a_page_by_its_name(path: str, is_file: bool) -> None:
    assert is_sitemap(SITE + path) is is_file


def test_where_a_file_is_called_by_a_word_for_jobs_one_of_news_that_fails_is_no_doubt() -> None:
    pages = {"/sitemap.xml": index("jobs.xml", "news.xml"), "/jobs.xml": urlset("/jobs/1", "/jobs/2"), "/news.xml": ""}
    listed = walk(Site(pages))
    assert listed.doubts == []
    assert listed.remarks == [f"{SITE}/news.xml: the file is empty"]


@pytest.mark.parametrize(("one", "other"), [("a.xml", "news.xml"), ("jobs.xml", "b.xml"), ("news.xml", "jobs.xml")])
def test_a_file_that_may_hold_jobs_is_a_doubt_where_it_fails(one: str, other: str) -> None:
    pages = {"/sitemap.xml": index(one, other), f"/{one}": urlset("/jobs/1", "/jobs/2"), f"/{other}": ""}
    assert walk(Site(pages)).doubts == [f"{SITE}/{other}: the file is empty"]


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-be"])
def test_a_sitemap_in_utf_16_is_read(coding: str) -> None:
    text = WHOLE.replace("UTF-8", "UTF-16")
    body = text.encode(coding) if coding == "utf-16" else b"\xfe\xff" + text.encode(coding)
    assert read(body) == ("urlset", 50, "")
