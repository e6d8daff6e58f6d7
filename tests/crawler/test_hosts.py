"""The hosts of a process: taken, given up and passed on, and what is written down of them."""

from __future__ import annotations

import asyncio

from crawler.hosts import Hosts, Queue
from tests.crawler.gates import NAME, Kept, ask, gaps, settled, visiting


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
        late = asyncio.ensure_future(ask(other, answer=(answer := asyncio.Event())))
        await settled()
        await other.close()
        steps.append(list(register.calls))
        answer.set()
        await late
        await hosts.close()
        steps.append(list(register.calls))
        return steps

    assert asyncio.run(main()) == [["take"], ["take"], ["take", "give"]]


def test_a_host_that_another_process_wants_is_passed_on_between_two_requests() -> None:
    async def main() -> list[str]:
        register = Kept()
        gate = visiting(Hosts(register))
        first = asyncio.ensure_future(ask(gate, answer=(answer := asyncio.Event())))
        await settled()
        register.give_up(NAME)
        register.give_up(NAME)
        await settled()
        assert register.calls == ["take"]
        answer.set()
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


def test_a_place_that_is_given_up_as_it_becomes_the_first_passes_to_the_next() -> None:
    async def main() -> list[str]:
        queue, story = Queue(), list[str]()

        async def wait(name: str) -> None:
            place = queue.line_up()
            assert place is not None
            await queue.lead(place)
            story.append(name)

        assert queue.line_up() is None
        waiting = [asyncio.ensure_future(wait(name)) for name in ("one", "two", "three")]
        await settled()
        waiting[1].cancel()
        queue.release()
        # it is first, and has not heard of it
        waiting[0].cancel()
        await settled()
        queue.release()
        return [*story, "free" if queue.line_up() is None else "held"]

    assert asyncio.run(main()) == ["three", "free"]
