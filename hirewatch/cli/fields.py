"""A record as named lines of text: what `show` and `inspect` print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from postings import wording
from postings.cleaning import clean


def of(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and text of each field that says something, in reading order, without the description."""
    texts = {
        "id": record["id"],
        "site": record["site"],
        "state": _state(record),
        "title": wording.title(record),
        "employer": wording.employer(record),
        "places": wording.places(record),
        "employment": wording.kinds(record),
        "pay": wording.pay(record),
        "posted": wording.stated(record["date_posted"]),
        "valid through": wording.stated(record["valid_through"]),
        "identifier": _identifier(record),
        "url": record["url"],
        "language": record["language"],
        "direct apply": {True: "yes", False: "no"}.get(record["direct_apply"]),
        "industry": record["industry"],
        "skills": record["skills"],
        "education": record["education"],
        "experience": record["experience"],
        "read from": record["syntax"],
        "first seen": wording.stated(record["first_seen"]),
        "last seen": wording.stated(record["last_seen"]),
    }
    for name, text in texts.items():
        if text:
            yield name, clean(text)
    for link in record["duplicates"]:
        yield "duplicate", clean(f"{link['link']} of {link['id']} ({link['evidence']})")


def _state(record: Mapping[str, Any]) -> str | None:
    if record["state"] == "closed":
        return f"closed ({record['closed_reason']}) at {wording.stated(record['closed_at'])}"
    state: str | None = record["state"]
    return state


def _identifier(record: Mapping[str, Any]) -> str | None:
    identifier = record["identifier"]
    if not identifier:
        return None
    return f"{identifier['value']} ({identifier['name']})" if identifier["name"] else str(identifier["value"])
