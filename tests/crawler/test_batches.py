from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from crawler.batches import Batches
from postings.errors import LeaseLost
from postings.sightings import PageRead, Seen, Unchanged
from tests.crawler.answering import NOW


def page(number: int) -> Unchanged:
    key = f"acme.example/jobs/{number}"
    return Unchanged(page=PageRead(address=key, url=f"https://{key}", status=200, at=NOW, body_hash=""))


class Recorder:
    def __init__(self) -> None:
        self.batches: list[list[Seen]] = []
        self.called = asyncio.Event()
        self.at_once = 0
        self.most_at_once = 0

    async def __call__(self, batch: Sequence[Seen]) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.batches.append(list(batch))
        self.at_once -= 1
        self.called.set()


def test_a_full_batch_is_recorded_and_the_rest_at_the_end() -> None:
    async def run() -> list[int]:
        record = Recorder()
        async with Batches(record, full=3) as batches:
            for number in range(7):
                await batches.add([page(number)])
            await batches.flush()
        return [len(batch) for batch in record.batches]

    assert asyncio.run(run()) == [3, 3, 1]


def test_what_waits_is_recorded_after_a_while() -> None:
    async def run() -> int:
        record = Recorder()
        async with Batches(record, full=50, after=0.01) as batches:
            await batches.add([page(1)])
            await asyncio.wait_for(record.called.wait(), 5)
            return len(record.batches)

    assert asyncio.run(run()) == 1


def test_what_is_seen_while_a_batch_is_recorded_waits_for_its_own_turn() -> None:
    async def run() -> list[int]:
        sizes = []

        async def record(batch: Sequence[Seen]) -> None:
            sizes.append(len(batch))
            if len(sizes) < 5:
                await batches.add([page(len(sizes))])

        async with Batches(record, full=50) as batches:
            await batches.add([page(0)])
            await batches.flush()
            assert sizes == [1]
            await batches.add([page(2)])
            await batches.flush()
        return sizes

    assert asyncio.run(run()) == [1, 2]


def test_what_waits_behind_a_batch_whose_recording_is_cancelled_is_not_lost() -> None:
    async def run() -> list[int]:
        sizes: list[int] = []
        began = asyncio.Event()

        async def record(batch: Sequence[Seen]) -> None:
            sizes.append(len(batch))
            began.set()
            await asyncio.sleep(3600 if len(sizes) == 1 else 0)

        async with Batches(record, full=2, after=3600) as batches:
            await batches.add([page(0)])
            adding = asyncio.ensure_future(batches.add([page(1), page(2), page(3)]))
            await began.wait()
            adding.cancel()
            await asyncio.wait([adding])
            await batches.flush()
        return sizes

    assert asyncio.run(run()) == [1, 3]


def test_one_batch_is_recorded_at_a_time_and_none_is_lost() -> None:
    async def run() -> Recorder:
        record = Recorder()
        async with Batches(record, full=2) as batches:
            await asyncio.gather(*(batches.add([page(number)]) for number in range(21)))
            await batches.flush()
        return record

    record = asyncio.run(run())
    assert record.most_at_once == 1
    assert len({seen.page.address for batch in record.batches for seen in batch}) == 21


def test_an_error_behind_our_back_is_raised_by_the_next_call() -> None:
    async def record(batch: Sequence[Seen]) -> None:
        failed.set()
        raise LeaseLost("gone")

    async def run() -> None:
        async with Batches(record, full=50, after=0.01) as batches:
            await batches.add([page(1)])
            await asyncio.wait_for(failed.wait(), 5)
            await asyncio.sleep(0)
            with pytest.raises(LeaseLost):
                await batches.add([page(2)])
            with pytest.raises(LeaseLost):
                await batches.flush()

    failed = asyncio.Event()
    asyncio.run(run())
