"""Answers kept whole, and a visit that is run again on them: no network, no Scrapy, today's rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from crawler.answers import Answer, Trouble
from crawler.batches import Batches
from crawler.connection import Connection, CutShort, Limits
from crawler.readers import Readers
from crawler.robots import Rules, read_rules
from crawler.visiting import Visiting
from postings import urls
from postings.errors import UsageError
from postings.responses import KeptResponse, KeptVisit
from postings.sightings import Seen
from postings.sites import Known, KnownPage, RobotsAnswer, Site
from postings.visits import VisitReport

#: what an answer says of itself beside what a `KeptResponse` has fields for
_FACTS = tuple(one.name for one in fields(Answer) if one.name not in ("asked", "at", "status", "body"))
_ROBOTS = "/robots.txt"
_NOT_MODIFIED = 304
#: stands for what was sent where a page was not asked for, but shown by the browser
_RENDERED = '"rendered"'

Keep = Callable[[KeptResponse], Awaitable[None]]


def kept(answer: Answer, sent: str | None = None) -> KeptResponse:
    """The answer as it is kept; `sent` is the JSON that went with the request."""
    facts = {name: getattr(answer, name) for name in _FACTS}
    return KeptResponse(
        asked=answer.asked, sent=sent, at=answer.at, status=answer.status, body=answer.body, facts=facts
    )


def answer_of(response: KeptResponse) -> Answer:
    """The way back from `kept`; a field that an older version did not keep has its default."""
    facts: dict[str, Any] = {name: value for name, value in response.facts.items() if name in _FACTS}
    facts["hops"] = tuple(facts.get("hops", ()))
    if facts.get("trouble") is not None:
        facts["trouble"] = Trouble(facts["trouble"])
    facts.setdefault("url", response.asked)
    return Answer(asked=response.asked, at=response.at, status=response.status, body=response.body, **facts)


def kept_robots(answers: Mapping[str, RobotsAnswer]) -> list[KeptResponse]:
    """The robots.txt answers of a visit, as they are kept with it."""
    return [
        KeptResponse(asked=origin + _ROBOTS, at=answer.fetched_at, status=answer.status, body=answer.body)
        for origin, answer in sorted(answers.items())
    ]


class Keeping:
    """A connection that hands every answer to `keep` before the visit sees it."""

    def __init__(self, connection: Connection, keep: Keep) -> None:
        self._connection = connection
        self._keep = keep

    async def ask(
        self,
        url: str,
        *,
        known: KnownPage | None = None,
        large: bool = False,
        repeat: bool = True,
        post: str | None = None,
    ) -> Answer:
        """What the connection answers."""
        answer = await self._connection.ask(url, known=known, large=large, repeat=repeat, post=post)
        await self._keep(kept(answer, post))
        return answer

    async def render(self, answer: Answer, *, whole_list: bool) -> Answer:
        """What the browser makes of the answer."""
        rendered = await self._connection.render(answer, whole_list=whole_list)
        await self._keep(kept(replace(rendered, asked=answer.url), _RENDERED))
        return rendered

    def admit(self, covers: Callable[[str], bool]) -> None:
        """Widens the scope of the connection."""
        self._connection.admit(covers)

    async def rules(self, origin: str) -> Rules:
        """What the connection knows of a robots.txt."""
        return await self._connection.rules(origin)

    @property
    def robots(self) -> Mapping[str, RobotsAnswer]:
        """The robots.txt answers that the connection used."""
        return self._connection.robots

    @property
    def requests(self) -> int:
        """How many requests the connection made."""
        return self._connection.requests

    @property
    def answers(self) -> Mapping[str, int]:
        """The requests of the connection by what came of them."""
        return self._connection.answers

    @property
    def bytes(self) -> int:
        """How many bytes the connection read."""
        return self._connection.bytes


class KeptAnswers:
    """A connection that answers from what was kept: of the visit itself, else what was kept of the address before.

    What was never kept is no answer, which proves nothing; `lacking` says which addresses these are.
    """

    def __init__(
        self,
        visit: KeptVisit,
        responses: Sequence[KeptResponse],
        before: Callable[[str, str | None], KeptResponse | None],
        agent: str,
    ) -> None:
        self.lacking: list[str] = []
        self.requests = 0
        self.answers: dict[str, int] = {}
        self.bytes = 0
        self.now = visit.asked_from
        self._before = before
        self._cut_short = visit.cut_short
        self._agent = agent
        self._robots: dict[str, RobotsAnswer] = {}
        self._answers: dict[tuple[str, str | None], list[KeptResponse]] = defaultdict(list)
        for response in responses:
            self._answers[response.asked, response.sent].append(response)

    async def ask(
        self,
        url: str,
        *,
        known: KnownPage | None = None,
        large: bool = False,
        repeat: bool = True,
        post: str | None = None,
    ) -> Answer:
        """What was answered to this request when it was made. Raises CutShort where the visit went no further."""
        self.requests += 1
        waiting = self._answers.get((url, post))
        if not waiting and self._cut_short is not None:
            raise CutShort(self._cut_short)
        # the last answer stands for all later ones
        response = (waiting.pop(0) if len(waiting) > 1 else waiting[0]) if waiting else self._before(url, post)
        if response is not None and response.status == _NOT_MODIFIED and known is None:
            # today's rules do not know the page that the answer refers to
            response = self._before(url, post)
        if response is None:
            self.lacking.append(url)
            return Answer(
                asked=url,
                url=url,
                at=self.now,
                whole=False,
                trouble=Trouble.CONNECTION,
                detail="no answer of this address was kept",
            )
        answer = answer_of(response)
        self.now = max(self.now, answer.at)
        self.bytes += len(answer.body)
        return answer

    async def render(self, answer: Answer, *, whole_list: bool) -> Answer:
        """What the browser made of the answer then."""
        return replace(await self.ask(answer.url, post=_RENDERED), asked=answer.asked)

    def admit(self, covers: Callable[[str], bool]) -> None:
        """Nothing is out of scope here: what was not asked has no answer."""

    async def rules(self, origin: str) -> Rules:
        """What the robots.txt said that was kept with the visit; without one, everything is allowed."""
        if origin not in self._robots:
            url = origin + _ROBOTS
            waiting = self._answers.get((url, None))
            response = waiting[0] if waiting else self._before(url, None)
            answer = (
                RobotsAnswer(status=404, body=b"", fetched_at=self.now)
                if response is None
                else RobotsAnswer(status=response.status, body=response.body, fetched_at=response.at)
            )
            self._robots[origin] = answer
        return read_rules(self._robots[origin], self._agent)

    @property
    def robots(self) -> Mapping[str, RobotsAnswer]:
        """The robots.txt answers that were used."""
        return self._robots


async def visit_again(
    site: Site,
    known: Known,
    record: Callable[[Sequence[Seen]], Awaitable[None]],
    *,
    answers: KeptAnswers,
    readers: Readers,
    limits: Limits,
) -> VisitReport:
    """The visit as today's rules make it on the answers that were kept. Raises what `record` raises."""
    start_url = urls.parse(site.start_url)
    if start_url is None:
        raise UsageError("this is no web address", subject=site.start_url[:200])
    visiting = Visiting(
        site,
        known,
        start_url=start_url,
        connection=lambda: answers,
        batches=Batches(record),
        readers=readers,
        limits=limits,
        clock=lambda: answers.now,
        progress=None,
    )
    await visiting.run()
    return visiting.report()
