from __future__ import annotations

import json
from typing import Any

import lxml.etree
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import rdfa
from crawler.extraction import read_page
from crawler.extractors import rdfa as read_graph
from crawler.pages import Page, Reading

BASE = "https://acme.example/jobs/1"
OPEN = '<div vocab="https://schema.org/" typeof="JobPosting">'


def page(body: str) -> bytes:
    return f"<!doctype html><html><head><title>x</title></head><body>{body}</body></html>".encode()


def read(body: str) -> Reading:
    return read_page(Page(url=BASE, body=page(body)), links=False)


def lite(body: str) -> list[dict[str, Any]] | None:
    tree = lxml.etree.fromstring(page(body), lxml.etree.HTMLParser(encoding="utf-8"))
    return rdfa.read_lite(rdfa.job_postings(tree), BASE)


def test_items_properties_and_targets_are_read_in_their_order() -> None:
    (item,) = (
        lite(
            f'{OPEN}<h1 property="title">Welder <b>wanted</b></h1><meta property="datePosted" content="2026-11-01">'
            '<time property="validThrough" datetime="2026-12-31">soon</time><a property="url" href="/jobs/1">x</a>'
            '<p property="jobLocation" typeof="Place"><span property="name schema:description">Berlin</span></p>'
            '<i property="skills">TIG</i><i property="skills">MIG</i><div typeof="Person"><b property="name">Ann</b></div></div>'
        )
        or []
    )
    assert item == {
        "@type": ["JobPosting"],
        "title": ["Welder wanted"],
        "datePosted": ["2026-11-01"],
        "validThrough": ["2026-12-31"],
        "url": [{"@id": BASE}],
        "jobLocation": [{"@type": ["Place"], "name": ["Berlin"], "description": ["Berlin"]}],
        "skills": ["TIG", "MIG"],
    }


def test_an_item_with_a_name_of_its_own_is_read() -> None:
    (item,) = lite(f'{OPEN[:-1]} resource="#welder"><b property="title">Welder</b></div>') or []
    assert item == {"@type": ["JobPosting"], "@id": f"{BASE}#welder", "title": ["Welder"]}


@pytest.mark.parametrize(
    "body",
    [
        '<div typeof="schema:JobPosting"><b property="schema:title">Welder</b></div>',
        '<div vocab="https://other.example/" typeof="JobPosting"><b property="title">Welder</b></div>',
        f'{OPEN}<b rel="nofollow" property="title">Welder</b></div>',
        f'{OPEN}<b property="title" datatype="">Welder</b></div>',
        f'{OPEN}<b property="url" resource="/jobs/2">Welder</b></div>',
        f'{OPEN}<a href="/x"><b property="title">Welder</b></a></div>',
        f'{OPEN}<b property="title">Welder</b><div typeof="JobPosting"></div></div>',
        f'{OPEN}<b property="title">Welder</b><div vocab="https://other.example/"></div></div>',
        f'{OPEN}<div resource="#x"><b property="title">Welder</b></div></div>',
        f'{OPEN[:-1]} resource=""><b property="title">Welder</b></div>',
        f'{OPEN[:-1]} resource="{BASE}"><b property="title">Welder</b></div>',
        f'<a href="#x">x</a>{OPEN[:-1]} resource="{BASE}#x"><b property="title">Welder</b></div>',
    ],
)
def test_what_is_more_than_lite_is_left_to_the_graph(body: str) -> None:
    assert lite(body) is None


@pytest.mark.parametrize("second", ['resource="#j"', 'about="#j"', 'typeof="Thing" resource="/jobs/1#j"'])
def test_an_item_goes_on_where_its_name_is_said_again(second: str) -> None:
    body = (
        f'{OPEN[:-1]} resource="#j"><b property="title">Welder</b></div>'
        f'<div vocab="https://schema.org/" {second}><span property="validThrough">2026-12-01</span></div>'
    )
    (one,) = read(body).postings
    assert (one.posting.title, str(one.posting.valid_through)) == ("Welder", "2026-12-01")


@pytest.mark.parametrize(
    "inner",
    [
        '<div typeof="Organization" resource="#o"><b property="name">Acme</b></div>'
        '<link property="hiringOrganization" href="#o"></div>',
        '<div property="hiringOrganization" typeof="Organization" resource="#o"></div></div>'
        '<div vocab="https://schema.org/" resource="#o"><b property="name">Acme</b></div>',
    ],
    ids=["referred to", "continued"],
)
def test_a_thing_within_an_item_is_known_by_its_name(inner: str) -> None:
    (one,) = read(f'{OPEN}<b property="title">Welder</b>{inner}').postings
    assert one.posting.organization is not None
    assert one.posting.organization.name == "Acme"


def test_full_rdfa_is_read_by_way_of_the_graph() -> None:
    body = (
        '<div prefix="s: https://schema.org/" typeof="s:JobPosting"><b property="s:title">Welder</b>'
        '<div rel="s:hiringOrganization"><p typeof="s:Organization"><b property="s:name">Acme</b></p></div></div>'
    )
    (one,) = read(body).postings
    assert one.posting.title == "Welder"
    assert one.posting.organization is not None
    assert one.posting.organization.name == "Acme"


TEXTS = st.sampled_from(
    ["Welder", "Berlin", "2026-11-01", "FULL_TIME", "Weld &amp; drill", "60000", "Wel<b>d</b>ing", "DE", ""]
)
NAMES = ["title", "datePosted", "employmentType", "description", "industry", "skills", "name", "addressLocality", "url"]
# without `time` and `data`: extruct asks pyRdfa for the rules of plain RDFa, not for those of HTML
LITERALS = {
    "text": '<span property="{name}">{text}</span>',
    "content": '<meta property="{name}" content="{plain}">',
    "target": '<a property="{name}" href="/{plain}">{text}</a>',
    "source": '<img property="{name}" src="{plain}.png">',
    "plain": "<p class=x>{text}</p>",
}


@st.composite
def markup(draw: st.DrawFn, depth: int = 2) -> str:
    parts = []
    # a graph keeps no order of values: each property once
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4)):
        text = draw(TEXTS)
        plain = text.replace("<b>", "").replace("</b>", "")
        parts.append(LITERALS[draw(st.sampled_from(sorted(LITERALS)))].format(name=name, text=text, plain=plain))
    inner = {"hiringOrganization": "Organization", "jobLocation": "Place", "address": "PostalAddress", "": "Person"}
    for name in draw(st.lists(st.sampled_from(sorted(inner)), unique=True, max_size=2)) if depth else []:
        said = f'property="{name}" ' if name else ""
        parts.append(f'<div {said}typeof="{inner[name]}"><p>{draw(markup(depth=depth - 1))}</p></div>')
    return "".join(parts)


@settings(max_examples=60, deadline=None)
@given(markup())
def test_lite_is_read_as_the_graph_of_the_page_is(inner: str) -> None:
    body = f"{OPEN}{inner}</div>"
    quick = lite(body)
    assert quick is not None
    # the same page through pyRdfa, which says more than anybody needs
    slow = read_graph(page(body), "utf-8", BASE)
    text = json.dumps({"@graph": slow}).replace("</", "<\\/")
    graph = f'<script type="application/ld+json">{text}</script>'
    assert _told(read(body)) == _told(read(graph))


def _told(reading: Reading) -> list[Any]:
    told = []
    for one in reading.postings:
        posting = one.posting
        told.append((
            posting.title, posting.organization, posting.locations, posting.employment_types, posting.date_posted,
            posting.description_text, posting.industry, posting.skills, one.own_url,
        ))  # fmt: skip
    return told


def test_ten_thousand_items_in_one_page_are_read_in_bounded_time() -> None:
    body = f'{OPEN}<b property="title">Welder</b></div>' * 10_000
    assert len(read(body).postings) == 1
