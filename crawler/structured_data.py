"""The JobPosting objects of a page, whatever they are written in: JSON-LD first, then microdata, then RDFa.

Extraction asks here; nothing here knows what a posting's properties mean.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import lxml.etree

from crawler import rdfa
from crawler.documents import Document
from crawler.pages import Problem
from crawler.scripts import read_scripts
from postings import markup, urls
from postings.normalise import text as texts
from postings.posting import Syntax
from postings.problems import problem

#: postings of a page that are read
POSTING_LIMIT = 2_000
#: references by `@id` that are followed in one posting, and how deep: they may go round in circles
REFERENCE_LIMIT, REFERENCE_DEPTH = 200, 4

_HAS_MICRODATA = lxml.etree.XPath("boolean(descendant-or-self::*/@itemtype[contains(., 'JobPosting')])")


class StructuredData:
    """The JobPosting objects of a page, before they are read."""

    def __init__(self) -> None:
        self.syntax: Syntax = "json-ld"
        self.things: list[dict[str, Any]] = []
        self.broken: list[str] = []
        self.breaks_off = False
        self.unreadable: list[str] = []
        self.problems: list[Problem] = []
        self.item_list: dict[str, None] = {}

    def collect(self, document: Document, scripts: list[Any], base: str | None, address: str | None) -> None:
        """Finds JSON-LD; microdata and RDFa only where that gave no posting and their marker names JobPosting.

        `scripts` are all the page's.
        """
        self.collect_json_ld(scripts, base, document.source)
        if self.things:
            return
        if b"JobPosting" not in document.source:
            # an item's type is an IRI, the same in letter case too
            return
        tree = document.tree
        if _HAS_MICRODATA(tree):
            self._collect_with("microdata", lambda extractors: extractors.Microdata().extract_items(tree, base or ""))
        if not self.things and (elements := rdfa.job_postings(tree)):
            self._collect_with("rdfa", lambda extractors: _rdfa(elements, document, base or address, extractors))

    def collect_json_ld(self, scripts: list[Any], base: str | None, source: bytes) -> None:
        """Finds JSON-LD alone; `source` is the page's text."""
        if not scripts:
            return
        said = read_scripts(scripts, lambda: _ends_in_script(source))
        self.broken = said.broken
        self.breaks_off = said.breaks_off
        for reason in said.broken:
            self.problems.append(
                problem("json-invalid", "", f"a script that names JobPosting could not be read: {reason}; mend it")
            )
        if said.repaired:
            self.problems.append(
                problem(
                    "json-repaired",
                    "",
                    "a script is broken JSON and was read after repair; other readers will not see it",
                )
            )
        self.things = job_postings(said.documents, named=said.names_things)
        if said.names_list:
            self.item_list = dict.fromkeys(_item_list(said.documents, base))

    def _collect_with(self, syntax: Literal["microdata", "rdfa"], extract: Callable[[Any], list[Any]]) -> None:
        from crawler import extractors

        try:
            self.things = job_postings(extract(extractors), named=True)
        except (MemoryError, KeyboardInterrupt):
            raise
        except Exception as error:  # extruct lets through whatever its libraries raise
            self.things = []
            name = "RDFa" if syntax == "rdfa" else syntax
            self.unreadable.append(f"the {name} cannot be read: {type(error).__name__}")
        self.syntax = syntax


def _ends_in_script(source: bytes) -> bool:
    """Whether the page ends before its last script does: it was cut off there."""
    length = 4_096
    while True:
        # whichever comes last decides: most pages end soon after it
        end = source[-length:].lower()
        opened, closed = end.rfind(b"<script"), end.rfind(b"</script")
        if opened >= 0 or closed >= 0 or length >= len(source):
            return opened > closed
        length *= 8


def _rdfa(elements: list[Any], document: Document, base: str | None, extractors: Any) -> list[Any]:
    lite = rdfa.read_lite(elements, base)
    if lite is not None:
        return lite
    found: list[Any] = extractors.rdfa(document.source, document.encoding, base)
    return found


def job_postings(
    documents: list[Any], *, named: bool, origins: list[dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """The JobPosting objects of JSON-LD documents in document order, each once, references by `@id` resolved.

    `named` is false where no object has an `@id`. `origins` is filled with the objects that they were made of.
    """
    found: list[dict[str, Any]] = []
    said: set[str] = set()
    index: dict[str, Mapping[str, Any]] | None = None
    for thing, prefixes in _walk(documents):
        posting = markup.plain(thing, prefixes)
        posting.pop("@context", None)
        if named and (_is_reference(posting) or any(_is_reference(one) for one in markup.walk(posting))):
            if index is None:
                index = _by_id(documents)
            if _is_reference(posting):
                # the object itself is, or is not, elsewhere in the documents
                continue
            posting = _resolved(posting, index, REFERENCE_DEPTH, [REFERENCE_LIMIT])
        if found:
            # most pages have one: what it looks like is worked out when there is another
            said = said or {json.dumps(found[0], sort_keys=True)}
            if (text := json.dumps(posting, sort_keys=True)) in said:
                continue
            said.add(text)
        found.append(posting)
        if origins is not None:
            origins.append(thing)
        if len(found) >= POSTING_LIMIT:
            break
    return found


def _walk(documents: list[Any]) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """The JobPosting objects with the prefixes in force, in document order."""
    pending: list[tuple[Any, frozenset[str]]] = [(one, frozenset()) for one in reversed(documents)]
    while pending:
        one, prefixes = pending.pop()
        if isinstance(one, dict):
            if "@context" in one:
                prefixes |= markup.prefixes_of(one["@context"])
            if _is_job_posting(one, prefixes):
                yield one, prefixes
            else:
                pending.extend((inner, prefixes) for inner in reversed(one.values()) if isinstance(inner, (dict, list)))
        elif isinstance(one, list):
            pending.extend((inner, prefixes) for inner in reversed(one) if isinstance(inner, (dict, list)))


def _is_job_posting(thing: dict[str, Any], prefixes: frozenset[str]) -> bool:
    said = thing.get("@type", thing.get("type"))
    if said is None:
        return False
    if isinstance(said, str) and ":" not in said:
        return said.strip().casefold() == "jobposting"
    return any(
        isinstance(one, str) and markup.short(one.strip(), prefixes).casefold() == "jobposting"
        for one in texts.each(said)
    )


def _is_reference(thing: Any) -> bool:
    return isinstance(thing, dict) and "@id" in thing and thing.keys() <= {"@id", "@type"}


def _by_id(documents: list[Any]) -> dict[str, Mapping[str, Any]]:
    index: dict[str, Mapping[str, Any]] = {}
    for thing in markup.walk(documents):
        name = thing.get("@id")
        if isinstance(name, str) and not _is_reference(thing):
            index.setdefault(name, thing)
    return index


def _resolved(value: Any, index: Mapping[str, Mapping[str, Any]], depth: int, left: list[int]) -> Any:
    if isinstance(value, list):
        return [_resolved(one, index, depth, left) for one in value]
    if not isinstance(value, dict):
        return value
    if _is_reference(value) and isinstance(value["@id"], str) and value["@id"] in index:
        left[0] -= 1
        if depth == 0 or left[0] < 0:
            return value
        return _resolved(markup.plain(index[value["@id"]]), index, depth - 1, left)
    return {key: _resolved(inner, index, depth, left) for key, inner in value.items()}


def _item_list(documents: list[Any], base: str | None) -> Iterator[str]:
    for thing in markup.walk(documents):
        if not any(one.casefold() == "itemlist" for one in markup.types_of(thing)):
            continue
        for element in texts.each(thing.get("itemListElement")):
            item = element
            if isinstance(element, Mapping):
                inner = texts.first(element.get("item"))
                item = element.get("url") or inner or element.get("@id")
                if isinstance(item, Mapping):
                    item = item.get("url") or item.get("@id")
            if isinstance(item, str) and (url := urls.parse(item, base)):
                yield url
