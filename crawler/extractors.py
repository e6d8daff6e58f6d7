"""extruct's extractors, made to survive real pages. Imported only where pages are read: it costs half a second.

All take a tree that lxml has parsed already, except RDFa, whose library needs elements of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import lxml.etree
from extruct.rdfa import RDFaExtractor
from extruct.w3cmicrodata import MicrodataExtractor
from extruct.xmldom import XmlDomHTMLParser

from postings import markup

#: characters of one microdata property
TEXT_LIMIT = 1_000_000


class Microdata(MicrodataExtractor):  # type: ignore[misc]
    """extruct's microdata extractor, for the JobPosting items of a page only; descriptions keep their markup."""

    # attributes first: a predicate on each element takes five times as long, a union is quadratic
    _xp_scopes = lxml.etree.XPath("descendant-or-self::*/@itemscope")
    _xp_properties = lxml.etree.XPath("descendant-or-self::*/@itemprop")
    _xp_owner = lxml.etree.XPath("ancestor::*[@itemscope][1]")
    _xp_depth = lxml.etree.XPath("count(ancestor::*/@itemscope)")
    _xp_named = lxml.etree.XPath("//*[@id]")
    # properties in the element and of the same item as it is
    _xp_own = lxml.etree.XPath("descendant-or-self::*[@itemprop][count(ancestor::*/@itemscope) = $scopes]")
    _left, _pieces, _references = 20 * TEXT_LIMIT, 50_000, 1_000
    _MARKED_UP = frozenset({"description", "responsibilities", "qualifications", "jobbenefits", "skills"})
    #: properties of which a link says the address; of all others its text is meant
    _ADDRESSES = frozenset({"url", "sameas", "logo", "image", "mainentityofpage"})

    def __init__(self) -> None:
        super().__init__()
        #: the elements with properties of each item
        self._properties: dict[Any, list[Any]] = {}
        #: elements by their ids; None until the first is asked for
        self._named: dict[str, Any] | None = None

    def extract_items(self, document: Any, base_url: str | None) -> list[dict[str, Any]]:
        """The JobPosting items in document order, in the shape of JSON-LD."""
        itemids = self._build_itemids(document)
        seen: set[int] = set()
        found = []
        for node in itemids:
            if "JobPosting" not in node.get("itemtype", ""):
                continue
            item = self._extract_item(node, items_seen=seen, base_url=base_url, itemids=itemids)
            if not item:
                continue
            posting = as_json_ld(item)
            if not ({"title", "name"} & posting.keys()) and (heading := node.find(".//h1")) is not None:
                # some systems mark up everything but the heading that is the title
                posting["title"] = " ".join(heading.itertext())
            found.append(posting)
        return found

    def _build_itemids(self, document: Any) -> dict[Any, int]:
        scopes = [said.getparent() for said in cast("list[Any]", self._xp_scopes(document))]
        # extruct asks for the properties of each item with a pattern that is cubic in nested items
        self._properties = {scope: [] for scope in scopes}
        for said in cast("list[Any]", self._xp_properties(document)):
            one = said.getparent()
            for owner in cast("list[Any]", self._xp_owner(one)):
                self._properties[owner].append(one)
        return {scope: number for number, scope in enumerate(scopes, 1)}

    def _extract_properties(self, node: Any, items_seen: Any, base_url: Any, itemids: Any) -> Iterator[tuple[str, Any]]:
        for one in self._properties[node]:
            yield from self._extract_property(one, items_seen=items_seen, base_url=base_url, itemids=itemids)

    def _extract_property_refs(
        self, node: Any, refid: Any, items_seen: Any, base_url: Any, itemids: Any
    ) -> Iterator[tuple[str, Any]]:
        # extruct asks for ids that our parser does not collect, and looks at each property's ancestors in Python
        if self._named is None:
            self._named = {}
            for one in cast("list[Any]", self._xp_named(node)):
                self._named.setdefault(one.get("id"), one)
        named = self._named.get(refid)
        if named is None:
            return
        self._references -= 1
        if self._references < 0:
            return
        own = [named]
        if named.get("itemscope") is None or named.get("itemprop") is None:
            scopes = cast("float", self._xp_depth(named)) + (named.get("itemscope") is not None)
            own = cast("list[Any]", self._xp_own(named, scopes=scopes))
        for one in own:
            yield from self._extract_property(one, items_seen=items_seen, base_url=base_url, itemids=itemids)

    def _extract_textContent(self, node: Any) -> str:
        # extruct copies and cleans the whole subtree for each property
        parts: list[str] = []
        length = 0
        for text in _visible_text(node):
            parts.append(text)
            length += len(text)
            self._pieces -= 1
            if length > TEXT_LIMIT or self._pieces < 0:
                break
        return self._spent(" ".join("".join(parts).split()))

    def _spent(self, text: str) -> str:
        """The text, unless properties inside properties have said it too often already."""
        self._left -= len(text)
        return text if self._left > 0 else ""

    def _extract_property(self, node: Any, items_seen: Any, base_url: Any, itemids: Any) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = super()._extract_property(node, items_seen, base_url, itemids)
        if node.tag != "a" or node.get("itemscope") is not None:
            return found
        said = node.get("content") or self._extract_textContent(node)
        return [
            (name, value if markup.short(name).lower() in self._ADDRESSES else said or value) for name, value in found
        ]

    def _extract_property_value(
        self, node: Any, items_seen: Any, base_url: Any, itemids: Any, force: bool = False
    ) -> Any:
        if node.get("itemscope") is None and node.tag not in ("meta", "link", "a", "data", "meter"):
            if node.tag == "time":
                # without `datetime` its text is its value (HTML standard, 4.5.14)
                return node.get("datetime") or node.get("content") or self._extract_textContent(node)
            names = (node.get("itemprop") or "").lower().split()
            if self._MARKED_UP.intersection(names) and not node.get("content"):
                return self._spent("".join(_inner(node)))
        try:
            return super()._extract_property_value(node, items_seen, base_url, itemids, force)
        except ValueError:
            # urljoin refuses some addresses
            return ""


def _visible_text(node: Any) -> Iterator[str]:
    if node.text and node.tag not in ("script", "style"):
        yield node.text
    for element in node.iterdescendants():
        if element.text and element.tag not in ("script", "style") and isinstance(element.tag, str):
            yield element.text
        if element.tail:
            yield element.tail


def _inner(node: Any) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        yield lxml.etree.tostring(child, encoding="unicode", method="html")


def as_json_ld(item: Any) -> Any:
    """A microdata item of extruct's as a JSON-LD object."""
    if isinstance(item, list):
        return [as_json_ld(one) for one in item]
    if not isinstance(item, dict):
        return item
    properties = item.get("properties")
    if not isinstance(properties, dict):
        return item.get("value", item)
    thing = {"@type": item.get("type", [])} | {name: as_json_ld(value) for name, value in properties.items()}
    return thing | {"@id": item["id"]} if "id" in item else thing


def rdfa(source: bytes, encoding: str, base_url: str | None) -> list[Any]:
    """The RDFa of a page as expanded JSON-LD."""
    parser = XmlDomHTMLParser(encoding=encoding, huge_tree=True)
    tree = lxml.etree.fromstring(source, parser=parser)
    found: list[Any] = RDFaExtractor().extract_items(tree, base_url=base_url)
    return found
