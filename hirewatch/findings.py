"""What `inspect` tells of a page's postings: each field with where it came from, and what is wrong with it.

Pure; made of what a reader process gave.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from postings import record as records
from postings.inspection_words import PROPERTIES_OF, field_of
from postings.problems import Problem, out_of_date, problem
from postings.rules import RULES, Rule

if TYPE_CHECKING:
    from crawler.pages import Place, Reading, ReadPosting, Source

_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a posting's record, as it was read and as it is written."""

    #: which of the page's postings, counted from 0
    posting: int
    name: str
    #: as in the record; a long text is cut
    value: Any
    #: as the page has it; None where the page has nothing for it
    raw: Any = None
    at: Place | None = None

    def as_json(self) -> dict[str, Any]:
        """As `inspect --json` tells it."""
        return {
            "posting": self.posting, "field": self.name, "value": self.value, "raw": self.raw, "at": place_as_json(self.at),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A problem of a page, or of one of its postings."""

    problem: Problem
    #: which of the page's postings, counted from 0; None for the page
    posting: int | None = None
    #: of the property, or of the posting that lacks it
    at: Place | None = None

    @property
    def rule(self) -> Rule:
        """The rule that is broken."""
        return RULES[self.problem.rule]

    @property
    def field(self) -> str | None:
        """The field of the record that it concerns."""
        return field_of(self.problem.path)

    def as_json(self) -> dict[str, Any]:
        """As `inspect --json` tells it."""
        one = self.problem
        return {
            "path": one.path, "rule": one.rule, "level": one.level, "message": one.message,
            "source": self.rule.source, "posting": self.posting, "at": place_as_json(self.at),
        }  # fmt: skip


def place_as_json(place: Place | None) -> dict[str, Any] | None:
    """A place with what is known of it."""
    if place is None:
        return None
    told = {
        "script": place.script, "document": place.document, "pointer": place.pointer,
        "element": place.element, "line": place.line,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def fields_of(reading: Reading) -> tuple[Field, ...]:
    """Every field that a posting has, or that its markup tried to say, posting by posting."""
    return tuple(field for number, read in enumerate(reading.postings) for field in _fields(number, read, reading))


def findings_of(reading: Reading, now: datetime) -> tuple[Finding, ...]:
    """What is wrong, the page's own first, then posting by posting; `now` is aware."""
    page = [*reading.problems, *_page_problems(reading)]
    found = [Finding(problem=one) for one in page]
    for number, read in enumerate(reading.postings):
        sources = {source.name: source for source in read.sources}
        for one in (*read.problems, *out_of_date(read.posting, now)):
            at = _at(one, sources, read.at)
            found.append(Finding(problem=one, posting=number, at=at))
    return tuple(found)


def _page_problems(reading: Reading) -> Iterator[Problem]:
    if not reading.postings:
        return
    if reading.withdrawn and reading.withdrawn.alone:
        yield problem("withdrawn", "", f"{reading.withdrawn.reason}; take the markup away, or answer 404 or 410")
        return
    if reading.withdrawn:
        yield problem("description-not-shown", "", f"{reading.withdrawn.reason}; show both without scripts")
    if reading.noindex:
        yield problem("noindex", "", "the page asks not to be indexed; take noindex away while the job is open")


def _at(one: Problem, sources: dict[str, Source], posting: Place | None) -> Place | None:
    name = one.path.split("/")[1] if one.path else ""
    written = {source.at.pointer.rpartition("/")[2]: source for source in sources.values() if source.at.pointer}
    source = sources.get(name) or written.get(name)
    return source.at if source else posting


def _fields(number: int, read: ReadPosting, reading: Reading) -> Iterator[Field]:
    from crawler.pages import Place

    record = records.body(read.posting)
    sources = {source.name: source for source in read.sources}
    for name, properties in PROPERTIES_OF.items():
        value = record[name]
        if isinstance(value, str) and len(value) > _LONGEST:
            value = f"{value[:_LONGEST]}…"
        source = next((sources[one] for one in properties if one in sources), None)
        if name == "url" and value is not None and value == reading.canonical:
            yield Field(posting=number, name=name, value=value, raw=value, at=Place(element="//link[@rel='canonical']"))
        elif name == "language" and source is None and value is not None:
            yield Field(posting=number, name=name, value=value, raw=reading.language, at=Place(element="/html/@lang"))
        elif source is not None:
            yield Field(posting=number, name=name, value=value, raw=source.raw, at=source.at)
        elif value not in (None, [], False):
            yield Field(posting=number, name=name, value=value)
