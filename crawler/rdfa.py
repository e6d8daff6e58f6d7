"""The JobPosting items of a page in RDFa Lite, from the tree that there is.

RDFa Lite (https://www.w3.org/TR/rdfa-lite/, with `time` and `data` as https://www.w3.org/TR/html-rdfa/ has them) and
one vocabulary are all that job pages use. Whatever is more than that is left to pyRdfa, which builds a graph of the
whole page and takes fifty times as long as the parse of it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, cast
from urllib.parse import urljoin

import lxml.etree

from postings import markup

#: attributes of full RDFa, which change what the ones beside them mean
_FULL = frozenset({"about", "rel", "rev", "inlist", "datatype", "prefix", "data"})
_TYPES = lxml.etree.XPath("descendant-or-self::*/@typeof[contains(., 'JobPosting')]")
_DEPTH = lxml.etree.XPath("count(ancestor::*/@typeof)")
_VOCABULARY = lxml.etree.XPath("string(ancestor-or-self::*[@vocab][1]/@vocab)")
_NAMES = lxml.etree.XPath("descendant-or-self::*/@resource")
_ADDRESSES = lxml.etree.XPath("//@*[name() = 'resource' or name() = 'about' or name() = 'href' or name() = 'src']")
_HOLDS_PROPERTIES = lxml.etree.XPath("boolean(descendant::*/@property)")


class _MoreThanLite(Exception):
    """The markup is more than RDFa Lite with schema.org."""


def job_postings(tree: Any) -> list[Any]:
    """The elements whose type may be JobPosting, in document order."""
    return [said.getparent() for said in cast("list[Any]", _TYPES(tree))]


def read_lite(elements: list[Any], base: str | None) -> list[dict[str, Any]] | None:
    """The items of such elements in the shape of JSON-LD; None if they are more than RDFa Lite with schema.org."""
    try:
        items = [_item(element, base) for element in elements]
    except _MoreThanLite:
        return None
    return None if _are_named_elsewhere(elements, base) else items


def _are_named_elsewhere(elements: list[Any], base: str | None) -> bool:
    """Whether an item's `resource` may have properties, or be a value, elsewhere in the page: only a graph joins them.

    The page's own address has those that are of no item.
    """
    names = {_joined(said, base) for element in elements for said in cast("list[str]", _NAMES(element))}
    if not names:
        return False
    said = Counter(_joined(said, base) for said in cast("list[str]", _ADDRESSES(elements[0])))
    return (base or "") in names or any(said[name] > 1 for name in names)


def _item(element: Any, base: str | None) -> dict[str, Any]:
    vocabulary = str(_VOCABULARY(element))
    if not markup.is_schema_org(vocabulary) or element.getroottree().getroot().get("version"):
        raise _MoreThanLite
    item: dict[str, Any] = {}
    # the item that elements so many items deep belong to
    owners: dict[int, dict[str, Any]] = {}
    value: Any
    for one in element.iter("*"):
        names = one.keys()
        if not names:
            continue
        if not _FULL.isdisjoint(names) or one.get("vocab", vocabulary) != vocabulary:
            raise _MoreThanLite
        if "resource" in names and "typeof" not in names:
            # what the properties inside are of, or whose name a property says
            raise _MoreThanLite
        if "typeof" in names:
            depth = int(cast("float", _DEPTH(one)))
            value = owners[depth + 1] = _typed(one, base)
            if one is element:
                item = value
                continue
            if "content" in names or markup.is_job_posting(value):
                # one posting inside of another: which properties are whose is for the graph to tell
                raise _MoreThanLite
        elif "property" in names:
            depth = int(cast("float", _DEPTH(one)))
            value = _value(one, base)
        elif len(one) and ("href" in names or "src" in names) and _HOLDS_PROPERTIES(one):
            # a target without a property of its own is what the properties inside are of
            raise _MoreThanLite
        for name in (one.get("property") or "").split():
            owners[depth].setdefault(markup.short(name), []).append(value)
    return item


def _typed(element: Any, base: str | None) -> dict[str, Any]:
    item: dict[str, Any] = {"@type": [markup.short(name) for name in element.get("typeof").split()]}
    target = element.get("resource") or element.get("href") or element.get("src")
    return item | {"@id": _joined(target, base)} if target else item


def _value(element: Any, base: str | None) -> Any:
    said = element.get("content")
    if said is None and element.tag == "time":
        said = element.get("datetime")
    if said is None and element.tag == "data":
        said = element.get("value")
    if said is not None:
        return said
    target = element.get("href", element.get("src"))
    return "".join(element.itertext()) if target is None else {"@id": _joined(target, base)}


def _joined(target: str, base: str | None) -> str:
    try:
        return urljoin(base or "", target.strip())
    except ValueError:
        return ""
