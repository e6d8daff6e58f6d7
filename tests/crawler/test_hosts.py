"""The gate of a process: pace, places and rests at each host, whoever of its visits asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import monotonic

import pytest

from crawler.answers import NotFollowed, Trouble
from crawler.hosts import Hosts, Visitor
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


def visiting(hosts: Hosts, *, delay: float = 0.0, concurrency: int = 1, insist: bool = False) -> Visitor:
    return hosts.visiting(delay=delay, concurrency=concurrency, insist=insist)


async def ask(gate: Visitor, *, asked: float | None = 0.0, takes: float = 0.0, fails: str | None = None) -> float:
    """One request; when it was written."""
    async with gate.turn(NAME, asked) as turn:
        at = monotonic()
        gate.sent(NAME)
        await asyncio.sleep(takes)
        if fails:
            turn.failed(fails)
        else:
            turn.answered()
        return at


async def refusal(gate: Visitor) -> NotFollowed:
    with pytest.raises(NotFollowed) as refused:
        await ask(gate)
    return refused.value


def gaps(times: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(sorted(times))]


def test_the_visits_of_a_process_share_the_pace_of_a_host() -> None:
    async def main() -> list[float]:
        hosts = Hosts()
        gates = [visiting(hosts, delay=0.02) for _ in range(3)]
        return await asyncio.gather(*(ask(gate) for gate in gates for _ in range(4)))

    assert min(gaps(asyncio.run(main()))) >= 0.0195


def test_visits_with_gates_of_their_own_do_not() -> None:
    async def main() -> list[float]:
        gates = [visiting(Hosts(), delay=0.02) for _ in range(3)]
        return await asyncio.gather(*(ask(gate) for gate in gates for _ in range(4)))

    assert min(gaps(asyncio.run(main()))) < 0.0195


def test_the_pace_counts_from_the_moment_at_which_a_request_is_written() -> None:
    async def main() -> tuple[float, float]:
        gate = visiting(Hosts(), delay=0.05, concurrency=2)

        async def slow_to_connect() -> float:
            async with gate.turn(NAME, 0.0):
                await asyncio.sleep(0.1)
                at = monotonic()
                gate.sent(NAME)
                await asyncio.sleep(0.1)
                return at

        one = asyncio.ensure_future(slow_to_connect())
        await asyncio.sleep(0)
        other = await ask(gate)
        return await one, other

    one, other = asyncio.run(main())
    assert other - one >= 0.0495


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_are_under_way_than_the_limit(concurrency: int) -> None:
    async def main() -> int:
        hosts, most, now = Hosts(), 0, 0

        async def one(gate: Visitor) -> None:
            nonlocal most, now
            async with gate.turn(NAME, 0.0):
                gate.sent(NAME)
                now += 1
                most = max(most, now)
                await asyncio.sleep(0.005)
                now -= 1

        gates = [visiting(hosts, concurrency=concurrency) for _ in range(4)]
        await asyncio.gather(*(one(gate) for gate in gates for _ in range(5)))
        return most

    assert asyncio.run(main()) == concurrency


def test_a_crawl_delay_is_kept_before_and_after_a_request_and_allows_one_at_a_time() -> None:
    async def main() -> list[float]:
        gate = visiting(Hosts(), concurrency=4)
        times = await asyncio.gather(*(ask(gate, asked=0.03, takes=0.05) for _ in range(3)))
        return [*times, await ask(gate, asked=None)]

    times = asyncio.run(main())
    assert min(gaps(times[:3])) >= 0.0495
    assert min(gaps(times)) >= 0.0295


def test_a_host_is_taken_once_a_visit_and_given_up_at_its_end() -> None:
    async def main() -> list[str]:
        register = Kept()
        gate = visiting(Hosts(register))
        for _ in range(50):
            await ask(gate)
        await gate.close()
        return register.calls

    assert asyncio.run(main()) == ["take", "give"]


def test_a_host_is_given_up_when_the_last_visit_and_the_last_request_have_ended() -> None:
    async def main() -> list[list[str]]:
        register = Kept()
        hosts = Hosts(register)
        one, other = visiting(hosts), visiting(hosts)
        steps = []
        await ask(one)
        await ask(other)
        await one.close()
        steps.append(list(register.calls))
        late = asyncio.ensure_future(ask(other, takes=0.05))
        await asyncio.sleep(0.01)
        await other.close()
        steps.append(list(register.calls))
        await late
        await hosts.close()
        steps.append(list(register.calls))
        return steps

    assert asyncio.run(main()) == [["take"], ["take"], ["take", "give"]]


def test_a_host_that_another_process_wants_is_passed_on_between_two_requests() -> None:
    async def main() -> list[str]:
        register = Kept()
        gate = visiting(Hosts(register))
        first = asyncio.ensure_future(ask(gate, takes=0.03))
        await asyncio.sleep(0.01)
        register.give_up(NAME)
        register.give_up(NAME)
        await asyncio.sleep(0.01)
        assert register.calls == ["take"]
        await first
        await ask(gate)
        return register.calls

    assert asyncio.run(main()) == ["take", "give", "take"]


def test_a_process_that_slept_past_its_time_takes_the_host_again_before_it_asks() -> None:
    async def main() -> list[str]:
        register = Kept()
        gate = visiting(Hosts(register))
        await ask(gate)
        register.lost = True
        await ask(gate)
        return register.calls

    assert asyncio.run(main()) == ["take", "take"]


def test_the_time_of_the_next_request_outlasts_the_visit() -> None:
    async def main() -> list[float]:
        register, times = Kept(), []
        for _ in range(3):
            gate = visiting(Hosts(register), delay=0.05)
            times.append(await ask(gate))
            await gate.close()
        return times

    assert min(gaps(asyncio.run(main()))) >= 0.049


def test_a_slower_pace_is_written_down_at_once_and_a_faster_one_with_the_rest() -> None:
    async def main() -> tuple[list[str], float]:
        register = Kept()
        gate = visiting(Hosts(register))
        await ask(gate, asked=None)
        await ask(gate, asked=0.01)
        await ask(gate, asked=0.0)
        await gate.close()
        return register.calls, register.standing.delay

    assert asyncio.run(main()) == (["take", "note", "give"], 0.0)


def test_a_host_that_rests_is_not_asked_and_the_refusal_says_until_when() -> None:
    rest = Host(failures=3, failed_at=NOW, rests_until=NOW + timedelta(minutes=10), reason="answered 503")

    async def main() -> NotFollowed:
        return await refusal(visiting(Hosts(Kept(rest), clock=lambda: NOW)))

    refused = asyncio.run(main())
    assert refused.trouble is Trouble.WAIT
    assert refused.wait == 600.0
    assert refused.detail == "host api.example rests until 2026-11-25 12:10 UTC: answered 503"


def test_after_a_rest_one_request_goes_alone_and_its_failure_sends_all_others_away() -> None:
    tired = Host(failures=3, failed_at=NOW - timedelta(hours=1), rests_until=NOW, reason="answered 503")

    async def main() -> tuple[int, Host]:
        hosts = Hosts(Kept(tired), clock=lambda: NOW)
        gates = [visiting(hosts, concurrency=4) for _ in range(5)]
        ends = await asyncio.gather(
            *(ask(gate, takes=0.01, fails="answered 503") for gate in gates for _ in range(2)), return_exceptions=True
        )
        return sum(not isinstance(end, BaseException) for end in ends), hosts._of(NAME).standing

    asked, standing = asyncio.run(main())
    assert asked == 1
    assert standing.failures == 4
    assert standing.rests_until == NOW + timedelta(minutes=20)


def test_after_a_rest_one_good_answer_lets_the_others_follow() -> None:
    tired = Host(failures=3, failed_at=NOW - timedelta(hours=1), rests_until=NOW, reason="answered 503")

    async def main() -> Host:
        hosts = Hosts(Kept(tired), clock=lambda: NOW)
        gates = [visiting(hosts, concurrency=4) for _ in range(5)]
        await asyncio.gather(*(ask(gate, takes=0.01) for gate in gates for _ in range(2)))
        return hosts._of(NAME).standing

    assert asyncio.run(main()) == Host(next_at=None)


def test_a_visit_that_had_one_good_answer_is_no_failure_of_the_host() -> None:
    async def main() -> int:
        hosts = Hosts(register := Kept(), clock=lambda: NOW)
        gate = visiting(hosts)
        await ask(gate)
        await ask(gate, fails="answered 503")
        await gate.close()
        return register.standing.failures

    assert asyncio.run(main()) == 0


def test_the_end_of_a_visit_sends_away_what_still_waits_and_frees_its_place() -> None:
    async def main() -> float:
        hosts = Hosts()
        one, other = visiting(hosts, delay=30.0), visiting(hosts)
        await ask(one)
        waiting = [asyncio.ensure_future(ask(one)) for _ in range(3)]
        await asyncio.sleep(0.01)
        began = monotonic()
        await one.close()
        for end in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(end, NotFollowed)
        hosts._of(NAME).next = 0.0
        await ask(other)
        return monotonic() - began

    assert asyncio.run(main()) < 5.0


def test_a_request_that_is_cancelled_while_it_waits_leaves_the_place_to_the_next() -> None:
    async def main() -> None:
        gate = visiting(Hosts(), delay=0.05)
        await ask(gate)
        first, second = asyncio.ensure_future(ask(gate)), asyncio.ensure_future(ask(gate))
        await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.wait_for(second, 5.0)

    asyncio.run(main())


def test_a_robots_txt_that_another_visit_fetched_is_known_to_all_and_read_once() -> None:
    fresh = RobotsAnswer(status=200, body=b"fresh", fetched_at=NOW)

    async def main() -> tuple[list[RobotsAnswer | None], list[str]]:
        register = Kept()
        hosts = Hosts(register)
        one, other = visiting(hosts), visiting(hosts)
        one.remember("https://fresh.example", fresh)
        found = [await gate.recall("https://kept.example") for gate in (one, other)]
        return [
            await other.recall("https://fresh.example"),
            *found,
            await other.recall("https://no.example"),
        ], register.calls

    found, calls = asyncio.run(main())
    assert [answer and answer.body for answer in found] == [b"fresh", b"kept", b"kept", None]
    assert calls == ["robots", "robots"]


def test_only_so_many_robots_txt_are_held_in_memory() -> None:
    hosts = Hosts()
    gate = visiting(hosts)
    for number in range(200):
        gate.remember(f"https://{number}.example", RobotsAnswer(status=200, body=b"", fetched_at=NOW))
    assert len(hosts._robots) == 64
    assert "https://199.example" in hosts._robots
