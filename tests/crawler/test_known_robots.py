"""The robots.txt answers that visits of a process share."""

from __future__ import annotations

import asyncio

from crawler.hosts import Hosts
from crawler.known_robots import KnownRobots
from postings.sites import RobotsAnswer
from tests.crawler.gates import NOW, Kept, visiting


def test_a_robots_txt_that_another_visit_fetched_is_known_to_all_and_read_once() -> None:
    fresh = RobotsAnswer(status=200, body=b"fresh", fetched_at=NOW)

    async def main() -> tuple[list[RobotsAnswer | None], list[str]]:
        register = Kept()
        hosts = Hosts(register)
        one, other = visiting(hosts).robots, visiting(hosts).robots
        one.remember("https://fresh.example", fresh)
        found = [await known.recall("https://kept.example") for known in (one, other)]
        return [
            await other.recall("https://fresh.example"),
            *found,
            await other.recall("https://no.example"),
        ], register.calls

    found, calls = asyncio.run(main())
    assert [answer and answer.body for answer in found] == [b"fresh", b"kept", b"kept", None]
    assert calls == ["robots", "robots"]


def test_only_so_many_robots_txt_are_held_in_memory() -> None:
    known = KnownRobots()
    for number in range(200):
        known.remember(f"https://{number}.example", RobotsAnswer(status=200, body=b"", fetched_at=NOW))
    assert len(known._answers) == 64
    assert "https://199.example" in known._answers


def test_of_those_that_look_for_a_robots_txt_at_once_one_goes_first() -> None:
    known = KnownRobots()
    assert known.fetching("https://one.example") is known.fetching("https://one.example")
    assert known.fetching("https://one.example") is not known.fetching("https://other.example")
