"""What came of one request of a visit, whole, as it is kept where `crawl.keep_responses` asks for it.

The crawler makes them, storage keeps them, `hirewatch replay` lets today's rules read them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptResponse:
    """One request and what came of it."""

    #: the address that was asked for
    asked: str
    #: the JSON that was sent with it; None for a plain request
    sent: str | None = None
    #: when it answered, aware
    at: datetime
    #: None if nothing was answered
    status: int | None = None
    body: bytes = b""
    #: the rest of the answer, as JSON values
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVisit:
    """A visit whose responses are kept."""

    id: str
    #: when the visit was begun in the ledger, when its first request was about to be made, and when it was concluded
    begun_at: datetime
    asked_from: datetime
    ended_at: datetime
    #: it asked all pages, not those that were due
    thorough: bool
    #: why it ended before its work was done, in words
    cut_short: str | None = None
