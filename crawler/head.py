"""What a page says of itself: canonical link, language, title, whether it may be indexed. Extraction asks.

Its elements are gathered in one walk over the tree, together with those that carry markup and links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from crawler.links import LEADING_TAGS, short_text
from postings import urls
from postings.normalise.languages import read_language

_SPLIT = re.compile(r"[\s,]+")
#: names of `<meta>` and kinds of `<link>` that are looked at
TELLING_METAS = frozenset({"robots", "googlebot", "hirewatch", "refresh", "content-language", "og:locale", "language"})
TELLING_LINKS = ("canonical", "next", "alternate")
_TAGS = ("script", "link", "meta", "title", "h1", "base")
_MOST_ALTERNATES = 100
_REFRESH = re.compile(r"\s*\d*(?:\.\d*)?\s*[;,]?\s*url\s*=\s*['\"]?([^'\"\s]+)", re.IGNORECASE)
_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(slots=True, kw_only=True)
class Elements:
    """The elements of a page that reading looks at, in document order: those of a tree, or `crawler.skimming.Tag`s."""

    root: Any
    scripts: list[Any] = field(default_factory=list)
    #: `<link>`
    links: list[Any] = field(default_factory=list)
    metas: list[Any] = field(default_factory=list)
    base: str | None = None
    #: the texts of `<title>` and of the first `<h1>`
    title: str | None = None
    heading: str | None = None
    #: all that may lead somewhere; empty unless links are wanted
    leading: list[tuple[str, Any]] = field(default_factory=list)


def gather(tree: Any, *, links: bool) -> Elements:
    """The elements of a page's tree."""
    found = Elements(root=tree)
    title: Any = None
    heading: Any = None
    leading = found.leading.append
    for element in tree.iter(*_TAGS, *LEADING_TAGS) if links else tree.iter(*_TAGS):
        tag = element.tag
        if tag == "a":
            leading((tag, element))
        elif tag == "meta":
            found.metas.append(element)
        elif tag == "title":
            # pictures have titles as well
            if title is None and element.getparent().tag in ("head", "html", "body"):
                title = element
        elif tag == "h1":
            if heading is None:
                heading = element
        elif tag == "base":
            found.base = found.base or element.get("href")
        else:
            if tag == "script":
                found.scripts.append(element)
            elif tag == "link":
                found.links.append(element)
            if links:
                leading((tag, element))
    found.title = short_text(title) if title is not None else None
    found.heading = short_text(heading) if heading is not None else None
    return found


class Head:
    """What a page says of itself; addresses are absolute."""

    def __init__(self, elements: Elements, address: str | None) -> None:
        self.address = address
        self.base = (urls.parse(elements.base, address) or address) if elements.base else address
        self.canonical: str | None = None
        self.next_page: str | None = None
        #: where the page leads by itself, by `http-equiv=refresh`
        self.refresh: str | None = None
        self.noindex = False
        #: `rel=alternate` with a language
        self.alternates: list[str] = []
        root = elements.root
        self.language = read_language(root.get("lang")) or read_language(
            root.get(_XML_LANGUAGE) or root.get("xml:lang")
        )
        self.title = elements.title
        self.heading = elements.heading
        for element in elements.metas:
            self._read_meta(element)
        for element in elements.links:
            self._read_link(element)

    def _read_meta(self, element: Any) -> None:
        name = element.get("name") or element.get("property") or element.get("http-equiv")
        if not name:
            return
        name = name.lower()
        if name in ("robots", "googlebot", "hirewatch"):
            content = element.get("content") or ""
            self.noindex = self.noindex or not {"noindex", "none"}.isdisjoint(_SPLIT.split(content.lower()))
        elif name == "refresh":
            match = _REFRESH.match(element.get("content") or "")
            self.refresh = self.refresh or (_url(match[1].strip(), self.base) if match else None)
        elif name in ("content-language", "og:locale", "language") and self.language is None:
            self.language = read_language((element.get("content") or "").split(",")[0])

    def _read_link(self, element: Any) -> None:
        rel = (element.get("rel") or "").lower()
        if "alternate" in rel:
            self._read_alternate(element)
        if "canonical" not in rel and "next" not in rel:
            return
        rels = rel.split()
        if "canonical" in rels and self.canonical is None:
            self.canonical = _url(element.get("href"), self.base)
        elif "next" in rels and self.next_page is None:
            self.next_page = _url(element.get("href"), self.base)

    def _read_alternate(self, element: Any) -> None:
        """The page in another language; feeds, print and mobile versions have no `hreflang`."""
        if element.get("hreflang") and not element.get("media") and len(self.alternates) < _MOST_ALTERNATES:
            url = _url(element.get("href"), self.base)
            if url is not None and url not in self.alternates:
                self.alternates.append(url)


def _url(text: str | None, base: str | None) -> str | None:
    return urls.parse(text, base) if text else None
