"""Work ends when nobody waits for it any more."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from fastapi import Request

from dashboard.leaving import Left, while_waited_for


def request(*messages: dict[str, Any], leaves: asyncio.Event) -> Request:
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop(0)
        await leaves.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "GET", "path": "/", "headers": []}, receive)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 10))


def test_what_is_waited_for_is_done_to_its_end() -> None:
    async def main() -> None:
        async def work() -> int:
            await asyncio.sleep(0)
            return 7

        asked = request({"type": "http.request", "body": b""}, leaves=asyncio.Event())
        assert await while_waited_for(asked, work()) == 7

    run(main())


def test_what_it_raises_is_raised() -> None:
    async def main() -> None:
        async def work() -> None:
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            await while_waited_for(request(leaves=asyncio.Event()), work())

    run(main())


def test_a_client_that_leaves_cancels_it() -> None:
    async def main() -> None:
        leaves, ended = asyncio.Event(), asyncio.Event()

        async def work() -> None:
            leaves.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        with pytest.raises(Left):
            await while_waited_for(request(leaves=leaves), work())
        assert ended.is_set()

    run(main())
