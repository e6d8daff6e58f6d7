"""The links of a page: absolute, each address once, with what is needed to tell what they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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

# Addresses that WHATWG would leave as they are, but for the fragment and what they lack as relative ones.
_PATH = r"(?:[A-Za-z0-9_~=&+,;!$()*@-]++|%(?!2[eE])|/(?!\.)|\.(?=[A-Za-z0-9]))*+"
_RELATIVE = re.compile(
    rf"(?:(?P<root>/(?![/.]))|(?P<up>(?:\.\./)*+)(?!/))(?P<path>{_PATH})"
    r"(?P<query>\?[A-Za-z0-9_~=&+,;!$()*@:%./?-]++)?(?P<fragment>#[^\\\x00-\x1f\x7f-\x9f]*+)?"
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
    absolute = _Addresses(base).absolute
    for tag, element in elements:
        said = element.get("src" if tag in _SOURCED else "href")
        if not said or said[0] == "#":
            continue
        if said in parsed:
            url = parsed[said]
            if url is None or tag != "a":
                continue
        elif tag == "link" and _TELLING_REL.isdisjoint((element.get("rel") or "").lower().split()):
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
        text = short_text(element) or texts.line(element.get("title") or element.get("aria-label")) or ""
        rel, kind = element.get("rel"), element.get("type")
        found[url] = Link(
            url, text, frozenset(rel.lower().split()) if rel else _NO_REL, tag, kind.lower() if kind else None
        )
        if text:
            parsed[said] = None
    return list(found.values())


class _Addresses:
    """Makes the addresses on a page absolute as `urls.parse` does, without its cost for those that most links have."""

    def __init__(self, base: str | None) -> None:
        self._base = base
        #: the base without its query
        self._page = base.partition("?")[0] if base else ""
        #: where its path starts
        self._path = self._page.find("/", len("https://"))
        #: the folder of the base and those above it, nearest first, each with a slash at its end
        self._folders: list[str] = []

    def absolute(self, said: str) -> str | None:
        if self._path < 0 or (match := _RELATIVE.fullmatch(said)) is None:
            return None if said[:11].lower().startswith(_NO_ADDRESS) else urls.parse(said, self._base)
        path: str = match["path"]
        if match["root"] is not None:
            url = f"{self._page[: self._path]}/{path}"
        elif path or match["up"]:
            url = self._folder(len(match["up"]) // 3) + path
        else:
            url = self._page
        if match["query"] is not None:
            url += match["query"]
        return url if len(url) <= urls.LONGEST and len(said) <= urls.LONGEST else None

    def _folder(self, up: int) -> str:
        if not self._folders:
            origin, path = self._page[: self._path], self._page[self._path :]
            while path:
                path = path[: path.rfind("/")]
                self._folders.append(f"{origin}{path}/")
        return self._folders[min(up, len(self._folders) - 1)]


def short_text(element: Any) -> str | None:
    """The text of an element, as far as a title or a link's text may go."""
    if len(element) == 0:
        return texts.line(element.text, limit=TEXT_LIMIT)
    parts: list[str] = []
    length = 0
    for part in _parts(element):
        parts.append(part)
        length += len(part) + 1
        if length > TEXT_LIMIT * 4:
            break
    return texts.line(" ".join(parts), limit=TEXT_LIMIT)


def _parts(element: Any) -> Iterator[str]:
    if element.text:
        yield element.text
    for child in element:
        if len(child):
            yield from child.itertext()
        elif child.text:
            yield child.text
        if child.tail:
            yield child.tail
