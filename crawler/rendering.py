"""One page in the browser: its document as it was fetched, what its scripts may ask for, and when they are done.

The document never comes through the browser: it was fetched as every other page is (scope, robots.txt, redirects,
limits) and is handed in. Its scripts may read data and further scripts; images, media, fonts, frames, other documents
and downloads are refused. `crawler.browser` calls it through scrapy-playwright.
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Awaitable, Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Error, Page, Request, Response, Route

from crawler.answers import Answer
from postings import urls

#: kinds of requests that scripts need to build a page; everything else is refused
_NEEDED: Final = frozenset({"script", "stylesheet", "xhr", "fetch"})
#: kinds whose bodies are kept for the other pages of the visit: Playwright switches the browser's own cache off
_KEPT: Final = frozenset({"script", "stylesheet"})
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
#: seconds without a request under way after which the scripts are done
_QUIET: Final = 0.5
#: rounds of scrolling down and pressing "load more"
_MOST_ROUNDS: Final = 50
_MOST_KEPT_BYTES: Final = 32 * 1024 * 1024

#: what scripts see when all of a page is wanted: every address that it links to
_LINKS: Final = "() => [...new Set([...document.querySelectorAll('a[href]')].map(link => link.href))].slice(0, 20000)"

#: scrolls to the end of the page, of whatever scrolls within it, and presses what offers more of the same
_MORE: Final = r"""
(words) => {
  const more = new RegExp(words, "i");
  window.scrollTo(0, document.documentElement.scrollHeight);
  for (const box of document.querySelectorAll("main, section, div, ul, ol, table")) {
    if (box.scrollHeight > box.clientHeight + 50 && box.clientHeight > 100) box.scrollTop = box.scrollHeight;
  }
  const links = document.querySelectorAll("a[href]");
  if (links.length) links[links.length - 1].scrollIntoView();
  window.scrollTo(0, document.documentElement.scrollHeight);
  for (const button of document.querySelectorAll("button, [role=button], a:not([href]), a[href^='#'], a[href^='javascript:']")) {
    const text = (button.innerText || button.getAttribute("aria-label") || "").trim();
    if (text.length > 60 || !more.test(text)) continue;
    if (button.disabled || button.getAttribute("aria-disabled") === "true" || !button.offsetParent) continue;
    button.click();
    return true;
  }
  return false;
}
"""
_MORE_WORDS: Final = (
    r"\b(load|show|view|see) (\w+ )?more\b|\bmore (jobs|positions|results|openings|vacancies)\b"
    r"|\b(mehr|weitere)\b.{0,20}\b(anzeigen|laden)|\b(mehr|weitere) (stellen|jobs|ergebnisse)"
    r"|\b(voir|afficher|charger) (plus|davantage)|\b(ver|mostrar|cargar|carregar) m[aá]i?s\b"
    r"|\b(mostra|carica|vedi) (altr|di pi)|\bmeer (laden|tonen|vacatures)|\btoon meer"
    r"|\b(visa|ladda|hent|vis|last inn) (fler|mer)|\bn[aä]yt[aä] lis[aä][aä]|\bpoka[zż] wi[eę]cej"
    r"|\b(na[cč][ií]st|zobrazit) dal[sš][ií]|\btov[aá]bbi"
)

#: whether the scripts of a page may ask for an address, as robots.txt has it: the address, and that of the page
Allows = Callable[[str, str], Awaitable[bool]]


@dataclass(slots=True)
class Kept:
    """What the pages of one visit share: scripts and style sheets, so that a site sends each of them once."""

    #: hosts that the proxy refused
    refused: Set[str] = frozenset()
    #: the rule for windows that a page opens stands
    windows_refused: bool = False
    _answers: dict[str, tuple[int, Mapping[str, str], bytes]] = field(default_factory=dict)
    _bytes: int = 0

    def find(self, url: str) -> tuple[int, Mapping[str, str], bytes] | None:
        """Status, headers and body of what an address answered."""
        return self._answers.get(url)

    def keep(self, url: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Takes in an answer while there is room."""
        if url not in self._answers and self._bytes + len(body) <= _MOST_KEPT_BYTES:
            self._bytes += len(body)
            # the body is handed on decoded and as long as it is
            kept = {name: value for name, value in headers.items() if name not in _OF_THE_WIRE}
            self._answers[url] = (status, kept, body)


_OF_THE_WIRE: Final = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"})


class Rendering:
    """One page. `prepare` it before it is opened, then `settle`; afterwards `doubts` and `led_to` say what came of
    it."""

    def __init__(
        self,
        answer: Answer,
        *,
        allows: Allows,
        kept: Kept,
        seconds: float,
        most_requests: int,
        whole_list: bool,
    ) -> None:
        """`answer` is the page as it was fetched; after `seconds` it is taken as it is.

        `whole_list` scrolls and presses "load more" while that brings new addresses. Of `most_requests` that its
        scripts make, the rest is refused.
        """
        self.page: Page | None = None
        #: why something may be missing from what the page shows, in words
        self.doubts: list[str] = []
        #: where the scripts, or a refresh, lead to; not followed
        self.led_to: str | None = None
        #: requests that went out
        self.requests = 0
        #: the page as its scripts left it, and the address that they gave it; None until they are done
        self.content: str | None = None
        self.url = answer.url
        self._answer = answer
        self._allows = allows
        self._kept = kept
        self._seconds = seconds
        self._most_requests = most_requests
        self._whole_list = whole_list
        self._until = 0.0
        self._opened = False
        self._under_way: set[Request] = set()
        self._refused: set[Request] = set()
        self._last_change = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def prepare(self, page: Page, _request: Any) -> None:
        """Sets the page up (scrapy-playwright's `playwright_page_init_callback`)."""
        self.page = page
        self._until = _now() + self._seconds
        self._last_change = _now()
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        # The context's rule is for what is not this page: a window that it opens asks for nothing and is closed.
        page.on("popup", lambda popup: _spawn(popup.close(), self._tasks))
        if not self._kept.windows_refused:
            self._kept.windows_refused = True
            await page.context.route("**/*", _refuse)
        await page.route("**/*", self._route)

    async def settle(self, page: Page) -> None:
        """Waits until the scripts are done (scrapy-playwright's `PageMethod`); never longer than the page's seconds."""
        try:
            async with asyncio.timeout_at(self._until):
                await self._quiet()
                if self._whole_list:
                    await self._show_all(page)
        except TimeoutError:
            self.doubts.append(f"its scripts were not done after {self._seconds:g} s")
        self.content, self.url = await page.content(), urls.parse(page.url) or self._answer.url
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)

    # what the page asks for

    async def _route(self, route: Route) -> None:
        request = route.request
        with suppress(Error):
            if request.is_navigation_request():
                await self._navigate(route, request)
            elif (answer := self._kept.find(request.url)) is not None and request.method == "GET":
                status, headers, body = answer
                await route.fulfill(status=status, headers=dict(headers), body=body)
            elif await self._may_go(request):
                self.requests += 1
                await route.continue_()
            else:
                self._refused.add(request)
                await route.abort("blockedbyclient")

    async def _navigate(self, route: Route, request: Request) -> None:
        main = self.page is not None and request.frame == self.page.main_frame
        if main and not self._opened:
            self._opened = True
            kind = self._answer.content_type or "text/html"
            await route.fulfill(status=200, headers={"Content-Type": kind}, body=self._answer.body)
            return
        if main and request.method == "GET" and (target := urls.parse(request.url)) is not None:
            self.led_to = self.led_to or target
        self._refused.add(request)
        await route.abort("blockedbyclient")

    async def _may_go(self, request: Request) -> bool:
        if request.resource_type not in _NEEDED or request.method not in _METHODS:
            return False
        url = urls.parse(request.url)
        if url is None:
            return False
        if self.requests >= self._most_requests:
            self._doubt(f"its scripts ask for more than {self._most_requests} addresses")
            return False
        if await self._allows(url, self._answer.url):
            return True
        if urls.same_site(url, self._answer.url):
            self._doubt(f"robots.txt does not allow {url}, which its scripts ask for")
        return False

    # what becomes of it

    def _began(self, request: Request) -> None:
        self._under_way.add(request)
        self._last_change = _now()

    def _ended(self, request: Request) -> None:
        self._under_way.discard(request)
        self._last_change = _now()

    def _failed(self, request: Request) -> None:
        self._ended(request)
        refused = request in self._refused or urlsplit(request.url).hostname in self._kept.refused
        if not refused and self._matters(request):
            self._doubt(f"{request.url[:200]}: the request of its scripts failed")

    def _answered(self, response: Response) -> None:
        request = response.request
        if (response.status >= 500 or response.status == 429) and self._matters(request):
            self._doubt(f"{request.url[:200]}: answered {response.status} to its scripts")
        if response.status == 200 and request.resource_type in _KEPT and self._kept.find(request.url) is None:
            _spawn(self._keep(response), self._tasks)

    def _matters(self, request: Request) -> bool:
        """Whether postings may be missing without it: what a page reports to others is not among that."""
        if request.resource_type not in _NEEDED or request.resource_type == "stylesheet":
            return False
        return request.method == "GET" or urls.same_site(request.url, self._answer.url)

    async def _keep(self, response: Response) -> None:
        with suppress(Error):
            self._kept.keep(response.url, response.status, await response.all_headers(), await response.body())

    def _doubt(self, doubt: str) -> None:
        if doubt not in self.doubts and len(self.doubts) < 10:
            self.doubts.append(doubt)

    async def _quiet(self) -> None:
        while True:
            rest = self._last_change + _QUIET - _now()
            if not self._under_way and rest <= 0:
                return
            await asyncio.sleep(max(0.05, rest))

    async def _show_all(self, page: Page) -> None:
        """Scrolls and presses "load more" while that brings new addresses; keeps those that scroll out of the page."""
        seen = dict.fromkeys(await self._links(page))
        for _ in range(_MOST_ROUNDS):
            before = len(seen)
            pressed = await page.evaluate(_MORE, _MORE_WORDS)
            await asyncio.sleep(_QUIET if pressed else _QUIET / 2)
            await self._quiet()
            seen.update(dict.fromkeys(await self._links(page)))
            if len(seen) == before:
                break
        else:
            self._doubt(f'more than {_MOST_ROUNDS} times "load more"')
        lost = seen.keys() - dict.fromkeys(await self._links(page)).keys()
        if lost:
            await page.evaluate(
                "markup => document.body.insertAdjacentHTML('beforeend', markup)",
                "".join(f'<a href="{html.escape(url)}"></a>' for url in sorted(lost)),
            )

    async def _links(self, page: Page) -> list[str]:
        found: list[str] = await page.evaluate(_LINKS)
        return [url for url in found if re.match("https?:", url)]


async def _refuse(route: Route) -> None:
    with suppress(Error):
        await route.abort("blockedbyclient")


def _spawn(work: Awaitable[None], kept: set[asyncio.Task[None]]) -> None:
    async def run() -> None:
        with suppress(Error):
            await work

    task = asyncio.ensure_future(run())
    kept.add(task)
    task.add_done_callback(kept.discard)


def _now() -> float:
    return asyncio.get_running_loop().time()
