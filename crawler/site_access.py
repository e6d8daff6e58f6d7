"""How one visit gets at the pages of its site: asks them, plainly or as a browser shows them, and has them read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crawler.answers import Answer
from crawler.connection import Asking, Connection, CutShort, Limits
from crawler.listing import Ask
from crawler.pages import Reading
from crawler.readers import Readers
from crawler.rendered import RenderedPages
from postings.sites import KnownPage


class SiteAccess:
    """Asks and reads within the limits of a visit; each method raises CutShort where they end."""

    def __init__(
        self,
        connection: Callable[[], Connection],
        readers: Readers,
        limits: Limits,
        *,
        known: Mapping[str, KnownPage],
        render: bool,
    ) -> None:
        """`connection` is called at each request; `known` is what is remembered of the site's pages. One that is told
        to `render` is shown by a browser."""
        #: for what is no page of a posting
        self.asking = Asking(connection, limits)
        self._readers = readers
        self._limits = limits
        self._pages_left = limits.pages
        self._rendered = (
            RenderedPages(
                ask=self.asking.ask,
                ask_page=self._ask_plainly,
                read=lambda answer: self.read(answer, False),
                render=self.asking.render,
                known=known,
            )
            if render
            else None
        )
        #: for lists, with what scripts make of them
        self.ask_list: Ask = self._rendered.list_page if self._rendered else self.asking.ask
        #: the start page, once it was asked or something stands in its place; and what was read of it
        self.start: Answer | None = None
        self.start_reading: Reading | None = None

    async def ask_page(self, url: str, known: KnownPage | None) -> Answer:
        """The answer of a page that may hold a posting, of which a visit asks only so many."""
        return await (self._rendered.posting_page if self._rendered else self._ask_plainly)(url, known)

    async def _ask_plainly(self, url: str, known: KnownPage | None) -> Answer:
        if self._pages_left <= 0:
            raise CutShort(f"page budget of {self._limits.pages} reached")
        self._pages_left -= 1
        return await self.asking.ask(url, known=known)

    async def read(self, answer: Answer, links: bool) -> Reading:
        """Raises CutShort where the reader processes themselves are gone; a bad page only is unreadable."""
        try:
            return await self._readers.read(answer.page, links=links)
        except Exception as error:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise CutShort(f"the reader processes ended ({why})") from error

    async def read_links(self, answer: Answer) -> Reading:
        """A page with its links; the start page is read once."""
        if answer is not self.start:
            return await self.read(answer, True)
        if self.start_reading is None:
            self.start_reading = await self.read(answer, True)
        return self.start_reading
