"""The gate of a process: pace, places and rests at each host, whoever of its visits asks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic

import pytest

from crawler.answers import NotFollowed, Trouble
from crawler.gate import Gate
from crawler.hosts import Hosts
from postings.hosts import Host
from tests.crawler.gates import NAME, NOW, Kept, ask, gaps, refusal, settled, visiting


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

        async def one(gate: Gate) -> None:
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
        return sum(not isinstance(end, BaseException) for end in ends), hosts.at(NAME).standing

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
        return hosts.at(NAME).standing

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
        await settled()
        began = monotonic()
        await one.close()
        for end in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(end, NotFollowed)
        hosts.at(NAME).next = 0.0
        await ask(other)
        return monotonic() - began

    assert asyncio.run(main()) < 5.0


def test_a_request_that_is_cancelled_while_it_waits_leaves_the_place_to_the_next() -> None:
    async def main() -> None:
        gate = visiting(Hosts(), delay=0.05)
        await ask(gate)
        first, second = asyncio.ensure_future(ask(gate)), asyncio.ensure_future(ask(gate))
        await settled()
        first.cancel()
        await asyncio.wait_for(second, 5.0)

    asyncio.run(main())
