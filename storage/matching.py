"""Which known posting each sighting of a batch is: gathers what shares a key with it, and asks `postings.identity`.

What a decision means for rows and events is the business of `storage.recording`, which asks here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection

from postings import elsewhere, identity
from postings.decisions import Decision, KnownPosting
from postings.elsewhere import Other
from postings.keys import KeyRow, Keys
from postings.keys import keys as keys_of
from postings.life import Missing
from postings.posting import Posting
from postings.sightings import Sighting
from storage import candidates
from storage.candidates import OWN, Candidates
from storage.entries import Entries
from storage.gathering import Stored
from storage.open_visit import OpenVisit


class Matching:
    """The known postings that a batch may be, kept true while the batch is written."""

    def __init__(self, conn: Connection, entries: Entries, visit: OpenVisit, changed: Mapping[str, Sighting]) -> None:
        """`changed`: sightings of this visit with other content, by id of the posting; it grows meanwhile."""
        self._conn = conn
        self._entries = entries
        self._visit = visit
        self._trust = visit.site.believed
        self._changed = changed
        self._candidates = Candidates()
        self._vanished: frozenset[str] = frozenset()
        self._unlisted: frozenset[str] = frozenset()
        #: most of the site is gone, and as much is new
        self.moving = False
        self._prints: Counter[str] = Counter()
        #: by id and content: many sightings may have one candidate
        self._postings: dict[tuple[str, int], Posting] = {}
        #: the sightings of the batch, each with what it is known by
        self.keyed: list[tuple[Sighting, Keys]] = []
        #: postings of other sites that share a key with a sighting that may be new
        self.others: list[Other] = []

    def gather(
        self, sightings: Sequence[Sighting], *, vanished: frozenset[str], unlisted: frozenset[str], final: bool
    ) -> None:
        """Reads what may be one of these. `vanished`: open postings that the visit did not see, `unlisted`: those that
        it saw and that the list lacks; both are known at its end."""
        self._vanished, self._unlisted = vanished, unlisted
        self.keyed = [(sighting, keys_of(sighting)) for sighting in sightings]
        if not self.keyed:
            return
        site_id = self._visit.site.id
        rows = {row for sighting, keys in self.keyed for row in self._asked(sighting, keys)}
        shared = {sighting.page.address for sighting in sightings if sighting.address is None}
        self._candidates = candidates.candidates(self._conn, site_id, self._visit.id, rows, shared)
        self.others = candidates.on_other_sites(self._conn, site_id, self._rows_of_new())
        self._prints = self._new_prints() if final else Counter()

    def decide(self, sighting: Sighting, keys: Keys, *, final: bool) -> Decision:
        """Which posting it is, as things stand; `final` at the end of the visit."""
        return identity.resolve(
            sighting,
            keys,
            self._known(sighting, keys),
            self._trust,
            final=final,
            only_with_print=self._prints[keys.print] == 1 and ("print", keys.print) not in self._candidates.crowded,
            moving=self.moving,
            now=self._entries.now,
        )

    def stored(self, posting_id: str) -> Stored:
        """A candidate as this transaction has left it."""
        return self._entries.current(self._candidates.stored[posting_id])

    def add(self, stored: Stored, keys: Keys) -> None:
        """A posting that was opened just now: the next sighting may be it."""
        self._candidates.stored[stored.id] = stored
        for row in keys.rows:
            self._candidates.add_key(stored.id, row)

    def learn(self, posting_id: str, keys: Keys) -> None:
        """A candidate is known by these keys, too, from now on."""
        known = self._candidates.keys_of(posting_id)
        added = [row for row in keys.rows if row not in known]
        self._entries.add_keys(posting_id, added)
        for row in added:
            self._candidates.add_key(posting_id, row)

    def _rows_of_new(self) -> set[KeyRow]:
        """What other sites are asked of the sightings whose address is not known: these may be new."""
        known = self._candidates
        fresh = [keys for _, keys in self.keyed if not any(known.matching([row]) for row in keys.rows if row[0] in OWN)]
        return {row for keys in fresh for row in elsewhere.rows(keys)}

    def _new_prints(self) -> Counter[str]:
        waiting = ((sighting, keys, self._known(sighting, keys)) for sighting, keys in self.keyed)
        return identity.new_prints(waiting, self._trust, now=self._entries.now)

    def _asked(self, sighting: Sighting, keys: Keys) -> Collection[KeyRow]:
        return identity.asked(keys, self._trust, sighting.page.redirected_from)

    def _known(self, sighting: Sighting, keys: Keys) -> list[KnownPosting]:
        ids = self._candidates.matching(self._asked(sighting, keys))
        if sighting.address is None:
            ids = sorted({*ids, *self._candidates.left_on(sighting.page.address)})
        known = []
        for posting_id in ids:
            stored = self.stored(posting_id)
            known.append(
                candidates.known_posting(
                    stored,
                    self._candidates.keys_of(posting_id),
                    posting=self._as_seen(stored),
                    seen=stored.last_visit == self._visit.id,
                    vanished=posting_id in self._vanished or self._left_last_time(stored),
                    unlisted=posting_id in self._unlisted,
                )
            )
        return known

    def _as_seen(self, stored: Stored) -> Posting:
        """What it says in this visit, where it was seen with other content, which is written at the end."""
        sighting = self._changed.get(stored.id)
        if sighting is not None:
            return sighting.posting
        content = stored.id, stored.content
        if content not in self._postings:
            self._postings[content] = stored.posting()
        return self._postings[content]

    def _left_last_time(self, stored: Stored) -> bool:
        """Whether the last visit was the first that did not see it."""
        life, before = stored.life, self._visit.visited_before_at
        if before is None or life.missing_how is Missing.UNLISTED or life.closed_reason == "unlisted":
            return False
        if stored.open:
            return life.missing_since is not None and life.missing_since >= before
        by_absence = life.closed_reason in ("gone", "absent")
        return by_absence and life.closed_recorded_at is not None and life.closed_recorded_at >= before
