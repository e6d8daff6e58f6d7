"""Feeds as programs that are not ours read them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from delivery.feeds import feed
from delivery.feeds.feed import Departed, Entry, Feed, entry, entry_id
from delivery.feeds.job_xml import job_xml
from delivery.feeds.json_feed import json_feed
from delivery.feeds.syndication import atom, rss
from tests.delivery.eventlog import NOON, posting_record

FEED = Feed(
    title="Acme",
    description="Open postings of acme",
    home="http://127.0.0.1:8777/sites/acme",
    address="http://127.0.0.1:8777/feeds/sites/acme.atom",
    updated=NOON,
)
HOSTILE = "<script>alert(1)</script> & \x07\x00\ufffe ]]> \u202e =1+1"


def an_entry(number: int = 1, **fields: Any) -> Entry:
    return entry(
        posting_record(number, **fields),
        id=entry_id("i1", f"p_{number}"),
        published=NOON - timedelta(days=number),
        updated=NOON,
    )


@pytest.mark.parametrize("write", [rss, atom])
def test_a_reader_reads_every_posting_with_its_id_its_link_and_its_day(write: Any) -> None:
    read = feedparser.parse(write(FEED, [an_entry(1), an_entry(2)], []))
    assert not read.bozo
    assert read.feed.title == "Acme"
    assert [one.id for one in read.entries] == [entry_id("i1", "p_1"), entry_id("i1", "p_2")]
    assert [one.link for one in read.entries] == ["https://acme.example/jobs/1", "https://acme.example/jobs/2"]
    assert [one.title for one in read.entries] == ["Welder 1 (Acme)", "Welder 2 (Acme)"]
    assert datetime(*read.entries[0].published_parsed[:6], tzinfo=UTC) == NOON - timedelta(days=1)
    assert "Weld things." in read.entries[0].summary


@pytest.mark.parametrize("write", [rss, atom])
def test_what_has_left_stands_in_it_as_a_tombstone_that_readers_pass_over(write: Any) -> None:
    made = write(FEED, [an_entry()], [Departed(id="tag:x,2026:posting/p_9", at=NOON)])
    tree = etree.fromstring(made)
    gone = tree.find(".//{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert gone is not None
    assert gone.get("ref") == "tag:x,2026:posting/p_9"
    read = feedparser.parse(made)
    assert not read.bozo
    assert len(read.entries) == 1


@pytest.mark.parametrize("write", [rss, atom])
def test_a_feed_without_a_posting_is_a_feed(write: Any) -> None:
    read = feedparser.parse(write(FEED, [], []))
    assert not read.bozo
    assert read.entries == []


@pytest.mark.parametrize("write", [rss, atom])
def test_a_feed_says_the_same_until_something_happens(write: Any) -> None:
    assert write(FEED, [an_entry()], []) == write(FEED, [an_entry()], [])


def test_json_feed_carries_the_whole_record() -> None:
    made = json.loads(json_feed(FEED, [an_entry()], [Departed(id="gone", at=NOON)]))
    assert made["version"] == "https://jsonfeed.org/version/1.1"
    assert made["items"][0]["_hirewatch"] == posting_record(1)
    assert made["items"][0]["date_modified"] == "2026-11-25T12:00:00Z"
    assert made["_hirewatch"]["departed"] == [{"id": "gone", "at": "2026-11-25T12:00:00Z"}]


def test_a_hostile_posting_is_shown_harmlessly_in_every_format() -> None:
    hostile = an_entry(title=HOSTILE, url="javascript:alert(1)", organization={"name": HOSTILE, "url": None, "logo": None},
                       description_html=None, description_text=HOSTILE)  # fmt: skip
    for made in (rss(FEED, [hostile], []), atom(FEED, [hostile], [])):
        read = feedparser.parse(made)
        assert not read.bozo
        assert b"<script" not in made
        assert b"javascript:" not in made
        assert "\u202e" not in read.entries[0].title
        assert read.entries[0].link == FEED.home
    item = json.loads(json_feed(FEED, [hostile], []))["items"][0]
    assert "url" not in item
    assert "<script" not in item["content_html"]


def test_without_escaping_a_hostile_posting_would_be_in_the_feed_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "escape", str)
    hostile = an_entry(description_html=None, description_text=HOSTILE)
    item = json.loads(json_feed(FEED, [hostile], []))["items"][0]
    assert "<script" in item["content_html"]


def test_job_xml_says_what_aggregators_ask_for() -> None:
    salary = {"currency": "EUR", "min": 60000, "max": 75000, "unit": "YEAR", "text": None}
    record = posting_record(1, salary=salary, valid_through="2026-12-31", remote=True)
    made = b"".join(job_xml(FEED, [record]))
    job = etree.fromstring(made).find("job")
    assert job is not None
    said = {field.tag: field.text for field in job}
    assert said == {
        "title": "Welder 1",
        "date": "Wed, 25 Nov 2026 12:00:00 +0000",
        "referencenumber": "p_1",
        "url": "https://acme.example/jobs/1",
        "company": "Acme",
        "sourcename": "Acme",
        "city": "Berlin",
        "country": "DE",
        "salary": "60,000-75,000 EUR a year",
        "jobtype": "fulltime",
        "expirationdate": "2026-12-31",
        "remotetype": "Fully remote",
        "description": "<p>Weld things.</p>",
    }
    assert b"<![CDATA[<p>Weld things.</p>]]>" in made


def test_job_xml_comes_in_pieces_that_make_one_document() -> None:
    records = (posting_record(number, description_html="<p>" + "word " * 500 + "]]></p>") for number in range(200))
    pieces = list(job_xml(FEED, records))
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 100_000
    assert len(etree.fromstring(b"".join(pieces)).findall("job")) == 200


@given(title=st.text(), text=st.text())
def test_any_text_makes_a_well_formed_feed(title: str, text: str) -> None:
    one = an_entry(title=title, description_html=None, description_text=text)
    for made in (rss(FEED, [one], []), atom(FEED, [one], []), b"".join(job_xml(FEED, [one.record]))):
        etree.fromstring(made)
