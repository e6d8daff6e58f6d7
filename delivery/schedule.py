"""When a failed send is tried again, and when it is given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

#: waits after the first, second … failed attempt (Standard Webhooks 1.0.0, "Deliverability and reliability")
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)

#: the first attempt, at once, and one after each wait
ATTEMPTS = len(WAITS) + 1

#: a wait is up to a tenth longer, so that what failed together does not come back together
JITTER = 0.1

#: a receiver may ask for no longer wait than this
_LONGEST_WAIT = timedelta(hours=24)


def next_attempt(attempt: int, now: datetime, retry_after: timedelta | None, rng: Random) -> datetime | None:
    """When to try again after attempt number `attempt` (from 1) has failed at `now`; None if that was the last.

    `retry_after` is what the receiver asked for: the next attempt is not made before, up to a day.
    """
    if attempt >= ATTEMPTS:
        return None
    wait = WAITS[attempt - 1] * (1 + JITTER * rng.random())
    if retry_after is not None:
        wait = max(wait, min(retry_after, _LONGEST_WAIT))
    return now + wait
