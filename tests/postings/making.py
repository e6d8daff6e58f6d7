"""Postings, sightings and known postings to test the rules with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from postings.decisions import KnownPosting
from postings.keys import keys
from postings.posting import Identifier, Location, Organization, Posting
from postings.sightings import PageRead, Sighting
from postings.trust import Standing, Trust

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TRUSTING = Trust(identifier=Standing.TRUSTED, token=Standing.TRUSTED, token_place="path:-1")
DISTRUSTING = Trust(identifier=Standing.DISTRUSTED, token=Standing.DISTRUSTED)


def text(seed: str, words: int = 120) -> str:
    """A text of its own for each seed, long enough to be compared."""
    return " ".join(f"{seed}{number}" for number in range(words))


def posting(
    title: str | None = "Welder", *, town: str | None = "Berlin", value: str | None = None, **more: Any
) -> Posting:
    more.setdefault("organization", Organization(name="Acme"))
    more.setdefault("date_posted", date(2026, 11, 1))
    more.setdefault("description_text", text("a"))
    return Posting(
        title=title,
        locations=(Location(locality=town, country="DE"),) if town else (),
        identifier=Identifier(value=value) if value is not None else None,
        **more,
    )


def sighting(
    address: str | None,
    content: Posting | None = None,
    *,
    page: str | None = None,
    board: str | None = None,
    redirected_from: tuple[str, ...] = (),
    language: str | None = None,
) -> Sighting:
    where = page or address or "acme.example/jobs"
    return Sighting(
        page=PageRead(
            address=where,
            url=f"https://{where}",
            status=200,
            at=NOW,
            body_hash="00",
            redirected_from=redirected_from,
            language=language,
        ),
        address=address,
        posting=content or posting(),
        raw="{}",
        board_id=board,
    )


def known(
    address: str | None,
    content: Posting | None = None,
    *,
    name: str = "p_old",
    page: str | None = None,
    board: str | None = None,
    more_keys: Iterable[tuple[str, str]] = (),
    **state: Any,
) -> KnownPosting:
    """A posting that was seen at `address`; open and not yet seen in this visit unless `state` says otherwise."""
    seen = sighting(address, content, page=page, board=board)
    state = {"open": state.get("closed_at") is None, "seen": False, "missing_since": None, "closed_at": None, **state}
    return KnownPosting(
        id=name,
        posting=seen.posting,
        page=seen.page.address,
        keys=frozenset(keys(seen).rows) | frozenset(more_keys),
        **state,
    )
