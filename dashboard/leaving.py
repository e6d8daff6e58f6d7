"""Ends work for a client that has left: what nobody waits for any more is not done to its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import TypeVar

from fastapi import Request, Response

R = TypeVar("R")


class Left(Exception):
    """The client has left."""


def gone() -> Response:
    """What is answered to a client that has left: nobody reads it."""
    return Response(status_code=499)


async def while_waited_for(request: Request, work: Awaitable[R]) -> R:
    """What `work` returns or raises; cancels it, and raises Left, once the client of `request` has left.

    The request has been read: what still comes from its client is that it leaves.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_leaves(request))
    try:
        await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Left
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task


async def _leaves(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
