"""The links of a page: absolute, each address once, with what is needed to tell what they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any, cast

import lxml.etree

from crawler.pages import Link
from postings import urls
from postings.normalise import text as texts

#: elements that lead somewhere
LEADING_TAGS = ("a", "area", "link", "iframe", "frame", "script")
#: what a page leads to by itself, without anybody's click
LED = "refresh"
#: links of a page that are kept
LINK_LIMIT = 50_000
#: characters of a link's text, a title, a heading
TEXT_LIMIT = 300

# Addresses that WHATWG would leave as they are, but for the fragment and what they lack as relative ones. Runs of
# characters, not one at a time; those with a dot that might be a folder are sorted out before.
_REST = r"(?:\?[A-Za-z0-9_~=&+,;!$()*@:%./?-]++)?(?:#[^\\\x00-\x1f\x7f-\x9f]*+)?"
# no group is possessive: Python before 3.11.5 reads such ones wrongly
_ROOTED = re.compile(rf"/(?!/)(?:[A-Za-z0-9_~=&+,;!$()*@:/%-]++|\.(?=[A-Za-z0-9]))*{_REST}")
_RELATIVE = re.compile(
    rf"(?P<up>(?:\.\./)*)(?!/)(?P<path>(?:[A-Za-z0-9_~=&+,;!$()*@/%-]++|\.(?=[A-Za-z0-9]))*)(?P<rest>{_REST})"
)
_TEXTS = lxml.etree.XPath("descendant::text()", smart_strings=False)
#: texts that are looked at where a link holds another one
_TEXTS_INSIDE = 4 * TEXT_LIMIT
_NO_REL: frozenset[str] = frozenset()
_new = cast("Any", tuple.__new__)
_NO_ADDRESS = ("#", "javascript:", "mailto:", "tel:", "data:")
_NEXT_CLASSES = frozenset(
    {"next", "next-page", "nextpage", "pagination-next", "pagination__next", "pager-next", "pager__next"}
)
_SOURCED = frozenset({"iframe", "frame", "script"})
_TELLING_REL = frozenset({"alternate", "next", "prev", "canonical", "amphtml", "search", "sitemap"})


def read_links(elements: Iterable[tuple[str, Any]], base: str | None) -> list[Link]:
    """Links of elements and their tags, in document order, each address once; a later text fills in for a missing one.

    One more than `LINK_LIMIT` says that there are more.
    """
    found: dict[str, Link] = {}
    # the address of each text of an attribute; None for one that needs no further look
    parsed: dict[str, str | None] = {}
    absolute = _Addresses(base).absolute
    for tag, element in elements:
        get = element.get
        said = get("src" if tag in _SOURCED else "href")
        if not said or said[0] == "#":
            continue
        if said in parsed:
            url = parsed[said]
            if url is None or tag != "a":
                continue
        elif tag == "link" and _TELLING_REL.isdisjoint((get("rel") or "").lower().split()):
            # style sheets, icons and preloads
            continue
        else:
            url = parsed[said] = absolute(said)
            if url is None:
                continue
        known = found.get(url)
        if known is not None and (known.text or tag != "a"):
            if known.text:
                parsed[said] = None
            continue
        if known is None and len(found) > LINK_LIMIT:
            break
        text = short_text(element) or texts.line(get("title") or get("aria-label") or _said_otherwise(element)) or ""
        rel, kind = get("rel"), get("type")
        # what `Link` does, in half the time
        found[url] = _new(
            Link, (url, text, frozenset(rel.lower().split()) if rel else _NO_REL, tag, kind.lower() if kind else None)
        )
        if text:
            parsed[said] = None
    return list(found.values())


def _said_otherwise(element: Any) -> str | None:
    """What a link without any text, as one that shows an arrow, is for: by its class, or the text of its picture."""
    if not _NEXT_CLASSES.isdisjoint((element.get("class") or "").lower().split()):
        return "next"
    picture = element.find(".//img[@alt]")
    return picture.get("alt") if picture is not None else None


class _Addresses:
    """Makes the addresses on a page absolute as `urls.parse` does, without its cost for those that most links have."""

    def __init__(self, base: str | None) -> None:
        self._base = base
        #: the base without its query
        self._page = base.partition("?")[0] if base else ""
        # where its path starts
        path = self._page.find("/", len("https://"))
        #: scheme, host and port of the base; None where it has no such thing
        self._origin = self._page[:path] if path >= 0 else None
        #: those of other addresses, and whether they are written as WHATWG writes them
        self._origins: dict[str, bool] = {}
        #: the folder of the base and those above it, nearest first, each with a slash at its end
        self._folders: list[str] = []

    def absolute(self, said: str) -> str | None:
        if said[0] == "/" and self._origin is not None and "%" not in said and "/." not in said:
            # half of all links
            if _ROOTED.fullmatch(said) is not None and len(self._origin) + len(said) <= urls.LONGEST:
                return self._origin + (said.partition("#")[0] if "#" in said else said)
            plain = None
        else:
            plain = self._plain(said) if len(said) <= urls.LONGEST else None
        if plain is not None and len(plain) <= urls.LONGEST:
            return plain
        return None if said[:11].lower().startswith(_NO_ADDRESS) else urls.parse(said, self._base)

    def _plain(self, said: str) -> str | None:
        """The address of a text that can be taken as it is; None for all others."""
        if "%" in said and "%2e" in said.lower():
            return None
        if said.startswith("http"):
            start = said.find("/", len("https://"))
            if start < 0 or "/." in said or _ROOTED.fullmatch(said, start) is None:
                return None
            origin = said[:start]
            known = self._origins.get(origin)
            if known is None:
                known = self._origins[origin] = urls.parse(f"{origin}/") == f"{origin}/"
            return said.partition("#")[0] if known else None
        if self._origin is None:
            return None
        if said[0] == "/":
            if "/." in said or _ROOTED.fullmatch(said) is None:
                return None
            return self._origin + said.partition("#")[0]
        match = _RELATIVE.fullmatch(said)
        if match is None or "/." in match["path"]:
            return None
        path, up = match["path"], match["up"]
        folder = self._folder(len(up) // 3) if path or up else self._page
        return folder + path + match["rest"].partition("#")[0]

    def _folder(self, up: int) -> str:
        if not self._folders:
            origin = self._origin or ""
            path = self._page[len(origin) :]
            while path:
                path = path[: path.rfind("/")]
                self._folders.append(f"{origin}{path}/")
        return self._folders[min(up, len(self._folders) - 1)]


def short_text(element: Any) -> str | None:
    """The text of an element, as far as a title or a link's text may go."""
    inner = len(element)
    if not inner:
        return texts.line(element.text, limit=TEXT_LIMIT)
    if inner == 1 and not len(child := element[0]):
        parts = [part for part in (element.text, child.text, child.tail) if part]
    elif next(element.iterdescendants(element.tag), None) is None:
        parts = cast("list[str]", _TEXTS(element))
    else:
        # one inside of another, and perhaps the next one inside of that: the same text is not taken each time
        parts = list(islice(element.itertext(), _TEXTS_INSIDE))
    return line_of(parts)


def line_of(parts: list[str]) -> str | None:
    """The texts that an element holds as one, as far as a title or a link's text may go."""
    length = 0
    for count, part in enumerate(parts, 1):
        length += len(part) + 1
        if length > TEXT_LIMIT * 4:
            del parts[count:]
            break
    return texts.line(" ".join(parts), limit=TEXT_LIMIT)
