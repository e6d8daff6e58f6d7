"""Feeds over HTTP: what is in them, and that what did not change is not rendered again."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import feedparser
import httpx
import pytest
from lxml import etree

from postings.visits import Absence
from storage import searches
from tests.dashboard.conftest import Board
from tests.dashboard.web import browsing
from tests.storage.watching import Watch, a_job


def watched(board: Board, name: str = "acme", host: str = "acme.example") -> Watch:
    """A site of two postings on which two more appeared."""
    watch = Watch(board.engine, now=board.now, name=name, host=host)
    watch.pages |= {"/jobs/1": a_job("Welder", url=f"https://{host}/jobs/1"), "/jobs/2": a_job("Baker")}
    watch.visit()
    watch.now += timedelta(hours=1)
    watch.pages |= {"/jobs/3": a_job("Cook"), "/jobs/4": a_job("Nurse", place="Oslo")}
    watch.visit()
    board.now = watch.now
    return watch


def titles(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    read = feedparser.parse(answer.content)
    assert not read.bozo
    return sorted(one.title for one in read.entries)


@pytest.mark.parametrize("format", ["rss", "atom"])
def test_a_feed_shows_what_appeared_and_not_what_was_there_before(board: Board, format: str) -> None:
    watched(board)
    with browsing(board.app()) as web:
        assert titles(web.get(f"/feeds/all.{format}")) == ["Cook (Acme)", "Nurse (Acme)"]
        assert len(titles(web.get(f"/feeds/all.{format}?baseline=true"))) == 4
        assert titles(web.get(f"/feeds/sites/acme.{format}")) == ["Cook (Acme)", "Nurse (Acme)"]


def test_a_query_and_a_saved_search_make_a_feed_of_their_own(board: Board) -> None:
    watched(board)
    searches.add(board.engine, name="in Oslo, v1.0", query="location:oslo", grammar=1, now=board.now)
    with browsing(board.app()) as web:
        assert titles(web.get("/feeds/all.atom", params={"q": "title:cook"})) == ["Cook (Acme)"]
        assert titles(web.get(f"/feeds/searches/{quote('in Oslo, v1.0')}.rss")) == ["Nurse (Acme)"]
        assert json.loads(web.get("/feeds/all.json?q=title:cook").content)["items"][0]["_hirewatch"]["title"] == "Cook"


def test_a_feed_that_has_not_changed_is_not_sent_again(board: Board) -> None:
    watch = watched(board)
    with browsing(board.app()) as web:
        first = web.get("/feeds/all.atom")
        again = web.get("/feeds/all.atom", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert not first.headers["etag"].startswith("W/")
        assert web.get("/feeds/all.atom?q=cook", headers={"If-None-Match": first.headers["etag"]}).status_code == 200
        watch.now += timedelta(hours=1)
        watch.pages["/jobs/5"] = a_job("Sailor")
        watch.visit()
        anew = web.get("/feeds/all.atom", headers={"If-None-Match": first.headers["etag"]})
        assert "Sailor (Acme)" in titles(anew)


def test_a_search_that_became_another_one_is_not_taken_for_the_old_one(board: Board) -> None:
    watched(board)
    old = searches.add(board.engine, name="mine", query="title:cook", grammar=1, now=board.now)
    with browsing(board.app()) as web:
        first = web.get("/feeds/searches/mine.atom")
        searches.remove(board.engine, old.id)
        searches.add(board.engine, name="mine", query="title:nurse", grammar=1, now=board.now)
        again = web.get("/feeds/searches/mine.atom", headers={"If-None-Match": first.headers["etag"]})
    assert titles(again) == ["Nurse (Acme)"]


@pytest.mark.parametrize("format", ["rss", "atom"])
def test_a_query_with_signs_that_xml_cannot_hold_still_makes_a_feed(board: Board, format: str) -> None:
    watched(board)
    with browsing(board.app()) as web:
        assert titles(web.get(f"/feeds/all.{format}", params={"q": "title:cook\x0b"})) == ["Cook (Acme)"]


def test_a_feed_names_the_very_address_that_it_was_asked_at(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        asked = web.get("/feeds/all.atom?q=-title%3Acook&baseline=true")
        [own] = [link.href for link in feedparser.parse(asked.content).feed.links if link.rel == "self"]
        assert titles(web.get(own)) == titles(asked) == ["Baker (Acme)", "Nurse (Acme)", "Welder (Acme)"]


def test_an_entry_keeps_its_id_through_changes_and_leaves_with_a_tombstone(board: Board) -> None:
    watch = watched(board)
    with browsing(board.app()) as web:
        before = {one.title: one.id for one in feedparser.parse(web.get("/feeds/all.atom").content).entries}
        watch.now += timedelta(hours=1)
        watch.pages["/jobs/4"] = replace(a_job("Nurse", place="Oslo"), title="Head nurse")
        del watch.pages["/jobs/3"]
        watch.visit(looks={"/jobs/3": Absence.GONE})
        board.now = watch.now
        after = web.get("/feeds/all.atom").content
    assert [(one.title, one.id) for one in feedparser.parse(after).entries] == [
        ("Head nurse (Acme)", before["Nurse (Acme)"])
    ]
    gone = etree.fromstring(after).findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert [one.get("ref") for one in gone] == [before["Cook (Acme)"]]


def test_a_feed_is_compressed_for_who_takes_that_and_has_another_tag_then(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        packed = web.get("/feeds/all.atom", headers={"Accept-Encoding": "gzip;q=0.5"})
        plain = web.get("/feeds/all.atom", headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert len(gzip.compress(plain.content)) < len(plain.content)


def test_job_xml_holds_every_open_posting(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        jobs = etree.fromstring(web.get("/feeds/jobs.xml").content).findall("job")
        some = etree.fromstring(web.get("/feeds/jobs.xml?q=title:welder").content).findall("job")
    assert sorted(str(job.findtext("title")) for job in jobs) == ["Baker", "Cook", "Nurse", "Welder"]
    assert [job.findtext("url") for job in some] == ["https://acme.example/jobs/1"]


def test_a_reader_takes_in_all_feeds_at_once(board: Board) -> None:
    watched(board)
    searches.add(board.engine, name="a & b/c", query="cook", grammar=1, now=board.now)
    with browsing(board.app()) as web:
        outlines = etree.fromstring(web.get("/feeds.opml").content).findall("body/outline")
        assert [one.get("text") for one in outlines] == ["All sites", "a & b/c", "acme"]
        pages = [str(one.get("htmlUrl")).removeprefix(str(web.base_url)) for one in outlines]
        assert pages == ["/", "/searches/a%20%26%20b%2Fc", "/sites/acme"]
        assert all(web.get(page).status_code == 200 for page in pages)
        for one in outlines:
            titles(web.get(str(one.get("xmlUrl"))))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/feeds/all.pdf", "format"),
        ("/feeds/sites/acme", "format"),
        ("/feeds/sites/nobody.atom", "no site"),
        ("/feeds/searches/none.atom", "no saved search"),
        ("/feeds/all.atom?q=titel:x", "title"),
    ],
)
def test_a_feed_that_cannot_be_made_says_why(board: Board, path: str, said: str) -> None:
    watched(board, name="acme")
    with browsing(board.app()) as web:
        answer = web.get(path)
    assert answer.status_code in (400, 404)
    assert said in answer.json()["detail"]
