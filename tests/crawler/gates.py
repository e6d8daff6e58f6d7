"""Gates of visits to one host, and a register without other processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from time import monotonic

import pytest

from crawler.answers import NotFollowed
from crawler.gate import Gate
from crawler.hosts import Hosts
from postings.hosts import Host
from postings.sites import RobotsAnswer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NAME = "api.example"


class Kept:
    """A register without other processes: it remembers what was given, and when it was asked."""

    def __init__(self, standing: Host | None = None) -> None:
        self.standing = standing or Host()
        self.calls: list[str] = []
        self.give_up: Callable[[str], None] = lambda name: None
        self.lost = False

    async def take(self, name: str, delay: float | None) -> Host:
        self.calls.append("take")
        self.lost = False
        return self.standing if delay is None else replace(self.standing, delay=delay)

    async def give(self, hosts: Mapping[str, Host]) -> None:
        self.calls.append("give")
        self.standing = hosts[NAME]

    async def note(self, name: str, host: Host) -> None:
        self.calls.append("note")
        self.standing = host

    async def robots(self, origin: str) -> RobotsAnswer | None:
        self.calls.append("robots")
        return RobotsAnswer(status=200, body=b"kept", fetched_at=NOW) if origin == "https://kept.example" else None

    def holds(self, name: str) -> bool:
        return not self.lost

    def on_wanted(self, give_up: Callable[[str], None]) -> None:
        self.give_up = give_up


def visiting(hosts: Hosts, *, delay: float = 0.0, concurrency: int = 1, insist: bool = False) -> Gate:
    return Gate(hosts, delay=delay, concurrency=concurrency, insist=insist)


async def ask(
    gate: Gate,
    *,
    asked: float | None = 0.0,
    takes: float = 0.0,
    answer: asyncio.Event | None = None,
    fails: str | None = None,
) -> float:
    """One request, which takes so many seconds, or until there is an `answer`; when it was written."""
    async with gate.turn(NAME, asked) as turn:
        at = monotonic()
        gate.sent(NAME)
        await (answer.wait() if answer else asyncio.sleep(takes))
        if fails:
            turn.failed(fails)
        else:
            turn.answered()
        return at


async def settled() -> None:
    """Lets everything that runs go as far as it can without the clock; a gate takes a few steps."""
    for _ in range(50):
        await asyncio.sleep(0)


async def refusal(gate: Gate) -> NotFollowed:
    with pytest.raises(NotFollowed) as refused:
        await ask(gate)
    return refused.value


def gaps(times: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(sorted(times))]
