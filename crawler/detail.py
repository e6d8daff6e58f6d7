"""Asks the pages of postings and turns each answer into sightings, or into a look that says why there are none.

What one page cannot decide alone (a `noindex`, a canonical link that others share, markup that vanished) is held until
the visit has seen enough of the others.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from crawler.absences import (
    fingerprint,
    is_wall,
    is_withdrawn,
    judge_answer,
    judge_reading,
    judge_redirect,
    loss_is_its_own,
)
from crawler.answers import Answer, Trouble
from crawler.batches import Batches
from crawler.listing import may_be_page
from crawler.pages import Reading, ReadPosting
from crawler.sighted import canonical_of, disagree, face, names_others, page_read, sight
from crawler.sources.list import ends_well
from crawler.variants import plain_form
from postings import urls
from postings.recheck import UNREAD_FOR
from postings.sightings import PageRead, Unchanged
from postings.sites import KnownPage
from postings.visits import Absence, Look

AskPage = Callable[[str, KnownPage | None], Awaitable[Answer]]
#: the flag asks for links, title and heading as well
ReadPage = Callable[[Answer, bool], Awaitable[Reading]]

#: troubles that may be over at the next visit
_PASSING = frozenset({
    Trouble.TIMEOUT, Trouble.NAME, Trouble.CONNECTION, Trouble.REFUSED, Trouble.CUT, Trouble.CODING, Trouble.WAIT,
    Trouble.ADDRESS,
    Trouble.RENDERING,
})  # fmt: skip
_SAMPLE = 5
_MOST_HELD = 1000
#: pages that carry a sign before it may be taken for the site's habit
_HABIT = 50


@dataclass(frozen=True, slots=True)
class _Sign:
    """What ends a posting only where the pages of the site's other postings do not carry it."""

    carries: Callable[[Reading], bool]
    absence: Absence
    detail: str


_NOINDEX = _Sign(
    lambda reading: reading.noindex,
    Absence.NOINDEX,
    "the page asks not to be indexed, the site's other postings do not",
)
_HOLLOW = _Sign(
    lambda reading: reading.withdrawn is not None and not reading.withdrawn.alone,
    Absence.SOFT_404,
    "the page has no way to apply and does not show its description, the site's other postings do",
)


@dataclass(frozen=True, slots=True)
class _Held:
    key: str
    page: PageRead
    reading: Reading
    canonical: str | None


def _may_hide(answer: Answer) -> bool:
    """Whether the header may say what the body does not: that the page is not to be indexed any more."""
    header = (answer.robots_tag or "").lower()
    return "noindex" in header or "none" in header


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
        self._named = named
        #: address keys that the visit will ask or has asked, and those that showed a posting
        self.wanted: set[str] = set()
        self.done: set[str] = set()
        self.shown: set[str] = set()
        #: listed address > address that it redirects to, where that shows a posting
        self.led_to: dict[str, str] = {}
        #: address keys that the list names, filled by the visit
        self.listed: set[str] = set()
        #: address keys of open postings that the list has lost since the visit before, filled by the visit: read in full,
        #: for they may be translations of what it names
        self.unnamed: set[str] = set()
        #: titles of the postings that pages of their own showed, folded
        self.titles: set[str] = set()
        #: what led to pages that the list does not name: the address key of a page, by theirs
        self.via: dict[str, str] = {}
        #: the pages that were read in other languages, by address key
        self.alternates: dict[str, str] = {}
        self._leading = frozenset(page.via for page in known.values() if page.via is not None)
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
        self._fresh = 0
        self._same: dict[str, str] = {}
        self._signed: dict[_Sign, list[_Held]] = {_NOINDEX: [], _HOLLOW: []}
        self._marked: Counter[_Sign] = Counter()
        self._elsewhere: list[_Held] = []
        #: pages that show other pages' postings beside their own
        self._beside: list[_Held] = []
        #: what pages showed that were read in this visit, as hashes by their keys
        self._faces: dict[str, int] = {}
        self._bare: dict[str, bytes] = {}
        #: of these, the ones that the list names and where people can still apply
        self._alive: set[str] = set()

    def is_barren(self, key: str) -> bool:
        """Whether the page was looked at before, now or in an earlier visit, and holds no posting."""
        known = self._known.get(key)
        if key in self._leading:
            return False
        return (known is not None and known.barren) or (key in self.done and not self.shows(key))

    def shows(self, key: str) -> bool:
        """Whether the page has shown a posting in this visit, or led to one that did."""
        return key in self.shown or key in self.led_to

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
        """The postings that a page shows, of which none counts yet; who asks for the page later gets the same answer."""
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
            self._remember_barren(key, answer, lastmod)
            return None
        moved = answer.key != key
        if moved and (self._is_list(answer.key) or answer.key in self.done):
            self._moved(key, answer, None, lastmod)
            return None
        self.done.add(answer.key)
        if moved:
            self._lead(key, answer.key)
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
            absence, detail = judge_reading(answer, reading, ends_well=ends_well(answer))
            self._look(key, answer, absence, detail)
            self._remember_barren(key, answer, lastmod, unread=absence is Absence.UNKNOWN)
            if absence is Absence.NO_MARKUP and key in self.looks:
                self._bare[key] = hashlib.blake2b(fingerprint(answer.body, answer.url)).digest()
                if reading.lets_apply and key in self.listed:
                    self._alive.add(key)
        return reading

    async def _as_before(self, key: str, answer: Answer, lastmod: str | None) -> None:
        """The page that answered, asked for as `key`, shows the postings that are known of it."""
        await self._unchanged(answer.key, answer, lastmod)
        if answer.key != key:
            self._moved(key, answer, None, lastmod)
        else:
            self.answered += 1

    def _lead(self, origin: str, key: str) -> None:
        """Notes that a page leads to another one; it is its root in the list that counts."""
        root = self.via_of(origin) or origin
        if key not in self.listed and key != root:
            self.via.setdefault(key, root)

    def _lead_back(self, key: str, alternates: Iterable[str]) -> None:
        """Notes that a page which the list no longer names is a translation of one that it does."""
        listed = next((other for other in alternates if other != key and other in self.listed), None)
        if listed is not None:
            self.via[key] = listed

    def via_of(self, key: str) -> str | None:
        """The address key of the page that led to this one, in this visit or in an earlier one."""
        known = self._known.get(key)
        return self.via.get(key) or (known.via if known else None)

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
        """A page that does not even name JobPosting is read again, title and all, where a posting was known on it."""
        reading = await self._read(answer, False)
        known = self._known.get(key)
        if reading.postings or reading.unreadable or known is None or not known.open:
            return reading
        return await self._read(answer, True)

    async def settle(self, *, may_ask: bool) -> None:
        """Decides what was held. Without `may_ask` (the visit was cut short) what needs a request stays unknown."""
        for sign in self._signed:
            await self._settle_signed(sign, may_ask)
        await self._release(self._elsewhere)
        held, self._beside[:] = list(self._beside), []
        for one in held:
            await self._emit(one)
        await self._settle_bare(may_ask)
        self._doubt_barren()

    def _doubt_barren(self) -> None:
        """Where a site that has postings shows none at all, pages that it names for the first time may be where they are
        now: they stay new (C.5)."""
        if not self.shown and any(page.open for page in self._known.values()):
            self.barren = {key: page for key, page in self.barren.items() if key in self._known}

    async def _unchanged(self, key: str, answer: Answer, lastmod: str | None) -> None:
        self.not_modified += 1
        self.read += 1
        self.shown.add(key)
        known = self._known[key]
        page = page_read(answer, lastmod=lastmod, via=self.via_of(key))
        if answer.status == 304:
            page = replace(
                page,
                body_hash=known.body_hash or "",
                etag=page.etag or known.etag,
                last_modified=page.last_modified or known.last_modified,
            )
        self._same[key] = answer.url
        await self._batches.add([Unchanged(page=page)])

    async def _show(self, answer: Answer, reading: Reading, lastmod: str | None) -> None:
        self.read += 1
        self.shown.add(answer.key)
        self.titles.update((read.posting.title or "").casefold() for read in reading.postings)
        if answer.key in self.unnamed:
            self._lead_back(answer.key, map(urls.key, reading.alternates))
        page = page_read(answer, lastmod=lastmod, language=reading.language, via=self.via_of(answer.key))
        for alternate in reading.alternates:
            other = urls.key(alternate)
            if other != answer.key and urls.same_site(alternate, self._start_url) and may_be_page(alternate):
                self.alternates.setdefault(other, alternate)
                self._lead(answer.key, other)
        self._faces[answer.key] = hash(face(reading.postings))
        canonical = canonical_of(reading, answer.url, self._start_url, self._is_list)
        if canonical is None or urls.key(canonical) == answer.key:
            canonical = self._version_of(answer.key) or canonical
        held = _Held(answer.key, page, reading, canonical)
        for sign, signed in self._signed.items():
            if sign.carries(reading):
                signed.append(held)
                self._marked[sign] += 1
                await self._release_habit(sign)
                return
        self._fresh += 1
        if canonical is not None and urls.key(canonical) != answer.key:
            self._elsewhere.append(held)
            if len(self._elsewhere) >= _MOST_HELD:
                await self._release(self._elsewhere)
            return
        if len(reading.postings) > 1 and names_others(reading, answer.key, self._start_url):
            self._beside.append(held)
            if len(self._beside) < _MOST_HELD:
                return
            held = self._beside.pop(0)
        await self._emit(held)

    def _version_of(self, key: str) -> str | None:
        """The address of the page that a page is the print or AMP version of, or is once more in other capitals."""
        plain = plain_form(key)
        known = self._known.get(key)
        stands = known is not None and known.open and known.stands_on is None
        return self._named(plain) if plain != key and not stands else None

    async def _emit(self, held: _Held) -> None:
        sightings = sight(
            held.reading,
            held.page,
            start_url=self._start_url,
            canonical=held.canonical,
            is_listed=self._speaks_for_itself,
            is_list=self._is_list(held.key),
        )
        await self._batches.add(sightings)

    def _speaks_for_itself(self, key: str) -> bool:
        """Whether a page shows its own posting, or may do so: then what others show of it says nothing. One that was asked,
        and has never held any, leaves it to the list that carries the postings."""
        known = self._known.get(key)
        if self.shows(key) or (known is not None and known.open):
            return True
        return key in self.wanted and key not in self.done

    async def _release(self, waiting: list[_Held]) -> None:
        """Pages that disagree and share a canonical link keep their own addresses (C.2, K1)."""
        held, waiting[:] = list(waiting), []
        sharing: dict[str, list[_Held]] = {}
        for one in held:
            sharing.setdefault(urls.key(one.canonical) if one.canonical else one.key, []).append(one)
        for group in sharing.values():
            first = group[0].reading.postings
            shared = any(disagree(first, other.reading.postings) for other in group[1:])
            for one in group:
                own = shared or self._is_no_version(one) or self._is_another(one)
                await self._emit(replace(one, canonical=None) if own else one)

    def _is_no_version(self, one: _Held) -> bool:
        """Whether a page that was taken for a version of another one shows something else, or the other shows nothing."""
        canonical = one.canonical
        if canonical is None or one.reading.canonical == canonical or urls.key(canonical) != plain_form(one.key):
            return False
        key = urls.key(canonical)
        return key not in self.shown or self._faces.get(key, self._faces[one.key]) != self._faces[one.key]

    def _is_another(self, one: _Held) -> bool:
        """Whether a page's canonical link names one that shows another posting in this visit, or each of them was known to
        show a posting of its own before."""
        key = urls.key(one.canonical) if one.canonical else one.key
        if key == one.key:
            return False
        here, there = self._known.get(one.key), self._known.get(key)
        if here is not None and there is not None and here.open and there.open:
            return True
        return key in self._faces and self._faces[key] != self._faces[one.key]

    async def _release_habit(self, sign: _Sign) -> None:
        """A sign that nearly all pages carry is the site's habit: openings need not wait for the visit's end."""
        signed = self._signed[sign]
        if self._marked[sign] < _HABIT or self._marked[sign] < 4 * self._fresh:
            return
        if len(signed) >= _MOST_HELD:
            await self._release(signed)
        else:
            new = [one for one in signed if one.key not in self._known]
            signed[:] = [one for one in signed if one.key in self._known]
            await self._release(new)

    async def _settle_signed(self, sign: _Sign, may_ask: bool) -> None:
        """A sign ends a posting only where the site's other postings do not carry it."""
        signed = self._signed[sign]
        held, signed[:] = list(signed), []
        if not held:
            return
        plain, marked = float(self._fresh), float(self._marked[sign])
        if may_ask and (plain < _SAMPLE or marked > (marked + plain) / 5):
            # A few speak for all the pages that are as they were.
            sampled = list(self._same.values())[:_SAMPLE]
            each = len(self._same) / max(1, len(sampled))
            for url in sampled:
                answer = await self._ask(url, None)
                if answer.ok:
                    reading = await self._read(answer, False)
                    marked += each * sign.carries(reading)
                    plain += each * (bool(reading.postings) and not sign.carries(reading))
        if marked > (marked + plain) / 5 and (may_ask or plain == 0):
            await self._release(held)
            return
        for one in held:
            self.shown.discard(one.key)
            self.read -= 1
            known = self._known.get(one.key)
            if known is not None and known.open:
                absence = sign.absence if may_ask else Absence.UNKNOWN
                self.looks[one.key] = Look(
                    address=one.key,
                    url=one.page.url,
                    absence=absence,
                    status=one.page.status,
                    at=one.page.at,
                    detail=sign.detail,
                )

    async def _settle_bare(self, may_ask: bool) -> None:
        """Missing markup counts while the other pages have theirs (C.5); else the page is unreadable. Where the list names
        the page and people can apply there, it is the page's template that is broken."""
        for key in self._alive:
            detail = "answered 200 without a JobPosting, but the list names it, and it lets people apply"
            self.looks[key] = replace(self.looks[key], absence=Absence.UNKNOWN, detail=detail)
        lost, others = len(self._bare), len(self.shown)
        if not lost or loss_is_its_own(lost, others):
            return
        blank: dict[str, bytes | None] = {}
        for key, mark in self._bare.items():
            look = self.looks[key]
            if may_ask and others >= lost and await self._blank(look, blank) == mark:
                self.looks[key] = replace(look, absence=Absence.SOFT_404, detail="any address gets this page")
                continue
            detail = f"{lost} pages lost their JobPosting in this visit, {others} show theirs"
            self.looks[key] = replace(look, absence=Absence.UNKNOWN, detail=detail)
            self.unreadable += 1
            self.answered -= 1
            self.fail("answered 200 without the JobPosting that was there", look.url)

    async def _blank(self, look: Look, known: dict[str, bytes | None]) -> bytes | None:
        """The mark of the page that an invented address beside `look`'s gets; None if that is an honest error."""
        above = look.url.rstrip("/").rsplit("/", 1)[0]
        if above not in known and len(known) < 3 and urlsplit(above).netloc:
            invented = hashlib.blake2b(f"{look.url} {look.at}".encode(), digest_size=8).hexdigest()
            answer = await self._ask(f"{above}/x{invented}", None)
            mark = hashlib.blake2b(fingerprint(answer.body, answer.url)).digest()
            known[above] = mark if answer.ok and not answer.hops else None
        return known.get(above)

    def _moved(self, key: str, answer: Answer, reading: Reading | None, lastmod: str | None) -> None:
        """The page that was asked for led to another one."""
        is_posting = answer.key in self.shown
        if is_posting:
            self.led_to[key] = answer.key
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
            self.fail(answer.summary if answer.status != 200 or answer.trouble else detail, answer.asked)
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
            redirected_to=answer.key if answer.hops and answer.key != key else None,
        )
