"""Pages that show postings: which are handed over at once, and which wait until the visit has seen enough of the
others.

What one page cannot decide alone is whether a `noindex` ends its posting, whose address a canonical link that others
share names, and which of the postings that several pages show is whose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from crawler.answers import Answer
from crawler.batches import Batches
from crawler.pages import Reading
from crawler.sighted import canonical_of, disagree, face, names_others, sight
from crawler.variants import plain_form
from postings import urls
from postings.sightings import PageRead
from postings.sites import KnownPage
from postings.visits import Absence

AskPage = Callable[[str, KnownPage | None], Awaitable[Answer]]
#: the flag asks for links, title and heading as well
ReadPage = Callable[[Answer, bool], Awaitable[Reading]]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A page whose posting has ended by a sign, or may have."""

    page: PageRead
    key: str
    absence: Absence
    detail: str


class Showing:
    """The pages of one visit that show postings."""

    def __init__(
        self,
        *,
        start_url: str,
        known: Mapping[str, KnownPage],
        ask: AskPage,
        read: ReadPage,
        batches: Batches,
        shown: set[str],
        named: Callable[[str], str | None],
        is_list: Callable[[str], bool],
        speaks_for_itself: Callable[[str], bool],
    ) -> None:
        """`shown` are the address keys of pages that showed a posting, filled by the visit; those whose posting has
        ended by a sign are taken out. `named` gives of an address key the address that a list named, if one did."""
        self._start_url = start_url
        self._known = known
        self._ask = ask
        self._read = read
        self._batches = batches
        self._shown = shown
        self._named = named
        self._is_list = is_list
        self._speaks_for_itself = speaks_for_itself
        #: pages read that carry no sign
        self._fresh = 0
        #: the addresses of pages that are as they were, by key
        self._same: dict[str, str] = {}
        self._signed: dict[_Sign, list[_Held]] = {_NOINDEX: [], _HOLLOW: []}
        self._marked: Counter[_Sign] = Counter()
        self._elsewhere: list[_Held] = []
        #: pages that show other pages' postings beside their own
        self._beside: list[_Held] = []
        #: what pages showed that were read in this visit, as hashes by their keys
        self._faces: dict[str, int] = {}

    def as_before(self, key: str, url: str) -> None:
        """A page that is as it was: it may speak for others."""
        self._same[key] = url

    async def take(self, key: str, url: str, page: PageRead, reading: Reading) -> None:
        """Hands over the postings of a page that was read, now or once `settle` is called."""
        self._faces[key] = hash(face(reading.postings))
        canonical = canonical_of(reading, url, self._start_url, self._is_list)
        if canonical is None or urls.key(canonical) == key:
            canonical = self._version_of(key) or canonical
        held = _Held(key, page, reading, canonical)
        for sign, signed in self._signed.items():
            if sign.carries(reading):
                signed.append(held)
                self._marked[sign] += 1
                await self._release_habit(sign)
                return
        self._fresh += 1
        if canonical is not None and urls.key(canonical) != key:
            self._elsewhere.append(held)
            if len(self._elsewhere) >= _MOST_HELD:
                await self._release(self._elsewhere)
            return
        if len(reading.postings) > 1 and names_others(reading, key, self._start_url):
            self._beside.append(held)
            if len(self._beside) < _MOST_HELD:
                return
            held = self._beside.pop(0)
        await self._emit(held)

    async def settle(self, *, may_ask: bool) -> list[Ended]:
        """Decides what was held; what has ended comes out. Without `may_ask` (the visit was cut short) what needs a
        request stays unknown."""
        ended = [one for sign in self._signed for one in await self._settle_signed(sign, may_ask)]
        await self._release(self._elsewhere)
        held, self._beside[:] = list(self._beside), []
        empty = [one for one in held if not await self._emit(one)]
        ended += [_shows_others(one) for one in empty if (known := self._known.get(one.key)) is not None and known.open]
        self._shown.difference_update(one.key for one in ended)
        return ended

    def _version_of(self, key: str) -> str | None:
        """The address of the page that a page is the print or AMP version of, or is once more in other capitals."""
        plain = plain_form(key)
        known = self._known.get(key)
        stands = known is not None and known.open and known.stands_on is None
        return self._named(plain) if plain != key and not stands else None

    async def _emit(self, held: _Held) -> bool:
        """Hands over what a page shows; False if none of it is left to the page."""
        sightings = sight(
            held.reading,
            held.page,
            start_url=self._start_url,
            canonical=held.canonical,
            is_listed=self._speaks_for_itself,
            is_list=self._is_list(held.key),
        )
        await self._batches.add(sightings)
        return bool(sightings)

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
        """Whether a page that was taken for a version of another one shows something else, or the other shows
        nothing."""
        canonical = one.canonical
        if canonical is None or one.reading.canonical == canonical or urls.key(canonical) != plain_form(one.key):
            return False
        key = urls.key(canonical)
        return key not in self._shown or self._faces.get(key, self._faces[one.key]) != self._faces[one.key]

    def _is_another(self, one: _Held) -> bool:
        """Whether a page's canonical link names one that shows another posting in this visit, or each of them was known
        to show a posting of its own before."""
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

    def _left_the_list(self, held: list[_Held]) -> bool:
        """Whether the list names none of these pages, and at least as many others were there: a template would mark
        those too."""
        marked = {one.key for one in held}
        others = sum(self._named(key) is not None for key in {*self._same, *self._faces} - marked)
        return others >= len(held) and all(self._named(key) is None for key in marked)

    async def _settle_signed(self, sign: _Sign, may_ask: bool) -> list[Ended]:
        """A sign ends a posting only where the site's other postings do not carry it."""
        signed = self._signed[sign]
        held, signed[:] = list(signed), []
        if not held:
            return []
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
        shared = marked > (marked + plain) / 5 and (may_ask or plain == 0)
        if shared and (marked > self._marked[sign] or not self._left_the_list(held)):
            await self._release(held)
            return []
        absence = sign.absence if may_ask else Absence.UNKNOWN
        return [Ended(page=one.page, key=one.key, absence=absence, detail=sign.detail) for one in held]


def _shows_others(held: _Held) -> Ended:
    detail = "the page shows nothing but what stands on other pages"
    return Ended(page=held.page, key=held.key, absence=Absence.NO_MARKUP, detail=detail)
