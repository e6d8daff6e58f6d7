"""`/postings/ID`: what is known of a posting, where each of it came from, what happened to it and what proved it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fastapi import Request, Response

from dashboard.charts import Life, Moment, life
from dashboard.comparison import Comparison, compare
from dashboard.context import Context, Given
from dashboard.templating import show, to_json, wanted
from delivery import story as stories
from delivery.safe_text import link, one_line
from delivery.story import Story
from postings import versions as posting_versions
from postings import wording
from postings.errors import NotFoundError
from postings.events import Event, cloudevent
from postings.inspection_words import NAMES, PROPERTIES_OF, shown
from postings.versions import Version
from storage import postings

#: events and versions that the page lists; a page that changes at each visit may have thousands
_SHOWN: Final = 100
#: characters of a value, and of what the page states for it
_LONGEST: Final = 300

_HEADING: Final = re.compile(r"<(/?)h[1-6]>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field as it was read, and as its page states it; every text is clean."""

    name: str
    value: str
    #: JSON of what the page states; None where it states nothing, or that is kept no longer
    stated: str | None
    #: where in the JobPosting that stands, as a JSON Pointer (RFC 6901)
    pointer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who was told of an event, and what became of it."""

    #: name and page of each outlet
    outlets: tuple[tuple[str, str], ...]
    became: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An event with what proved it; every text is clean."""

    number: int
    type: str
    at: datetime
    headline: str
    rule: str
    #: the page that proved it, if it may be a link
    url: str | None
    #: its address where it may not
    where: str
    status: int | None
    seen_at: datetime
    visit: str | None
    site: str
    #: field, before, after
    changes: tuple[tuple[str, str, str], ...]
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Another posting that is the same job."""

    id: str
    address: str
    kind: str
    evidence: str
    #: it came after this one
    later: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A version, to be chosen for a comparison."""

    number: int
    at: datetime
    type: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingView:
    """All that is known of a posting."""

    id: str
    address: str
    title: str
    facts: tuple[str, ...]
    state: str
    closed_at: datetime | None
    closed_reason: str | None
    site: str
    #: None if it is no address that may be a link
    url: str | None
    host: str | None
    first_seen: datetime
    last_seen: datetime
    #: address key of the page it was last seen on
    page: str
    #: json-ld, microdata, …
    syntax: str
    fields: tuple[Field, ...]
    #: the JobPosting as it stood in the page; None if it is kept no longer
    raw: str | None
    life: Life
    events: tuple[Line, ...]
    #: events and versions that are not listed
    earlier: int
    coming: tuple[str, ...]
    #: kind, value, what it is worth
    keys: tuple[tuple[str, str, str], ...]
    links: tuple[Link, ...]
    versions: tuple[Standing, ...]
    comparison: Comparison | None
    #: sanitised when it was read: text, lists and links
    description: str | None


def show_posting(context: Given, request: Request, id: str, before: int = 0, after: int = 0) -> Response:  # noqa: A002
    """The posting of that id; `before` and `after` are the numbers of two versions to compare, by default the last."""
    story = _story(context, id)
    known = posting_versions.versions(story.events, earlier=story.earlier_versions)
    comparison = compare(known, before, after)
    if wanted(request) == "json":
        return _as_json(context, story, known, comparison)
    return show(request, "posting.html", _view(context, story, known, comparison))


def show_raw(context: Given, id: str) -> Response:  # noqa: A002
    """The JobPosting as it stood in the page, as text: nothing of it is a page of ours."""
    story = _story(context, id)
    if story.markup is None:
        raise NotFoundError("the JobPosting of this posting is kept no longer", subject=story.found.id)
    headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": "inline"}
    return Response(stories.pretty(story.markup), media_type="text/plain; charset=utf-8", headers=headers)


def _story(context: Context, posting_id: str) -> Story:
    found = postings.get(context.engine, posting_id)
    if found is None:
        raise NotFoundError(
            "there is no posting of this id",
            subject=one_line(posting_id, 100),
            remedy="the list of postings has those that are",
        )
    return stories.gather(context.engine, found, raw=True, newest=_SHOWN)


def _view(context: Context, story: Story, known: Sequence[Version], comparison: Comparison | None) -> PostingView:
    found, record = story.found, story.found.record
    address = f"/postings/{quote(found.id, safe='')}"
    url = link(record["url"])
    first_seen = wording.parse(record["first_seen"])
    facts = (wording.employer(record), wording.places(record), wording.kinds(record), wording.pay(record))
    description = record["description_html"]
    return PostingView(
        id=found.id,
        address=address,
        title=one_line(record["title"] or "", _LONGEST) or "(no title)",
        facts=tuple(one_line(fact, _LONGEST) for fact in facts if fact),
        state=record["state"],
        closed_at=wording.parse(record["closed_at"]) if record["closed_at"] else None,
        closed_reason=record["closed_reason"],
        site=story.site.name,
        url=url,
        host=urlsplit(url).hostname if url else None,
        first_seen=first_seen,
        last_seen=wording.parse(record["last_seen"]),
        page=one_line(found.page, _LONGEST),
        syntax=one_line(record["syntax"] or "", 40),
        fields=tuple(_fields(record, story.markup)),
        raw=f"{address}/raw" if story.markup is not None else None,
        life=life(list(_moments(story)), begin=first_seen, now=context.clock()),
        events=tuple(_line(event, story) for event in reversed(story.events)),
        earlier=story.earlier,
        coming=tuple(stories.still_to_come(story)),
        keys=tuple((kind, one_line(value, _LONGEST), worth) for kind, value, worth in story.keys),
        links=tuple(_links(record["duplicates"], later=False)) + tuple(_links(story.later, later=True)),
        versions=tuple(Standing(number=one.number, at=one.at, type=str(one.type), fields=one.fields) for one in known),
        comparison=comparison,
        # a page has headings of its own, in their order
        description=_HEADING.sub(r"<\1h3>", description) if description else None,
    )


# -- fields


def _fields(record: Mapping[str, Any], markup: str | None) -> Iterator[Field]:
    stated = _object(markup)
    for name, properties in PROPERTIES_OF.items():
        said = next((one for one in properties if stated.get(one) not in (None, "", [], {})), None)
        value = one_line(shown(name, record), _LONGEST)
        if not value and said is None:
            continue
        yield Field(
            name=NAMES[name],
            value=value,
            stated=None if said is None else one_line(json.dumps(stated[said], ensure_ascii=False), _LONGEST),
            pointer=None if said is None else f"/{said}",
        )


def _object(markup: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(markup) if markup else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


# -- life


def _moments(story: Story) -> Iterator[Moment]:
    for event in story.events:
        yield Moment(
            kind=str(event.type),
            at=event.at,
            words=one_line(f"{wording.moment(event.at)} {wording.headline(event)}", _LONGEST),
        )


def _line(event: Event, story: Story) -> Line:
    evidence = event.evidence
    url = link(evidence.url)
    return Line(
        number=event.number,
        type=str(event.type),
        at=event.at,
        headline=one_line(wording.headline(event), _LONGEST),
        rule=one_line(evidence.rule, _LONGEST),
        url=url,
        where=one_line(evidence.url or "", _LONGEST),
        status=evidence.status,
        seen_at=evidence.at,
        visit=event.visit,
        site=event.site,
        changes=tuple(_change(field, change) for field, change in event.changes.items()),
        told=tuple(
            Told(
                outlets=tuple((one_line(outlet, 200), f"/outlets/{quote(outlet, safe='')}") for outlet in outlets),
                became=became,
            )
            for became, outlets in stories.told_together(story.told_of(event)).items()
        ),
    )


def _change(field: str, change: Mapping[str, Any]) -> tuple[str, str, str]:
    before, after = wording.change(field, change["before"], change["after"])
    return field.replace("_", " "), one_line(before, _LONGEST), one_line(after, _LONGEST)


def _links(found: Sequence[Mapping[str, str]], *, later: bool) -> Iterator[Link]:
    for one in found:
        yield Link(
            id=one_line(one["id"], 100),
            address=f"/postings/{quote(one['id'], safe='')}",
            kind=one_line(one["link"], 60),
            evidence=one_line(one["evidence"], _LONGEST),
            later=later,
        )


# -- other forms


def _as_json(context: Context, story: Story, known: Sequence[Version], comparison: Comparison | None) -> Response:
    body = {
        "posting": story.found.record,
        "events": [cloudevent(event, context.instance) for event in story.events],
        "earlier": story.earlier,
        **stories.as_json(story),
        "versions": [
            {"version": one.number, "event": one.event, "type": str(one.type), "at": one.at, "fields": one.fields}
            for one in known
        ],
        "comparison": comparison,
    }
    return Response(to_json(body), media_type="application/json")
