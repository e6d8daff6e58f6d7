"""How patient hirewatch is with a site that has proved it wrong: a premature closing doubles each wait (C.5)."""

from __future__ import annotations

from datetime import datetime, timedelta

#: patience adds at most this to a wait
MOST_PATIENCE = timedelta(hours=48)
LARGEST_PATIENCE = 256
QUIET = timedelta(days=30)


def raise_patience(patience: int) -> int:
    """The patience of a site after a premature closing: doubled."""
    return min(patience * 2, LARGEST_PATIENCE)


def decay_patience(patience: int, *, raised_at: datetime | None, now: datetime) -> tuple[int, datetime | None]:
    """Patience, and the time from which quiet is counted: halved after each 30 quiet days, down to 1."""
    while patience > 1 and raised_at is not None and now - raised_at >= QUIET:
        patience, raised_at = patience // 2, raised_at + QUIET
    return patience, raised_at if patience > 1 else None


def stretched(wait: timedelta, step: timedelta, patience: int) -> timedelta:
    """A wait with the site's patience: each unit beyond the first adds `step`, at most 48 hours in all."""
    return wait + min(step * (max(patience, 1) - 1), MOST_PATIENCE)
