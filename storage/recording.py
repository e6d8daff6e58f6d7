"""From sightings to rows and events: one batch of a running visit, or what waited for its end.

The ledger calls it inside a transaction. What a sighting is, `postings.identity` says; what it means for the
posting's life, `postings.life`; whether its content has changed, `postings.changes`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from postings import changes, identity, urls
from postings import life as lives
from postings.changes import Change
from postings.events import EventType, Evidence
from postings.identity import Link, Moved, New, Recycled, Same, SecondAddress
from postings.keys import Keys
from postings.keys import keys as keys_of
from postings.life import Missing, State
from postings.posting import Posting
from postings.sightings import PageRead, Seen, Sighting, Unchanged
from postings.sites import Site
from storage import gathering, raws
from storage.entries import Content, Entries
from storage.gathering import Candidates, Stored

#: openings of one visit that do not wait for its verdict: this many, or this share of the open postings
_FLOOD = 5
_FLOOD_SHARE = 0.2


@dataclass(slots=True, kw_only=True)
class OpenVisit:
    """A running visit, and what waits for its end. Lost with the process: the next visit reads it again."""

    id: str
    site: Site
    fence: int
    baseline: bool
    started_at: datetime
    #: open postings of the site before the visit
    open_before: int
    #: when the visit before began; None for the first
    visited_before_at: datetime | None = None
    #: sightings whose identity or opening waits for the end
    held: list[Sighting] = field(default_factory=list)
    #: known postings whose content differs, by id: whether that is a site-wide rewrite shows at the end
    changed: dict[str, Sighting] = field(default_factory=dict)
    #: known postings confirmed at another address than their own, by id: it counts if their own did not answer
    elsewhere: dict[str, PageRead] = field(default_factory=dict)
    #: postings opened so far
    new: int = 0
    #: pages read or confirmed
    reread: int = 0
    #: reopenings that show an earlier closing to have been our error
    premature: int = 0
    counts: Counter[EventType] = field(default_factory=Counter)

    def absorb(self, recording: Recording) -> None:
        """What a committed batch leaves for the rest of the visit."""
        self.held = recording.held
        self.changed = recording.changed
        self.elsewhere = recording.elsewhere
        self.new += recording.new
        self.reread += recording.reread
        self.premature += recording.premature
        self.counts.update(recording.entries.counts)


class Recording:
    """Takes sightings inside one transaction."""

    def __init__(self, conn: Connection, entries: Entries, visit: OpenVisit, *, ignore_expiry: bool) -> None:
        """`ignore_expiry`: the site's validThrough says nothing (C.5)."""
        self._conn = conn
        self.entries = entries
        self._visit = visit
        self._ignore_expiry = ignore_expiry
        self._candidates = Candidates()
        self._vanished: frozenset[str] = frozenset()
        self.held = list(visit.held)
        self.changed = dict(visit.changed)
        self.elsewhere = dict(visit.elsewhere)
        self.new = 0
        self.reread = 0
        self.premature = 0
        self.notes: list[str] = []
        #: opened in this transaction
        self._opened: list[str] = []
        self._recycled: list[tuple[Sighting, Keys, Recycled]] = []
        #: postings whose address was taken by another known one
        self._replaced: list[tuple[PageRead, str]] = []

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

    def finish(self, vanished: Collection[str], *, unchanged: int = 0) -> None:
        """What waited, now that it is known which open postings this visit did not see (`vanished`).

        `unchanged`: how many were not read because they are held to be as they were.
        """
        self._vanished = frozenset(vanished)
        held, self.held = _in_order(self.held), []
        self._resolve(held, final=True)
        self._take_other_addresses()
        self._rewrite(unchanged)
        recycled = {sighting.page.address for sighting, _, _ in self._recycled}
        for sighting in (*held, *self.changed.values()):
            if sighting.page.address not in recycled:
                self.entries.read_page(sighting.page)

    def call_moved(self) -> None:
        """The site moved: what is still new after identity was there before (C.5)."""
        self.entries.mark_baseline(self._opened)
        if self._opened:
            self.notes.append(f"the site moved: {len(self._opened)} postings could not be matched to known ones")

    def replace_recycled(self) -> None:
        """Addresses that now carry another posting: the old one closes, a new one opens (C.4)."""
        for sighting, keys, recycled in self._recycled:
            self._close_replaced(recycled.posting.id, sighting.page)
            self._open(sighting, keys, recycled.link)
            self.entries.read_page(sighting.page)
        for page, posting_id in self._replaced:
            self._close_replaced(posting_id, page)

    def _close_replaced(self, posting_id: str, page: PageRead) -> None:
        stored = self._stored(posting_id)
        if stored.open and stored.last_visit != self._visit.id:
            life = lives.replaced(stored.life, at=page.at)
            self.entries.close(stored, life, reason="replaced", evidence=_evidence(page, _REPLACED))

    # --- pages that are as they were

    def _confirm(self, unchanged: Sequence[Unchanged]) -> None:
        by_address = {one.page.address: one for one in unchanged}
        found = gathering.on_pages(self._conn, self._visit.site.id, by_address)
        closed = gathering.bodies(self._conn, {stored.id for _, stored in found if not stored.open})
        for address, known in found:
            stored = self.entries.current(closed.get(known.id, known))
            one = by_address[address]
            own = stored.page == address
            self._see(stored, one.page, own=own)
            if not own:
                first = self.elsewhere.get(stored.id, one.page)
                self.elsewhere[stored.id] = min(first, one.page, key=lambda page: page.address)
        for one in unchanged:
            self.entries.confirm_page(one.page)

    def _unlike_known(self, sightings: Sequence[Sighting]) -> list[Sighting]:
        """Marks the postings whose JobPosting is the known one to the byte; returns the other sightings."""
        hashes = {one.address: raws.digest(one.raw) for one in sightings if one.address is not None}
        known = gathering.identical(self._conn, self._visit.site.id, hashes)
        fresh = []
        for sighting in sightings:
            stored = known.get(sighting.address) if sighting.address is not None else None
            if stored is None or stored.page != sighting.page.address or stored.raw_hash != raws.digest(sighting.raw):
                fresh.append(sighting)
            else:
                self._see(self.entries.current(stored), sighting.page, own=True)
        return fresh

    # --- pages that are new or differ

    def _resolve(self, sightings: Sequence[Sighting], *, final: bool) -> list[Sighting]:
        """Decides what each sighting is, and acts on it. Returns those that wait."""
        if not sightings:
            return []
        keyed = [(sighting, keys_of(sighting)) for sighting in sightings]
        rows = {row for _, keys in keyed for row in keys.rows()}
        self._candidates = gathering.candidates(self._conn, self._visit.site.id, rows)
        prints = self._new_prints(keyed) if final else Counter()
        waiting = []
        for sighting, keys in keyed:
            decision = identity.resolve(
                sighting,
                keys,
                self._known(keys),
                self._visit.site.trust,
                final=final,
                only_with_print=prints[keys.print] == 1,
                now=self.entries.now,
            )
            if not self._apply(decision, sighting, keys, final=final):
                waiting.append(sighting)
        return waiting

    def _new_prints(self, keyed: Sequence[tuple[Sighting, Keys]]) -> Counter[str]:
        waiting = [(sighting, keys, self._known(keys)) for sighting, keys in keyed]
        return identity.new_prints(waiting, self._visit.site.trust, now=self.entries.now)

    def _known(self, keys: Keys) -> list[identity.KnownPosting]:
        known = []
        for posting_id in self._candidates.matching(keys.rows()):
            stored = self._stored(posting_id)
            known.append(
                gathering.known_posting(
                    stored,
                    self._candidates.keys_of(posting_id),
                    seen=stored.last_visit == self._visit.id,
                    vanished=posting_id in self._vanished or self._left_last_time(stored),
                )
            )
        return known

    def _left_last_time(self, stored: Stored) -> bool:
        """Whether the last visit was the first that did not see it."""
        life, before = stored.life, self._visit.visited_before_at
        if before is None or life.missing_how is Missing.UNLISTED or life.closed_reason == "unlisted":
            return False
        if stored.open:
            return life.missing_since is not None and life.missing_since >= before
        by_absence = life.closed_reason in ("gone", "absent")
        return by_absence and life.closed_recorded_at is not None and life.closed_recorded_at >= before

    def _apply(self, decision: identity.Decision, sighting: Sighting, keys: Keys, *, final: bool) -> bool:
        """Acts on what a sighting is. Returns False if it waits for the end of the visit."""
        match decision:
            case Moved(posting=known, replaces=former):
                if former is not None:
                    self._replaced.append((sighting.page, former.id))
                return self._meet(self._stored(known.id), sighting, keys)
            case Same(posting=known):
                return self._meet(self._stored(known.id), sighting, keys)
            case SecondAddress(posting=known):
                self._see(self._stored(known.id), sighting.page, own=False)
                self._learn_keys(known.id, keys)
                return True
            case New(link=link) if final or not self._must_wait(sighting):
                self._open(sighting, keys, link)
                return True
            case Recycled() if final:
                self._recycled.append((sighting, keys, decision))
                return True
            case _:
                self.held.append(sighting)
                return False

    def _must_wait(self, sighting: Sighting) -> bool:
        """Openings do not wait, floods do; and what is past on arrival alerts nobody, so it has time."""
        if lives.arrive(sighting.posting, at=sighting.page.at).life.state is State.CLOSED:
            return True
        limit = max(_FLOOD, _FLOOD_SHARE * self._visit.open_before)
        return not self._visit.baseline and self._visit.new + self.new >= limit

    def _open(self, sighting: Sighting, keys: Keys, link: Link | None) -> None:
        at = sighting.page.at
        arrival = lives.arrive(sighting.posting, at=at, ignore_expiry=self._ignore_expiry)
        past = arrival.life.state is State.CLOSED
        stored = self.entries.open(
            Content.of(sighting, sighting.posting),
            page=sighting.page.address,
            life=lives.arrive(sighting.posting, at=at, ignore_expiry=True).life,
            keys=keys.rows(),
            links=[{"id": link.to, "link": link.kind, "evidence": link.evidence}] if link else [],
            baseline=self._visit.baseline or past,
            evidence=_evidence(sighting.page, f"C.4 new, {link.kind} of {link.to}" if link else _NEW),
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
        self._candidates.stored[stored.id] = stored
        for row in keys.rows():
            self._candidates.add_key(stored.id, row)

    def _meet(self, stored: Stored, sighting: Sighting, keys: Keys) -> bool:
        """A known posting is seen where it is read from now on. Returns False if its content waits for the end."""
        self._learn_keys(stored.id, keys)
        posting = _same_url(stored.posting(), sighting.posting)
        differing = changes.compare(stored.posting(), posting)
        here = replace(stored, page=sighting.page.address)
        was_open = stored.open
        now_open = self._see(here, sighting.page, own=True, content=Content.of(sighting, posting), differing=differing)
        if not (was_open and now_open):
            return True
        if differing:
            self.changed[stored.id] = sighting
            return False
        self.entries.reread(self._stored(stored.id), raws.digest(sighting.raw))
        return True

    def _learn_keys(self, posting_id: str, keys: Keys) -> None:
        known = self._candidates.keys_of(posting_id)
        added = [row for row in keys.rows() if row not in known]
        self.entries.add_keys(posting_id, added)
        for row in added:
            self._candidates.add_key(posting_id, row)

    def _stored(self, posting_id: str) -> Stored:
        return self.entries.current(self._candidates.stored[posting_id])

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
                changes=_as_json(differing),
            )
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

    def _rewrite(self, unchanged: int) -> None:
        """Postings whose content differs, all of one visit together: only so a site-wide rewrite shows."""
        known = gathering.bodies(self._conn, self.changed)
        stored = {
            posting_id: self.entries.latest(posting_id) or self.entries.current(known[posting_id])
            for posting_id in self.changed
        }
        now = self.entries.now
        history = gathering.recent_changes(self._conn, self.changed, now - changes.RETURN_WITHIN)
        found = {
            posting_id: changes.compare(
                stored[posting_id].posting(),
                _same_url(stored[posting_id].posting(), sighting.posting),
                changes.earlier_values(history.get(posting_id, ()), now=now),
            )
            for posting_id, sighting in sorted(self.changed.items())
        }
        counts = Counter(change.name for differing in found.values() for change in differing)
        rewritten = changes.site_wide(counts, self._visit.reread + self.reread + unchanged)
        self.notes.extend(f"site-wide rewrite of {name}: {counts[name]} postings" for name in sorted(rewritten))
        for posting_id, sighting in sorted(self.changed.items()):
            differing = changes.marked(found[posting_id], rewritten)
            before = stored[posting_id]
            self.entries.rewrite(
                before,
                Content.of(sighting, _same_url(before.posting(), sighting.posting)),
                changes=_as_json(differing),
                significance=changes.significance(differing),
                baseline=self._visit.baseline,
                evidence=_evidence(sighting.page, "C.6 the record differs from the last reading"),
            )


_NEW = "C.4 no known posting has its address, its identifier or its content"
_REPLACED = "C.4 the address now carries another posting"


def _in_order(sightings: Iterable[Sighting]) -> list[Sighting]:
    """By address, so that the order in which pages arrive decides nothing (C.4)."""
    return sorted(sightings, key=lambda one: (one.address or "", one.page.address, one.raw))


def _same_url(before: Posting, after: Posting) -> Posting:
    """The same address with other tracking or another scheme is no change of the record."""
    if before.url and after.url and urls.key(before.url) == urls.key(after.url):
        return replace(after, url=before.url)
    return after


def _as_json(differing: Iterable[Change]) -> dict[str, dict[str, Any]]:
    return {change.name: {"before": change.before, "after": change.after} for change in differing}


def _evidence(page: PageRead, rule: str) -> Evidence:
    return Evidence(url=page.url, status=page.status, at=page.at, rule=rule)
