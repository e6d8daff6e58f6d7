"""`/inspect`: what would be read from an address, field by field, before anything is watched.

The page is looked at by another process (`Context.inspect`); what it says is as hostile as the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Query as Parameter
from fastapi import Request, Response

from dashboard import site_views
from dashboard.context import Context, Given
from dashboard.leaving import Left, gone, while_waited_for
from dashboard.templating import show
from postings import inspection_words, wording
from postings.cleaning import clean
from postings.errors import HirewatchError, NotFoundError, UsageError
from postings.rules import RULES
from postings.site_names import free_name, start_url
from storage import site_pages, sites

#: postings of a page, and lines of each kind, that are shown
_POSTINGS: Final = 50
_LINES: Final = 100
_RAW: Final = 300

#: verdict: the kind of its badge, and the word on it
_VERDICTS: Final = {"error": "bad", "warning": "warn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong."""

    #: "error" or "warning"
    level: str
    message: str
    #: JSON Pointer of what it concerns; empty for the whole
    path: str
    #: the rule: its id, what it asks, and the address of who asks it
    rule: str
    asks: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRead:
    """A field of a posting."""

    name: str
    #: as it would be kept
    value: str
    #: as the page has it; empty where that is the same, or where the page has nothing
    raw: str
    #: where in the page
    place: str
    #: "good", "warn" or "bad"
    verdict: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingRead:
    """A posting of the page."""

    title: str
    #: employer, places, pay
    facts: tuple[str, ...]
    #: in what it is written
    syntax: str
    verdict: str
    fields: tuple[FieldRead, ...]
    #: what concerns none of the fields
    others: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Addresses that are alike."""

    shape: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How the site's postings would be found."""

    #: None where no way was found
    kind: str | None
    reason: str
    urls: tuple[str, ...]
    feeds: tuple[str, ...]
    checks: tuple[str, ...]
    listed: int
    whole: bool
    shapes: tuple[Shape, ...]
    #: what may be missing from the list, and what went wrong
    doubts: tuple[str, ...]
    problems: tuple[str, ...]
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How a part of the page was read."""

    place: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found at an address."""

    url: str
    #: what kind of page it is, in words
    kind: str
    #: why nothing can be said of it; None if something can
    unreadable: str | None
    withdrawn: str | None
    postings: tuple[PostingRead, ...]
    #: postings that are not shown
    more: int
    findings: tuple[Finding, ...]
    source: Source | None
    steps: tuple[Step, ...]
    #: of all findings
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectView:
    """The page."""

    #: as it was typed
    url: str
    #: why it cannot be looked at
    problem: str | None = None
    found: Found | None = None
    #: somebody else's page leads here: nothing is fetched before a person asks for it
    held: bool = False
    #: what the site would be called, and its page if it is watched already
    name: str = ""
    watched: str | None = None


async def show_inspect(
    context: Given, request: Request, url: Annotated[str, Parameter(max_length=4000)] = ""
) -> Response:
    """Looks at the address and shows what is read from it; without one, asks for it."""
    typed = url.strip()
    if not typed:
        return show(request, "inspect.html", InspectView(url=""))
    if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        return show(request, "inspect.html", InspectView(url=typed, held=True))
    try:
        address = start_url(typed)
    except UsageError as error:
        view = InspectView(url=typed, problem=f"This {error.problem}: {error.remedy}.")
        return show(request, "inspect.html", view, status=422)
    try:
        told = await while_waited_for(request, context.inspect(address))
    except Left:
        return gone()
    except HirewatchError as error:
        view = InspectView(url=typed, problem=_sentence(error), name=_name(context, address))
        return show(request, "inspect.html", view, status=502)
    view = InspectView(
        url=typed,
        found=found_of(told),
        name=_name(context, address),
        watched=_watched(context, address),
    )
    return show(request, "inspect.html", view)


def _name(context: Context, address: str) -> str:
    return free_name(address, site_pages.names(context.engine))


def _watched(context: Context, address: str) -> str | None:
    try:
        return site_views.path(sites.find(context.engine, address).name)
    except NotFoundError:
        return None


def _sentence(error: HirewatchError) -> str:
    remedy = f". {error.remedy[:1].upper()}{error.remedy[1:]}" if error.remedy else ""
    return f"It {error.problem}{remedy}." if error.problem[:1].islower() else f"{error.problem}{remedy}."


def found_of(told: Mapping[str, Any]) -> Found:
    """What `inspect --json --explain` says, as it is shown."""
    problems, records = told["problems"], told["postings"]
    source = told["source"]
    return Found(
        url=told["url"] or told["file"],
        kind=_kind(told),
        unreadable=told["unreadable"],
        withdrawn=told["withdrawn"],
        postings=tuple(_posting(number, told) for number in range(min(len(records), _POSTINGS))),
        more=max(0, len(records) - _POSTINGS),
        findings=tuple(_findings(one for one in problems if one["posting"] is None)),
        source=None if source is None else _source(source),
        steps=tuple(
            Step(
                place=inspection_words.place(step["at"]) or "page",
                words=clean(f"{step['rung']}: {step['outcome']}" if step["rung"] else step["outcome"]),
            )
            for step in told.get("explanation", [])[:_LINES]
        ),
        errors=sum(one["level"] == "error" for one in problems),
        warnings=sum(one["level"] == "warning" for one in problems),
    )


def _kind(told: Mapping[str, Any]) -> str:
    count, source = len(told["postings"]), told["source"]
    if count == 1:
        return "the page of one posting"
    if count:
        of_board = " of a job board's public interface" if told["kind"] == "board" else ""
        return f"a page{of_board} with {count:,} postings"
    if told["kind"] == "list":
        return "a list page, with links that look like postings"
    return "no posting on it" if source is None or source["kind"] is None else "a page of a site that has postings"


def _posting(number: int, told: Mapping[str, Any]) -> PostingRead:
    record = told["postings"][number]
    own = [one for one in told["problems"] if one["posting"] == number]
    read = {one["field"]: one for one in told["fields"] if one["posting"] == number}
    fields = []
    for name, called in inspection_words.NAMES.items():
        concerned = tuple(_findings(one for one in own if inspection_words.field_of(one["path"]) == name))
        field = read.get(name)
        if field is None and not concerned:
            continue
        value = inspection_words.shown(name, record)
        fields.append(
            FieldRead(
                name=called,
                value=value,
                raw=_raw(field, value),
                place=inspection_words.place(field["at"]) if field else "",
                verdict=_verdict(concerned),
                findings=concerned,
            )
        )
    at = next((inspection_words.place(one["at"]) for one in told["fields"] if one["posting"] == number), "")
    return PostingRead(
        title=wording.title(record),
        facts=tuple(part for part in (wording.employer(record), wording.places(record), wording.pay(record)) if part),
        syntax=inspection_words.stands(None, record["syntax"]) + (f", {at.split(' /')[0]}" if at else ""),
        verdict=_verdict(_findings(own)),
        fields=tuple(fields),
        others=tuple(_findings(one for one in own if inspection_words.field_of(one["path"]) is None)),
    )


def _findings(problems: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    for one in problems:
        rule = RULES.get(one["rule"])
        yield Finding(
            level=one["level"],
            message=clean(one["message"]),
            path=clean(one["path"]),
            rule=one["rule"],
            asks=rule.asks if rule else "",
            source=one["source"],
        )


def _verdict(findings: Iterable[Finding]) -> str:
    levels = {one.level for one in findings}
    return next((_VERDICTS[level] for level in ("error", "warning") if level in levels), "good")


def _raw(field: Mapping[str, Any] | None, shown: str) -> str:
    if field is None or field["raw"] is None:
        return ""
    raw = field["raw"]
    text = clean(raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False))
    return "" if text == shown else inspection_words.cut(text, _RAW)


def _source(source: Mapping[str, Any]) -> Source:
    return Source(
        kind=source["kind"],
        reason=clean(source["reason"]),
        urls=_texts(source["urls"]),
        feeds=_texts(source["feeds"]),
        checks=_texts(source["checks"]),
        listed=source["listed"],
        whole=source["whole"],
        shapes=tuple(
            Shape(shape=clean(one["shape"]), count=one["count"], examples=_texts(one["examples"]))
            for one in source["shapes"][:_LINES]
        ),
        doubts=_texts(source["doubts"]),
        problems=_texts(source["problems"]),
        requests=source["requests"],
    )


def _texts(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean(one) for one in texts[:_LINES])
