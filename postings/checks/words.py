"""The words of a posting: title, description, and the names of its properties."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from postings.checks.values import quoted, says_something
from postings.normalise import text as texts
from postings.normalise.countries import fold
from postings.posting import Posting
from postings.rules import MEANT, PROPERTIES, Problem, pointer, problem

#: a title longer than this is no longer concise
LONGEST_TITLE = 100

#: a description shorter than this represents no job completely
LEAST_DESCRIPTION = 100
#: a longer one needs paragraphs
LONGEST_PARAGRAPH = 1_500
#: findings of one rule that are told
_MOST = 10
_NAMES_PAY = re.compile(
    r"[$€£¥₹]\s?\d|\d[\d.,]*\s?[k€£¥₹]?\s?(?:[$€£¥₹]|\b(?:EUR|USD|GBP|CHF|PLN|CZK|SEK|NOK|DKK|INR)\b)"
)
_HOLDS_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./](?:19|20)\d{2}\b")
_HOLDS_CODE = re.compile(
    r"(?:#\s?|\b(?:req|ref|job|id|nr|no)[.:#\s_-]{0,2})\d{3,}\b|\b[A-Z]{1,4}[-_]\d{3,}\b|\b\d{5,}\b", re.IGNORECASE
)
_DECORATION = re.compile(r"[!*★☆►▶●♦✓✔➤→➡🔥🚀⭐‼❗]{2,}|[★☆►▶♦✔➤➡🔥🚀⭐‼❗]|!(?=.*!)|(?:^|\s)\*(?:\s|$)")
#: no property of a JobPosting, but read
_UNDERSTOOD = frozenset({"inLanguage"})
_SPELT = {name.lower(): name for name in PROPERTIES}


def check_title(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    """`title`: what a job is called, and nothing else."""
    title = texts.line(said.get("title"))
    if title is None:
        hint = "; what `name` says was taken" if texts.line(said.get("name")) else ""
        yield problem("title-missing", "/title", f"there is no title that says something{hint}; give the job's title")
        return
    raw = texts.scalar(said.get("title")) or ""
    if texts.has_markup(raw) or raw != texts.unescape(raw):
        yield problem("title-with-markup", "/title", "the title holds markup or character references; write plain text")
    if len(title) > 15 and title.upper() == title and title.lower() != title:
        yield problem(
            "title-in-capitals", "/title", "the title is written in capitals throughout; write it as a sentence is"
        )
    if _DECORATION.search(title):
        yield problem("title-with-symbols", "/title", "the title is decorated with symbols; leave them out")
    if len(title) > LONGEST_TITLE:
        yield problem("title-long", "/title", f"the title has {len(title)} characters; keep to what the job is called")
    yield from _extras(title, posting)


def _extras(title: str, posting: Posting | None) -> Iterator[Problem]:
    """What a title should leave to other properties."""
    folded = f" {fold(title)} "
    employer = fold(posting.organization.name) if posting and posting.organization and posting.organization.name else ""
    if len(employer) > 2 and f" {employer} " in folded and folded.strip() != employer:
        yield problem(
            "title-names-employer", "/title", "the title names the employer; leave that to hiringOrganization"
        )
    for location in posting.locations if posting else ():
        place = fold(location.locality or "")
        if len(place) > 2 and f" {place} " in folded and place != employer:
            yield problem(
                "title-names-place", "/title", f"the title names {location.locality}; leave that to jobLocation"
            )
            break
    if _NAMES_PAY.search(title):
        yield problem("title-names-pay", "/title", "the title names the pay; leave that to baseSalary")
    if _HOLDS_DATE.search(title):
        yield problem("title-holds-date", "/title", "the title holds a date; leave that to datePosted or validThrough")
    elif _HOLDS_CODE.search(title):
        yield problem("title-holds-code", "/title", "the title holds a number of the job; leave that to identifier")


def check_description(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    """`description`: the whole text of the job."""
    if not says_something(said.get("description")):
        yield problem(
            "description-missing", "/description", "there is no description; give the whole text of the job as HTML"
        )
        return
    raw = texts.scalar(said.get("description")) or ""
    escaped = not texts.has_markup(raw) and texts.has_markup(texts.unescape(raw))
    if escaped:
        yield problem(
            "description-escaped", "/description", "the description's HTML is escaped; write <p>, not &lt;p&gt;"
        )
    title, text = (posting.title, posting.description_text) if posting is not None else (None, None)
    if title and text and len(text) <= 2 * len(title) and fold(text) == fold(title):
        yield problem("description-is-title", "/description", "the description is the title again; describe the job")
    elif text and len(text) < LEAST_DESCRIPTION:
        yield problem(
            "description-short",
            "/description",
            f"the description has {len(text)} characters; describe tasks, requirements, hours and pay",
        )
    elif text and len(text) > LONGEST_PARAGRAPH and "\n" not in text and not escaped:
        yield problem(
            "description-unbroken", "/description", "the description is one long paragraph; break it with <p> or <br>"
        )


def check_spelling(said: Mapping[str, Any], written: Iterable[str]) -> Iterator[Problem]:
    """Names of properties; `written` are those that the page uses."""
    unknown = [
        name for name in said
        if name not in PROPERTIES and name not in _UNDERSTOOD and not name.startswith("@") and ":" not in name
    ]  # fmt: skip
    for name in unknown[:_MOST]:
        meant = MEANT.get(name.lower()) or next(iter(difflib.get_close_matches(name[:60], PROPERTIES, 1, 0.8)), None)
        do = f"write {meant}" if meant else "readers pass over it"
        yield problem(
            "property-unknown", f"/{pointer(name)}", f"schema.org has no {quoted(name)} for a JobPosting; {do}"
        )
    for name in [name for name in written if name not in PROPERTIES and name.lower() in _SPELT][:_MOST]:
        right = _SPELT[name.lower()]
        yield problem("property-case", f"/{pointer(name)}", f"{quoted(name)} is spelt {right}; others do not know it")
