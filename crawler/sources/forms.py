"""Where the forms of a page lead that ask for another page (`method=get`): what a browser asks for when somebody
chooses a page of a list, or presses the button of a row. Pure.

A form that is sent by `post` may change something, and is no link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import islice
from urllib.parse import urlencode

from crawler.pages import Link, Reading
from postings import urls
from postings.normalise import text as texts

#: `tag` of a link that a choice or a button of a form makes, and of one that is a form to write in, sent as it stands
FORM, SEARCH = "form", "search"
_LARGEST = 1024 * 1024
_MOST_FORMS = 1000
_MOST_LINKS = 2000
_TEXT_LIMIT = 300
_LONGEST_TAG = 8000
_FORMS = re.compile(rb"<form\b.*?(?=</form\b|<form\b|\Z)", re.IGNORECASE | re.DOTALL)
_CONTROLS = re.compile(
    rb"<(/?)(form|input|select|option|button|textarea)\b((?:[^<>\"']|\"[^\"]{0,4000}\"|'[^']{0,4000}'){0,4000})>([^<]{0,400})",
    re.IGNORECASE,
)
#: other tags: those in the text of a button belong to it
_OTHER_TAGS = re.compile(rb"<(?!/?(?:form|input|select|option|button|textarea)\b)[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?", re.IGNORECASE)
_NOT_WRITTEN = frozenset({"hidden", "submit", "image", "button", "reset", "checkbox", "radio"})


@dataclass(slots=True)
class _Form:
    action: str
    #: names and values that are sent whatever is chosen
    fixed: list[tuple[str, str]] = field(default_factory=list)
    #: names, values and texts of what can be chosen, and of the buttons, which may have no name
    options: list[tuple[str, str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    #: it has a field to write in
    is_written: bool = False


def with_forms(reading: Reading, body: bytes) -> Reading:
    """The reading of a page with where its forms lead among its links."""
    found = form_links(body, reading.url)
    return replace(reading, links=(*reading.links, *found)) if found else reading


def form_links(body: bytes, url: str) -> list[Link]:
    """Where the forms of the page at `url` lead on its own site, each address once."""
    found: dict[str, Link] = {}
    for number, match in enumerate(_FORMS.finditer(body[:_LARGEST])):
        form = _read(_OTHER_TAGS.sub(b"", match[0]), url)
        for link in _links(form) if form is not None else ():
            if urls.same_site(link.url, url):
                found.setdefault(link.url, link)
        if number >= _MOST_FORMS or len(found) >= _MOST_LINKS:
            break
    return list(found.values())


def _links(form: _Form) -> Iterator[Link]:
    options, buttons = form.options, form.buttons
    if form.is_written:
        yield from _link(form, "", "", "", SEARCH)
        # beside words to look for a number is that of a page; other choices are no pages but narrow the search
        options, buttons = [one for one in options if one[1].isdecimal()], []
    for name, value, text in (*options, *buttons):
        yield from _link(form, name, value, text, FORM)


def _link(form: _Form, name: str, value: str, text: str, tag: str) -> Iterator[Link]:
    sent = [(other, said) for other, said in (*form.fixed, (name, value)) if other and said]
    query = urlencode([(other, said) for other, said in sent if other != name or said == value])
    # what is sent takes the place of the parameters that the address has
    address = urls.parse(form.action.partition("?")[0] + (f"?{query}" if query else ""))
    if address is not None:
        yield Link(address, text, tag=tag)


def _read(body: bytes, url: str) -> _Form | None:
    """The form that begins with a body; None where it is sent by `post`, or nowhere."""
    form: _Form | None = None
    select = ""
    for match in islice(_CONTROLS.finditer(body), _MOST_LINKS):
        name, closes, attributes = match[2].lower(), bool(match[1]), _attributes(match[3])
        if name == b"form":
            action = urls.parse(attributes.get("action", "").strip() or url, url)
            if action is None or (attributes.get("method") or "get").strip().lower() != "get":
                return None
            form = _Form(action)
        elif form is None:
            return None
        elif name == b"select":
            select = "" if closes else attributes.get("name", "")
        elif not closes:
            _take(form, name, attributes, select, _text(match[4]))
    return form


def _take(form: _Form, name: bytes, attributes: dict[str, str], select: str, text: str) -> None:
    kind = (attributes.get("type") or ("submit" if name == b"button" else "text")).strip().lower()
    own, value = attributes.get("name", ""), attributes.get("value", "")
    if name == b"option":
        if select:
            form.options.append((select, attributes.get("value", text), text))
    elif name == b"textarea" or (name == b"input" and kind not in _NOT_WRITTEN):
        form.is_written = True
    elif kind == "hidden":
        form.fixed.append((own, value))
    elif kind in ("submit", "image"):
        said = text or value or attributes.get("aria-label") or attributes.get("title") or attributes.get("alt") or ""
        form.buttons.append((own, value, said))


def _attributes(text: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text[:_LONGEST_TAG].decode("utf-8", "replace")):
        found.setdefault(match[1].lower(), unescape(match[2] or match[3] or match[4] or ""))
    return found


def _text(text: bytes) -> str:
    return texts.line(text.decode("utf-8", "replace"), limit=_TEXT_LIMIT) or ""
