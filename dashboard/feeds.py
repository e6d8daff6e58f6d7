"""`/feeds/…`: what appeared last, for feed readers, and all open postings for job boards.

An answer follows from the event log: its tag is known before anything is rendered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from fastapi import Request, Response

from dashboard.conditional import answer, not_modified, tag
from dashboard.context import Context, Given
from delivery.feeds.feed import Departed, Entry, Feed, entry, entry_id, fit_for_xml
from delivery.feeds.json_feed import JSON_TYPE, json_feed
from delivery.feeds.syndication import ATOM_TYPE, RSS_TYPE, atom, rss
from postings.errors import NotFoundError
from postings.query import Query, parse
from storage import latest, paging, searches, site_pages, sites

#: postings that a feed shows
SHOWN = 100
#: how long a feed names what has left it
_DEPARTED_FOR = timedelta(days=30)

#: what a feed without any event says of its age: always the same
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)

_FORMATS = {"rss": (rss, RSS_TYPE), "atom": (atom, ATOM_TYPE), "json": (json_feed, JSON_TYPE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """Which postings a feed is about."""

    title: str
    #: how the feed is told apart from the others
    home: str
    site_id: int | None = None
    query: str = ""

    def asked(self) -> Query | None:
        return parse(self.query) if self.query else None


def all_postings(context: Given, request: Request, format: str, q: str = "", baseline: bool = False) -> Response:  # noqa: A002
    """`/feeds/all.FORMAT`: every site. `q` asks for some of the postings, `baseline` for what was there before too."""
    _require_format(format)
    return _feed(context, request, format, _Choice(title="hirewatch", home="/", query=q), baseline)


def of_site(context: Given, request: Request, name: str, q: str = "", baseline: bool = False) -> Response:
    """`/feeds/sites/NAME.FORMAT`."""
    name, format_ = _split(name)
    site = sites.find(context.engine, name)
    choice = _Choice(title=site.name, home=f"/sites/{quote(site.name)}", site_id=site.id, query=q)
    return _feed(context, request, format_, choice, baseline)


def of_search(context: Given, request: Request, name: str, baseline: bool = False) -> Response:
    """`/feeds/searches/NAME.FORMAT`."""
    name, format_ = _split(name)
    search = searches.find(context.engine, name)
    choice = _Choice(title=search.name, home=f"/searches/{quote(search.name)}", query=search.query)
    return _feed(context, request, format_, choice, baseline)


def jobs(context: Given, request: Request, q: str = "") -> Response:
    """`/feeds/jobs.xml`: all open postings, or those that `q` asks for; what it lacks is closed."""
    from delivery.feeds.job_xml import JOB_XML_TYPE, job_xml

    now = context.clock()
    choice = _Choice(title="hirewatch", home="/", query=q)
    # nothing of it reaches beyond its brackets
    wanted = parse(f"({q}) is:open" if q.strip() else "is:open")
    newest, at = _newest(context, None)
    entity_tag = tag(request, newest, now.date())
    if held := not_modified(request, entity_tag):
        return held
    found = (one.record for one in paging.walk(context.engine, wanted, now))
    return answer(request, job_xml(_described(request, choice, at), found), JOB_XML_TYPE, entity_tag, modified=at)


def list_of_feeds(context: Given, request: Request) -> Response:
    """`/feeds.opml`: every feed there is, for a reader to take in at once (OPML 2.0)."""
    outline = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(outline, "head"), "title").text = "hirewatch"
    body = ElementTree.SubElement(outline, "body")
    named = [
        *((one.name, f"searches/{quote(one.name, safe='')}") for one in searches.all(context.engine)),
        *((name, f"sites/{quote(name, safe='')}") for name in sorted(site_pages.names(context.engine))),
    ]
    base = str(request.base_url)
    token = request.query_params.get("token")
    # what opened this list is what its readers need to open the feeds
    opens = f"?{urlencode({'token': token})}" if token else ""
    for text, feed, page in [("All sites", "all", ""), *((name, path, path) for name, path in named)]:
        address = f"{base}feeds/{feed}.atom{opens}"
        ElementTree.SubElement(
            body, "outline", type="rss", text=text, title=text, xmlUrl=address, htmlUrl=f"{base}{page}"
        )
    made = ElementTree.tostring(outline, encoding="utf-8", xml_declaration=True)
    return Response(made, media_type="text/x-opml; charset=utf-8")


def _feed(context: Context, request: Request, format_: str, choice: _Choice, baseline: bool) -> Response:
    now = context.clock()
    wanted = choice.asked()
    newest, at = _newest(context, choice.site_id)
    # a query like `closes:<7d` has another answer each day
    # a search or a site that was removed and added anew may be another one
    entity_tag = tag(request, newest, choice, now.date() if wanted is not None else None)
    if held := not_modified(request, entity_tag):
        return held
    write, media_type = _FORMATS[format_]
    entries = _entries(context, choice, wanted, now, baseline)
    since = now - _DEPARTED_FOR
    gone = latest.closed(context.engine, SHOWN, now=now, since=since, site_id=choice.site_id, query=wanted)
    departed = [Departed(id=entry_id(context.instance, one.posting_id), at=one.at) for one in gone]
    whole = write(_described(request, choice, at), entries, departed)
    return answer(request, (whole,), media_type, entity_tag, modified=at)


def _entries(context: Context, choice: _Choice, wanted: Query | None, now: datetime, baseline: bool) -> Sequence[Entry]:
    found = latest.appeared(context.engine, SHOWN, now=now, site_id=choice.site_id, query=wanted, baseline=baseline)
    return [
        entry(
            one.posting.record,
            id=entry_id(context.instance, one.posting.id),
            published=datetime.fromisoformat(one.posting.record["first_seen"]),
            updated=one.updated,
        )
        for one in found
    ]


def _described(request: Request, choice: _Choice, at: datetime) -> Feed:
    about = f"New postings: {choice.query}" if choice.query else "New postings"
    asked = [(name, value) for name, value in request.query_params.items() if name in ("q", "baseline") and value]
    query = f"?{urlencode(asked)}" if asked else ""
    return Feed(
        title=fit_for_xml(choice.title),
        description=fit_for_xml(about),
        home=f"{str(request.base_url).rstrip('/')}{choice.home}",
        address=f"{str(request.base_url).rstrip('/')}{quote(request.url.path)}{query}",
        updated=at,
    )


def _newest(context: Context, site_id: int | None) -> tuple[int, datetime]:
    return latest.newest_event(context.engine, site_id) or (0, _NEVER)


def _split(name: str) -> tuple[str, str]:
    """A name, which may hold dots itself, and the format behind the last one. Raises NotFoundError."""
    start, _dot, format_ = name.rpartition(".")
    _require_format(format_)
    return start, format_


def _require_format(format_: str) -> None:
    if format_ not in _FORMATS:
        raise NotFoundError(
            "there is no feed of this format", subject=format_ or "the address", remedy="ask for .rss, .atom or .json"
        )
