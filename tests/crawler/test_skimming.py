"""Elements found without a tree: the same as those of the tree, or none at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import extraction
from crawler.documents import Document, parse, prepare
from crawler.extraction import file_page, read_page
from crawler.head import Elements, Head, gather
from crawler.pages import Page
from crawler.skimming import skim
from crawler.tags import Odd

COLLECTION = Path(__file__).parents[2].parent / "shared" / "corpus" / "pages"
URL = "https://acme.example/jobs/1"
POSTING = '<script type="application/ld+json">{"@type": "JobPosting", "title": "Welder"}</script>'
PLAIN = (
    "<title>Welder &amp; driller &ndash; Acme</title>",
    '<meta name="robots" content="noindex">',
    '<META NAME="ROBOTS" CONTENT=none>',
    '<meta property="og:locale" content="de_DE" />',
    '<meta name=description content="a < b & c > d">',
    '<link rel="canonical" href="/jobs/1?a=1&amp;b=2">',
    "<link rel=next href=/jobs/2>",
    '<link rel="alternate" hreflang="de" href="/de/jobs/1"/>',
    '<base href="https://acme.example/careers/">',
    "<h1>Welder &eacute; <span class='x'>f/m</span> at night</h1>",
    '<h1><a href="/jobs/1"title="Welder">Welder</a><br>nights</h1>',
    "<H1>WELDER</H1>",
    "<!-- a comment -->",
    f"<!-- {POSTING} -->",
    '<script>document.write("<h1>no</h1><title>no</title>")</script>',
    "<style>h1 > p { color: red }</style>",
    '<div class="a">',
    "</div>",
    "<p title='a > b'>",
    "</p>",
    "text",
    "a < b",
    "\r\n",
    '<a href="/jobs/2?a=1&amp;b=2">Driller</a>',
    "it's 5 > 4, \"isn't it\"",
    "<p title='a > \"b\"'>",
    '<iframe src="https://boards.example/acme" title="Jobs"><p>none</p></iframe>',
    '<script src="/app.js?a=1&b=2" async></script>',
    '<link rel="alternate" type="application/rss+xml" href="/feed" title="Feed">',
    "<link rel=stylesheet href=/a.css>",
)
ODD = (
    "<!-->", "<!--->", "<!-- x --!>", "-->", "<!doctype html>", "<![CDATA[x]]>", "<?php x ?>", "</ x>", "<>", "&copy", "é",
    "<script><!-- <script> </script> --></script>", "<script>x <!-- y</script>", "<script/>", "<script>", "</script >",
    "<style><script></style>", "<textarea><title>no</title></textarea>", "<textarea>", "<iframe><h1>no</h1></iframe>",
    '<noscript><link rel="canonical" href="/no"></noscript>', "<svg><title>a picture</title></svg>", "<svg/>",
    "<xmp><h1>no</h1></xmp>", "<plaintext>", "<title>", "</title>", "<h1>", "</h1>", "<h2>", "<html lang=fr>", "<html>", "<html/>",
    '<html d=""y=""/>', "<!---->",
    "<head>", "</head>", "<body class=x>", "</body>", "</html>", "<math>", "<template>", "<frameset>", "<select><option>",
    "<table><tr><td>", "</table>", "<a>", "</a>", "<b>", "</b>", "<my-element>", "<my_element>", "<a\x0bb>", "\x0c",
    f"<div data-x=\"{POSTING.replace(chr(34), chr(39))}\">", "<div data-x='a \"b\" c'>", '<div title="x"y=z>', '<p title="a"">',
    '<p title=a"b>', "<p title=it's>", '<a href = "/x">', "<p =x>", "<p/=x>", "<br/>", "<p a=b=c>", '<p a="x>', '">', "'>",
    "<div", ">", '</div x="y>z">', "<link rel='canonical' href='/a?b&copy=1'>", '<link rel="canonical" href="/&#0;">',
    '<script type="application/LD+JSON">{"@type": "JobPosting", "title": "Capital"}</script>',
    '<script type="application/ld&#43;json">{"@type": "JobPosting", "title": "Reference"}</script>',
    "<script type=application/ld+json>[1]</script>",
    "</html x><h2>more</h2>", "</html x>", "<!-- </a> -->", '<img alt="</a>">', "<link rel=canonical href='/20?x&copy=1&lt'>", '<link rel="canonical" href="/2?a=1&region=2&notit;&b">',
    '<link data-x=" rel=" REL="canonical"hreflang=de href="/21">', "<link rel=canonical href = '/26'>", "<link href=/24 href=/25 rel=canonical>",
    "<p title='<a href=/35>x</a>'>", "<p title=\"'><a href='/36'>x</a>\">", "'", '"', ">", "->", "<p title='->'>", '<p class="[&>svg]:w-4">',
)  # fmt: skip


def page(body: str | bytes) -> Page:
    return Page(url=URL, body=body if isinstance(body, bytes) else body.encode(), content_type="text/html")


def prepared(body: str | bytes) -> bytes:
    source = prepare(page(body))
    assert isinstance(source, bytes)
    return source


def of_tree(body: str | bytes) -> tuple[Any, ...]:
    document = parse(page(body))
    assert isinstance(document, Document)
    return told(gather(document.tree, links=False))


def of_text(body: str | bytes) -> tuple[Any, ...] | None:
    return of_source(prepared(body))


def of_source(source: bytes) -> tuple[Any, ...] | None:
    elements = skim(source)
    try:
        return told(elements) if elements is not None else None
    except Odd:
        return None


def told(elements: Elements) -> tuple[Any, ...]:
    """What reading makes of elements."""
    scripts = [
        (one.get("type"), one.text or "")
        for one in elements.scripts
        if (one.get("type") or "").strip().lower().startswith("application/ld+json")
    ]
    head = Head(elements, URL)
    return scripts, elements.title, elements.heading, vars(head)


def pages(pieces: tuple[str, ...]) -> st.SearchStrategy[str]:
    head = st.sampled_from(["", '<!doctype html><html lang="en"><head><title>A job</title>'])
    rest = st.lists(st.sampled_from(pieces), max_size=12)
    return st.builds(lambda *parts: "".join([parts[0], *parts[1], POSTING, *parts[2]]), head, rest, rest)


def insides() -> st.SearchStrategy[str]:
    """What is in a heading: elements in one another, most of them closed where they were opened."""
    texts = st.sampled_from(
        ["", "x", " ", "a &amp; b", "&lt;", "<br>", "<img alt='A'>", "<img src=x>", "<!-- c -->", "<path d=x />"]
    )
    names = st.sampled_from(
        "span strong b em i small u font time label svg g div p h2 h4 ul li table td section button form noscript".split()
    )
    return st.recursive(
        texts,
        lambda inner: st.builds(
            lambda name, parts: f"<{name} class=a>{''.join(parts)}</{name}>", names, st.lists(inner, max_size=3)
        ),
        max_leaves=8,
    ) | st.lists(texts | st.builds("<{}>".format, names) | st.builds("</{}>".format, names), max_size=6).map("".join)


class TestTheSameAsTheTree:
    @settings(max_examples=400, deadline=None)
    @given(pages(PLAIN))
    def test_of_a_plain_page(self, body: str) -> None:
        assert of_text(body) in (None, of_tree(body))

    @settings(max_examples=600, deadline=None)
    @given(pages(PLAIN + ODD))
    def test_of_an_odd_page_if_there_is_anything(self, body: str) -> None:
        assert of_text(body) in (None, of_tree(body))

    @settings(max_examples=400, deadline=None)
    @given(insides())
    def test_of_whatever_is_in_a_heading(self, inside: str) -> None:
        body = f"<html><body><div><h1>{inside}</h1> behind</div></body></html>"
        assert of_text(body) in (None, of_tree(body))

    def test_everything_that_a_usual_page_says_is_found(self) -> None:
        body = (
            '<!DOCTYPE html>\r\n<html lang="de-AT" class=js>\r\n<head><meta charset="utf-8"><title>Welder &ndash; Acme</title>'
            '<meta name="robots" content="noindex"><link rel="canonical" href="/jobs/1?a=1&amp;b=2">'
            f'<link rel=stylesheet href=/a.css>{POSTING}</head><body><div class="a b"data-x=1><h1>Welder <b>f/m</b></h1>'
            "<p>1 < 2</p><script>var x = '<h1>no</h1>'</script></div></body></html>\n<!-- 3 ms -->"
        )
        skimmed = skim(prepared(body))
        assert skimmed is not None
        head = Head(skimmed, URL)
        assert (head.language, head.title, head.heading) == ("de-AT", "Welder – Acme", "Welder f/m")
        assert (head.canonical, head.noindex) == ("https://acme.example/jobs/1?a=1&b=2", True)
        assert [one.text for one in skimmed.scripts] == ['{"@type": "JobPosting", "title": "Welder"}']
        assert told(skimmed) == of_tree(body)


class TestWhatIsNoTag:
    @pytest.mark.parametrize(
        "around",
        ["<!-- {} -->", "<textarea>{}</textarea>", "<iframe>{}</iframe>", "<style>{}</style>", "<xmp>{}</xmp>"],
        ids=lambda around: around[1:9],
    )
    def test_a_posting_there_is_none(self, around: str) -> None:
        skimmed = skim(prepared("<html>" + around.format(POSTING) + "<h1>A job</h1></html>"))
        assert skimmed is not None
        assert not skimmed.scripts

    @pytest.mark.parametrize("around", ["<div data-x='{}'>", '<div data"="x{}y"z">', '<div title="a > {}">'])
    def test_a_posting_in_an_attribute_is_left_to_the_parser(self, around: str) -> None:
        body = "<html>" + around.format(POSTING.replace('"', "&quot;")) + "<h1>A job</h1></html>"
        assert skim(prepared(body + POSTING)) is None


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{POSTING}<script>var a = 1 <h1>A job</h1>",
        f"{POSTING}<!-- never ends <h1>A job</h1>",
        f'<p title="never ends>{POSTING}<h1>A job</h1>',
        f"<p>{POSTING}<script><!-- <script> </script> --></script><h1>A job</h1>",
        f"<svg><title>A picture</title></svg>{POSTING}",
        f"<h1>A job<p>more{POSTING}",
        f"<p>{POSTING}</html><h1>A job</h1>",
        f"\x00{POSTING}",
        POSTING.encode().replace(b"Welder", b"W\xe4lder") + "<p>grüße</p>".encode(),
    ],
    ids=["script", "comment", "attribute", "nested", "picture", "heading", "end", "nul", "letters"],
)
def test_what_two_readers_might_understand_differently_is_parsed(body: str | bytes) -> None:
    assert of_source(body if isinstance(body, bytes) else body.encode()) is None


def test_a_broken_script_is_left_to_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    body = (
        f"<html><h1>A job</h1>{POSTING}"
        + '<script type="application/ld+json">{"@type": "JobPosting", "title": </script>'
    )
    read = read_page(page(body), links=False)
    monkeypatch.setattr(extraction, "skim", lambda source: None)
    assert read == read_page(page(body), links=False)
    assert read.script_broken


@pytest.mark.real_pages
@pytest.mark.skipif(not COLLECTION.is_dir(), reason=f"there is no collection of pages at {COLLECTION}")
def test_real_pages_are_read_the_same_with_and_without_their_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [file_page(file, file.read_bytes()) for file in sorted(COLLECTION.iterdir())]
    skimmed = [read_page(one, links=False) for one in found]
    spared = sum(of_source(one.body) is not None for one, read in zip(found, skimmed, strict=True) if read.postings)
    monkeypatch.setattr(extraction, "skim", lambda source: None)
    assert skimmed == [read_page(one, links=False) for one in found]
    assert spared >= 30
