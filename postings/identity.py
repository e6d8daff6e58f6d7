"""Which posting a sighting is: one that is known, one that moved, or a new one (C.2 and C.4).

The ledger asks `keys` for what a sighting is known by, gathers the known postings that share any of it, and asks
`resolve`. A false merge cannot be undone, a false "new" is a visible blip: when in doubt, two postings and a link.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from postings import urls
from postings.comparison import (
    ALIKE,
    agree,
    alike,
    all_places_differ,
    day,
    fingerprint,
    fold,
    is_long,
    language,
    path_language,
    same_day,
    same_title,
    shingles,
)
from postings.keys import KeyRow, Keys, bounded, keys, keys_of_known
from postings.posting import Posting
from postings.sightings import Sighting
from postings.trust import Standing, Trust

__all__ = [
    "Decision",
    "KeyRow",
    "Keys",
    "KnownPosting",
    "Link",
    "Moved",
    "New",
    "Recycled",
    "Same",
    "SecondAddress",
    "Wait",
    "alike",
    "fold",
    "keys",
    "keys_of_known",
    "new_prints",
    "resolve",
    "shingles",
]

#: texts less alike than this belong to different jobs when title and places differ too (C.4, recycled)
UNLIKE = 0.3
#: how long after its closing a posting can be posted again (C.4)
REPOST_WITHIN = timedelta(days=90)
LIKELY_REPOST_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPosting:
    """A known posting that shares a key with a sighting, as it stands while the question is asked."""

    id: str
    posting: Posting
    open: bool
    #: seen in this visit
    seen: bool
    missing_since: datetime | None
    closed_at: datetime | None
    #: address key of the page that it was last seen on
    page: str
    keys: frozenset[KeyRow]
    #: went missing in this or the last visit; only a complete visit can say so
    vanished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A new posting is the same job as a known one, or may be."""

    #: id of the known posting
    to: str
    kind: Literal["translation", "same requisition", "repost", "twin", "likely repost"]
    #: why, in words
    evidence: str


@dataclass(frozen=True, slots=True)
class Same:
    """The sighting is this posting, where it was expected."""

    posting: KnownPosting


@dataclass(frozen=True, slots=True)
class Moved:
    """The sighting is this posting, at a new address: no event for that."""

    posting: KnownPosting
    #: had this address before and was not seen in this visit: it closes as `replaced`
    replaces: KnownPosting | None = None


@dataclass(frozen=True, slots=True)
class SecondAddress:
    """The sighting is this posting once more, at another address than the one it is read from: no event at all."""

    posting: KnownPosting


@dataclass(frozen=True, slots=True)
class New:
    """A posting that was not known, with the link to the one it may come from."""

    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Recycled:
    """The address of this posting now carries another one: it closes as `replaced`, the sighting is new."""

    posting: KnownPosting
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Whether it is this posting depends on what else the visit sees: ask again at its end."""

    posting: KnownPosting


Decision = Same | Moved | SecondAddress | New | Recycled | Wait


def resolve(
    sighting: Sighting,
    keys: Keys,
    candidates: Sequence[KnownPosting],
    trust: Trust,
    *,
    final: bool,
    only_with_print: bool,
    now: datetime,
) -> Decision:
    """The decision table C.4, first row that fits.

    `candidates` are all known postings that share a key row with the sighting, in any order. `final` is False while
    the visit runs: where it matters whether a candidate is still to be seen, the answer is `Wait`, so the order and the
    batches in which pages arrive decide nothing. At the end sightings that waited are asked again in order of
    their address key with `final`. `only_with_print`: no other new sighting of this visit has its print
    (`new_prints`).
    """
    case = _Case(sighting, keys, candidates, trust, final=final, only_with_print=only_with_print, now=now)
    return (
        case.by_board_id()
        or case.by_address()
        or case.by_trusted_key()
        or case.by_content()
        or case.by_recycled_address()
        or New(case.link())
    )


def new_prints(
    waiting: Iterable[tuple[Sighting, Keys, Sequence[KnownPosting]]], trust: Trust, *, now: datetime
) -> Counter[str]:
    """How many of the sightings that waited for the end of a visit are new, by print: those that no key settles.

    Asked once before any of them is resolved, each with its candidates as they stand then; a print that counts 1 is
    `only_with_print`. Whether another one waited at all depends on the order of pages; whether it is new does not.
    """
    found: Counter[str] = Counter()
    for sighting, keys_, candidates in waiting:
        decision = resolve(sighting, keys_, candidates, trust, final=True, only_with_print=False, now=now)
        if isinstance(decision, New | Recycled):
            found[keys_.print] += 1
    return found


class _Case:
    """One question to C.4; each method is a group of its rows and answers None where none of them fits."""

    def __init__(
        self,
        sighting: Sighting,
        keys: Keys,
        candidates: Sequence[KnownPosting],
        trust: Trust,
        *,
        final: bool,
        only_with_print: bool,
        now: datetime,
    ) -> None:
        self.sighting = sighting
        self.posting = sighting.posting
        self.keys = keys
        self.trust = trust
        self.final = final
        self.only_with_print = only_with_print
        self.now = now
        self.candidates = sorted(candidates, key=lambda known: known.id)
        self.recycled: KnownPosting | None = None
        self._link: Link | None = None

    def by_board_id(self) -> Decision | None:
        """K4 same: the same posting."""
        if self.keys.board is None:
            return None
        row = ("board", bounded(self.keys.board))
        return next((Same(known) for known in self.candidates if row in known.keys), None)

    def by_address(self) -> Decision | None:
        """K1 known: the same posting whatever else changed, unless the address was given to another one."""
        if self.keys.address is None:
            return None
        row = ("address", bounded(self.keys.address))
        holders = [known for known in self.candidates if row in known.keys and not self._other_board_id(known)]
        if not holders:
            return None
        known = max(holders, key=self._likely_holder)
        if self._is_recycled(known):
            self.recycled = known
            self.candidates = [other for other in self.candidates if other.id != known.id]
            return None
        return Same(known)

    def by_trusted_key(self) -> Decision | None:
        """K2 or K3 known and trusted: moved, a second address, or a link to the old one."""
        for name, holders, is_token in self._trusted_holders():
            if not holders:
                continue
            possible = [known for known in holders if not self._contradicts(known)]
            again = [known for known in possible if known.seen and self._same_print(known)]
            if again:
                return SecondAddress(again[0])
            unseen = [known for known in possible if not known.seen]
            if unseen and not self.final:
                return Wait(unseen[0])
            if moved := self._moved_among(unseen, alone=len(holders) == 1):
                return Moved(moved, self._replaced())
            if is_token and (agreeing := [known for known in possible if known.seen and self._agrees(known)]):
                return SecondAddress(agreeing[0])
            known = max(holders, key=lambda one: (one.open, self._agrees(one)))
            kind: Literal["translation", "same requisition"] = (
                "translation" if self._other_language(known) else "same requisition"
            )
            self._link = Link(to=known.id, kind=kind, evidence=name)
            return self.by_recycled_address() or New(self._link)
        return None

    def by_content(self) -> Decision | None:
        """K5 alone: moved to a new system only if everything agrees, one for one; else a link."""
        alike_prints = [known for known in self.candidates if self._same_print(known)]
        unseen = [known for known in alike_prints if not known.seen]
        if unseen and not self.final:
            return Wait(unseen[0])
        fits = [known for known in alike_prints if self._fits(known)]
        bare = [known for known in alike_prints if not is_long(self.posting) and not is_long(known.posting)]
        gone = [known for known in fits if self._gone(known)]
        if len(gone) == 1 and self.only_with_print and self._same_date(gone[0]):
            return Moved(gone[0], self._replaced())
        left = [known for known in bare if known.open and known.missing_since is None and self._gone(known)]
        if len(left) == 1 and self.only_with_print and self._published_same_day(left[0]):
            return Moved(left[0], self._replaced())
        self._link = self._content_link(fits, bare)
        return None

    def by_recycled_address(self) -> Decision | None:
        """The address was given to this sighting: its old posting closes, unless the visit sees it elsewhere."""
        if self.recycled is None:
            return None
        if self.recycled.seen:
            return New(self._link)
        return Recycled(self.recycled, self._link) if self.final else Wait(self.recycled)

    def link(self) -> Link | None:
        """What a new posting is linked to."""
        return self._link

    # ---- what the rows ask

    def _replaced(self) -> KnownPosting | None:
        return self.recycled if self.recycled and not self.recycled.seen else None

    def _likely_holder(self, known: KnownPosting) -> tuple[bool, bool, bool, bool, float, str]:
        """Of several that had the address, the one that has it now: an address can be recycled more than once."""
        return (
            self._shares_identifier(known),
            known.open,
            known.page == self.sighting.page.address,
            self._same_print(known),
            known.closed_at.timestamp() if known.closed_at else 0.0,
            known.id,
        )

    def _is_recycled(self, known: KnownPosting) -> bool:
        """Another identifier that is trusted, and another title or other places; or nothing that speaks for the old
        posting, and title, places and text all differ."""
        old, new = known.posting, self.posting
        other_title = fold(old.title) != fold(new.title)
        if self._other_trusted_identifier(known):
            return other_title or all_places_differ(old, new)
        vouched = self._shares_identifier(known) or self._has_token_at_learned_place()
        if vouched or not other_title or not all_places_differ(old, new):
            return False
        both = bool(old.description_text and new.description_text)
        return both and alike(old.description_text, new.description_text) < UNLIKE

    def _trusted_holders(self) -> list[tuple[str, list[KnownPosting], bool]]:
        found = []
        if self.keys.identifier is not None and self.trust.identifier in _USED:
            row = ("identifier", bounded(self.keys.identifier))
            holders = [known for known in self.candidates if row in known.keys]
            value = self.keys.identifier.partition(" | ")[2]
            found.append((f"the same identifier {value}", self._believed(holders, self.trust.identifier), False))
        if self.trust.token in _USED and self.trust.token_place:
            rows = self._token_rows(self.trust.token_place)
            holders = [known for known in self.candidates if known.keys & rows.keys()]
            values = sorted({rows[row] for known in holders for row in known.keys & rows.keys()})
            name = f"the same id in the address, {', '.join(values)}"
            found.append((name, self._believed(holders, self.trust.token), True))
        return found

    def _token_rows(self, place: str) -> dict[KeyRow, str]:
        """The rows that an old posting with one of the sighting's tokens has: the learned place on either side."""
        rows = {}
        at_place = self.keys.tokens.get(place)
        if at_place is not None:
            rows[("token", bounded(f"{place}={at_place}"))] = at_place
            if urls.is_strong(at_place):
                rows[("token", bounded(f"*={at_place}"))] = at_place
        for value in self.keys.tokens.values():
            if urls.is_strong(value):
                rows[("token", bounded(f"{place}={value}"))] = value
        return rows

    def _believed(self, holders: list[KnownPosting], standing: Standing) -> list[KnownPosting]:
        if standing is Standing.TRUSTED:
            return holders
        return [known for known in holders if same_title(known.posting, self.posting)]

    def _moved_among(self, unseen: list[KnownPosting], *, alone: bool) -> KnownPosting | None:
        """The one unseen holder of the key that this is; None if two are equally likely, or it may still be there."""
        ranked = sorted(((self._likeness(known), known.id, known) for known in unseen), reverse=True)
        if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
            return None
        known = ranked[0][2]
        if not alone and self._other_language(known):
            return None
        left = known.vanished or not known.open or self._led_here(known) or known.page == self.sighting.page.address
        return known if left or self._agrees(known) else None

    def _likeness(self, known: KnownPosting) -> tuple[bool, bool, bool, bool]:
        return (
            self._led_here(known),
            self._same_print(known),
            not self._other_language(known),
            same_title(known.posting, self.posting),
        )

    def _content_link(self, fits: list[KnownPosting], bare: list[KnownPosting]) -> Link | None:
        what = "same title, organisation and places"
        reposts = [known for known in fits if self._posted_again(known)]
        if reposts:
            known = max(reposts, key=_last_there)
            return Link(to=known.id, kind="repost", evidence=f"{what}, texts {self._percent(known)} % alike")
        twins = [known for known in fits if known.open]
        if twins:
            known = twins[0]
            return Link(to=known.id, kind="twin", evidence=f"{what}, texts {self._percent(known)} % alike")
        likely = [known for known in bare if _closed_within(known, LIKELY_REPOST_WITHIN, self.now)]
        if likely:
            known = max(likely, key=_last_there)
            return Link(to=known.id, kind="likely repost", evidence=f"{what}; too little text to compare")
        return None

    def _posted_again(self, known: KnownPosting) -> bool:
        newer = _newer(self.posting.date_posted, known.posting.date_posted)
        if known.open:
            return newer and self._gone(known)
        return newer or _closed_within(known, REPOST_WITHIN, self.now)

    def _fits(self, known: KnownPosting) -> bool:
        """K5 as evidence: the print, and the text where both have one that says enough (measured: print or text alone
        put different jobs together)."""
        both_long = is_long(self.posting) and is_long(known.posting)
        return both_long and alike(self.posting.description_text, known.posting.description_text) >= ALIKE

    def _gone(self, known: KnownPosting) -> bool:
        return not known.seen and (known.vanished or self._led_here(known))

    def _led_here(self, known: KnownPosting) -> bool:
        """Whether the old address redirects to where the sighting was read."""
        origins = self.sighting.page.redirected_from
        return known.page in origins or any(("address", bounded(origin)) in known.keys for origin in origins)

    def _same_print(self, known: KnownPosting) -> bool:
        return ("print", self.keys.print) in known.keys and fingerprint(known.posting) == self.keys.print

    def _agrees(self, known: KnownPosting) -> bool:
        return agree(known.posting, self.posting)

    def _same_date(self, known: KnownPosting) -> bool:
        ours, theirs = self.posting.date_posted, known.posting.date_posted
        return same_day(ours, theirs) or (ours is None and theirs is None)

    def _published_same_day(self, known: KnownPosting) -> bool:
        return same_day(self.posting.date_posted, known.posting.date_posted)

    def _percent(self, known: KnownPosting) -> int:
        return int(alike(self.posting.description_text, known.posting.description_text) * 100)

    def _shares_identifier(self, known: KnownPosting) -> bool:
        if self.keys.identifier is None or self.trust.identifier not in _USED:
            return False
        return ("identifier", bounded(self.keys.identifier)) in known.keys

    def _has_token_at_learned_place(self) -> bool:
        place = self.trust.token_place
        return self.trust.token in _USED and place is not None and place in self.keys.tokens

    def _other_trusted_identifier(self, known: KnownPosting) -> bool:
        """Whether both carry an identifier that is trusted, and not the same. A renamed organisation is no other."""
        if self.keys.identifier is None or self.trust.identifier is not Standing.TRUSTED:
            return False
        theirs = {value for kind, value in known.keys if kind == "identifier"}
        ours = bounded(self.keys.identifier)
        return bool(theirs) and ours.partition(" | ")[2] not in {value.partition(" | ")[2] for value in theirs}

    def _other_board_id(self, known: KnownPosting) -> bool:
        """Whether the same board gives both an id, and not the same one."""
        if self.keys.board is None:
            return False
        board, ours = self.keys.board.rpartition("/")[0] + "/", bounded(self.keys.board)
        theirs = {value for kind, value in known.keys if kind == "board" and value.startswith(board)}
        return bool(theirs) and ours not in theirs

    def _contradicts(self, known: KnownPosting) -> bool:
        return self._other_board_id(known) or self._other_trusted_identifier(known)

    def _other_language(self, known: KnownPosting) -> bool:
        """Whether both say their language, in the posting or in the path, and it is not the same."""
        ours = language(self.posting.language or self.sighting.page.language)
        theirs = language(known.posting.language)
        if ours and theirs:
            return ours != theirs
        here, there = path_language(self.keys.address or ""), path_language(known.page)
        return here is not None and there is not None and here != there


_USED = frozenset({Standing.TRUSTED, Standing.PROBATION})


def _newer(ours: date | datetime | None, theirs: date | datetime | None) -> bool:
    return ours is not None and theirs is not None and day(ours) > day(theirs)


def _closed_within(known: KnownPosting, period: timedelta, now: datetime) -> bool:
    return known.closed_at is not None and now - known.closed_at <= period


def _last_there(known: KnownPosting) -> tuple[float, str]:
    """Orders postings by when they were last there."""
    at = known.closed_at or known.missing_since
    return (at.timestamp() if at else 0.0, known.id)
