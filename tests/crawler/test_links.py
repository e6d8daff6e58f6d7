from __future__ import annotations

import ada_url
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction import read_page
from crawler.pages import Link, Page
from postings import urls

BASES = [
    "https://acme.example/",
    "https://acme.example/careers/jobs/1?page=2",
    "https://acme.example/careers/",
    "http://acme.example:8080/a//b/c.html",
    "http://127.0.0.1/jobs;v=1/@me",
]
PIECES = st.sampled_from([
    "https://", "http://", "//", "acme.example", "a-b.example.com", "xn--bcher-kva.example", "1.2.3.4", "/", "..", "../", "./",
    ".", "jobs", "1", "?", "=", "&", "#", "%2e", "%2E", "%20", "%", ":", "@", "+", "'", '"', "|", "\\", " ", "\t", "ü", "A", "~", "!",
    "(", ")", "*", "$", ";", ",", "_", "-", "javascript:", "mailto:", ":443", ":80", "[", "{", "^", "<",
])  # fmt: skip
ADDRESSES = st.lists(PIECES, min_size=1, max_size=7).map("".join)


def as_browsers_do(address: str, base: str) -> str | None:
    """WHATWG's answer with the refusals of `urls.parse`, from its parser and nothing else."""
    text = address.strip(" \t\r\n\f")
    if "\\" in text or any(ord(char) < 32 or 127 <= ord(char) < 160 for char in text):
        return None
    try:
        parsed = ada_url.URL(text, base=base)
    except ValueError:
        return None
    if parsed.protocol not in ("http:", "https:") or parsed.username or parsed.password:
        return None
    parsed.hash = ""
    return str(parsed.href)


def links(html: str, base: str = BASES[0]) -> list[Link]:
    return list(
        read_page(Page(url=base, body=html.encode(), content_type="text/html; charset=utf-8"), links=True).links
    )


def quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


@settings(max_examples=400)
@given(ADDRESSES, st.sampled_from(BASES))
def test_the_short_way_to_an_absolute_link_is_the_long_one(address: str, base: str) -> None:
    found = [link.url for link in links(f'<a href="{quoted(address)}">x</a>', base)]
    if address.startswith(("#", "javascript:", "mailto:")):
        assert found == []
    elif "@" not in address:
        assert found == [url for url in [as_browsers_do(address, base)] if url]
    else:
        assert found == [url for url in [urls.parse(address, base)] if url]


def test_links_in_a_page_that_is_no_web_page_are_only_the_absolute_ones() -> None:
    found = links('<a href="/x">x</a><a href="https://acme.example/y">y</a>', base="file:///tmp/a.html")
    assert [link.url for link in found] == ["https://acme.example/y"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Welder", "Welder"),
        ("<b>Welder</b>", "Welder"),
        ("<div>Welder</div><div>Berlin <i>today</i></div>now", "Welder Berlin today now"),
        ("<img alt=x>", "titled"),
        ("<!-- no -->Welder", "Welder"),
    ],
)
def test_the_text_of_a_link_is_that_of_all_in_it_or_else_its_title(html: str, text: str) -> None:
    (link,) = links(f'<a href="/jobs/1" title="titled">{html}</a>')
    assert link.text == text


def test_a_later_text_fills_in_for_a_missing_one_and_its_place_stays_the_first() -> None:
    found = links('<a href="/1"></a><a href="/2">Two</a><a href="/1#x">One</a><a href="/1">Uno</a>')
    assert [(link.url[-1], link.text) for link in found] == [("1", "One"), ("2", "Two")]
