from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import documents, extraction
from crawler.extraction import file_page, read_page
from crawler.pages import Page, Reading
from postings import markup, urls

URL = "https://acme.example/jobs/1"
WELDER: dict[str, Any] = {
    "@context": "https://schema.org/",
    "@type": "JobPosting",
    "title": "Welder",
    "hiringOrganization": {"@type": "Organization", "name": "Acme"},
    "url": "/jobs/1",
}


def script(value: object, kind: str = "application/ld+json") -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f'<script type="{kind}">{text}</script>'


def html(*parts: str, head: str = "") -> bytes:
    body = "".join(parts)
    return f'<!doctype html><html lang="de"><head><title>A job</title>{head}</head><body>{body}</body></html>'.encode()


def read(body: bytes, *, links: bool = False, **page: Any) -> Reading:
    return read_page(Page(url=URL, body=body, **page), links=links)


def titles(reading: Reading) -> list[str | None]:
    return [one.posting.title for one in reading.postings]


class TestJsonLd:
    @pytest.mark.parametrize(
        "value",
        [
            WELDER,
            [WELDER],
            {"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, WELDER]},
            {"@type": "WebPage", "mainEntity": WELDER},
            {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": WELDER}]},
            {**WELDER, "@type": ["JobPosting", "Thing"]},
            {**WELDER, "@type": "http://schema.org/JobPosting", "@context": None},
            {**WELDER, "@type": "jobPosting"},
            {"@context": {"s1": "https://schema.org/"}, "@type": "s1:JobPosting", "s1:title": "Welder"},
            {"@context": {"s1": "http://schema.org/"}, "@graph": [{"@type": "s1:JobPosting", "s1:title": "Welder"}]},
        ],
        ids=[
            "object",
            "list",
            "graph",
            "main entity",
            "item list",
            "types",
            "type iri",
            "case",
            "prefix",
            "inherited prefix",
        ],
    )
    def test_a_posting_is_found_wherever_it_stands(self, value: object) -> None:
        assert titles(read(html(script(value)))) == ["Welder"]

    @pytest.mark.parametrize("kind", ["application/ld+json; charset=utf-8", " APPLICATION/LD+JSON "])
    def test_the_media_type_may_have_parameters_and_capitals(self, kind: str) -> None:
        assert titles(read(html(script(WELDER, kind)))) == ["Welder"]

    def test_a_broken_script_does_not_hide_the_others(self) -> None:
        reading = read(html(script('{"@type": "JobPosting", oops'), script(""), script(WELDER)))
        assert titles(reading) == ["Welder"]
        assert reading.script_broken

    def test_a_page_whose_only_script_is_broken_says_so(self) -> None:
        reading = read(html(script('{"@type": "JobPosting", "title": }')))
        assert reading.postings == ()
        assert reading.script_broken
        assert [problem.level for problem in reading.problems] == ["error"]

    def test_a_posting_said_twice_is_one(self) -> None:
        again = {**WELDER, "@id": "#again", "image": "x.png"}
        assert titles(read(html(script(WELDER), script(again)))) == ["Welder"]

    def test_several_postings_come_in_their_order_with_their_own_addresses(self) -> None:
        postings = [{**WELDER, "title": title, "url": f"/jobs/{title}"} for title in ("B", "A", "C")]
        reading = read(html(script(postings[:2]), script(postings[2])))
        assert titles(reading) == ["B", "A", "C"]
        assert [one.posting.url for one in reading.postings] == [f"https://acme.example/jobs/{t}" for t in "BAC"]
        assert [one.own_url for one in reading.postings] == [f"https://acme.example/jobs/{t}" for t in "BAC"]

    def test_what_is_only_referred_to_is_looked_up(self) -> None:
        graph = [
            {"@id": "#org", "@type": "Organization", "name": "Acme"},
            {**WELDER, "hiringOrganization": {"@id": "#org"}},
        ]
        (one,) = read(html(script({"@graph": graph}))).postings
        assert one.posting.organization is not None
        assert one.posting.organization.name == "Acme"

    def test_a_reference_to_the_posting_is_no_second_posting(self) -> None:
        graph = [{"@type": "WebPage", "about": {"@type": "JobPosting", "@id": "#job"}}, {**WELDER, "@id": "#job"}]
        reading = read(html(script({"@graph": graph})))
        assert titles(reading) == ["Welder"]
        assert reading.unreadable_postings == ()

    def test_references_that_go_round_in_circles_end(self) -> None:
        graph = [
            {"@id": "#a", "name": "Acme", "sub": [{"@id": "#a"}] * 20},
            {**WELDER, "hiringOrganization": {"@id": "#a"}},
        ]
        assert titles(read(html(script({"@graph": graph})))) == ["Welder"]

    @pytest.mark.parametrize("name", ["jobposting", "JOBPOSTING", "jobPosting", "\\u006aob\\u0050osting"])
    def test_a_type_in_other_letters_is_found_without_a_look_at_every_page(self, name: str) -> None:
        value = json.dumps({**WELDER, "@type": "TYPE", "description": "<p>x</p></b>"}).replace("TYPE", name)
        assert titles(read(html(script({"@type": "WebSite"}), script(value)))) == ["Welder"]

    def test_an_empty_posting_is_named_as_unreadable(self) -> None:
        reading = read(html(script({"@type": "JobPosting", "title": ""})))
        assert reading.postings == ()
        assert len(reading.unreadable_postings) == 1

    def test_the_raw_object_is_kept_as_json(self) -> None:
        (one,) = read(html(script({**WELDER, "title": "Wel\x00der ü"}))).postings
        assert json.loads(one.raw)["title"] == "Welder ü"

    def test_addresses_of_an_item_list_are_given(self) -> None:
        items = [{"@type": "ListItem", "url": "/jobs/1"}, {"item": {"@id": "https://acme.example/jobs/2"}}, "/jobs/3"]
        reading = read(html(script({"@type": "ItemList", "itemListElement": items})), links=True)
        assert reading.item_list == tuple(f"https://acme.example/jobs/{n}" for n in (1, 2, 3))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "latin-1", "cp1252"])
    def test_every_encoding_is_read(self, encoding: str) -> None:
        body = html(script({**WELDER, "title": "Schweißer"}).replace("\\u00df", "ß")).decode()
        charset = None if encoding == "utf-16" else encoding
        assert titles(read(body.encode(encoding), charset=charset)) == ["Schweißer"]

    def test_an_escaped_type_is_found(self) -> None:
        assert titles(read(html(script(json.dumps(WELDER).replace("JobPosting", "\\u004aobPosting"))))) == ["Welder"]

    @pytest.mark.parametrize("kind", ["application/ld&#43;json", "application/ld&#x2B;json", "APPLICATION/LD+JSON"])
    def test_a_script_whose_type_is_spelled_oddly_is_found_without_links(self, kind: str) -> None:
        body = html(script(WELDER)).replace(b"application/ld+json", kind.encode())
        assert titles(read(body)) == titles(read(body, links=True)) == ["Welder"]

    @pytest.mark.parametrize(
        "body",
        ["<p>Engineer</p>", '<script>"decoratedJobPostingId"; typeof JobPosting == 1</script>'],
        ids=["no word", "no syntax"],
    )
    def test_a_page_that_cannot_hold_a_posting_is_parsed_only_for_its_links(
        self, body: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parsed: list[bytes] = []
        parse = documents.parse_prepared

        def counted(source: bytes) -> documents.Document | documents.NoDocument:
            parsed.append(source)
            return parse(source)

        monkeypatch.setattr(extraction, "parse_prepared", counted)
        read(html(body))
        assert not parsed
        assert read(html(body), links=True).title == "A job"
        assert len(parsed) == 1

    def test_a_script_below_a_thousand_elements_is_found(self) -> None:
        assert titles(read(html("<div>" * 1_000, script(WELDER)))) == ["Welder"]


class TestMicrodataAndRdfa:
    ITEM = (
        '<div itemscope itemtype="http://schema.org/JobPosting"><h1 itemprop="title">Welder</h1>'
        '<span itemprop="hiringOrganization" itemscope itemtype="http://schema.org/Organization">'
        '<b itemprop="name">Acme</b></span>'
        '<div itemprop="description"><ul><li>weld</li><li>drill</li></ul></div>'
        '<meta itemprop="datePosted" content="2026-11-01"><a itemprop="url" href="/jobs/1">x</a></div>'
    )

    def test_microdata_is_read_with_the_markup_of_its_description(self) -> None:
        (one,) = read(html(self.ITEM)).postings
        assert one.posting.syntax == "microdata"
        assert one.posting.title == "Welder"
        assert one.posting.organization is not None
        assert one.posting.organization.name == "Acme"
        assert one.posting.description_text == "weld\ndrill"
        assert one.posting.description_html == "<ul><li>weld</li><li>drill</li></ul>"
        assert str(one.posting.date_posted) == "2026-11-01"
        assert one.own_url == URL

    def test_the_text_of_a_link_is_the_value_of_what_is_no_address(self) -> None:
        item = (
            '<div itemscope itemtype="http://schema.org/JobPosting"><h2><a itemprop="title url" href="/jobs/1">Welder</a></h2>'
            '<a itemprop="hiringOrganization" href="/acme">Acme</a><a itemprop="jobLocation" href="/bonn">Bonn</a></div>'
        )
        (one,) = read(html(item)).postings
        assert one.own_url == URL
        assert one.posting.organization is not None
        assert (one.posting.title, one.posting.organization.name) == ("Welder", "Acme")
        assert one.posting.locations[0].locality == "Bonn"

    @pytest.mark.parametrize("name", ["url", "http://schema.org/url", "https://www.schema.org/URL", "schema:url"])
    def test_a_link_says_an_address_however_its_property_is_spelled(self, name: str) -> None:
        (one,) = read(html(self.ITEM.replace("<h1", f'<a itemprop="{name}" href="/job/12">Apply</a><h1'))).postings
        assert one.own_url == "https://acme.example/job/12"

    @pytest.mark.parametrize("said", ['datetime="2026-11-01">soon', 'content="2026-11-01">soon', ">2026-11-01"])
    def test_a_time_says_its_date_or_shows_it(self, said: str) -> None:
        (one,) = read(html(self.ITEM.replace("<h1", f'<time itemprop="validThrough" {said}</time><h1'))).postings
        assert str(one.posting.valid_through) == "2026-11-01"

    def test_a_heading_inside_an_item_without_title_is_its_title(self) -> None:
        item = '<div itemscope itemtype="https://schema.org/JobPosting"><h1>Welder</h1><p itemprop="description">Weld.</p></div>'
        assert titles(read(html(item))) == ["Welder"]

    def test_properties_that_an_item_refers_to_are_its_own(self) -> None:
        item = (
            '<div itemscope itemtype="http://schema.org/JobPosting" itemref="a b c d none a"><b itemprop="title">T</b></div>'
            '<p id="a" itemprop="industry">I</p><div id="b"><i itemprop="skills">S</i><div itemprop="hiringOrganization" '
            'itemscope itemtype="http://schema.org/Organization"><b itemprop="name">A</b></div></div>'
            '<div id="c" itemscope itemprop="jobLocation" itemtype="http://schema.org/Place"><b itemprop="name">DE</b></div>'
            '<div id="d" itemscope itemtype="x"><b itemprop="url">/u</b><p itemscope><b itemprop="title">no</b></p></div>'
        )
        (one,) = read(html(item)).postings
        posting = one.posting
        assert posting.organization is not None
        assert (posting.title, posting.industry, posting.skills, posting.organization.name) == ("T", "I", "S", "A")
        assert posting.locations[0].country == "DE"
        assert one.own_url == "https://acme.example/u"

    def test_attributes_in_capitals_are_read(self) -> None:
        assert titles(read(html(self.ITEM.replace("itemtype", "itemType").replace("itemprop", "ITEMPROP")))) == [
            "Welder"
        ]

    def test_rdfa_is_read(self) -> None:
        item = (
            '<div vocab="https://schema.org/" typeof="JobPosting"><h1 property="title">Welder</h1>'
            '<div property="hiringOrganization" typeof="Organization"><span property="name">Acme</span></div></div>'
        )
        (one,) = read(html(item)).postings
        assert one.posting.syntax == "rdfa"
        assert one.posting.title == "Welder"
        assert one.posting.organization is not None
        assert one.posting.organization.name == "Acme"

    def test_json_ld_that_says_it_makes_microdata_unread(self) -> None:
        (one,) = read(html(script(WELDER), self.ITEM)).postings
        assert one.posting.syntax == "json-ld"

    def test_items_nested_past_all_reason_are_named_as_unreadable(self) -> None:
        scope = '<div itemprop="hiringOrganization" itemscope itemtype="x">'
        reading = read(html('<div itemscope itemtype="http://schema.org/JobPosting">', scope * 1_500))
        assert reading.postings == ()
        assert "microdata" in reading.unreadable_postings[0]


class TestThePageItself:
    def test_what_it_says_of_itself_is_read(self) -> None:
        head = '<link rel="canonical" href="/jobs/1#top"><link rel="next" href="?page=2"><base href="/other/">'
        reading = read(html("<h1>Welder <b>wanted</b></h1>", head=head), links=True)
        assert reading.title == "A job"
        assert reading.heading == "Welder wanted"
        assert reading.language == "de"
        assert reading.canonical == "https://acme.example/jobs/1"
        assert reading.next_page == "https://acme.example/other/?page=2"

    @pytest.mark.parametrize(
        ("meta", "header", "noindex"),
        [
            ("noindex, follow", None, True),
            ("NONE", None, True),
            ("index,follow", None, False),
            ("", "noindex", True),
            ("", "googlebot: noindex", True),
            ("", "otherbot: noindex", False),
            ("", "otherbot: noarchive, noindex", False),
            ("", "max-snippet: 5, noindex", True),
        ],
    )
    def test_noindex_is_read_from_page_and_header(self, meta: str, header: str | None, noindex: bool) -> None:
        head = f'<meta name="robots" content="{meta}">' if meta else ""
        assert read(html("x", head=head), links=True, robots_tag=header).noindex is noindex

    def test_links_are_absolute_once_each_and_only_to_the_web(self) -> None:
        body = html(
            '<a href="/jobs/1#apply"></a><a href="/jobs/1" rel="Nofollow">Welder\n (m/f)</a><a href="../2">Two</a>',
            '<a href="JavaScript:x()">x</a><a href="mailto:a@b.example">m</a><a href="file:///etc/passwd">f</a>',
            '<a href="https://other.example/x?b=2&amp;a=1">o</a><iframe src="//board.example/acme"></iframe>',
            head='<link rel="alternate" type="application/rss+xml" href="/feed"><link rel="stylesheet" href="/s.css">',
        )
        links = {link.url: link for link in read(body, links=True).links}
        assert list(links) == [
            "https://acme.example/feed",
            "https://acme.example/jobs/1",
            "https://acme.example/2",
            "https://other.example/x?b=2&a=1",
            "https://board.example/acme",
        ]
        assert links["https://acme.example/jobs/1"].text == "Welder (m/f)"
        assert links["https://acme.example/jobs/1"].rel == {"nofollow"}
        assert links["https://acme.example/feed"].type == "application/rss+xml"
        assert links["https://board.example/acme"].tag == "iframe"

    def test_the_next_page_may_be_a_link_in_the_body(self) -> None:
        reading = read(html('<a rel="next" href="?page=2">more</a>'), links=True)
        assert reading.next_page == "https://acme.example/jobs/1?page=2"

    def test_a_page_without_the_word_is_not_parsed_when_no_links_are_wanted(self) -> None:
        started = time.process_time()
        reading = read(b"<p>" * 5_000_000)
        assert time.process_time() - started < 0.5
        assert (reading.title, reading.unreadable) == (None, None)

    def test_a_page_of_a_million_links_is_cut_and_says_so(self) -> None:
        reading = read(b"".join(b"<a href=/jobs/%d>x</a>" % n for n in range(60_000)), links=True)
        assert len(reading.links) == 50_000
        assert reading.links_cut


@pytest.mark.parametrize(
    "address",
    [
        "/jobs/1", "/jobs/1?a=b&c=%20", "/a/./b", "/a/../b", "//other.example/x", "/a//b", "jobs", "?x", "?", "#x", "", "/a?",
        "https://acme.example/x", "https://ACME.example/x", "https://acme.example", "https://acme.example:443/x",
        "https://1.2.3.4/x", "https://0x7f.1/x", "https://xn--bcher-kva.example/x", "http://a_b.example/", "/ü", "/a b",
        "/a\\b", "https://user@acme.example/x", "/" + "x" * 3_000, "/%zz", "/a?b?c", "/.hidden", "/a/.b", "/a.html#x",
        "/.%2e/x", "/%2e%2e/x", "/a/%2E%2e/b", "https://acme.example/%2e/x",
    ],
)  # fmt: skip
def test_the_short_way_to_an_absolute_link_is_the_long_one(address: str) -> None:
    found = read(html(f'<a href="{address}">x</a>'), links=True).links
    parsed = urls.parse(address, URL) if address and not address.startswith("#") else None
    assert [link.url for link in found] == ([parsed] if parsed else [])


def test_problems_are_looked_for_only_when_they_are_asked_for() -> None:
    page = Page(url=URL, body=html(script(WELDER)))
    (plain,), (looked_at,) = (read_page(page, links=False, problems=asked).postings for asked in (False, True))
    assert plain.problems == ()
    assert "/description" in [problem.path for problem in looked_at.problems]
    assert plain.posting == looked_at.posting


NAMES = st.text(st.characters(codec=None, exclude_characters=":@"), max_size=20).filter(
    lambda name: name.lower() not in {known.lower() for known in [*WELDER, *markup.PROPERTIES, "type"]}
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=5))
def test_properties_that_nobody_knows_change_nothing(unknown: dict[str, Any]) -> None:
    organization = {**WELDER["hiringOrganization"], **unknown}
    reading = read(html(script({**unknown, **WELDER, "hiringOrganization": organization})))
    assert [one.posting for one in reading.postings] == [one.posting for one in read(html(script(WELDER))).postings]


@given(st.permutations(["Welder", "Fitter", "Turner", "", "broken", "list"]))
def test_the_order_of_scripts_changes_nothing_but_the_order(order: list[str]) -> None:
    scripts = {
        title: script({**WELDER, "title": title, "url": f"/{title}"}) for title in ("Welder", "Fitter", "Turner")
    }
    scripts |= {
        "": script(""),
        "broken": script('{"@type": "JobPosting", "title"'),
        "list": script([{"@type": "WebPage"}]),
    }
    reading = read(html(*[scripts[one] for one in order]))
    assert titles(reading) == [one for one in order if one in ("Welder", "Fitter", "Turner")]
    assert reading.script_broken
    by_title = {one.posting.title: one.posting for one in reading.postings}
    usual = read(html(*scripts.values())).postings
    assert by_title == {one.posting.title: one.posting for one in usual}


TAGS = st.sampled_from([
    "<script type=application/ld+json>", "</script>", "<", ">", '{"@type":"JobPosting","title":"', '"}', "<a href=", "<base href=//>",
    '<div itemscope itemtype="http://schema.org/JobPosting">', "<b itemprop=title itemref=x id=x>", "<p itemprop=url itemscope>",
    '<div vocab="http://schema.org/" typeof=JobPosting>', "<i property=title resource=x>", "<link rel=canonical href=http:>", "</div>",
    "<h1>", "<title>", "<meta charset=utf-16>", "<svg><title>", "\x00", "\ud800", "&#0;", "ü", "<!--", "]]>", "<html lang=de>", "<frameset>",
])  # fmt: skip


@given(st.lists(TAGS | st.text(st.characters(codec=None), max_size=8), max_size=12).map("".join), st.booleans())
def test_no_page_makes_reading_fail(text: str, links: bool) -> None:
    read_page(Page(url=URL, body=text.encode("utf-8", "surrogatepass")), links=links, problems=True)


@given(st.binary(max_size=200), st.sampled_from([None, "utf-16", "latin-1", "no-such", "utf-7", "idna"]))
def test_no_bytes_make_reading_fail(body: bytes, charset: str | None) -> None:
    for start in (b"", b"\xff\xfe", b"\xef\xbb\xbf", b"JobPosting"):
        read_page(Page(url=URL, body=start + body, charset=charset), links=True)


class TestPagesThatCannotBeRead:
    @pytest.mark.parametrize("body", [b"", b"  \n ", b"<!-- JobPosting -->"])
    def test_an_empty_page_is_unreadable(self, body: bytes) -> None:
        assert read(body, links=True).unreadable is not None

    def test_nesting_past_the_parser_s_depth_is_unreadable_and_never_empty(self) -> None:
        reading = read(html("<div>" * 3_000, script(WELDER)))
        assert reading.postings == ()
        assert reading.unreadable is not None
        assert "depth" in reading.unreadable

    def test_a_document_of_another_kind_is_unreadable(self) -> None:
        reading = read(b"%PDF-1.7", content_type="application/pdf", links=True)
        assert reading.unreadable == "it is application/pdf, not HTML"

    @pytest.mark.parametrize(
        "body",
        [
            html('<script type="application/ld+json">' * 20_000, "JobPosting"),
            html(*[script('{"@type":"JobPosting",,')] * 3_000),
            html("JobPosting", '<a href="/x">' * 20_000),
            html('<div itemscope itemtype="http://schema.org/JobPosting">', "<b itemprop=title>A" * 1_000),
            html('<div itemscope itemtype="http://schema.org/JobPosting"><b itemprop=title>A</b></div>' * 3_000),
            html(script({**WELDER, "title": "&amp;" * 50_000, "description": "&lt;p " * 50_000})),
            html(script({**WELDER, "jobLocation": [{"address": {"addressLocality": f"t{n}"}} for n in range(5_000)]})),
            b"JobPosting" + b"<!--" * 50_000,
            b"\x00JobPosting\xff\xfe" * 5_000,
        ],
        ids=[
            "unclosed scripts",
            "broken scripts",
            "nested links",
            "nested properties",
            "items",
            "escapes",
            "places",
            "comments",
            "binary",
        ],
    )
    def test_a_hostile_page_is_read_in_bounded_time(self, body: bytes) -> None:
        started = time.process_time()
        read(body, links=True)
        assert time.process_time() - started < 8


class TestFiles:
    def test_a_file_with_bare_json_is_read_as_one_script(self, tmp_path: Path) -> None:
        for name, text in [("a.jsonld", "<!--\n" + json.dumps(WELDER) + "\n-->"), ("b", json.dumps([WELDER]))]:
            page = file_page(tmp_path / name, text.encode())
            reading = read_page(page, links=False)
            assert titles(reading) == ["Welder"]
            assert reading.postings[0].posting.url is None

    def test_an_html_file_is_read_as_it_is(self, tmp_path: Path) -> None:
        page = file_page(tmp_path / "a.html", html(script({**WELDER, "url": "https://acme.example/x"})))
        (one,) = read_page(page, links=True).postings
        assert one.posting.url == "https://acme.example/x"

    def test_a_script_end_inside_the_text_does_not_end_it(self, tmp_path: Path) -> None:
        text = json.dumps({**WELDER, "description": "<script>x</script><p>Weld.</p>"})
        (one,) = read_page(file_page(tmp_path / "a.json", text.encode()), links=False).postings
        assert one.posting.description_text == "Weld."


@pytest.mark.parametrize(
    "head",
    [
        '<meta http-equiv="refresh" content="0; url=/en/careers">',
        "<META HTTP-EQUIV='Refresh' CONTENT=\"3;URL='https://acme.example/en/careers'\">",
        "<script>window.location.href = '/en/careers';</script>",
        '<script>location.replace("/en/careers")</script>',
        "<script>var x = 1; top.location = '/en/careers'</script>",
    ],
)
def test_a_page_that_leads_on_by_itself_has_a_link(head: str) -> None:
    links = read(html(head=head), links=True).links
    assert [(link.url, link.tag) for link in links] == [("https://acme.example/en/careers", "refresh")]


@pytest.mark.parametrize(
    "parts",
    [
        '<meta http-equiv="refresh" content="300">',
        "<meta http-equiv='refresh' content='0; url=/en/careers'><a href='/jobs/2'>Job</a>",
        "<a href='/jobs/2'>Job</a><script>location.href = '/en/careers'</script>",
        "<script>if (location.href == '/en/careers') go()</script>",
        "<script>my.location = '/en/careers'</script>",
    ],
)
def test_a_page_that_reloads_itself_or_has_links_leads_nowhere_by_itself(parts: str) -> None:
    assert [link for link in read(html(parts), links=True).links if link.tag == "refresh"] == []


@pytest.mark.parametrize(
    ("body", "applies"),
    [
        ("<h1>Welder</h1><a href='/apply/1'>Apply now</a>", True),
        ("<h1>Schweißer</h1><button>Jetzt bewerben</button>", True),
        ("<h1>Welder</h1><p>Apply yourself to your work.</p>", False),
        ("<h1>Welder</h1><a class='disabled' href='/apply/1'>Apply now</a>", False),
    ],
)
def test_a_page_without_a_posting_tells_whether_people_can_apply(body: str, applies: bool) -> None:
    assert read(html(body), links=True).lets_apply is applies


@pytest.mark.parametrize(
    ("urls", "applies"),
    [(("/jobs/2", "/jobs/3"), True), (("/jobs/2",), False), (("/jobs/2", URL), False), (("/jobs/2", ""), False)],
)
def test_a_page_of_other_pages_postings_tells_whether_people_can_apply(urls: tuple[str, ...], applies: bool) -> None:
    markup = [{"@type": "JobPosting", "title": f"Welder {number}", "url": url} for number, url in enumerate(urls)]
    script = f'<script type="application/ld+json">{json.dumps(markup)}</script>'
    reading = read(html(f"<h1>Welder</h1>{script}<a href='/apply/1'>Apply now</a>"), links=True)
    assert (len(reading.postings), reading.lets_apply) == (len(urls), applies)


def test_a_link_for_those_who_are_not_led_on_is_no_other_one() -> None:
    fallback = "<a href='/en/'>click here</a>"
    body = html(fallback, head='<meta http-equiv="refresh" content="0; url=/en/">')
    assert "refresh" in {link.tag for link in read(body, links=True).links}
