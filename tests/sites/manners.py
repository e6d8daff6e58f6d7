"""Whether a crawler kept its manners, read from the access logs of the sites it visited."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hirewatch.demo.http_server import Access

#: between the moment at which a crawler writes a request and the one at which it comes in
SLACK = 0.015


def crowding(log: Iterable[Access]) -> int:
    """The largest number of requests that one host answered at the same time."""
    moves = sorted(move for entry in log for move in ((entry.began, 1), (entry.ended, -1)))
    most = now = 0
    for _, step in moves:
        now += step
        most = max(most, now)
    return most


def gaps(log: Iterable[Access]) -> list[float]:
    """Seconds between the beginnings of each two requests that follow each other."""
    begins = sorted(entry.began for entry in log)
    return [later - earlier for earlier, later in pairwise(begins)]


def violations(log: Iterable[Access], *, delay: float, concurrency: int = 1) -> list[str]:
    """What a crawler did that it must not do to one host, in sentences; empty if it was polite.

    Args:
        log: all that one host was asked, by any number of crawlers.
        delay: seconds that must lie between the beginnings of two requests.
        concurrency: how many requests may be under way at the same time.
    """
    entries = sorted(log, key=lambda entry: entry.began)
    found = []
    if (most := crowding(entries)) > concurrency:
        found.append(f"{most} requests at once, {concurrency} allowed")
    for earlier, later in pairwise(entries):
        gap = later.began - earlier.began
        if gap < delay - SLACK:
            found.append(f"{later.path} came {gap:.3f} s after {earlier.path}, {delay} s asked for")
    return found
