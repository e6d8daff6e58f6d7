"""What went wrong in visits, by cause: the notes of a visit in, each cause once out, with an address and what to do.
Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from postings.visits import VisitSummary

#: "12 pages: answered 503, as at https://acme.example/jobs/7"
_PAGES: Final = re.compile(r"([\d,]+) pages?: (.*?)(?:, as at (\S+))?")
#: "start page https://acme.example/: answered 503"
_START: Final = re.compile(r"(start page) (https?://\S+): (.*)")
_ADDRESS: Final = re.compile(r"https?://[^\s;,]+")
_NUMBER: Final = re.compile(r"\d[\d,.]*")

#: the first that a cause speaks of counts
_REMEDIES: Final = tuple(
    (re.compile(pattern), remedy)
    for pattern, remedy in (
        (
            r"address policy",
            "the address is not public; if you trust it, let it through with the setting network.allow_addresses",
        ),
        (r"robots\.txt", "the site does not let crawlers go there: ask its owner, or watch an address that it allows"),
        (
            r"answered 40[13]\b",
            "the site turns crawlers away: say who you are (crawl.user_agent_contact), ask more slowly (crawl.delay), "
            "or let a browser show its pages",
        ),
        (r"start page.*answered 4(04|10)\b", "its career page has moved: look for it, and watch the new address"),
        (r"answered 4(04|10)\b", "pages that the list still names are gone; nothing needs to be done if that passes"),
        (r"answered 429\b|to be left alone|asked to wait", "it asks for fewer requests: raise crawl.delay"),
        (r"answered 5\d\d\b", "the site itself has trouble; visits go on by themselves"),
        (r"no whole answer within", "it answers slowly; if that stays so, raise crawl.timeout"),
        (r"name cannot be resolved", "nobody has this host name: check the address"),
        (r"certificate", "its certificate is wrong or has run out; only its owner can mend that"),
        (r"connection|broke off|cut off|no HTTP", "it was down, or turns crawlers away; visits go on by themselves"),
        (
            r"without the JobPosting|lost their JobPosting",
            "its pages may be made in another way now: inspect one to see what can still be read",
        ),
        (
            r"shows nothing without its scripts",
            "have a browser run its scripts, where one is installed",
        ),
        (r"not rendered|browser|Chromium", "the browser that runs its scripts failed: `hirewatch doctor` says why"),
        (r"page budget", "the site is larger than one visit may be: raise crawl.pages"),
        (r"time budget", "the site takes longer than one visit may: raise crawl.seconds, or lower crawl.delay"),
        (r"larger than the limit", "the answer is too large to be a page; inspect it to see what it is"),
        (r"names no posting|no source|nothing was found", "inspect the site to see where its postings may stand now"),
        (r"list shrank|is gone|not seen|are gone", "look at the site: if that is true, accept it"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that visits met."""

    words: str
    #: pages that met it in the newest of these visits; None where no pages were counted
    pages: int | None
    #: visits that tell of it
    visits: int
    #: the newest of them
    visit: str
    at: datetime
    #: an address at which it was met
    example: str | None
    #: what to do, in words; None where there is nothing to be done
    remedy: str | None


def causes(visits: Iterable[VisitSummary]) -> tuple[Cause, ...]:
    """What these visits met, the newest first among them: what most of them met comes first."""
    found: dict[str, Cause] = {}
    for visit in visits:
        told: dict[str, Cause] = {}
        for note in visit.notes:
            key, cause = _read(note, visit)
            told.setdefault(key, cause)
        for key, cause in told.items():
            known = found.get(key)
            found[key] = cause if known is None else replace(known, visits=known.visits + 1)
    return tuple(sorted(found.values(), key=lambda one: -one.visits))


def remedy(words: str) -> str | None:
    """What to do about something that a visit met; None where nothing is known."""
    return next((told for pattern, told in _REMEDIES if pattern.search(words)), None)


def _read(note: str, visit: VisitSummary) -> tuple[str, Cause]:
    pages, example, words = None, None, note
    if met := _PAGES.fullmatch(note):
        pages, words, example = int(met[1].replace(",", "")), met[2], met[3]
    elif met := _START.fullmatch(note):
        words, example = f"{met[1]}: {met[3]}", met[2]
    elif met := _ADDRESS.search(note):
        example = met[0].rstrip(".:)")
    # the same thing met at other addresses and in other numbers is the same cause; a status is no such number
    key = words if pages is not None else _NUMBER.sub("#", _ADDRESS.sub("…", words))
    return key, Cause(
        words=words,
        pages=pages,
        visits=1,
        visit=visit.id,
        at=visit.started_at,
        example=example,
        remedy=remedy(words),
    )
