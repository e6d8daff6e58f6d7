"""What a feed shows, whatever its format: the postings that are open, and those that have left it.

Every text of a page is hostile: a title is one clean line, a description is the sanitised one, and only http(s)
addresses become links.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from delivery.posting_words import facts
from delivery.safe_text import link, one_line

_TITLE_LIMIT = 200
#: what XML 1.0 cannot hold (§2.2), escaped or not
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as a reader lists it."""

    title: str
    description: str
    #: the page that shows the same to a person
    home: str
    #: where the feed itself is
    address: str
    #: when the newest thing in it happened
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One open posting."""

    #: never the address of the posting: that moves, and the entry would be new again
    id: str
    title: str
    #: where a person reads it; None if the posting has no usable address
    url: str | None
    #: facts and description, safe to show
    html: str
    employer: str | None
    published: datetime
    #: when something that a person sees changed last
    updated: datetime
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Departed:
    """A posting that has left the feed (RFC 6721)."""

    id: str
    at: datetime


def entry_id(instance: str, posting_id: str) -> str:
    """The name of a posting for feed readers (RFC 4151): the same wherever this installation is reached."""
    return f"tag:{instance}.hirewatch.invalid,2026:posting/{posting_id}"


def entry(record: Mapping[str, Any], *, id: str, published: datetime, updated: datetime) -> Entry:  # noqa: A002
    """The entry of a public record."""
    organization = record["organization"] or {}
    employer = one_line(organization.get("name") or "", _TITLE_LIMIT) or None
    title = one_line(record["title"] or "", _TITLE_LIMIT) or "(no title)"
    return Entry(
        id=id,
        title=f"{title} ({employer})" if employer else title,
        url=link(record["url"]),
        html=_html(facts(record), record["description_html"], record["description_text"]),
        employer=employer,
        published=published,
        updated=updated,
        record=record,
    )


def fit_for_xml(text: str) -> str:
    """`text` without what an XML document cannot hold."""
    return _NO_XML.sub("", text)


def _html(said: Sequence[str], description: str | None, text: str | None) -> str:
    head = f"<p>{escape(' · '.join(said))}</p>" if said else ""
    return fit_for_xml(head + (description or (f"<p>{escape(text)}</p>" if text else "")))
