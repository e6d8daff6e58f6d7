"""Inspections for the web server: each in a process of its own, a few at a time, and only so long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from typing import Any, Final

from hirewatch.inspect_process import Order
from hirewatch.settings import Settings
from postings.errors import NetworkError
from postings.site_names import start_url

log = logging.getLogger(__name__)

#: seconds that one may take, and how many there are at a time: each is a process of 150 MB with readers of its own
DEADLINE: Final = 120.0
AT_ONCE: Final = 2
#: bytes of an answer; no page that can be read says more
_LONGEST: Final = 64_000_000
#: settings of a crawl that an inspection goes by
_MANNERS: Final = frozenset({"delay", "concurrency_per_host", "timeout", "pages", "user_agent_contact"})


class Inspections:
    """Looks at addresses with the settings of the service: its manners, and the addresses that it may contact."""

    def __init__(self, settings: Settings, *, deadline: float = DEADLINE, at_once: int = AT_ONCE) -> None:
        """An inspection may take `deadline` seconds; `at_once` run at a time."""
        self._crawl = settings.crawl.model_dump(include=set(_MANNERS)) | {"seconds": deadline}
        self._allowed = settings.network.allow_addresses
        self._deadline = deadline
        self._free = at_once

    async def __call__(self, typed: str) -> dict[str, Any]:
        """What `hirewatch inspect URL --json --explain` says of the address. To cancel this ends the process.

        Raises UsageError for what is no web address, NetworkError where nothing can be said in time or too many look
        at something already.
        """
        # a file of this machine is no address, whatever stands before it
        url = start_url(typed)
        if not self._free:
            raise NetworkError(
                "other addresses are being looked at", subject=url, remedy="try again in a minute, when they are done"
            )
        self._free -= 1
        try:
            answer = await self._ask(url)
        finally:
            self._free += 1
        if "error" in answer:
            raise NetworkError(**answer["error"])
        return answer

    async def _ask(self, url: str) -> dict[str, Any]:
        order = Order(url=url, deadline=self._deadline, crawl=self._crawl, allow_addresses=self._allowed)
        try:
            # -P: a folder named like one of our packages must not be imported
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "hirewatch.inspect_process",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                # a group of its own, so that its readers end with it
                start_new_session=True,
            )
        except OSError as error:
            log.warning("inspect.unstarted url=%s error=%s", url, error)
            raise NetworkError(
                f"could not be looked at, no process could be started for it ({error.strerror})",
                subject=url,
                remedy="try again in a minute; if it stays so, this machine is short of memory or of processes",
            ) from error
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(self._deadline):
                process.stdin.write(order.to_json().encode() + b"\n")
                process.stdin.write_eof()
                said = await _read(process.stdout)
                answer: dict[str, Any] = json.loads(said)
        except TimeoutError as error:
            raise NetworkError(
                f"could not be looked at within {self._deadline:.0f} seconds",
                subject=url,
                remedy="watch the site all the same, a visit has more time; or run `hirewatch inspect` in a terminal",
            ) from error
        except (ValueError, OSError) as error:
            log.warning("inspect.failed url=%s", url)
            raise NetworkError(
                "the process that looked at it ended without an answer",
                subject=url,
                remedy="`hirewatch inspect` in a terminal says why",
            ) from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())
        return answer


async def _read(stream: asyncio.StreamReader) -> bytes:
    """All of it. Raises ValueError if it is too long."""
    parts, length = [], 0
    while part := await stream.read(1 << 16):
        length += len(part)
        if length > _LONGEST:
            raise ValueError("the answer is too long")
        parts.append(part)
    return b"".join(parts)
