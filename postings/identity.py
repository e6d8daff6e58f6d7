"""Which posting a sighting is: one that is known, one that moved, or a new one (C.2 and C.4).

The ledger asks `keys` for what a sighting is known by, gathers the known postings that share any of it, and asks
`resolve`. A false merge cannot be undone, a false "new" is a visible blip: when in doubt, two postings and a link.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from postings.comparison import day, is_long, same_title
from postings.decisions import Decision, KnownPosting, Link, Moved, New, Recycled, Same, SecondAddress, Wait
from postings.keys import KeyRow, Keys, bounded
from postings.likeness import USED, Likeness, token_rows, unscoped
from postings.sightings import Sighting
from postings.trust import Standing, Trust

#: how long after its closing a posting can be posted again (C.4)
REPOST_WITHIN = timedelta(days=90)
LIKELY_REPOST_WITHIN = timedelta(days=30)


def resolve(
    sighting: Sighting,
    keys: Keys,
    candidates: Sequence[KnownPosting],
    trust: Trust,
    *,
    final: bool,
    only_with_print: bool,
    moving: bool = False,
    now: datetime,
) -> Decision:
    """The decision table C.4, first row that fits.

    `candidates` are all known postings that share a key row with the sighting, in any order. `final` is False while
    the visit runs: where it matters whether a candidate is still to be seen, the answer is `Wait`, so the order and the
    batches in which pages arrive decide nothing. At the end sightings that waited are asked again in order of
    their address key with `final`. `only_with_print`: no other new sighting of this visit has its print
    (`new_prints`). `moving`: most of the site is gone in this visit and as much is new.
    """
    case = _Case(
        sighting, keys, candidates, trust, final=final, only_with_print=only_with_print, moving=moving, now=now
    )
    return (
        case.by_board_id()
        or case.by_address()
        or case.by_trusted_key()
        or case.by_redirect()
        or case.by_content()
        or case.by_text()
        or case.by_recycled_address()
        or New(case.link)
    )


def asked(keys: Keys, trust: Trust, led_from: Iterable[str] = ()) -> frozenset[KeyRow]:
    """The rows by which what is known of the site is looked up for `resolve`; `led_from` are the address keys that
    redirected to the sighting's page.

    A key that is not believed settles nothing, and may be the same in each address of a site.
    """
    rows = {row for row in keys.rows if row[0] in ("address", "board", "print")}
    rows |= {("address", bounded(origin)) for origin in led_from}
    if keys.among_others is not None:
        rows.add(("address", bounded(keys.among_others)))
    if trust.identifier in USED:
        rows |= {row for row in keys.rows if row[0] == "identifier"}
    if trust.token in USED and trust.token_place:
        rows |= token_rows(keys, trust.token_place).keys()
    return frozenset(rows)


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
        moving: bool,
        now: datetime,
    ) -> None:
        self.sighting = sighting
        self.posting = sighting.posting
        self.keys = keys
        self._likeness = Likeness(sighting, keys, trust)
        self.trust = trust
        self.final = final
        self.only_with_print = only_with_print
        self.moving = moving
        self.now = now
        self.candidates = sorted(candidates, key=lambda known: known.id)
        #: the posting that had this address and is not the one that has it now
        self.recycled: KnownPosting | None = None
        #: it was only another address of that posting
        self.split = False
        #: what a new posting is linked to
        self.link: Link | None = None

    def by_board_id(self) -> Decision | None:
        """K4 same: the same posting."""
        if self.keys.board is None:
            return None
        row = ("board", bounded(self.keys.board))
        return next((Same(known) for known in self.candidates if row in known.keys), None)

    def by_address(self) -> Decision | None:
        """K1 known: the same posting whatever else changed, unless the address was given to another one.

        A posting that is read at one of its addresses is not read at the others: they confirm it, or, where they show
        another job, were taken for its own by mistake (C.3, correction).
        """
        if self.keys.address is None:
            return None
        holders = self._holders(self.keys.among_others) or self._holders(self.keys.address)
        if not holders:
            return None
        known = max(holders, key=self._likely_holder)
        other = self._likeness.is_other_address(known) or self._likeness.is_read_at_home(known)
        if other and not known.seen and not self.final:
            return Wait(known)
        if (
            self._likeness.is_recycled(known)
            or (other and known.seen and not self._likeness.belongs_to(known))
            or self._stands_here_now(known)
        ):
            self.recycled, self.split = known, other
            self.candidates = [candidate for candidate in self.candidates if candidate.id != known.id]
            return None
        return SecondAddress(known) if other and known.seen else Same(known)

    def by_trusted_key(self) -> Decision | None:
        """K2 or K3 known and trusted: moved, a second address, or a link to the old one."""
        for name, holders, is_token in self._trusted_holders():
            if not holders:
                continue
            possible = [
                known
                for known in holders
                if not self._likeness.contradicts(known) and not self._likeness.is_given_again(known)
            ]
            again = [known for known in possible if known.seen and self._likeness.same_print(known)]
            if again:
                return SecondAddress(again[0])
            unseen = [known for known in possible if not known.seen]
            if unseen and not self.final:
                return Wait(unseen[0])
            if moved := self._moved_among(unseen, alone=len(holders) == 1):
                return Moved(moved, self._replaced())
            if is_token and (agreeing := [known for known in possible if known.seen and self._likeness.agrees(known)]):
                return SecondAddress(agreeing[0])
            known = max(holders, key=lambda one: (one.open, self._likeness.agrees(one)))
            kind: Literal["translation", "same requisition"] = (
                "translation" if self._likeness.other_language(known) else "same requisition"
            )
            self.link = Link(to=known.id, kind=kind, evidence=name)
            if possible or any(map(self._likeness.other_board_id, holders)):
                return self.by_recycled_address() or New(self.link)
            # a new system gives new identifiers: what else it says decides
        return None

    def by_redirect(self) -> Decision | None:
        """The address of a known posting leads here, to a page that nothing else is known of: moved, if what stands
        here may be that posting still. A closed job may lead to another one."""
        if self.recycled is not None:
            return None
        led = [
            known
            for known in self.candidates
            if known.open and self._likeness.led_here(known) and not self._likeness.contradicts(known)
        ]
        unseen = [known for known in led if not known.seen and self._likeness.is_rewritten(known)]
        if unseen and not self.final:
            return Wait(unseen[0])
        return Moved(unseen[0]) if len(led) == len(unseen) == 1 else None

    def by_content(self) -> Decision | None:
        """K5 alone: moved to a new system only if everything agrees, one for one; else a link."""
        alike_prints = [known for known in self.candidates if self._likeness.same_print(known)]
        unseen = [known for known in alike_prints if not known.seen]
        if unseen and not self.final:
            return Wait(unseen[0])
        fits = [known for known in alike_prints if self._likeness.fits(known)]
        if (twice := self._told_twice(alike_prints)) is not None:
            return twice
        left_on = [known for known in fits if known.open and known.seen and self._likeness.same_date(known)]
        if left_on and not self.final:
            return Wait(left_on[0])
        off_list = [known for known in left_on if known.unlisted]
        if len(off_list) == 1 and self.only_with_print:
            return SecondAddress(off_list[0])
        bare = [known for known in alike_prints if not is_long(self.posting) and not is_long(known.posting)]
        gone = [
            known
            for known in alike_prints
            if self._likeness.gone(known) and (known in fits or self._likeness.is_framed(known))
        ]
        # a new system gives all postings its own dates
        if len(gone) == 1 and self.only_with_print and (self.moving or self._likeness.same_date(gone[0])):
            return Moved(gone[0], self._replaced())
        left = [
            known
            for known in alike_prints
            if known.open
            and known.missing_since is None
            and self._likeness.gone(known)
            and (known in bare or self.moving or self._likeness.is_edited(known))
        ]
        if len(left) == 1 and self.only_with_print and self._likeness.published_same_day(left[0]):
            return Moved(left[0], self._replaced())
        self.link = self.link or self._content_link(fits, bare)
        return None

    def by_text(self) -> Decision | None:
        """Of several on a page, without an address or an id: one that has left the page, and whose text and day of
        publication it has, with the same title or a common place, was edited."""
        if self.sighting.address is not None or self.recycled is not None:
            return None
        left = [
            known
            for known in self.candidates
            if known.open
            and not known.seen
            and known.page == self.sighting.page.address
            and not self._likeness.contradicts(known)
            and self._likeness.is_same_advert(known)
        ]
        if left and not self.final:
            return Wait(left[0])
        return Moved(left[0]) if len(left) == 1 and left[0].vanished else None

    def _told_twice(self, alike_prints: Sequence[KnownPosting]) -> Decision | None:
        """The posting that this visit saw at an address of another kind, word for word: its page for applying, or the
        same page under the list's address and the sitemap's."""
        told = [known for known in alike_prints if self._likeness.is_told_twice(known)]
        if len(told) > 1:
            told = [known for known in told if self._likeness.common_tokens(known)]
        if len(told) != 1 or self.recycled is not None:
            return None
        return Moved(told[0]) if self._likeness.has_better_address(told[0]) else SecondAddress(told[0])

    def by_recycled_address(self) -> Decision | None:
        """The address was given to this sighting: its old posting closes, unless the visit sees it elsewhere."""
        if self.recycled is None:
            return None
        if self.split:
            return New(self.link, corrects=self.recycled)
        if self.recycled.seen:
            return New(self.link)
        return Recycled(self.recycled, self.link) if self.final else Wait(self.recycled)

    # ---- what the rows ask

    def _holders(self, address: str | None) -> list[KnownPosting]:
        row = ("address", bounded(address or ""))
        return [known for known in self.candidates if row in known.keys and not self._likeness.other_board_id(known)]

    def _stands_here_now(self, known: KnownPosting) -> bool:
        """Whether another known posting has taken the address of `known`, as where addresses are the places in a list:
        nothing but the address speaks for `known`, and everything else for exactly one other, which left its own."""
        if not self._likeness.may_be_displaced(known):
            return False
        others = [
            one
            for one in self.candidates
            if one.id != known.id
            and not one.seen
            and self._likeness.same_print(one)
            and self._likeness.fits(one)
            and self._likeness.same_date(one)
        ]
        return len(others) == 1 and (not self.final or self._likeness.gone(others[0]))

    def _replaced(self) -> KnownPosting | None:
        return self.recycled if self.recycled and not self.recycled.seen and not self.split else None

    def _likely_holder(self, known: KnownPosting) -> tuple[bool, bool, bool, bool, float, str]:
        """Of several that had the address, the one that has it now: an address can be recycled more than once."""
        return (
            self._likeness.shares_identifier(known),
            known.open,
            known.page == self.sighting.page.address,
            self._likeness.same_print(known),
            known.closed_at.timestamp() if known.closed_at else 0.0,
            known.id,
        )

    def _trusted_holders(self) -> list[tuple[str, list[KnownPosting], bool]]:
        found = []
        if self.keys.identifier is not None and self.trust.identifier in USED:
            row = ("identifier", bounded(self.keys.identifier))
            holders = [known for known in self.candidates if row in known.keys]
            name = f"the same identifier {unscoped(self.keys.identifier)}"
            found.append((name, self._believed(holders, self.trust.identifier), False))
        if self.trust.token in USED and self.trust.token_place:
            rows = token_rows(self.keys, self.trust.token_place)
            holders = [known for known in self.candidates if known.keys & rows.keys()]
            values = sorted({rows[row] for known in holders for row in known.keys & rows.keys()})
            name = f"the same id in the address, {', '.join(values)}"
            found.append((name, self._believed(holders, self.trust.token), True))
        return found

    def _believed(self, holders: list[KnownPosting], standing: Standing) -> list[KnownPosting]:
        if standing is Standing.TRUSTED:
            return holders
        return [known for known in holders if same_title(known.posting, self.posting)]

    def _moved_among(self, unseen: list[KnownPosting], *, alone: bool) -> KnownPosting | None:
        """The one unseen holder of the key that this is; None if two are equally likely, or it may still be there."""
        ranked = sorted(((self._rank(known), known.id, known) for known in unseen), reverse=True)
        if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
            return None
        known = ranked[0][2]
        if not alone and self._likeness.other_language(known):
            return None
        left = (
            known.vanished
            or not known.open
            or self._likeness.led_here(known)
            or known.page == self.sighting.page.address
        )
        return known if left or self._likeness.agrees(known) else None

    def _rank(self, known: KnownPosting) -> tuple[bool, bool, bool, bool]:
        return (
            self._likeness.led_here(known),
            self._likeness.same_print(known),
            not self._likeness.other_language(known),
            same_title(known.posting, self.posting),
        )

    def _content_link(self, fits: list[KnownPosting], bare: list[KnownPosting]) -> Link | None:
        what = "same title, organisation and places"
        reposts = [known for known in fits if self._posted_again(known)]
        if reposts:
            known = max(reposts, key=_last_there)
            return Link(to=known.id, kind="repost", evidence=f"{what}, texts {self._likeness.percent(known)} % alike")
        twins = [known for known in fits if known.open]
        if twins:
            known = twins[0]
            return Link(to=known.id, kind="twin", evidence=f"{what}, texts {self._likeness.percent(known)} % alike")
        likely = [known for known in bare if self._may_be_posted_again(known)]
        if likely:
            known = max(likely, key=_last_there)
            return Link(to=known.id, kind="likely repost", evidence=f"{what}; too little text to compare")
        return None

    def _posted_again(self, known: KnownPosting) -> bool:
        newer = _newer(self.posting.date_posted, known.posting.date_posted)
        if known.open:
            return newer and self._likeness.gone(known)
        return newer or _closed_within(known, REPOST_WITHIN, self.now)

    def _may_be_posted_again(self, known: KnownPosting) -> bool:
        """Closed of late, or about to: what vanished in this very visit closes at its end."""
        return _closed_within(known, LIKELY_REPOST_WITHIN, self.now) or (known.open and self._likeness.gone(known))


def _newer(ours: date | datetime | None, theirs: date | datetime | None) -> bool:
    return ours is not None and theirs is not None and day(ours) > day(theirs)


def _closed_within(known: KnownPosting, period: timedelta, now: datetime) -> bool:
    return known.closed_at is not None and now - known.closed_at <= period


def _last_there(known: KnownPosting) -> tuple[float, str]:
    """Orders postings by when they were last there."""
    at = known.closed_at or known.missing_since
    return (at.timestamp() if at else 0.0, known.id)
