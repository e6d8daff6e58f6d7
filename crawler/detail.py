"""Asks the pages of postings and turns each answer into sightings, or into a look that says why there are none.

What one page cannot decide alone waits: postings in `crawler.showing`, markup that vanished in `crawler.bare`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from crawler.absences import is_challenge, is_wall, is_withdrawn, judge_answer, judge_reading, judge_redirect
from crawler.answers import Answer, Trouble
from crawler.bare import BarePages, Broken, Face, mark_of
from crawler.batches import Batches
from crawler.leads import Leads
from crawler.listing import may_be_page
from crawler.pages import Reading, ReadPosting, has_none_of_its_own
from crawler.shells import is_shell
from crawler.showing import AskPage, Ended, ReadPage, Showing
from crawler.sighted import page_read
from crawler.sources.ending import ends_well
from postings import urls
from postings.recheck import UNREAD_FOR
from postings.sightings import Unchanged
from postings.sites import KnownPage
from postings.visits import Absence, Look

#: troubles that may be over at the next visit
_PASSING = frozenset({
    Trouble.TIMEOUT, Trouble.NAME, Trouble.CONNECTION, Trouble.REFUSED, Trouble.CUT, Trouble.CODING, Trouble.WAIT,
    Trouble.ADDRESS,
    Trouble.RENDERING,
})  # fmt: skip


def _may_hide(answer: Answer) -> bool:
    """Whether the header may say what the body does not: that the page is not to be indexed any more."""
    header = (answer.robots_tag or "").lower()
    return "noindex" in header or "none" in header


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What a page says whose posting was known, if all that it shows turns out to stand on other pages."""

    absence: Absence
    detail: str
    mark: bytes
    lets_apply: bool


class Details:
    """The posting pages of one visit."""

    def __init__(
        self,
        *,
        start_url: str,
        known: Mapping[str, KnownPage],
        ask: AskPage,
        read: ReadPage,
        batches: Batches,
        list_keys: set[str],
        named: Callable[[str], str | None] = lambda key: None,
    ) -> None:
        """`list_keys` is filled by the visit: address keys of the start page and of list pages. `named` gives of an
        address key the address that a list named, if one did."""
        self._start_url = start_url
        self._known = known
        self._ask = ask
        self._read = read
        self._batches = batches
        self._list_keys = list_keys
        self._had_some = any(page.open for page in known.values())
        #: address keys that the visit will ask or has asked, and those that showed a posting
        self.wanted: set[str] = set()
        self.done: set[str] = set()
        self.shown: set[str] = set()
        #: address keys that the list names, filled by the visit
        self.listed: set[str] = set()
        #: address keys of open postings that the list has lost since the visit before, filled by the visit: read in
        #: full, for they may be translations of what it names
        self.unnamed: set[str] = set()
        #: address keys of all open postings that a whole list does not name, filled by the visit
        self.off_list: set[str] = set()
        #: a whole list names no posting at all, filled by the visit
        self.list_is_empty = False
        #: titles of the postings that pages of their own showed, folded
        self.titles: set[str] = set()
        self.leads = Leads(known, self.listed)
        self._peeked: dict[str, Answer] = {}
        self.looks: dict[str, Look] = {}
        #: pages that answered and hold no posting, and never held one, by address key
        self.barren: dict[str, KnownPage] = {}
        self.failures: Counter[str] = Counter()
        #: an address at which each of them was met
        self.failed_at: dict[str, str] = {}
        self.asked = self.answered = self.read = self.unreadable = self.not_modified = 0
        #: pages that robots.txt forbids
        self.refused = 0
        self._showing = Showing(
            start_url=start_url,
            known=known,
            ask=ask,
            read=read,
            batches=batches,
            shown=self.shown,
            named=named,
            is_list=self._is_list,
            speaks_for_itself=self._speaks_for_itself,
        )
        self._bare = BarePages(ask)
        self._beside: dict[str, _Beside] = {}

    def is_barren(self, key: str) -> bool:
        """Whether the page was looked at before, now or in an earlier visit, and holds no posting."""
        known = self._known.get(key)
        if self.leads.led_before(key):
            return False
        return (known is not None and known.barren) or (key in self.done and not self.shows(key))

    def shows(self, key: str) -> bool:
        """Whether the page has shown a posting in this visit, or led to one that did."""
        return key in self.shown or key in self.leads.led_to

    async def sample(self, url: str, lastmod: str | None = None) -> bool:
        """Asks for a page that may be no posting page at all: it counts only if it shows a posting.

        Not to be called while other pages are asked for.
        """
        counts = self.asked, self.answered, self.unreadable, self.refused, self.failures.copy()
        shown = await self.ask(url, lastmod)
        if not shown and urls.key(url) not in self._known:
            self.asked, self.answered, self.unreadable, self.refused, self.failures = counts
        return shown

    async def peek(self, url: str) -> tuple[ReadPosting, ...]:
        """The postings that a page shows, of which none counts yet; who asks for the page later gets the same
        answer."""
        key = urls.key(url)
        answer = self._peeked.get(key) or await self._ask(url, None)
        self._peeked[key] = answer
        if not answer.ok or not answer.whole:
            return ()
        return (await self._read(answer, False)).postings

    async def ask(self, url: str, lastmod: str | None = None) -> bool:
        """Asks for a page once a visit; True if it shows a posting."""
        key = urls.key(url)
        if key in self.done:
            return self.shows(key)
        self.done.add(key)
        known = self._known.get(key)
        # The page of a closed posting is read in full: "as it was" would say nothing of what it was.
        conditional = known is not None and known.open and key not in self.unnamed
        answer = self._peeked.pop(key, None) or await self._ask(
            known.url if known else url, known if conditional else None
        )
        await self.take(key, answer, lastmod)
        return self.shows(key)

    async def take(self, key: str, answer: Answer, lastmod: str | None = None) -> Reading | None:
        """Takes in the answer of the page that was asked for as `key`; the reading, if it was read."""
        self.asked += 1
        verdict = judge_answer(answer)
        if answer.status == 304 and answer.trouble is None and key in self._known:
            self.answered += 1
            await self._unchanged(key, answer, lastmod)
            return None
        if verdict is not None:
            self._look(key, answer, *verdict)
            # what a list names for the first time may not be there yet
            self._remember_barren(key, answer, lastmod, unread=key not in self._known)
            return None
        moved = answer.key != key
        if moved and (self._is_list(answer.key) or answer.key in self.done):
            self._moved(key, answer, None, lastmod)
            return None
        self.done.add(answer.key)
        if moved:
            self.leads.lead(key, answer.key)
        known = self._known.get(answer.key)
        if (
            known
            and known.open
            and known.body_hash == answer.body_hash
            and answer.whole
            and not _may_hide(answer)
            and answer.key not in self.unnamed
        ):
            await self._as_before(key, answer, lastmod)
            return None
        reading = await self._read_closely(key, answer)
        self.unreadable += bool(reading.unreadable) + len(reading.unreadable_postings)
        if reading.withdrawn and not (answer.whole and ends_well(answer)):
            # what would say that the job is open may be missing
            reading = replace(reading, withdrawn=None)
        shows = bool(reading.postings) and not is_withdrawn(reading)
        if shows and reading.breaks_off and known is not None and known.open:
            # its posting is there; what it lacks now says nothing of the posting
            await self._as_before(key, answer, lastmod)
            return reading
        if shows:
            await self._show(answer, reading, lastmod)
        if moved:
            self._moved(key, answer, reading, lastmod)
        elif shows:
            self.answered += 1
        else:
            self._take_without(key, answer, reading, lastmod)
        return reading

    def _take_without(self, key: str, answer: Answer, reading: Reading, lastmod: str | None) -> None:
        """What a page says that shows no posting."""
        absence, detail = judge_reading(answer, reading, ends_well=ends_well(answer))
        challenged = absence is Absence.NO_MARKUP and is_challenge(answer.body)
        if challenged and self._was_open(key):
            absence, detail = Absence.UNKNOWN, "asks whether a person is there"
        self._look(key, answer, absence, detail)
        # a page that the list names for the first time may not be finished
        unread = absence is Absence.UNKNOWN or (key not in self._known and (challenged or self._had_some))
        self._remember_barren(key, answer, lastmod, unread=unread)
        if absence is Absence.NO_MARKUP and key in self.looks:
            look = self.looks[key] = replace(self.looks[key], lets_apply=reading.lets_apply)
            broken = self._broken(key, lets_apply=reading.lets_apply, shell=is_shell(answer.body))
            self._bare.add(key, look, mark_of(answer), broken=broken, face=(reading.title, reading.heading))

    async def _as_before(self, key: str, answer: Answer, lastmod: str | None) -> None:
        """The page that answered, asked for as `key`, shows the postings that are known of it."""
        await self._unchanged(answer.key, answer, lastmod)
        if answer.key != key:
            self._moved(key, answer, None, lastmod)
        else:
            self.answered += 1

    def _remember_barren(self, key: str, answer: Answer, lastmod: str | None, *, unread: bool = False) -> None:
        """So that the next visit does not take the page for a new one: it has its turn like others. What may only have
        failed for a moment stays new, and the turn of what is there and could not be read (`unread`) comes soon."""
        known = self._known.get(key)
        passing = answer.trouble in _PASSING or (answer.status or 0) >= 500 or answer.status in (408, 425, 429)
        if not passing and (known is None or known.barren):
            self.barren[key] = KnownPage(
                url=known.url if known else answer.asked,
                open=False,
                last_read_at=answer.at - UNREAD_FOR if unread else answer.at,
                lastmod=lastmod,
                barren=True,
            )

    async def _read_closely(self, key: str, answer: Answer) -> Reading:
        """A page that does not even name JobPosting, or only other pages' postings, is read again, title and all, where
        a posting was known on it."""
        reading = await self._read(answer, False)
        if reading.unreadable or not has_none_of_its_own(reading.postings, answer.url):
            return reading
        # what it shows is judged under its own address, what it lacks under the one that was asked for
        if not self._was_open(answer.key if reading.postings else key):
            return reading
        closely = await self._read(answer, True)
        return replace(closely, links=()) if closely.postings else closely

    def _was_open(self, key: str) -> bool:
        known = self._known.get(key)
        return known is not None and known.open

    async def settle(self, *, may_ask: bool) -> None:
        """Decides what was held. Without `may_ask` (the visit was cut short) what needs a request stays unknown."""
        for one in await self._showing.settle(may_ask=may_ask):
            self.read -= 1
            if self._was_open(one.key):
                self._end(one)
        await self._settle_bare(may_ask)
        self._doubt_barren()

    def _end(self, one: Ended) -> None:
        """Keeps what a page says whose posting was known and has ended by a sign, or may have."""
        beside = self._beside.get(one.key) if one.absence is Absence.NO_MARKUP else None
        if beside is not None and beside.absence is not Absence.NO_MARKUP:
            one = replace(one, absence=beside.absence, detail=beside.detail)
            if one.absence is Absence.UNKNOWN:
                self.answered -= 1
                self.fail(one.detail, one.page.url)
        look = self.looks[one.key] = Look(
            address=one.key,
            url=one.page.url,
            absence=one.absence,
            status=one.page.status,
            at=one.page.at,
            detail=one.detail,
        )
        if beside is not None and one.absence is Absence.NO_MARKUP:
            self._bare.add(one.key, look, beside.mark, broken=self._broken(one.key, lets_apply=beside.lets_apply))

    def _broken(self, key: str, *, lets_apply: bool, shell: bool = False) -> Broken | None:
        """How a page without markup shows that its job may be there all the same, if the list names it."""
        if key not in self.listed or not (lets_apply or shell):
            return None
        return Broken.LETS_APPLY if lets_apply else Broken.SHELL

    def _doubt_barren(self) -> None:
        """Where a site that has postings shows none at all, pages that it names for the first time may be where they
        are now: they stay new (C.5)."""
        if not self.shown and self._had_some:
            self.barren = {key: page for key, page in self.barren.items() if key in self._known}

    async def _unchanged(self, key: str, answer: Answer, lastmod: str | None) -> None:
        self.not_modified += 1
        self.read += 1
        self.shown.add(key)
        known = self._known[key]
        page = page_read(answer, lastmod=lastmod, via=self.leads.via(key))
        if answer.status == 304:
            page = replace(
                page,
                body_hash=known.body_hash or "",
                etag=page.etag or known.etag,
                last_modified=page.last_modified or known.last_modified,
            )
        self._showing.as_before(key, answer.url)
        await self._batches.add([Unchanged(page=page)])

    async def _show(self, answer: Answer, reading: Reading, lastmod: str | None) -> None:
        self.read += 1
        self.shown.add(answer.key)
        self.titles.update((read.posting.title or "").casefold() for read in reading.postings)
        if answer.key in self.unnamed:
            self.leads.lead_back(answer.key, map(urls.key, reading.alternates))
        page = page_read(answer, lastmod=lastmod, language=reading.language, via=self.leads.via(answer.key))
        for alternate in reading.alternates:
            other = urls.key(alternate)
            if other != answer.key and urls.same_site(alternate, self._start_url) and may_be_page(alternate):
                self.leads.alternates.setdefault(other, alternate)
                self.leads.lead(answer.key, other)
        if self._was_open(answer.key) and has_none_of_its_own(reading.postings, answer.url):
            absence, detail = judge_reading(answer, reading, ends_well=ends_well(answer))
            self._beside[answer.key] = _Beside(
                absence=absence, detail=detail, mark=mark_of(answer), lets_apply=reading.lets_apply
            )
        await self._showing.take(answer.key, answer.url, page, reading)

    def _speaks_for_itself(self, key: str) -> bool:
        """Whether a page shows its own posting, or may do so: then what others show of it says nothing. One that was
        asked, and has never held any, leaves it to the list that carries the postings."""
        known = self._known.get(key)
        if self.shows(key) or (known is not None and known.open):
            return True
        return key in self.wanted and key not in self.done

    async def _settle_bare(self, may_ask: bool) -> None:
        start = await self._start_face() if may_ask and self.list_is_empty and self._bare else None
        judged = await self._bare.settle(
            shown=self.shown, listed=self.listed, off_list=self.off_list, may_ask=may_ask, start=start
        )
        self.looks |= judged.looks
        for look in judged.unreadable.values():
            self.unreadable += 1
            self.answered -= 1
            self.fail("answered 200 without the JobPosting that was there", look.url)

    async def _start_face(self) -> Face | None:
        answer = await self._ask(self._start_url, None)
        if not answer.ok:
            return None
        reading = await self._read(answer, True)
        return reading.title, reading.heading

    def _moved(self, key: str, answer: Answer, reading: Reading | None, lastmod: str | None) -> None:
        """The page that was asked for led to another one."""
        is_posting = answer.key in self.shown
        if is_posting:
            self.leads.led_to[key] = answer.key
        absence, detail = judge_redirect(
            answer.asked,
            answer,
            reading,
            is_list=self._is_list,
            is_posting=is_posting or (reading is None and not is_wall(answer.url) and answer.key in self.wanted),
        )
        self._look(key, answer, absence, detail)
        self._remember_barren(key, answer, lastmod)

    def _is_list(self, key: str) -> bool:
        """The start page or a list page, also with parameters (`/jobs?expired=1`) unless they hold an id."""
        if key in self._list_keys:
            return True
        path, _, query = key.partition("?")
        names_one = any(place.startswith("query:") for place in urls.tokens(f"https://{key}")) if query else False
        return path in self._list_keys and not names_one

    def fail(self, what: str, url: str) -> None:
        """Counts a page that told nothing of its posting, and why."""
        self.failures[what] += 1
        self.failed_at.setdefault(what, url)

    def _look(self, key: str, answer: Answer, absence: Absence, detail: str) -> None:
        """Counts what a page without its posting says, and keeps it where the posting was known."""
        if answer.trouble is Trouble.ROBOTS:
            # it was not asked
            self.asked -= 1
            self.refused += 1
        if absence is Absence.UNKNOWN:
            self.fail(detail if answer.ok else answer.summary, answer.asked)
        else:
            self.answered += 1
        known = self._known.get(key)
        if known is None or not known.open:
            return
        self.looks[key] = Look(
            address=key,
            url=known.url,
            absence=absence,
            status=answer.status,
            at=answer.at,
            detail=detail,
            asked=answer.trouble is not Trouble.ROBOTS,
        )
