"""The links of a page: absolute, each address once, with what is needed to tell what they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from crawler.pages import Link
from postings import urls
from postings.normalise import text as texts

#: elements that lead somewhere
LEADING_TAGS = ("a", "area", "link", "iframe", "frame", "script")
#: links of a page that are kept
LINK_LIMIT = 50_000
#: characters of a link's text, a title, a heading
TEXT_LIMIT = 300

# addresses that are already as WHATWG would write them, but for the origin and the fragment
_PLAIN = re.compile(
    r"(?P<origin>https?://(?:[a-z0-9]++(?:-[a-z0-9]++)*+\.)++[a-z]{2,}(?=/))?"
    r"/(?![/.])(?:[A-Za-z0-9_~=&+,;:-]++|%(?!2[eE])|/(?!\.)|\.(?=[A-Za-z0-9]))*+"
    r"(?:\?[A-Za-z0-9_~=&+,;:%./-]++)?(?P<fragment>#[^\\\x00-\x1f\x7f-\x9f]*+)?"
)
_NO_REL: frozenset[str] = frozenset()
_NO_ADDRESS = ("#", "javascript:", "mailto:", "tel:", "data:")
_SOURCED = frozenset({"iframe", "frame", "script"})
_TELLING_REL = frozenset({"alternate", "next", "prev", "canonical", "amphtml", "search"})


def read_links(elements: Iterable[tuple[str, Any]], base: str | None) -> list[Link]:
    """Links of elements and their tags, in document order, each address once; a later text fills in for a missing one.

    One more than `LINK_LIMIT` says that there are more.
    """
    found: dict[str, Link] = {}
    # the address of each text of an attribute; None for one that needs no further look
    parsed: dict[str, str | None] = {}
    origin = urls.origin(base) if base else None
    for tag, element in elements:
        said = element.get("src" if tag in _SOURCED else "href")
        if not said:
            continue
        if said in parsed:
            url = parsed[said]
            if url is None or tag != "a":
                continue
        elif tag == "link" and _TELLING_REL.isdisjoint((element.get("rel") or "").lower().split()):
            # style sheets, icons and preloads
            continue
        else:
            url = parsed[said] = _absolute(said, base, origin)
            if url is None:
                continue
        known = found.get(url)
        if known is not None and (known.text or tag != "a"):
            parsed[said] = None if known.text else url
            continue
        if known is None and len(found) > LINK_LIMIT:
            break
        text = short_text(element) or texts.line(element.get("title") or element.get("aria-label")) or ""
        rel, kind = element.get("rel"), element.get("type")
        found[url] = Link(
            url, text, frozenset(rel.lower().split()) if rel else _NO_REL, tag, kind.lower() if kind else None
        )
        if text:
            parsed[said] = None
    return list(found.values())


def _absolute(said: str, base: str | None, origin: str | None) -> str | None:
    """`urls.parse`, without its cost for the addresses that most links have."""
    match = _PLAIN.fullmatch(said)
    if match is None:
        return None if said[:11].lower().startswith(_NO_ADDRESS) else urls.parse(said, base)
    if match["origin"] is None and origin is None:
        return urls.parse(said, base)
    if len(said) > urls.LONGEST:
        return None
    path = said if match["fragment"] is None else said[: match.start("fragment")]
    url = path if match["origin"] is not None else f"{origin}{path}"
    return url if len(url) <= urls.LONGEST else None


def short_text(element: Any) -> str | None:
    """The text of an element, as far as a title or a link's text may go."""
    if len(element) == 0:
        return texts.line(element.text, limit=TEXT_LIMIT)
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        parts.append(part)
        length += len(part) + 1
        if length > TEXT_LIMIT * 4:
            break
    return texts.line(" ".join(parts), limit=TEXT_LIMIT)
