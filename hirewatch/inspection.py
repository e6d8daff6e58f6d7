"""What was read from one file or address, what is wrong with it and how the site's postings would be found; and its
JSON.

`hirewatch.inspector` makes it; `hirewatch inspect` and the page that inspects show it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from hirewatch.findings import Field, Finding, fields_of, findings_of, place_as_json
from postings import record as records
from postings import urls

if TYPE_CHECKING:
    from crawler.pages import Link, Reading
    from postings.visits import VisitReport

#: a page that links to so many addresses that look like postings is a list of them
LEAST_LINKS = 3

#: addresses of each path shape that are told
EXAMPLES = 3

Kind = Literal["posting", "list", "board", "other"]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was read from one file or address."""

    #: as it was typed
    argument: str
    #: of a page that was fetched, the final address; of a file, the canonical link if it has one
    url: str | None
    reading: Reading
    #: when it was looked at (aware): whether a posting has ended is judged by it
    at: datetime
    #: HTTP status; None for a file
    status: int | None = None
    #: the network or the site said no
    refused: bool = False
    #: how the site's postings would be found; None where nobody looked: a file, the page of one posting
    survey: VisitReport | None = None

    @property
    def kind(self) -> Kind:
        """What kind of page it is."""
        reading = self.reading
        if any(read.posting.syntax == "board" for read in reading.postings):
            return "board"
        if len(reading.postings) == 1:
            return "posting"
        if reading.postings or reading.item_list or len(self.promising) >= LEAST_LINKS:
            return "list"
        return "other"

    @property
    def promising(self) -> tuple[str, ...]:
        """Addresses on the page that may be postings of the same site."""
        if self.reading.item_list or not self.url:
            return self.reading.item_list
        return _most_alike(self.reading.links, self.url)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the page and its postings."""
        return findings_of(self.reading, self.at)

    @property
    def fields(self) -> tuple[Field, ...]:
        """What was read, field by field."""
        return fields_of(self.reading)

    def as_json(self, *, explain: bool = False) -> dict[str, Any]:
        """As `inspect --json` tells it; with `explain` also how the page was read."""
        reading = self.reading
        told: dict[str, Any] = {
            "file": self.argument,
            "url": self.url,
            "kind": self.kind,
            "postings": [records.record(records.body(read.posting), None) for read in reading.postings],
            "problems": [finding.as_json() for finding in self.findings],
            "unreadable": reading.unreadable,
            "withdrawn": reading.withdrawn.reason if reading.withdrawn and reading.withdrawn.alone else None,
            "fields": [field.as_json() for field in self.fields],
            "source": source_as_json(self.survey) if self.survey else None,
        }
        if explain:
            told["explanation"] = [
                {"at": place_as_json(step.at), "rung": step.rung, "outcome": step.outcome}
                for step in reading.explanation
            ]
        return told


def source_as_json(survey: VisitReport) -> dict[str, Any]:
    """How a site's postings would be found, as `inspect --json` tells it."""
    source, named = survey.source, sorted(survey.listing.addresses)
    told: dict[str, Any] = {
        "kind": source.kind.value if source else None,
        "reason": source.reason if source else "; ".join(survey.listing.doubts),
        "urls": list(source.urls) if source else [],
        "feeds": list(source.feeds) if source else [],
        "checks": list(source.checks) if source else [],
        "whole": survey.listing.whole,
        "doubts": list(survey.listing.doubts),
        "problems": [one for one in survey.problems if one not in survey.listing.doubts],
        "listed": len(named),
        "shapes": shapes_of(named),
        "refused": list(source.rejected) if source else [],
        "requests": survey.requests,
    }
    return told


def shapes_of(keys: Iterable[str]) -> list[dict[str, Any]]:
    """Address keys by path shape, the largest first, each with how many there are and a few of them."""
    alike: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        alike[urls.shape(f"https://{key}")].append(key)
    ranked = sorted(alike.items(), key=lambda item: (-len(item[1]), item[0]))
    return [{"shape": shape, "count": len(found), "examples": found[:EXAMPLES]} for shape, found in ranked]


def _most_alike(links: Iterable[Link], url: str) -> tuple[str, ...]:
    """Links within the site whose addresses have one shape with a word for jobs in it: most likely its postings."""
    from crawler.job_words import speaks_of_jobs

    own = urls.key(url)
    alike: dict[str, dict[str, str]] = defaultdict(dict)
    for link in links:
        key = urls.key(link.url)
        if key != own and urls.same_site(link.url, url) and speaks_of_jobs(urlsplit(link.url).path):
            alike[urls.shape(link.url)].setdefault(key, link.url)
    largest = max(alike.values(), key=len, default={})
    return tuple(largest.values()) if len(largest) >= LEAST_LINKS else ()
