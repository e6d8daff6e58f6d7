"""The public record of a posting: one JSON shape for every output, and the way back.

`body` holds what the page says and is what storage keeps; `record` adds what hirewatch knows of its life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from postings.posting import Identifier, Location, Organization, Posting, Salary


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a posting stands in its life, as the record shows it."""

    id: str
    site: str
    state: str
    first_seen: datetime
    last_seen: datetime
    closed_at: datetime | None = None
    closed_reason: str | None = None
    #: [{"id": "p_…", "link": "translation", "evidence": "…"}]
    duplicates: tuple[Mapping[str, str], ...] = ()


def body(posting: Posting) -> dict[str, Any]:
    """The part of the record that the page says, as plain JSON values."""
    return {
        "url": posting.url,
        "title": posting.title,
        "organization": _employer(posting.organization) if posting.organization else None,
        "identifier": (
            {"name": posting.identifier.name, "value": posting.identifier.value} if posting.identifier else None
        ),
        "locations": [_place(location) for location in posting.locations],
        "remote": posting.remote,
        "remote_regions": list(posting.remote_regions),
        "employment_types": list(posting.employment_types),
        "salary": _pay(posting.salary) if posting.salary else None,
        "date_posted": moment(posting.date_posted),
        "valid_through": moment(posting.valid_through),
        "description_text": posting.description_text,
        "description_html": posting.description_html,
        "language": posting.language,
        "direct_apply": posting.direct_apply,
        "industry": posting.industry,
        "skills": posting.skills,
        "education": posting.education,
        "experience": posting.experience,
        "syntax": posting.syntax,
    }


def record(body: Mapping[str, Any], standing: Standing | None) -> dict[str, Any]:
    """The whole public record; without a standing (a posting read from a file) its life is null."""
    return {
        "id": standing.id if standing else None,
        "site": standing.site if standing else None,
        "state": standing.state if standing else None,
        **body,
        "first_seen": instant(standing.first_seen) if standing else None,
        "last_seen": instant(standing.last_seen) if standing else None,
        "closed_at": instant(standing.closed_at) if standing and standing.closed_at else None,
        "closed_reason": standing.closed_reason if standing else None,
        "duplicates": [dict(link) for link in standing.duplicates] if standing else [],
    }


def posting(body: Mapping[str, Any]) -> Posting:
    """The posting that `body` was made from."""
    organization, identifier, salary = body["organization"], body["identifier"], body["salary"]
    return Posting(
        url=body["url"],
        title=body["title"],
        organization=Organization(**organization) if organization else None,
        identifier=Identifier(**identifier) if identifier else None,
        locations=tuple(Location(**location) for location in body["locations"]),
        remote=body["remote"],
        remote_regions=tuple(body["remote_regions"]),
        employment_types=tuple(body["employment_types"]),
        salary=Salary(**salary) if salary else None,
        date_posted=parse_moment(body["date_posted"]),
        valid_through=parse_moment(body["valid_through"]),
        description_text=body["description_text"],
        description_html=body["description_html"],
        language=body["language"],
        direct_apply=body["direct_apply"],
        industry=body["industry"],
        skills=body["skills"],
        education=body["education"],
        experience=body["experience"],
        syntax=body["syntax"],
    )


def instant(at: datetime) -> str:
    """An aware time as ISO 8601 in UTC with `Z`."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(value: date | datetime | None) -> str | None:
    """A date stays a date, an aware time becomes UTC with `Z`, a time without a zone keeps none."""
    if value is None:
        return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return instant(value)
    return value.isoformat()


def parse_moment(text: str | None) -> date | datetime | None:
    """The way back from `moment`."""
    if text is None:
        return None
    if len(text) == len("2026-11-24"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text)


def _employer(organization: Organization) -> dict[str, Any]:
    return {"name": organization.name, "url": organization.url, "logo": organization.logo}


def _place(location: Location) -> dict[str, Any]:
    return {
        "locality": location.locality,
        "region": location.region,
        "country": location.country,
        "postal_code": location.postal_code,
        "street": location.street,
        "latitude": _number(location.latitude),
        "longitude": _number(location.longitude),
        "text": location.text,
    }


def _pay(salary: Salary) -> dict[str, Any]:
    return {
        "currency": salary.currency,
        "min": _number(salary.min),
        "max": _number(salary.max),
        "unit": salary.unit,
        "text": salary.text,
    }


def _number(value: float | None) -> int | float | None:
    """60000.0 is written 60000: JSON readers disagree on whether they are the same."""
    if value is None:
        return None
    return int(value) if float(value).is_integer() else float(value)
