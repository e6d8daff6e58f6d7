"""What a person reads of events: a mail, or a note on a channel. Pure but for the templates it loads once.

Every text of a page is hostile. `clean` is the one place where it is made fit for a header or a line, the HTML
templates escape everything, `markdown` does the same for Markdown, and only http(s) addresses become links.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from delivery.outlets.outlet import Batch, Part
from delivery.outlets.services import Form
from postings.events import Event, EventType

#: characters of a subject; more is cut by mail programs anyway
SUBJECT_LIMIT = 140

#: postings that one message shows; it counts the others
SHOWN = 50

#: postings that the one message about a first visit shows
_SHOWN_AT_FIRST = 10

_TITLE_LIMIT = 120
_VALUE_LIMIT = 200
_URL_LIMIT = 2083

#: what changes how the rest of a line is read or shown, or breaks it: controls, surrogates, format characters
#: (bidirectional overrides among them), line and paragraph separators, private and unassigned code points
_UNFIT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: format characters without which words of some scripts and emoji fall apart (ZWNJ, ZWJ)
_KEPT = frozenset({"\u200c", "\u200d"})

_VERBS = {
    EventType.OPENED: "new",
    EventType.REOPENED: "open again",
    EventType.CHANGED: "changed",
    EventType.CLOSED: "closed",
}
_LABELS = {
    EventType.OPENED: "New",
    EventType.REOPENED: "Open again",
    EventType.CHANGED: "Changed",
    EventType.CLOSED: "Closed",
}
_REASONS = {
    "gone": "its page is gone",
    "absent": "it was no longer found",
    "unlisted": "the site no longer lists it",
    "expired": "its closing date has passed",
    "replaced": "its address now shows another job",
    "site_gone": "the site is gone",
    "seen": "it was seen again",
    "renewed": "it has a new closing date",
    "premature": "it had been taken for closed too early",
}
#: whole texts: that they changed is news, what changed is on the page
_LONG_FIELDS = frozenset({"description_text", "description_html"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail, ready but for its headers."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One message on a channel."""

    #: plain text on one line
    title: str
    #: in the form that was asked for
    body: str
    #: where a tap may lead: the posting, if the note is about only one
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One posting as a message shows it: every text is clean, `url` is safe to be a link."""

    label: str
    title: str
    #: employer, places, kind of work, pay
    facts: tuple[str, ...]
    url: str | None
    #: the host that the link leads to
    host: str | None
    #: (field, before, after)
    changes: tuple[tuple[str, str, str], ...]
    reason: str | None
    #: what stands above it: the first of a site where there are several
    section: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What any message says, before it is written in some form."""

    #: the templates that write it
    kind: str
    subject: str
    heading: str
    #: the heading says what the subject does not
    headed: bool = False
    items: tuple[Item, ...]
    #: postings that it stands for
    total: int
    outlet: str


def alert(batch: Batch, outlet: str, *, unsubscribe: str | None = None) -> Message:
    """A mail about what happened to postings, or what stood on sites when their watch began.

    `outlet` is the name that the footer gives, `unsubscribe` the address that ends these mails.
    """
    return _mail(_view(batch, outlet), unsubscribe)


def sample(outlet: str, unsubscribe: str | None = None) -> Message:
    """A mail that says that it is a test."""
    return _mail(_sample_view(outlet), unsubscribe)


def note(batch: Batch, outlet: str, form: Form, *, titled: bool, fits: Callable[[str], bool]) -> Note:
    """What a channel is told of a batch, as far as it fits: whole postings, then how many there are beside them.

    `fits` says whether a body is short enough. Where the channel shows no title, the body begins with it. Raises
    ValueError if nothing fits.
    """
    # an answer is something that only mail programs know
    return _fitted(_view(replace(batch, follows=False), outlet), form, titled=titled, fits=fits)


def sample_note(outlet: str, form: Form, *, titled: bool, fits: Callable[[str], bool]) -> Note:
    """A note that says that it is a test. Raises ValueError if nothing fits."""
    return _fitted(_sample_view(outlet), form, titled=titled, fits=fits)


def clean(text: object, limit: int) -> str:
    """`text` on one line, without anything that could break or disguise it, at most `limit` characters long.

    Also takes apart what a mail program would read as an encoded word (RFC 2047): its contents would come back
    as they were before the cleaning.
    """
    # a page's text can be long, and what is far behind the limit is not shown anyway
    normal = unicodedata.normalize("NFC", str(text)[: limit * 8])
    fit = "".join(c if c in _KEPT or unicodedata.category(c) not in _UNFIT else " " for c in normal)
    line = " ".join(fit.split()).replace("=?", "= ?")
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    # not between a letter and its accents, nor within a joined emoji
    while cut and (unicodedata.combining(line[len(cut)]) or line[len(cut)] in _KEPT or cut[-1] in _KEPT):
        cut = cut[:-1]
    return cut.rstrip() + "…"


def link(url: object) -> str | None:
    """`url` if it is an http(s) address that may stand in a message, else None."""
    if not isinstance(url, str) or len(url) > _URL_LIMIT or not re.fullmatch(r"[!-~]+", url):
        return None
    if any(character in url for character in "<>\"'\\`"):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    return url


def markdown(text: str) -> str:
    """Cleaned text as any kind of Markdown shows it literally: no markup, no link, no mention.

    What some kinds cannot escape is replaced by its twin: `*`, `~` and the backtick. Behind an @ stands a space of no
    width, so that nobody is called.
    """
    literal = re.sub(r"[\\_\[\]<>|]", r"\\\g<0>", text.translate(_TWINS))
    literal = re.sub(r"@(?=\S)", "@\u200b", literal)
    # at the beginning of a line: a heading, a list, a rule
    return re.sub(r"^(?:[#+=-]|\d{1,9}(?=[.)]))", _escape_first, literal)


_TWINS = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb"})


def _escape_first(found: re.Match[str]) -> str:
    return f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}"


def _markdown_link(url: str) -> str:
    """A link's address as it may stand in the brackets of a Markdown link."""
    return url.replace("(", "%28").replace(")", "%29").replace("*", "%2A")


def _view(batch: Batch, outlet: str) -> _View:
    stood = all(part.baseline for part in batch.parts) if batch.parts else batch.events[0].baseline
    return _summary_view(batch, outlet) if stood else _alert_view(batch, outlet)


def _alert_view(batch: Batch, outlet: str) -> _View:
    where = _where(batch)
    items = _items(batch, SHOWN)
    return _View(
        kind="alert",
        subject=_alert_subject(batch, items, where),
        heading=f"{_counted(_news(batch))} {f'for {_quoted(batch.search)}' if batch.search else f'at {where}'}",
        items=items,
        total=len(batch.numbers),
        outlet=clean(outlet, _TITLE_LIMIT),
    )


def _summary_view(batch: Batch, outlet: str) -> _View:
    total = len(batch.numbers)
    stood = sum(part.stood or 0 for part in batch.parts)
    said = f"Now watching {_where(batch)}: {_open_postings(stood or total)}"
    if stood:
        said += f", {_matching(total)} {_quoted(batch.search) if batch.search else 'your query'}"
    return _View(
        kind="summary",
        subject=clean(said, SUBJECT_LIMIT),
        heading=said,
        items=_items(batch, _SHOWN_AT_FIRST),
        total=total,
        outlet=clean(outlet, _TITLE_LIMIT),
    )


def _items(batch: Batch, most: int) -> tuple[Item, ...]:
    """The postings, by site where there are several, with what is to be said of each site above its first one."""
    verbs = list(_VERBS)
    sites = {(part.site, part.baseline): place for place, part in enumerate(batch.parts)}

    def turn(event: Event) -> tuple[int, int]:
        return sites.get((event.site, event.baseline), 0), verbs.index(_kind(batch, event))

    events = sorted(batch.events, key=turn)[:most]
    items = [_item(event, _LABELS[_kind(batch, event)]) for event in events]
    if len(batch.parts) > 1:
        firsts = {turn(event)[0]: place for place, event in reversed(list(enumerate(events)))}
        for part, place in firsts.items():
            items[place] = replace(items[place], section=_section(batch.parts[part]))
    return tuple(items)


def _section(part: Part) -> str:
    site = clean(part.site, _TITLE_LIMIT)
    total = sum(part.counts.values())
    if part.baseline:
        matching = f", {_matching(total)}" if part.stood else ""
        return f"{site}: now watched, {_open_postings(part.stood or total)}{matching}"
    return f"{site}: {_counted(_without_arrivals(part.counts, part.arrived))}"


def _kind(batch: Batch, event: Event) -> EventType:
    """A change that makes a posting match for the first time is told as a new posting."""
    return EventType.OPENED if event.number in batch.arrived else event.type


def _news(batch: Batch) -> Mapping[EventType, int]:
    """How many events of each type there are, what stood there before apart."""
    news: Counter[EventType] = Counter()
    for part in batch.parts:
        news.update({} if part.baseline else part.counts)
    return _without_arrivals(news if batch.parts else batch.counts, len(batch.arrived))


def _without_arrivals(counts: Mapping[EventType, int], arrived: int) -> Mapping[EventType, int]:
    told = Counter(counts)
    told.update({EventType.OPENED: arrived, EventType.CHANGED: -arrived})
    return told


def _open_postings(count: int) -> str:
    return "1 open posting" if count == 1 else f"{count:,} open postings"


def _matching(count: int) -> str:
    return f"{count:,} matches" if count == 1 else f"{count:,} match"


def _quoted(search: str) -> str:
    return f"“{clean(search, 60)}”"


def _sample_view(outlet: str) -> _View:
    item = Item(
        label="Test",
        title="Welder (not a real posting)",
        facts=("Example Ltd", "Berlin, DE", "full time"),
        url="https://example.org/jobs/1",
        host="example.org",
        changes=(),
        reason=None,
    )
    name = clean(outlet, _TITLE_LIMIT)
    return _View(
        kind="alert",
        subject=clean(f"Test of the hirewatch outlet {name}", SUBJECT_LIMIT),
        heading="This is a test. Alerts will look like this.",
        headed=True,
        items=(item,),
        total=1,
        outlet=name,
    )


def _where(batch: Batch) -> str:
    named = [part.site for part in batch.parts] or [event.site for event in batch.events]
    sites = [clean(site, _TITLE_LIMIT) for site in dict.fromkeys(named)]
    return ", ".join(sites) if len(sites) <= 3 else f"{len(sites)} sites"


def _mail(view: _View, unsubscribe: str | None) -> Message:
    said = {
        "subject": view.subject,
        "heading": view.heading,
        "items": view.items,
        "more": view.total - len(view.items),
        "outlet": view.outlet,
        "unsubscribe": unsubscribe,
    }
    return Message(
        subject=view.subject,
        text=_template(f"{view.kind}.txt.j2").render(said).strip() + "\n",
        html=_template(f"{view.kind}.html.j2").render(said),
    )


def _fitted(view: _View, form: Form, *, titled: bool, fits: Callable[[str], bool]) -> Note:
    # a posting that no message holds whole still has its title and its link
    bare = tuple(replace(item, facts=(), changes=(), reason=None) for item in view.items)
    tries = [view.items[:count] for count in range(len(view.items), 0, -1)] + [bare[:1], ()]
    for items in tries:
        body = _note_body(view, form, items, titled=titled)
        if fits(body):
            return Note(title=view.subject, body=body, url=view.items[0].url if view.total == 1 else None)
    raise ValueError("not even the number of postings fits")


def _note_body(view: _View, form: Form, items: Sequence[Item], *, titled: bool) -> str:
    suffix = {Form.TEXT: "txt", Form.MARKDOWN: "md", Form.HTML: "html"}[form]
    said = _template(f"note.{suffix}.j2").render(
        heading=view.heading if view.headed or not titled else None,
        first=view.kind == "summary",
        items=items,
        more=view.total - len(items),
        total=view.total,
    )
    return str(said).strip()


def _alert_subject(batch: Batch, items: Sequence[Item], where: str) -> str:
    if len(batch.numbers) == 1:
        event = batch.events[0]
        # a mail program puts what has the same subject together (Gmail nothing else)
        answers = batch.follows and event.type is not EventType.OPENED
        label = f"Re: {_LABELS[EventType.OPENED]}" if answers else items[0].label
        places = _places(event.record)
        place = f" ({places[0]})" if places else ""
        employer = _employer(event.record) or where
        if batch.search:
            return clean(f"{label} for {_quoted(batch.search)}: {items[0].title} at {employer}{place}", SUBJECT_LIMIT)
        return clean(f"{label} at {employer}: {items[0].title}{place}", SUBJECT_LIMIT)
    said = _counted(_news(batch))
    if batch.search:
        employers = dict.fromkeys(_employer(event.record) or event.site for event in batch.events)
        return clean(f"{said} for {_quoted(batch.search)}: {', '.join(employers)}", SUBJECT_LIMIT)
    titles = ", ".join(dict.fromkeys(item.title for item in items))
    return clean(f"{said} at {where}: {titles}", SUBJECT_LIMIT)


def _counted(counts: Mapping[EventType, int]) -> str:
    return ", ".join(f"{counts[kind]:,} {verb}" for kind, verb in _VERBS.items() if counts.get(kind, 0) > 0)


def item(event: Event) -> Item:
    """What is told of one event on its own."""
    return _item(event, _LABELS[event.type])


def facts(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Employer, places, kind of work and pay of a public record, each clean and not empty."""
    said = (_employer(record) or "", *_places(record), *_work(record), pay(record))
    return tuple(fact for fact in said if fact)


def _item(event: Event, label: str) -> Item:
    record = event.record
    url = link(record.get("url"))
    return Item(
        label=label,
        title=clean(record.get("title") or "", _TITLE_LIMIT) or "(no title)",
        facts=facts(record),
        url=url,
        host=urlsplit(url).hostname if url else None,
        changes=tuple(_change(name, change) for name, change in event.changes.items()),
        reason=_REASONS.get(event.reason or ""),
    )


def _employer(record: Mapping[str, Any]) -> str | None:
    organization = record.get("organization") or {}
    return clean(organization.get("name") or "", _TITLE_LIMIT) or None


def _places(record: Mapping[str, Any]) -> list[str]:
    locations = record.get("locations") or []
    places = [_place(location) for location in locations[:3]]
    found = [place for place in dict.fromkeys(places) if place]
    if len(locations) > 3:
        found.append(f"{len(locations) - 3} more places")
    return found


def _place(location: Mapping[str, Any]) -> str:
    parts = [location.get("locality"), location.get("region") if not location.get("locality") else None]
    named = ", ".join(clean(part, 60) for part in (*parts, location.get("country")) if part)
    return named or clean(location.get("text") or "", 60)


def _work(record: Mapping[str, Any]) -> list[str]:
    kinds = [clean(kind, 30).replace("_", " ").lower() for kind in (record.get("employment_types") or [])[:4]]
    return (["remote"] if record.get("remote") else []) + kinds


def pay(record: Mapping[str, Any]) -> str:
    """The pay of a public record on one line; empty if none is stated."""
    return _salary(record.get("salary") or {})


def _salary(salary: Mapping[str, Any]) -> str:
    amounts = [salary.get(end) for end in ("min", "max")]
    numbers = [f"{amount:,}" for amount in dict.fromkeys(amounts) if isinstance(amount, int | float)]
    if not numbers:
        return clean(salary.get("text") or "", 80)
    unit = salary.get("unit")
    said = f"{salary.get('currency') or ''} {'–'.join(numbers)}" + (f" a {str(unit).lower()}" if unit else "")
    return clean(said, 80)


def _change(name: str, change: Mapping[str, Any]) -> tuple[str, str, str]:
    label = clean(name, 40).replace("_", " ").capitalize()
    if name in _LONG_FIELDS:
        return "Description", "", ""
    return label, _value(name, change.get("before")), _value(name, change.get("after"))


def _value(name: str, value: Any) -> str:
    if value is None or value == []:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "salary" and isinstance(value, Mapping):
        return _salary(value)
    if name == "locations" and isinstance(value, list):
        return clean("; ".join(_place(place) for place in value[:10]), _VALUE_LIMIT)
    if isinstance(value, Mapping):
        return clean(", ".join(str(part) for part in value.values() if part), _VALUE_LIMIT)
    if isinstance(value, list):
        return clean(", ".join(str(part) for part in value[:10]), _VALUE_LIMIT)
    return clean(value, _VALUE_LIMIT)


@cache
def _template(name: str) -> Any:
    return _environment().get_template(name)


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"markdown": markdown, "markdown_link": _markdown_link}
    return environment
