"""What a posting is: one job posting as a site publishes it, normalised.

Made by `reading`, compared by `changes`, kept by the ledger. Every text is plain (entities decoded, white
space collapsed, control characters removed) except `description_html`, which is sanitised HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Syntax = Literal["json-ld", "microdata", "rdfa", "board", "feed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """schema.org `hiringOrganization`."""

    name: str | None = None
    url: str | None = None
    logo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """schema.org `identifier`: a value, and the name of the scheme or employer that gave it."""

    value: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """One schema.org `jobLocation`. `text` keeps what the markup said where it could not be taken apart."""

    locality: str | None = None
    region: str | None = None
    #: ISO 3166-1 alpha-2
    country: str | None = None
    postal_code: str | None = None
    street: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Salary:
    """schema.org `baseSalary`. A single amount is both `min` and `max`; words stay in `text`."""

    #: ISO 4217
    currency: str | None = None
    min: float | None = None
    max: float | None = None
    #: HOUR, DAY, WEEK, MONTH or YEAR
    unit: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A job posting as its page publishes it (schema.org `JobPosting`), in the shape of the public record."""

    title: str | None
    #: where a person reads it; None when read from a file that does not say
    url: str | None = None
    organization: Organization | None = None
    identifier: Identifier | None = None
    locations: tuple[Location, ...] = ()
    remote: bool = False
    remote_regions: tuple[str, ...] = ()
    #: FULL_TIME, PART_TIME, CONTRACTOR, TEMPORARY, INTERN, VOLUNTEER, PER_DIEM, OTHER
    employment_types: tuple[str, ...] = ()
    salary: Salary | None = None
    #: a date stays a date; a naive datetime is one whose zone the markup did not give
    date_posted: date | datetime | None = None
    valid_through: date | datetime | None = None
    description_text: str | None = None
    description_html: str | None = None
    #: BCP 47, lower case primary subtag
    language: str | None = None
    direct_apply: bool | None = None
    industry: str | None = None
    skills: str | None = None
    education: str | None = None
    experience: str | None = None
    syntax: Syntax = "json-ld"
