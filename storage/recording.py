"""From sightings to rows and events: one batch of a running visit, or what waited for its end.

The ledger calls it inside a transaction. What a sighting is, `postings.identity` says; what it means for the
posting's life, `postings.life`; whether its content has changed, `postings.changes`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from postings import changes, elsewhere, verdicts
from postings import life as lives
from postings.changes import Change
from postings.comparison import day
from postings.decisions import Decision, KnownPosting, Link, Moved, New, Recycled, Same, SecondAddress
from postings.events import Evidence
from postings.keys import Keys
from postings.life import State
from postings.sightings import PageRead, Seen, Sighting, Unchanged
from storage import confirming, gathering, raws
from storage.confirming import Shown
from storage.entries import Arrival, Content, Entries
from storage.gathering import Stored
from storage.matching import Matching
from storage.open_visit import OpenVisit
from storage.rewriting import Rewriting, as_json, content_of

#: openings of one visit that do not wait for its verdict: this many, or this share of the open postings
_FLOOD = 5
_FLOOD_SHARE = 0.2
#: so many translations of known postings at once, and this share of the open ones, are a new language of the site
_FEWEST_TRANSLATED, _TRANSLATED_SHARE = 3, 0.2


class Recording:
    """Takes sightings inside one transaction."""

    def __init__(self, conn: Connection, entries: Entries, visit: OpenVisit, *, ignore_expiry: bool) -> None:
        """`ignore_expiry`: the site's validThrough says nothing (C.5)."""
        self._conn = conn
        self.entries = entries
        self._visit = visit
        self._ignore_expiry = ignore_expiry
        self._vanished: frozenset[str] = frozenset()
        self._unlisted: frozenset[str] = frozenset()
        self.held = list(visit.held)
        self.changed = dict(visit.changed)
        self.elsewhere = dict(visit.elsewhere)
        self._matching = Matching(conn, entries, visit, self.changed)
        self.new = 0
        self.reread = 0
        self.premature = 0
        self.horizons: Counter[int] = Counter()
        self.notes: list[str] = []
        #: fields that the site has rewritten everywhere
        self.rewritten: frozenset[str] = frozenset()
        #: opened in this transaction
        self._opened: list[str] = []
        #: of these, the translations of postings that were known before the visit
        self._translated: list[str] = []
        self._recycled: list[tuple[Sighting, Keys, Recycled]] = []
        #: postings whose address was taken by another known one
        self._replaced: list[tuple[PageRead, str]] = []

    def absorbed(self) -> None:
        """What a committed transaction leaves for the rest of the visit."""
        visit = self._visit
        visit.held, visit.changed, visit.elsewhere = self.held, self.changed, self.elsewhere
        visit.new += self.new
        visit.reread += self.reread
        visit.premature += self.premature
        visit.horizons.update(self.horizons)
        visit.counts.update(self.entries.counts)

    # --- during the visit

    def take(self, batch: Sequence[Seen]) -> None:
        """A batch of the running visit: all sightings of one page are in one batch."""
        self.reread = len({seen.page.address for seen in batch})
        self._confirm([seen for seen in batch if isinstance(seen, Unchanged)])
        sightings = _in_order(seen for seen in batch if isinstance(seen, Sighting))
        waiting = {sighting.page.address for sighting in self._resolve(self._unlike_known(sightings), final=False)}
        for sighting in sightings:
            # a page whose sighting waits is not remembered as read: if this process dies, it is read again
            if sighting.page.address not in waiting:
                self.entries.read_page(sighting.page)

    # --- at its end

    def finish(self, vanished: Collection[str], *, unlisted: Collection[str] = (), unchanged: int = 0) -> None:
        """What waited, now that it is known which open postings this visit did not see (`vanished`).

        `unlisted`: those that it saw and that a whole list lacks. `unchanged`: how many were not read because they are
        held to be as they were.
        """
        self._vanished, self._unlisted = frozenset(vanished), frozenset(unlisted)
        held, self.held = _in_order(self.held), []
        self._matching.moving = verdicts.may_have_moved(
            self._visit.open_before, gone=len(self._vanished), waiting=len(held)
        )
        self._resolve(held, final=True)
        self._take_other_addresses()
        rewriting = Rewriting(self._conn, self.entries, self._visit, self.changed)
        self.notes += rewriting.write(self._visit.reread + self.reread + unchanged)
        self.rewritten = rewriting.rewritten
        recycled = {sighting.page.address for sighting, _, _ in self._recycled}
        for sighting in (*held, *self.changed.values()):
            if sighting.page.address not in recycled:
                self.entries.read_page(sighting.page)

    def call_moved(self) -> None:
        """The site moved: what is still new after identity was there before (C.5)."""
        self.entries.mark_baseline(self._opened)
        if self._opened:
            self.notes.append(f"the site moved: {len(self._opened)} postings could not be matched to known ones")

    def call_refound(self) -> None:
        """The postings are found in another way from now on: what is new to us was there before (C.5)."""
        self.entries.mark_baseline(self._opened)
        if self._opened:
            self.notes.append(f"another way to find the postings: {len(self._opened)} more of them")

    def call_translated(self) -> None:
        """The site is there in another language from now on: its postings were there before (C.5)."""
        if len(self._translated) >= max(_FEWEST_TRANSLATED, _TRANSLATED_SHARE * self._visit.open_before):
            self.entries.mark_baseline(self._translated)
            self.notes.append(f"the site has another language: {len(self._translated)} translations of known postings")

    def replace_recycled(self) -> None:
        """Addresses that now carry another posting: the old one closes, a new one opens (C.4)."""
        for sighting, keys, recycled in self._recycled:
            self._close_replaced(recycled.posting.id, sighting.page)
            self._open(sighting, keys, recycled.link)
            self.entries.read_page(sighting.page)
        for page, posting_id in self._replaced:
            self._close_replaced(posting_id, page)

    def _close_replaced(self, posting_id: str, page: PageRead) -> None:
        stored = self._matching.stored(posting_id)
        if stored.open and stored.last_visit != self._visit.id:
            life = lives.replaced(stored.life, at=page.at)
            self.entries.close(stored, life, reason="replaced", evidence=_evidence(page, _REPLACED))

    # --- pages that are as they were

    def _confirm(self, unchanged: Sequence[Unchanged]) -> None:
        by_address = {one.page.address: one for one in unchanged}
        read = {address: one.page for address, one in by_address.items()}
        plain = confirming.confirm(self._conn, self._visit.site.id, self._visit.id, read)
        for read_at, end in plain.ends:
            self._note_horizon(read_at, end)
        by_address = {address: one for address, one in by_address.items() if address not in plain.pages}
        found = gathering.on_pages(self._conn, self._visit.site.id, by_address)
        for address, known in found:
            stored = self.entries.current(known)
            one = by_address[address]
            own = stored.page == address
            self._see(stored, one.page, own=own)
            if own:
                self._note_horizon(one.page.at, stored.life.valid_through)
            else:
                first = self.elsewhere.get(stored.id, one.page)
                self.elsewhere[stored.id] = min(first, one.page, key=lambda page: page.address)
        for one in by_address.values():
            self.entries.confirm_page(one.page)

    def _unlike_known(self, sightings: Sequence[Sighting]) -> list[Sighting]:
        """Marks the postings whose JobPosting is the known one to the byte; returns the other sightings."""
        each = [self._shown(sighting) for sighting in sightings]
        shown = {one.address: here for one, here in zip(sightings, each, strict=True) if one.address is not None}
        alike = confirming.confirm_shown(self._conn, self._visit.site.id, self._visit.id, shown, self.entries.touches)
        hashes = {address: raws.digest(shown[address].raw) for address in alike.left}
        known = gathering.identical(self._conn, self._visit.site.id, hashes)
        fresh = []
        for sighting, here in zip(sightings, each, strict=True):
            address = sighting.address
            # several may have one address: the last of them was asked about
            if address is None or shown[address] != here or not (address in alike.written or address in known):
                fresh.append(sighting)
                continue
            self._note_horizon(sighting.page.at, sighting.posting.valid_through)
            if address in known:
                self._see(self.entries.current(known[address]), sighting.page, own=True)
        return fresh

    def _shown(self, sighting: Sighting) -> Shown:
        return Shown(
            page=sighting.page.address,
            at=sighting.page.at,
            raw=sighting.raw,
            dated=self._visit.believed(sighting.posting).valid_through is not None,
        )

    def _note_horizon(self, read_at: datetime, valid_through: date | datetime | None) -> None:
        if valid_through is not None:
            self.horizons[(day(valid_through) - day(read_at)).days] += 1

    # --- pages that are new or differ

    def _resolve(self, sightings: Sequence[Sighting], *, final: bool) -> list[Sighting]:
        """Decides what each sighting is, and acts on it. Returns those that wait."""
        self._matching.gather(sightings, vanished=self._vanished, unlisted=self._unlisted, final=final)
        return [
            sighting
            for sighting, keys in self._matching.keyed
            if not self._apply(self._matching.decide(sighting, keys, final=final), sighting, keys, final=final)
        ]

    def _apply(self, decision: Decision, sighting: Sighting, keys: Keys, *, final: bool) -> bool:
        """Acts on what a sighting is. Returns False if it waits for the end of the visit."""
        match decision:
            case Moved(posting=known, replaces=former):
                if former is not None:
                    self._replaced.append((sighting.page, former.id))
                return self._meet(self._matching.stored(known.id), sighting, keys)
            case Same(posting=known):
                return self._meet(self._matching.stored(known.id), sighting, keys)
            case SecondAddress(posting=known):
                self._see(self._matching.stored(known.id), sighting.page, own=False)
                self._matching.learn(known.id, keys)
                return True
            case New(link=link, corrects=former) if final or not self._must_wait(sighting, link):
                self._open(sighting, keys, link, corrects=former)
                return True
            case Recycled() if final:
                self._recycled.append((sighting, keys, decision))
                return True
            case _:
                self.held.append(sighting)
                return False

    def _must_wait(self, sighting: Sighting, link: Link | None) -> bool:
        """Openings do not wait, floods do; what is past on arrival alerts nobody, so it has time, and so have
        translations: there may be one of every posting."""
        if link is not None and link.kind == "translation":
            return True
        if lives.arrive(self._visit.believed(sighting.posting), at=sighting.page.at).life.state is State.CLOSED:
            return True
        limit = max(_FLOOD, _FLOOD_SHARE * self._visit.open_before)
        return not self._visit.baseline and self._visit.new + self.new >= limit

    def _open(self, sighting: Sighting, keys: Keys, link: Link | None, *, corrects: KnownPosting | None = None) -> None:
        at, posting = sighting.page.at, self._visit.believed(sighting.posting)
        arrival = lives.arrive(posting, at=at, ignore_expiry=self._ignore_expiry)
        past = arrival.life.state is State.CLOSED
        links = [
            *([link] if link else []),
            *elsewhere.links(posting, keys, self._matching.others, now=self.entries.now),
        ]
        stored = self.entries.open(
            Arrival(
                content=Content.of(sighting, posting),
                page=sighting.page.address,
                life=lives.arrive(posting, at=at, ignore_expiry=True).life if past else arrival.life,
                keys=keys.rows,
                links=links,
            ),
            baseline=self._visit.baseline or past,
            reason="correction" if corrects else None,
            unseen_at=None if corrects else self._visit.complete_before_at,
            evidence=_evidence(sighting.page, _opened_by(links, corrects)),
        )
        if past:
            stored = self.entries.close(
                stored,
                arrival.life,
                reason="expired",
                evidence=_evidence(sighting.page, arrival.rule),
                baseline=True,
            )
        else:
            self.new += 1
            self._opened.append(stored.id)
            if link is not None and link.kind == "translation" and self._was_there(link.to):
                self._translated.append(stored.id)
        self._matching.add(stored, keys)

    def _was_there(self, posting_id: str) -> bool:
        return self._matching.stored(posting_id).life.first_seen < self._visit.started_at

    def _meet(self, stored: Stored, sighting: Sighting, keys: Keys) -> bool:
        """A known posting is seen where it is read from now on. Returns False if its content waits for the end."""
        self._matching.learn(stored.id, keys)
        self._note_horizon(sighting.page.at, sighting.posting.valid_through)
        content = content_of(self._visit, stored.posting(), sighting)
        differing = changes.compare(stored.posting(), content.posting)
        here = replace(stored, page=sighting.page.address)
        was_open = stored.open
        now_open = self._see(here, sighting.page, own=True, content=content, differing=differing)
        if not (was_open and now_open):
            return True
        if differing:
            self.changed[stored.id] = sighting
            return False
        self.entries.reread(self._matching.stored(stored.id), raws.digest(sighting.raw))
        return True

    def _see(
        self,
        stored: Stored,
        page: PageRead,
        *,
        own: bool,
        content: Content | None = None,
        differing: Sequence[Change] = (),
    ) -> bool:
        """A posting is there, with what differs of its content. Returns whether it is open now."""
        valid_through = content.posting.valid_through if content and differing else stored.life.valid_through
        step = lives.see(
            stored.life, valid_through, at=page.at, changed=bool(differing), ignore_expiry=self._ignore_expiry
        )
        after = replace(
            stored,
            life=step.life,
            last_visit=self._visit.id,
            last_read=page.at if own else stored.last_read,
        )
        self.premature += step.premature
        if step.event == "reopened":
            self.entries.reopen(
                after,
                step.life,
                reason=step.reason or "seen",
                evidence=_evidence(page, step.rule),
                content=content if differing else None,
                changes=as_json(differing),
                unseen_at=None if step.premature else self._visit.unseen(stored.life.last_seen),
            )
        elif content is None and replace(after.life, last_seen=stored.life.last_seen) == stored.life:
            self.entries.see(after)
        else:
            self.entries.keep(after)
        return after.open

    # --- what the whole visit tells

    def _take_other_addresses(self) -> None:
        """Postings whose own page did not show them, but another of their pages did, are read there from now on."""
        known = gathering.lives(self._conn, self.elsewhere)
        for posting_id, page in sorted(self.elsewhere.items()):
            stored = self.entries.current(known[posting_id])
            if stored.last_read < self._visit.started_at:
                self.entries.keep(replace(stored, page=page.address, last_read=page.at))


_NEW = "C.4 no known posting has its address, its identifier or its content"
_REPLACED = "C.4 the address now carries another posting"


def _opened_by(links: Sequence[Link], corrects: KnownPosting | None) -> str:
    """The rule that made a posting new, in words."""
    if corrects is not None:
        return f"C.3 correction: its address had been taken for another one of {corrects.id}, which was seen elsewhere"
    return f"C.4 new, {links[0].kind} of {links[0].to}" if links else _NEW


def _in_order(sightings: Iterable[Sighting]) -> list[Sighting]:
    """By address, so that the order in which pages arrive decides nothing (C.4); the page at that address comes
    first."""
    return sorted(
        sightings, key=lambda one: (one.address or "", one.page.address != one.address, one.page.address, one.raw)
    )


def _evidence(page: PageRead, rule: str) -> Evidence:
    return Evidence(url=page.url, status=page.status, at=page.at, rule=rule)
