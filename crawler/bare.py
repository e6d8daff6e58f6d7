"""Pages that have lost their markup in one visit: whether their postings are gone, or a template is broken (C.5)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from crawler.absences import fingerprint, loss_is_its_own
from crawler.answers import Answer
from crawler.showing import AskPage
from postings.visits import Absence, Look

#: places where an invented address is asked for
_MOST_INVENTED = 3

#: title and heading of a page
Face = tuple[str | None, str | None]


class Broken(StrEnum):
    """How a page without markup shows that its job may be there all the same, in words."""

    LETS_APPLY = "it lets people apply"
    SHELL = "it shows nothing before its scripts have run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of them, by address key."""

    #: what their looks say now
    looks: dict[str, Look]
    #: those whose template is broken: nothing was learnt of their postings
    unreadable: dict[str, Look]


class BarePages:
    """The pages whose posting was known, and that answered without its markup."""

    def __init__(self, ask: AskPage) -> None:
        self._ask = ask
        #: each with the mark of what it shows
        self._marks: dict[str, tuple[Look, bytes]] = {}
        #: of these, the ones that the list names and that are broken, and how that shows
        self._broken: dict[str, Broken] = {}
        #: their titles and headings
        self._faces: dict[str, Face] = {}

    def add(self, key: str, look: Look, mark: bytes, *, broken: Broken | None, face: Face | None = None) -> None:
        """One more, as it was looked at, with the `mark_of` what it shows; `broken` where the list names it, and it
        shows that the job may be there all the same. `face` is what it calls itself."""
        self._marks[key] = look, mark
        if broken is not None:
            self._broken[key] = broken
        if face is not None and any(face):
            self._faces[key] = face

    def __bool__(self) -> bool:
        return bool(self._marks)

    async def settle(
        self,
        *,
        shown: AbstractSet[str],
        listed: AbstractSet[str],
        off_list: AbstractSet[str],
        may_ask: bool,
        start: Face | None = None,
    ) -> Judged:
        """Missing markup counts while the other pages have theirs; else the page is unreadable. Where the list names
        the page and people can apply there, it is the page's template that is broken.

        Given are the address keys of pages that showed a posting, that the list names, and that a whole list lacks.
        `start` is the face of the start page, where a whole list names no posting at all: then it counts on pages that
        have a face of their own, for a wall shows the same at each address.
        """
        looks = {
            key: _unknown(
                self._marks[key][0], f"answered 200 without a JobPosting, but the list names it, and {broken}"
            )
            for key, broken in self._broken.items()
        }
        unreadable: dict[str, Look] = {}
        lost = dict(self._marks)
        missing = lost.keys() & off_list
        on_list = len(shown & listed)
        if on_list >= len(missing) > 0 and loss_is_its_own(1 + len(lost) - len(missing), on_list):
            # the pages that the list names have kept theirs: it is no template that changed
            lost = {key: one for key, one in lost.items() if key not in missing}
        if start is not None:
            faces = Counter((start, *self._faces.values()))
            lost = {key: one for key, one in lost.items() if key not in self._faces or faces[self._faces[key]] > 1}
        if lost and not loss_is_its_own(len(lost), len(shown)):
            blank: dict[str, bytes | None] = {}
            for key, (look, mark) in lost.items():
                # a shell is what any address gets, whether there is a job or not
                may_be_any = may_ask and len(shown) >= len(lost) and self._broken.get(key) is not Broken.SHELL
                if may_be_any and await self._blank(look, blank) == mark:
                    looks[key] = replace(look, absence=Absence.SOFT_404, detail="any address gets this page")
                    continue
                detail = f"{len(lost)} pages lost their JobPosting in this visit, {len(shown)} show theirs"
                looks[key] = unreadable[key] = _unknown(look, detail)
        return Judged(looks=looks, unreadable=unreadable)

    async def _blank(self, look: Look, known: dict[str, bytes | None]) -> bytes | None:
        """The mark of the page that an invented address beside `look`'s gets; None if that is an honest error."""
        above = look.url.rstrip("/").rsplit("/", 1)[0]
        if above not in known and len(known) < _MOST_INVENTED and urlsplit(above).netloc:
            invented = hashlib.blake2b(f"{look.url} {look.at}".encode(), digest_size=8).hexdigest()
            answer = await self._ask(f"{above}/x{invented}", None)
            known[above] = mark_of(answer) if answer.ok and not answer.hops else None
        return known.get(above)


def mark_of(answer: Answer) -> bytes:
    """A hash of what a page shows, equal for pages that any address gets."""
    return hashlib.blake2b(fingerprint(answer.body, answer.url)).digest()


def _unknown(look: Look, detail: str) -> Look:
    return replace(look, absence=Absence.UNKNOWN, detail=detail)
