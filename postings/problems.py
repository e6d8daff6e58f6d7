"""What is wrong with a posting's markup: Google's rules for `JobPosting`, and values that reading had to give up.

Shown by `inspect`. A missing required property, or a value that no reader can use, is an error; the rest is a
warning. Rules are those of Google Search Central, "Job posting (JobPosting) structured data".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from postings.normalise import text as texts
from postings.normalise.countries import fold
from postings.normalise.dates import read_moment
from postings.normalise.employment import TYPES
from postings.posting import Posting


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding. `path` points into the markup (`/baseSalary`), `rule` names the rule that it breaks."""

    path: str
    rule: str
    level: Literal["error", "warning"]
    message: str


REQUIRED = "Google JobPosting: required property"
RECOMMENDED = "Google JobPosting: recommended property"
FORMAT = "Google JobPosting: format of the value"
UNUSABLE = "schema.org: value that cannot be read"

_UNITS = ("HOUR", "DAY", "WEEK", "MONTH", "YEAR")


def find_problems(said: Mapping[str, Any], posting: Posting | None) -> tuple[Problem, ...]:
    """The problems of a JobPosting object with short property names; `posting` is what was read from it, if any."""
    found: list[Problem] = []
    for rule in _RULES:
        found.extend(rule(said, posting))
    return tuple(found)


def _error(path: str, rule: str, message: str) -> Problem:
    return Problem(path=path, rule=rule, level="error", message=message)


def _warning(path: str, rule: str, message: str) -> Problem:
    return Problem(path=path, rule=rule, level="warning", message=message)


def _says_something(value: object) -> bool:
    return any(isinstance(one, (Mapping, bool)) or texts.line(one) is not None for one in texts.each(value))


def _title(said: Mapping[str, Any], _posting: Posting | None) -> Iterator[Problem]:
    title = texts.line(said.get("title"))
    if title is None:
        yield _error("/title", REQUIRED, "the title is missing or says nothing")
    elif (
        any(char.isalpha() for char in title) and title.upper() == title and title.lower() != title and len(title) > 15
    ):
        yield _warning("/title", FORMAT, "the title is written in capitals throughout")
    raw = texts.scalar(said.get("title")) or ""
    if title is not None and (texts.has_markup(raw) or raw != texts.unescape(raw)):
        yield _warning("/title", FORMAT, "the title holds markup or character references; it should be plain text")


def _description(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    if not _says_something(said.get("description")):
        yield _error("/description", REQUIRED, "the description is missing or empty")
        return
    raw = texts.scalar(said.get("description")) or ""
    if not texts.has_markup(raw) and texts.has_markup(texts.unescape(raw)):
        yield _warning("/description", FORMAT, "the description's HTML is escaped; it should be HTML as it is")
    title, text = (posting.title, posting.description_text) if posting is not None else (None, None)
    if title and text and len(text) <= 2 * len(title) and fold(text) == fold(title):
        yield _error("/description", FORMAT, "the description is the same as the title")


def _dates(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    posted, until = said.get("datePosted"), said.get("validThrough")
    if not _says_something(posted):
        yield _error("/datePosted", REQUIRED, "the date of posting is missing")
    elif read_moment(posted) is None and (posting is None or posting.date_posted is None):
        yield _error("/datePosted", UNUSABLE, f"{_quoted(posted)} is no date that can be read; use YYYY-MM-DD")
    elif not _is_iso(posted):
        yield _warning("/datePosted", FORMAT, f"{_quoted(posted)} is not in ISO 8601 format")
    if not _says_something(until):
        yield _warning("/validThrough", RECOMMENDED, "there is no validThrough; say it if the posting has an end")
    elif posting is None or posting.valid_through is None:
        yield _error(
            "/validThrough", UNUSABLE, f"{_quoted(until)} is no date that can be used; leave it out if unknown"
        )
    elif not _is_iso(until):
        yield _warning("/validThrough", FORMAT, f"{_quoted(until)} is not in ISO 8601 format")
    if (
        posting is not None
        and posting.date_posted
        and posting.valid_through
        and _day(posting.valid_through) < _day(posting.date_posted)
    ):
        yield _error("/validThrough", FORMAT, "the posting ends before it was posted")


def _organization(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    organization = posting.organization if posting is not None else None
    if organization is None or organization.name is None:
        yield _error("/hiringOrganization", REQUIRED, "there is no hiring organisation with a name")
    elif not isinstance(texts.first(said.get("hiringOrganization")), Mapping):
        yield _warning("/hiringOrganization", FORMAT, "the organisation is a text; it should be an Organization")


def _places(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    locations = posting.locations if posting is not None else ()
    remote = posting is not None and posting.remote
    regions = posting.remote_regions if posting is not None else ()
    if not locations and not (remote and regions):
        yield _error(
            "/jobLocation", REQUIRED, "there is no place of work, and the job is not remote within a named region"
        )
    several = len(locations) > 1
    for number, location in enumerate(locations):
        if location.country is None:
            path = f"/jobLocation/{number}/address/addressCountry" if several else "/jobLocation/address/addressCountry"
            said_so = f": {location.text!r} is none" if location.text else ""
            yield _error(path, REQUIRED, f"the place has no country that can be told{said_so}")
    if remote and not regions:
        yield _warning(
            "/applicantLocationRequirements", RECOMMENDED, "a remote job should say from which countries one may apply"
        )
    location_type = said.get("jobLocationType")
    if _says_something(location_type) and "TELECOMMUTE" not in (texts.line(location_type) or ""):
        yield _warning("/jobLocationType", FORMAT, f"{_quoted(location_type)} is not TELECOMMUTE, the only value known")


def _employment(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    value = said.get("employmentType")
    if not _says_something(value):
        yield _warning("/employmentType", RECOMMENDED, "there is no employment type")
        return
    if all(texts.line(one) in TYPES for one in texts.each(value)):
        return
    read = posting.employment_types if posting is not None else ()
    if read:
        yield _warning("/employmentType", FORMAT, f"{_quoted(value)} was read as {', '.join(read)}")
    else:
        yield _error("/employmentType", UNUSABLE, f"{_quoted(value)} is none of {', '.join(TYPES)}")


def _salary(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    value = said.get("baseSalary")
    if not _says_something(value):
        yield _warning("/baseSalary", RECOMMENDED, "the pay is not stated")
        return
    salary = posting.salary if posting is not None else None
    if salary is None:
        yield _error("/baseSalary", UNUSABLE, "it holds no positive amount; leave it out if the pay is not stated")
        return
    if salary.min is None and salary.max is None:
        yield _error("/baseSalary/value", FORMAT, f"{salary.text!r} is no amount; use minValue and maxValue")
        return
    if salary.currency is None:
        yield _error("/baseSalary/currency", REQUIRED, "the pay has no currency (ISO 4217)")
    if salary.unit is None:
        yield _error("/baseSalary/value/unitText", REQUIRED, f"the pay says not whether it is by {', '.join(_UNITS)}")
    if not isinstance(texts.first(value), Mapping):
        yield _warning("/baseSalary", FORMAT, "the pay is a bare value; it should be a MonetaryAmount")


def _identifier(said: Mapping[str, Any], posting: Posting | None) -> Iterator[Problem]:
    identifier = posting.identifier if posting is not None else None
    if identifier is None:
        if _says_something(said.get("identifier")):
            yield _warning("/identifier", UNUSABLE, "the identifier has no value that tells this posting from others")
        else:
            yield _warning("/identifier", RECOMMENDED, "there is no identifier")
    elif posting is not None and posting.title and fold(identifier.value) == fold(posting.title):
        yield _warning("/identifier/value", FORMAT, "the identifier is the title; it should be the employer's number")


def _direct_apply(said: Mapping[str, Any], _posting: Posting | None) -> Iterator[Problem]:
    one = texts.first(said.get("directApply"))
    if one is not None and not isinstance(one, bool):
        yield _warning("/directApply", FORMAT, f"{_quoted(one)} is a text; it should be true or false")


_RULES: tuple[Callable[[Mapping[str, Any], Posting | None], Iterator[Problem]], ...] = (
    _title,
    _description,
    _dates,
    _organization,
    _places,
    _employment,
    _salary,
    _identifier,
    _direct_apply,
)


def _is_iso(value: object) -> bool:
    text = (texts.line(value) or "").replace("Z", "+00:00")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _quoted(value: object) -> str:
    return repr((texts.lines(value) or str(texts.first(value)))[:60])
