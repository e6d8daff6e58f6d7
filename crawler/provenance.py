"""Where the values of a posting stand on its page: in which script and where in it, or at which element.

Worked out anew from the page for `inspect`; a visit does not ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.pages import Place, Source
from postings import markup
from postings.problems import pointer

#: properties of a posting whose place is told
PROPERTY_LIMIT = 100
#: characters, members and levels of a raw value that are kept
TEXT_LIMIT, MEMBER_LIMIT, DEPTH_LIMIT = 300, 20, 6
#: objects below a longer JSON Pointer have no place
LONGEST_POINTER = 2_000
#: objects and lists of one document that are walked
_NODES = 200_000


def brief(value: Any, depth: int = DEPTH_LIMIT) -> Any:
    """A value as JSON, cut where it is long."""
    if isinstance(value, str):
        return value if len(value) <= TEXT_LIMIT else f"{value[:TEXT_LIMIT]}…"
    if isinstance(value, Mapping):
        if not depth:
            return "{…}"
        return {str(key)[:TEXT_LIMIT]: brief(inner, depth - 1) for key, inner in list(value.items())[:MEMBER_LIMIT]}
    if isinstance(value, (list, tuple)):
        return [brief(inner, depth - 1) for inner in value[:MEMBER_LIMIT]] if depth else "[…]"
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return "…"
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object of a JSON document."""

    value: dict[str, Any]
    #: JSON Pointer within the document
    pointer: str
    #: prefixes that stand for schema.org here
    prefixes: frozenset[str]
    #: its context, or that of one above it, names schema.org
    in_context: bool


def objects(document: Any) -> Iterator[Found]:
    """Every object of a JSON document, outer ones first, in document order."""
    pending: list[tuple[Any, str, frozenset[str], bool]] = [(document, "", frozenset(), False)]
    for _ in range(_NODES):
        if not pending:
            return
        one, path, prefixes, named = pending.pop()
        if isinstance(one, dict):
            if "@context" in one:
                prefixes |= markup.prefixes_of(one["@context"])
                named = named or _names_schema_org(one["@context"])
            yield Found(value=one, pointer=path, prefixes=prefixes, in_context=named)
            inner: Iterable[tuple[Any, Any]] = one.items()
        elif isinstance(one, list):
            inner = enumerate(one)
        else:
            continue
        if len(path) > LONGEST_POINTER:
            continue
        pending.extend(
            (value, f"{path}/{pointer(str(key)[:500])}", prefixes, named)
            for key, value in reversed(list(inner))
            if isinstance(value, (dict, list))
        )


def _names_schema_org(context: Any) -> bool:
    if isinstance(context, str):
        return "schema.org" in context.lower()
    if isinstance(context, list):
        return any(_names_schema_org(one) for one in context[:MEMBER_LIMIT])
    if isinstance(context, dict):
        return any(isinstance(one, str) and "schema.org" in one.lower() for one in context.values())
    return False


def in_script(origin: Mapping[str, Any], place: Place, prefixes: frozenset[str]) -> tuple[Source, ...]:
    """The properties of a JSON-LD object that stands at `place`, each where the page has it."""
    found: dict[str, Source] = {}
    for key, value in list(origin.items())[: 4 * PROPERTY_LIMIT]:
        name = markup.name_of(key, prefixes)
        if name.startswith("@") or name in found or len(found) >= PROPERTY_LIMIT:
            continue
        at = Place(
            script=place.script, document=place.document, line=place.line,
            pointer=f"{place.pointer or ''}/{pointer(str(key)[:500])}",
        )  # fmt: skip
        found[name] = Source(name=name, raw=brief(value), at=at)
    return tuple(found.values())


def in_elements(item: Any, thing: Mapping[str, Any], *, attribute: str, scope: str) -> tuple[Source, ...]:
    """The properties of a microdata or RDFa item, each at the first element that has it.

    `attribute` names properties (`itemprop`, `property`), `scope` begins an item of its own (`itemscope`, `typeof`).
    """
    elements: dict[str, Any] = {}
    for element in item.iterdescendants():
        names = element.get(attribute) if isinstance(element.tag, str) else None
        if names and _owner(element, scope) is item:
            for name in names.split():
                elements.setdefault(markup.name_of(name), element)
    found = []
    for name, value in list(thing.items())[:PROPERTY_LIMIT]:
        if not name.startswith("@"):
            at = at_element(elements[name]) if name in elements else at_element(item)
            found.append(Source(name=name, raw=brief(value), at=at))
    return tuple(found)


def _owner(element: Any, scope: str) -> Any:
    above = element.getparent()
    while above is not None and above.get(scope) is None:
        above = above.getparent()
    return above


def at_element(element: Any) -> Place:
    """The place of an element."""
    return Place(element=element.getroottree().getpath(element), line=element.sourceline)
