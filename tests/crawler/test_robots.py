"""Reading robots.txt by RFC 9309. The cases of the second part follow Google's public robots.txt tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from crawler.robots import Rules, holds, read_rules
from postings.sites import RobotsAnswer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def answer(status: int | None = 200, text: str = "", age: timedelta = timedelta(0)) -> RobotsAnswer:
    return RobotsAnswer(status=status, body=text.encode(), fetched_at=NOW - age)


def rules(text: str, agent: str = "FooBot") -> Rules:
    return read_rules(answer(200, text), agent)


def may(text: str, path: str, agent: str = "FooBot") -> bool:
    return rules(text, agent).allows(f"https://foo.bar{path}")


DISALLOW_ALL = "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_a_robots_txt_that_is_unavailable_allows_everything_whatever_its_body_says(status: int) -> None:
    assert read_rules(answer(status, DISALLOW_ALL), "FooBot").allows("https://foo.bar/x")


@pytest.mark.parametrize("status", [None, 429, 500, 502, 503, 504, 599])
def test_a_robots_txt_that_is_unreachable_allows_nothing_whatever_its_body_says(status: int | None) -> None:
    closed = read_rules(answer(status, "User-agent: *\nAllow: /\n"), "FooBot")
    assert not closed.allows("https://foo.bar/x")
    assert closed.closed


def test_good_answers_hold_for_a_day_and_bad_ones_for_an_hour() -> None:
    assert holds(answer(200, age=timedelta(hours=23)), NOW)
    assert not holds(answer(200, age=timedelta(hours=25)), NOW)
    assert not holds(answer(503, age=timedelta(minutes=61)), NOW)
    assert not holds(answer(None, age=timedelta(minutes=61)), NOW)


def test_an_answer_from_the_future_does_not_hold() -> None:
    assert not holds(answer(200, age=timedelta(hours=-1)), NOW)


def test_the_first_500_kib_are_read_and_no_more() -> None:
    padding = "# " + "x" * 998 + "\n"
    early = padding * 400 + "User-agent: *\nDisallow: /early\n"
    late = padding * 600 + "User-agent: *\nDisallow: /late\n"
    assert not may(early, "/early")
    assert may(late, "/late")


def test_a_line_that_the_limit_cuts_is_not_read() -> None:
    head = "User-agent: *\nDisallow: /private\n"
    text = head + "#" + "x" * (500 * 1024 - len(head) - 12) + "\nDisallow: /public-not-this\n"
    assert may(text, "/public")


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("2", 2.0),
        ("0.5", 0.5),
        ("99999999", 60.0),
        ("0", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("x", None),
    ],
)
def test_the_crawl_delay_is_bounded(text: str, delay: float | None) -> None:
    assert rules(f"User-agent: *\nCrawl-delay: {text}\n").crawl_delay == delay


def test_sitemap_lines_are_found_wherever_they_stand() -> None:
    text = "Sitemap: https://foo.bar/a.xml\nUser-agent: x\nDisallow: /\nsitemap:https://foo.bar/b.xml\n"
    assert rules(text).sitemaps == ("https://foo.bar/a.xml", "https://foo.bar/b.xml")


def test_a_page_of_html_is_no_rule() -> None:
    assert may("<html><body>User-agent: * Disallow: /</body></html>", "/x")


@given(st.text(max_size=400), st.text(max_size=40))
def test_any_text_can_be_read(text: str, path: str) -> None:
    found = rules(text)
    found.allows(f"https://foo.bar/{path}")
    assert found.crawl_delay is None or 0 < found.crawl_delay <= 60


# Google's robots_test.cc

GROUPS = (
    "allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\nuser-agent: BarBot\ndisallow: /\nallow: /y/\n\n\n"
    "allow: /w/\nuser-agent: BazBot\n\nuser-agent: FooBot\nallow: /z/\ndisallow: /\n"
)
FOO = "user-agent: FooBot\n"


GOOGLE = [
    ("", "FooBot", "/", True),
    ("user-agent: FooBot\ndisallow: /\n", "FooBot", "/x/y", False),
    ("user-agent: FooBot\ndisallow: /\n", "BarBot", "/x/y", True),
    ("foo: FooBot\nbar: /\n", "FooBot", "/x/y", True),
    ("user-agent FooBot\ndisallow /\n", "FooBot", "/x/y", False),
    (GROUPS, "FooBot", "/x/b", True),
    (GROUPS, "FooBot", "/z/d", True),
    (GROUPS, "FooBot", "/y/c", False),
    (GROUPS, "BarBot", "/y/c", True),
    (GROUPS, "BarBot", "/w/a", True),
    (GROUPS, "BarBot", "/z/d", False),
    (GROUPS, "BazBot", "/z/d", True),
    (GROUPS, "FooBot", "/foo/bar/", False),
    ("User-agent: BarBot\nSitemap: https://foo.bar/sitemap\nUser-agent: *\nDisallow: /\n", "BarBot", "/", False),
    ("User-agent: FooBot\nInvalid-Unknown-Line: unknown\nUser-agent: *\nDisallow: /\n", "FooBot", "/", False),
    ("USER-AGENT: FooBot\nALLOW: /x/\nDISALLOW: /\n", "FooBot", "/x/y", True),
    ("USER-AGENT: FooBot\nALLOW: /x/\nDISALLOW: /\n", "FooBot", "/a/b", False),
    ("user-agent: FOO BAR\nallow: /x/\ndisallow: /\n", "foo", "/x/y", True),
    ("user-agent: FOO BAR\nallow: /x/\ndisallow: /\n", "foo", "/a/b", False),
    ("User-Agent: *\nDisallow: /\nUser-Agent: Foo Bar\nAllow: /x/\nDisallow: /\n", "Foo", "/x/y", True),
    ("user-agent: hire\ndisallow: /\n", "hirewatch", "/x", True),
    ("user-agent: hirewatch-news\ndisallow: /\n", "hirewatch", "/x", True),
    ("user-agent: hirewatch/2.0\ndisallow: /\n", "hirewatch", "/x", False),
    ("user-agent: *\nallow: /\nuser-agent: FooBot\ndisallow: /\n", "FooBot", "/x/y", False),
    ("user-agent: *\nallow: /\nuser-agent: FooBot\ndisallow: /\n", "BarBot", "/x/y", True),
    ("user-agent: FooBot\nallow: /\nuser-agent: BarBot\ndisallow: /\n", "QuxBot", "/x/y", True),
    ("user-agent: FooBot\ndisallow: /X/\n", "FooBot", "/x/y", True),
    (FOO + "disallow: /x/page.html\nallow: /x/\n", "FooBot", "/x/page.html", False),
    (FOO + "allow: /x/page.html\ndisallow: /x/\n", "FooBot", "/x/page.html", True),
    (FOO + "allow: /x/page.html\ndisallow: /x/\n", "FooBot", "/x/", False),
    (FOO + "disallow: \nallow: \n", "FooBot", "/x/page.html", True),
    (FOO + "disallow: /\nallow: /\n", "FooBot", "/x/page.html", True),
    (FOO + "disallow: /x\nallow: /x/\n", "FooBot", "/x", False),
    (FOO + "disallow: /x\nallow: /x/\n", "FooBot", "/x/", True),
    (FOO + "allow: /page\ndisallow: /*.html\n", "FooBot", "/page.html", False),
    (FOO + "allow: /x/page.\ndisallow: /*.html\n", "FooBot", "/x/page.html", True),
    ("User-agent: *\nDisallow: /x/\nUser-agent: FooBot\nDisallow: /y/\n", "FooBot", "/x/page", True),
    (FOO + "Disallow: /\nAllow: /foo/bar/ツ\n", "FooBot", "/foo/bar/%E3%83%84", True),
    (FOO + "Disallow: /\nAllow: /foo/bar/%E3%83%84\n", "FooBot", "/foo/bar/%E3%83%84", True),
    (FOO + "Disallow: /foo/bar$\n", "FooBot", "/foo/bar", False),
    (FOO + "Disallow: /foo/bar$\n", "FooBot", "/foo/bar/", True),
    (FOO + "# Disallow: /\nDisallow: /foo/quz#qux\n", "FooBot", "/foo/bar", True),
    (FOO + "# Disallow: /\nDisallow: /foo/quz#qux\n", "FooBot", "/foo/quz", False),
    ("\ufeffUser-agent: FooBot\nDisallow: /\n", "FooBot", "/x", False),
    ("User-agent: FooBot\rDisallow: /a\r\nDisallow: /b\n", "FooBot", "/a", False),
]


@pytest.mark.parametrize(("text", "agent", "path", "allowed"), GOOGLE)
def test_google_s_cases(text: str, agent: str, path: str, allowed: bool) -> None:
    assert may(text, path, agent) is allowed


def test_protego_alone_reads_some_of_them_otherwise() -> None:
    alone = [Protego.parse(text).can_fetch(f"https://foo.bar{path}", agent) for text, agent, path, _ in GOOGLE]
    assert alone != [allowed for *_, allowed in GOOGLE]


def test_the_status_decides_and_not_the_body_that_comes_with_it() -> None:
    assert not read_rules(answer(200, DISALLOW_ALL), "FooBot").allows("https://foo.bar/x")
    assert read_rules(answer(200, "User-agent: *\nAllow: /\n"), "FooBot").allows("https://foo.bar/x")
