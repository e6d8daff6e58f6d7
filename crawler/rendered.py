"""Which pages of a site that needs script are rendered: its lists always, its postings only where nothing else helps.

Used by the visit of a site that a person told to render. Every page is asked for plainly first, with all manners; what
comes of that is what the browser starts from.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from crawler.answers import Answer, Trouble
from crawler.pages import Reading
from postings import urls
from postings.sites import KnownPage

#: pages of one path shape that are rendered in vain before the others are left as they are
_IN_VAIN = 3
#: scripts may lead from one address to the next so often
_MOST_LEADS = 3

_HTML = ("text/html", "application/xhtml+xml")


class Render(Protocol):
    """The answer with its body as scripts leave it; with a trouble if they leave nothing."""

    def __call__(self, answer: Answer, *, whole_list: bool) -> Awaitable[Answer]: ...


@dataclass(slots=True)
class _Shape:
    """What the pages of one path shape have shown in this visit."""

    #: pages that held a posting as they came, and that held one once rendered
    plain: int = 0
    rendered: int = 0
    in_vain: int = 0

    @property
    def is_worth_it(self) -> bool:
        """Whether to render a page that came without a posting. Where others come with theirs, that is an answer."""
        return self.plain == 0 and (self.rendered > 0 or self.in_vain < _IN_VAIN)


@dataclass(slots=True, kw_only=True)
class RenderedPages:
    """Asks for the pages of one visit, and has them rendered."""

    ask: Callable[[str], Awaitable[Answer]]
    ask_page: Callable[[str, KnownPage | None], Awaitable[Answer]]
    #: reads a page as it came, without its links
    read: Callable[[Answer], Awaitable[Reading]]
    render: Render
    known: Mapping[str, KnownPage] = field(default_factory=dict)
    _shapes: dict[str, _Shape] = field(default_factory=dict)

    async def list_page(self, url: str, *, large: bool = False) -> Answer:
        """The answer of a list page after its scripts ran. `large` as `crawler.listing.Ask` has it; it changes
        nothing."""
        answer = await self.ask(url)
        return await self._rendered(answer, self.ask, whole_list=True) if _is_html(answer) else answer

    async def posting_page(self, url: str, known: KnownPage | None) -> Answer:
        """The answer of a page that may hold a posting, rendered if it came without one and that may help."""
        answer = await self.ask_page(url, known)
        if not _is_html(answer) or self._is_as_it_was(answer):
            return answer
        shape = self._shapes.setdefault(urls.shape(answer.url), _Shape())
        reading = await self.read(answer)
        if reading.postings:
            shape.plain += 1
            return answer
        if reading.unreadable or not shape.is_worth_it:
            return answer

        async def ask(target: str) -> Answer:
            return await self.ask_page(target, None)

        rendered = await self._rendered(answer, ask, whole_list=False)
        if rendered.ok and (self._is_as_it_was(rendered) or (await self.read(rendered)).postings):
            shape.rendered += 1
        else:
            shape.in_vain += 1
        return rendered

    async def _rendered(self, answer: Answer, ask: Callable[[str], Awaitable[Answer]], *, whole_list: bool) -> Answer:
        """Renders a page, and where its scripts lead: that is asked for as every address is."""
        asked = answer.asked
        for _ in range(_MOST_LEADS):
            rendered = await self.render(answer, whole_list=whole_list)
            target = rendered.refused_target
            if rendered.trouble is not Trouble.RENDERING or target is None:
                return replace(rendered, asked=asked)
            before = answer
            answer = await ask(target)
            answer = replace(answer, asked=asked, hops=(*before.hops, before.url, *answer.hops))
            if not _is_html(answer):
                return answer
        return replace(rendered, asked=asked)

    def _is_as_it_was(self, answer: Answer) -> bool:
        known = self.known.get(answer.key)
        return known is not None and known.open and known.body_hash == answer.body_hash


def _is_html(answer: Answer) -> bool:
    kind = (answer.content_type or "text/html").split(";")[0].strip().lower()
    return answer.ok and kind in _HTML
