"""The robots.txt answers that the visits of a process know of: of many sites on one host, one asks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

from postings.sites import RobotsAnswer

#: answers that are kept in memory; each may be 500 KiB
_MOST = 64


class KnownRobots:
    """What visits were answered, by origin."""

    def __init__(self, elsewhere: Callable[[str], Awaitable[RobotsAnswer | None]] | None = None) -> None:
        """`elsewhere` gives what an origin answered to visits of other processes, if anything."""
        self._elsewhere = elsewhere
        #: the last used last
        self._answers: dict[str, RobotsAnswer] = {}
        self._fetching: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def fetching(self, origin: str) -> asyncio.Lock:
        """Held while a robots.txt is looked for, so that others wait for what comes of it."""
        return self._fetching[origin]

    async def recall(self, origin: str) -> RobotsAnswer | None:
        """The robots.txt of an origin as another visit was answered; its age is the caller's to judge."""
        answer = self._answers.pop(origin, None)
        if answer is None and self._elsewhere is not None:
            answer = await self._elsewhere(origin)
        if answer is not None:
            self.remember(origin, answer)
        return answer

    def remember(self, origin: str, answer: RobotsAnswer) -> None:
        """Lets the other visits of this process know a robots.txt."""
        self._answers.pop(origin, None)
        self._answers[origin] = answer
        if len(self._answers) > _MOST:
            del self._answers[next(iter(self._answers))]
