"""The browser of one visit: Chromium, run by scrapy-playwright in a Crawler of its own, behind our forward proxy.

It renders pages of sites that show nothing without script. It starts with the first page that needs it and ends with
the visit; nothing of it is kept. What a page may ask for is decided in `crawler.rendering`, where its connections may
go by `network.proxy`, since the resolver that guards Scrapy does not reach into another program.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess, AsyncCrawlerRunner, Crawler
from scrapy.http.request import NO_CALLBACK
from scrapy.settings import Settings
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawler.answers import Answer, Trouble
from crawler.rendering import Allows, Kept, Rendering
from network.proxy import ForwardProxy
from network.resolver import guard

log = logging.getLogger(__name__)

#: seconds beyond those of a page after which Chromium is taken to hang
_GRACE: Final = 5.0
#: seconds that Chromium has to end by itself
_END_GRACE: Final = 1.0
#: and what was started with it, once it was killed
_KILLED_GRACE: Final = 3.0
#: a list page may scroll for as many times the seconds of another page
_LIST_FACTOR: Final = 4
#: Chromium is not started again after it died so often in one visit
_MOST_DEATHS: Final = 3
#: one page's scripts: requests, and MiB of JavaScript heap
_MOST_REQUESTS: Final = 300
_HEAP_MB: Final = 512
#: bytes that one page's scripts may load
_PAGE_BYTES: Final = 64 * 1024 * 1024

_ARGUMENTS: Final = (
    # Every connection goes through the proxy, also those to loopback, and nothing is resolved beside it.
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    "--no-pings",
    # It asks nothing for itself, opens nothing and grants nothing.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--block-new-web-contents",
    "--deny-permission-prompts",
    "--disable-gpu",
    "--disable-breakpad",
    "--mute-audio",
    f"--js-flags=--max-old-space-size={_HEAP_MB}",
)


class Browser:
    """Renders the pages of one visit, one at a time. `close` it at the end of the visit, whether it was used or not."""

    def __init__(
        self,
        runner: AsyncCrawlerProcess | AsyncCrawlerRunner,
        *,
        start_url: str,
        seconds: float,
        most_bytes: int,
        largest: int,
        allows: Allows,
        executable: str,
    ) -> None:
        """`seconds` is what a page may take, `most_bytes` what all of them may load, `largest` the bytes that one may
        show.

        `allows` says what robots.txt lets their scripts ask for, `executable` is the path of Chromium.
        """
        self._runner = runner
        self._start_url = start_url
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._largest = largest
        self._allows = allows
        self._executable = executable
        #: requests of scripts that went out
        self.requests = 0
        self._kept = Kept()
        self._lock = asyncio.Lock()
        self._proxy: ForwardProxy | None = None
        self._crawl: asyncio.Task[None] | None = None
        self._crawler: Crawler | None = None
        self._home: str | None = None
        self._ready = asyncio.Event()
        self._enough = asyncio.Event()
        self._deaths = 0
        self._broken: str | None = None

    @property
    def bytes(self) -> int:
        """Bytes that the pages loaded, as they came over the line."""
        return self._proxy.bytes if self._proxy else 0

    async def render(self, answer: Answer, *, whole_list: bool) -> Answer:
        """The answer with its body as the page's scripts leave it; one with a trouble if they leave nothing.

        Where scripts lead away, `refused_target` of that trouble says where to. `whole_list` scrolls down and presses
        "load more" as long as that shows more.
        """
        async with self._lock:
            if self._broken is not None:
                return _failed(answer, self._broken)
            seconds = self._seconds * (_LIST_FACTOR if whole_list else 1)
            rendering = Rendering(
                answer,
                allows=self._allows,
                kept=self._kept,
                seconds=seconds,
                most_requests=_MOST_REQUESTS,
                whole_list=whole_list,
            )
            try:
                problem = await self._show(rendering, answer.url, seconds)
            finally:
                self.requests += rendering.requests
            if rendering.led_to is not None:
                detail = f"its scripts lead to {rendering.led_to}"
                return replace(_failed(answer, detail), refused_target=rendering.led_to)
            if rendering.content is None:
                return _failed(answer, problem or "Chromium showed nothing")
            rendered = _rendered(answer, rendering)
            if len(rendered.body) > self._largest:
                return _failed(answer, "its scripts make it larger than the limit")
            return rendered

    async def close(self) -> None:
        """Ends Chromium, and everything that was started with it."""
        self._broken = "the visit has ended"
        self._enough.set()
        if self._crawl is not None:
            await asyncio.wait({self._crawl}, timeout=_END_GRACE)
            groups = self._kill()
            await asyncio.wait({self._crawl}, timeout=_KILLED_GRACE)
            await _gone(groups)
            if self._crawl.done() and not self._crawl.cancelled() and (error := self._crawl.exception()):
                log.warning("browser.not-closed error=%s", error)
        if self._proxy is not None:
            await self._proxy.close()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)

    async def _show(self, rendering: Rendering, url: str, seconds: float) -> str | None:
        """Why the page was not shown to its end, in words; None if it was."""
        request = Request(
            url,
            callback=NO_CALLBACK,
            dont_filter=True,
            meta={
                "playwright": True,
                "playwright_context": "visit",
                "playwright_context_kwargs": self._context(),
                "playwright_page_init_callback": rendering.prepare,
                "playwright_page_goto_kwargs": {"wait_until": "commit", "timeout": seconds * 1000},
                "playwright_page_methods": [PageMethod(rendering.settle)],
            },
        )
        try:
            async with asyncio.timeout(seconds + _GRACE):
                crawler = await self._start()
                assert crawler.engine is not None
                assert self._proxy is not None
                self._proxy.most_bytes = min(self._most_bytes, self._proxy.bytes + _PAGE_BYTES)
                await crawler.engine.download_async(request)
        except TimeoutError:
            self._kill()
            return self._died(f"the page was not done after {seconds:g} s and did not stop")
        except Exception as error:  # whatever Playwright raises: the page's, or Chromium's own
            if rendering.page is None:
                self._broken = f"Chromium does not start ({_first_line(error)})"
                return self._broken
            return self._died(f"Chromium gave the page up ({_first_line(error)})")
        return None

    def _died(self, problem: str) -> str:
        self._deaths += 1
        if self._deaths >= _MOST_DEATHS:
            self._broken = f"Chromium failed {self._deaths} times in this visit; the last time {problem}"
        return problem

    async def _start(self) -> Crawler:
        if self._crawler is None:
            # At the head of the module it would choose the reactor before Scrapy does.
            from twisted.internet import reactor

            port = urlsplit(self._start_url).port
            self._proxy = ForwardProxy(
                guard(reactor, self._runner.settings),
                most_bytes=self._most_bytes,
                ports=() if port is None else (port,),
            )
            await self._proxy.start()
            self._kept.refused = self._proxy.refused
            self._home = tempfile.mkdtemp(prefix="hirewatch-browser-")
            self._crawler = Crawler(_BrowserSpider, self._settings(self._proxy, self._home))
            self._crawl = self._runner.crawl(self._crawler, ready=self._ready, enough=self._enough)
        ready = asyncio.ensure_future(self._ready.wait())
        assert self._crawl is not None
        either: set[asyncio.Future[Any]] = {ready, self._crawl}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if not self._ready.is_set():
            await self._crawl
            raise RuntimeError("its crawl ended at once")
        return self._crawler

    def _settings(self, proxy: ForwardProxy, home: str) -> Settings:
        settings = self._runner.settings.copy()
        handler = type("_Handler", (_Handler,), {"shared": None})
        for name, value in {
            "DOWNLOAD_HANDLERS": {
                "http": handler, "https": handler, "file": None, "data": None, "ftp": None, "s3": None,
            },
            # Each page was asked for, with all manners, before it comes here.
            "DOWNLOADER_MIDDLEWARES": {},
            "DOWNLOADER_MIDDLEWARES_BASE": {},
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS": 1,
            "PLAYWRIGHT_BROWSER_TYPE": "chromium",
            "PLAYWRIGHT_LAUNCH_OPTIONS": self._launch_options(proxy, home),
            "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,
            # Only the wait for the load event after the scripts are done counts by it.
            "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 1000,
        }.items():  # fmt: skip
            settings.set(name, value, priority="cmdline")
        return settings

    def _launch_options(self, proxy: ForwardProxy, home: str) -> dict[str, Any]:
        return {
            "executable_path": self._executable,
            "args": list(_ARGUMENTS),
            "proxy": {"server": proxy.url, "username": proxy.user, "password": proxy.password, "bypass": "<-loopback>"},
            # Chromium refuses to run as root in its own sandbox.
            "chromium_sandbox": os.geteuid() != 0,
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
            # Nothing of our own environment: it may hold passwords.
            "env": {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "TZ": "UTC"},
        }  # fmt: skip

    def _context(self) -> dict[str, Any]:
        return {
            "user_agent": self._runner.settings.get("USER_AGENT"),
            "locale": "en-US",
            "timezone_id": "UTC",
            "viewport": {"width": 1280, "height": 1600},
            "service_workers": "block",
            "accept_downloads": False,
            "permissions": [],
        }

    def _kill(self) -> set[int]:
        """Ends Chromium at once, whatever state it is in; the process groups that were told to end."""
        groups = _groups_of(self._home) - {os.getpgrp()} if self._home else set()
        for group in groups:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        return groups


class _BrowserSpider(Spider):
    """Keeps the crawl open until the visit has seen enough."""

    name = "browser"
    ready: asyncio.Event
    enough: asyncio.Event

    async def start(self) -> AsyncIterator[Any]:
        """Yields nothing: pages are asked for through the engine."""
        self.ready.set()
        await self.enough.wait()
        nothing: tuple[Any, ...] = ()
        for request in nothing:
            yield request


class _Handler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """One for both schemes, so that there is one Chromium; each visit has a subclass of its own."""

    shared: ClassVar[Any] = None

    def __init__(self, crawler: Crawler) -> None:
        logging.getLogger("scrapy-playwright").setLevel(logging.CRITICAL)
        super().__init__(crawler)
        # A page that crashes Chromium would crash it again.
        self.config.target_closed_max_retries = 0
        self._closed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Any:
        if cls.shared is None:
            cls.shared = cls(crawler)
        return cls.shared

    async def close(self) -> None:
        """Closes once, however many schemes it serves."""
        if not self._closed:
            self._closed = True
            await super().close()


def _groups_of(home: str) -> set[int]:
    """The process groups of all that was started with this home folder; none where the system does not tell.

    A browser that hangs while it starts has told nobody its number.
    """
    mark, groups = f"HOME={home}\0".encode(), set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (folder / "environ").read_bytes():
                groups.add(os.getpgid(int(folder.name)))
    return groups


async def _gone(groups: set[int]) -> None:
    """Waits until the processes of these groups have ended; not long, since they were killed."""
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            for _ in range(20):
                os.killpg(group, 0)
                await asyncio.sleep(0.05)


def _rendered(answer: Answer, rendering: Rendering) -> Answer:
    return replace(
        answer,
        url=rendering.url,
        hops=answer.hops if rendering.url == answer.url else (*answer.hops, answer.url),
        body=(rendering.content or "").encode("utf-8", "replace"),
        content_type="text/html; charset=utf-8",
        # They speak of the document before its scripts ran, which is the same whatever postings there are.
        etag=None,
        last_modified=None,
        whole=answer.whole and not rendering.doubts,
        measured=True,
        detail="; ".join(rendering.doubts),
    )


def _failed(answer: Answer, problem: str) -> Answer:
    return replace(answer, body=b"", whole=False, trouble=Trouble.RENDERING, detail=problem)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
