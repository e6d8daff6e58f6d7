"""The way to a site during a visit: how much may be asked, what asking means, and when enough is enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from crawler.answers import Answer, Trouble
from crawler.robots import Rules
from postings.sites import KnownPage, RobotsAnswer
from postings.visits import SECONDS

#: requests in a row without an answer after which nothing is repeated, and after which the visit ends
_NO_REPEATS_AFTER = 3
_ENOUGH = 20
#: a time-out counts for several: it costs as much time
_TIMEOUT_WEIGHT = 5
_DOWN = frozenset({429, 500, 502, 503, 504})
_NO_ANSWER = frozenset({Trouble.NAME, Trouble.CONNECTION, Trouble.REFUSED, Trouble.CUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a visit may ask, and how fast."""

    #: seconds between two requests to one host
    delay: float = 1.0
    #: requests under way at one host
    concurrency: int = 1
    #: posting pages a visit
    pages: int = 20_000
    #: seconds a visit may take
    seconds: float = SECONDS
    #: seconds a request may take in all
    timeout: float = 30.0
    max_bytes: int = 10 * 1024 * 1024
    sitemap_max_bytes: int = 50 * 1024 * 1024
    #: requests a visit, with robots.txt, redirects and repetitions; and bytes of answers as they come over the line
    requests: int = 50_000
    bytes: int = 4 * 1024**3
    #: ask every known page again, not a part of them in turn: a person who visits now wants to know how it stands now
    thorough: bool = False
    #: only find out how the postings can be found, and ask for no more pages than that takes
    survey: bool = False


class Connection(Protocol):
    """Scrapy's downloader with all our middlewares; see `crawler.spiders.visit`."""

    async def ask(
        self,
        url: str,
        *,
        known: KnownPage | None = None,
        large: bool = False,
        repeat: bool = True,
        post: str | None = None,
    ) -> Answer: ...

    async def render(self, answer: Answer, *, whole_list: bool) -> Answer: ...

    def admit(self, covers: Callable[[str], bool]) -> None: ...

    async def rules(self, origin: str) -> Rules: ...

    @property
    def robots(self) -> Mapping[str, RobotsAnswer]: ...

    @property
    def requests(self) -> int: ...

    @property
    def answers(self) -> Mapping[str, int]: ...

    @property
    def bytes(self) -> int: ...


class CutShort(Exception):
    """The visit ends before its work is done; the message says why, `answer` is the one that showed it."""

    def __init__(self, reason: str, answer: Answer | None = None) -> None:
        super().__init__(reason)
        self.answer = answer


class Asking:
    """Asks, and ends the visit when the site does not answer any more or wants to be left alone."""

    def __init__(self, connection: Callable[[], Connection], limits: Limits | None = None) -> None:
        """`connection` is called at each request: Scrapy makes it after the visit."""
        self._connection = connection
        self._limits = limits or Limits()
        self._failed_in_a_row = 0

    async def ask(
        self, url: str, *, known: KnownPage | None = None, large: bool = False, post: str | None = None
    ) -> Answer:
        """What comes of asking for `url`, or of sending it the JSON of `post`. Raises CutShort."""
        self._keep_budget()
        repeat = self._failed_in_a_row < _NO_REPEATS_AFTER
        answer = await self._connection().ask(url, known=known, large=large, repeat=repeat, post=post)
        if answer.trouble is Trouble.WAIT:
            # without a status it is the gate that speaks: the host rests, and was not asked
            raise CutShort(answer.detail if answer.status is None else f"the site {answer.detail}", answer)
        if answer.trouble is Trouble.TIMEOUT:
            self._failed_in_a_row += _TIMEOUT_WEIGHT
        elif answer.trouble in _NO_ANSWER or answer.status in _DOWN:
            self._failed_in_a_row += 1
        elif answer.trouble is None:
            self._failed_in_a_row = 0
        if self._failed_in_a_row >= _ENOUGH:
            raise CutShort(f"the site stopped answering ({answer.summary})", answer)
        return answer

    async def render(self, answer: Answer, *, whole_list: bool) -> Answer:
        """The answer as a browser shows it; `whole_list` as the browser has it. Raises CutShort."""
        self._keep_budget()
        rendered = await self._connection().render(answer, whole_list=whole_list)
        if rendered.trouble is Trouble.WAIT:
            raise CutShort(rendered.detail, rendered)
        return rendered

    def _keep_budget(self) -> None:
        connection, limits = self._connection(), self._limits
        if connection.requests >= limits.requests:
            raise CutShort(f"request budget of {limits.requests} reached")
        if connection.bytes >= limits.bytes:
            raise CutShort(f"budget of {limits.bytes} bytes reached")
