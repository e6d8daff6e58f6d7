"""The rows and events of one ledger transaction: gathered in memory, numbered, written at once.

Only the ledger makes them. Nothing here decides anything.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from postings import life as lives
from postings import record as records
from postings.decisions import Link
from postings.events import EventType, Evidence, Significance
from postings.keys import KeyRow
from postings.life import Life
from postings.posting import Posting
from postings.query.subject import looked_at
from postings.sightings import PageRead, Sighting
from storage import bulk, days, raws
from storage.contents import standing_json
from storage.gathering import LIFE_COLUMNS, Stored
from storage.tables import contents, events, folded_postings, installation, pages, posting_keys, postings, raw_postings
from storage.upserts import insert_missing, insert_or_replace

_COUNTER = select(installation.c.instance, installation.c.last_event).where(installation.c.id == 1).with_for_update()
_ADD_CONTENTS, _ADD_POSTINGS, _ADD_EVENTS = contents.insert(), postings.insert(), events.insert()
_CHANGING: dict[str, Any] = {
    column.name: bindparam(column.name) for column in LIFE_COLUMNS if column is not postings.c.id
}
_UPDATE_NONE = update(postings).where(postings.c.id == bindparam("_id"))
_UPDATE = _UPDATE_NONE.values(_CHANGING)
#: SQLite writes an index anew for each column that is named, whether it changes or not
_SEE = _UPDATE_NONE.values(
    last_seen=bindparam("last_seen"), last_visit=bindparam("last_visit"), last_read=bindparam("last_read")
)
_CONFIRM = (
    update(pages)
    .where(pages.c.site_id == bindparam("_site_id"), pages.c.address == bindparam("_address"))
    .values(last_read_at=bindparam("last_read_at"), lastmod=bindparam("lastmod"), via=bindparam("via"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a posting's row holds of its last reading."""

    posting: Posting
    raw: str
    raw_hash: str

    @classmethod
    def of(cls, sighting: Sighting, posting: Posting) -> Content:
        """What a sighting says, with `posting` as its normalised form."""
        return cls(posting=posting, raw=sighting.raw, raw_hash=raws.digest(sighting.raw))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A posting that was not known."""

    content: Content
    #: address key of the page that shows it
    page: str
    life: Life
    #: what it is known by
    keys: Sequence[KeyRow]
    #: to known postings that may be the same job
    links: Sequence[Link]


class Entries:
    """What one transaction adds. `write` puts it into the database; before that nothing is there."""

    def __init__(self, conn: Connection, *, site_id: int, site: str, visit_id: str | None, now: datetime) -> None:
        """Locks the event counter: numbers have no gaps, and become visible in their order."""
        self._conn = conn
        self._site_id = site_id
        self._site = site
        self._visit_id = visit_id
        self.now = now
        row = conn.execute(_COUNTER).one()
        self._instance: str = row.instance
        self.last_event: int = row.last_event
        self._current: dict[str, Stored] = {}
        self._inserts: dict[str, dict[str, Any]] = {}
        self._updates: dict[str, dict[str, Any]] = {}
        #: what postings say anew, by their ids
        self._said: dict[str, Mapping[str, Any]] = {}
        self._contents: list[dict[str, Any]] = []
        #: postings of which nothing moves but when they were seen
        self._seen: dict[str, dict[str, Any]] = {}
        self._keys: list[dict[str, Any]] = []
        #: by hash
        self._raws: dict[str, dict[str, Any]] = {}
        self._pages: dict[str, dict[str, Any]] = {}
        self._confirmed: dict[str, dict[str, Any]] = {}
        self._events: list[dict[str, Any]] = []
        #: events of this transaction by type
        self.counts: Counter[EventType] = Counter()

    def current(self, stored: Stored) -> Stored:
        """The posting as this transaction leaves it so far; with a body if either has one."""
        latest = self._current.get(stored.id, stored)
        return replace(latest, body=stored.body) if latest.body is None else latest

    def latest(self, posting_id: str) -> Stored | None:
        """The posting as this transaction has made it; None if it has not touched it, or not its body."""
        stored = self._current.get(posting_id)
        return stored if stored is not None and stored.body is not None else None

    def touched(self) -> list[Stored]:
        """The postings that this transaction has met, as it has left them."""
        return list(self._current.values())

    def touches(self, posting_id: str) -> bool:
        """Whether this transaction has something to write of a posting."""
        return posting_id in self._current

    def open(
        self,
        arrival: Arrival,
        *,
        baseline: bool,
        reason: str | None = None,
        unseen_at: datetime | None = None,
        evidence: Evidence,
    ) -> Stored:
        """A new posting and its `opened` event; `reason` is "correction" where it was merged with another by mistake.

        `unseen_at`: it was not there yet then.
        """
        posting_id = self._next_id()
        stored = Stored(
            id=posting_id,
            page=arrival.page,
            life=arrival.life,
            last_visit=self._visit_id or "",
            last_read=arrival.life.last_seen,
            links=tuple({"id": one.to, "link": one.kind, "evidence": one.evidence} for one in arrival.links),
            **self._tell(posting_id, arrival.content),
        )
        self._inserts[posting_id] = {"id": posting_id, "site_id": self._site_id, **_columns(stored)}
        self._current[posting_id] = stored
        self.add_keys(posting_id, arrival.keys)
        known = None if baseline else unseen_at
        self._event(EventType.OPENED, stored, baseline=baseline, evidence=evidence, reason=reason, unseen_at=known)
        return stored

    def rewrite(
        self,
        stored: Stored,
        content: Content,
        *,
        changes: Mapping[str, Mapping[str, Any]],
        significance: Significance,
        baseline: bool,
        evidence: Evidence,
    ) -> Stored:
        """A new reading of a known posting; a `changed` event if anything of its record differs."""
        if not changes:
            return self.reread(stored, content.raw_hash)
        life = replace(stored.life, valid_through=lives.valid_until(content.posting.valid_through))
        after = replace(stored, life=life, **self._tell(stored.id, content))
        self.keep(after)
        self._event(
            EventType.CHANGED,
            after,
            baseline=baseline,
            evidence=evidence,
            changes=changes,
            significance=significance,
        )
        return after

    def reread(self, stored: Stored, raw_hash: str) -> Stored:
        """Another JobPosting that says the same: nothing of the record differs."""
        after = replace(stored, raw_hash=raw_hash)
        self.keep(after)
        return after

    def close(self, stored: Stored, life: Life, *, reason: str, evidence: Evidence, baseline: bool = False) -> Stored:
        """A posting that has closed, and its event."""
        after = replace(stored, life=life)
        self.keep(after)
        self._event(EventType.CLOSED, after, baseline=baseline, evidence=evidence, reason=reason)
        return after

    def reopen(
        self,
        stored: Stored,
        life: Life,
        *,
        reason: str,
        evidence: Evidence,
        content: Content | None = None,
        changes: Mapping[str, Mapping[str, Any]] | None = None,
        unseen_at: datetime | None = None,
    ) -> Stored:
        """A closed posting that is open again, and its event, with its new content if that differs.

        `unseen_at`: it was not there then.
        """
        after = replace(stored, life=life)
        if content is not None:
            after = replace(after, **self._tell(stored.id, content))
        self.keep(after)
        self._event(EventType.REOPENED, after, evidence=evidence, reason=reason, changes=changes, unseen_at=unseen_at)
        return after

    def keep(self, stored: Stored) -> None:
        """The row as it now stands."""
        self._current[stored.id] = stored
        if stored.id in self._inserts:
            self._inserts[stored.id].update(_columns(stored))
            return
        self._seen.pop(stored.id, None)
        self._updates[stored.id] = {"_id": stored.id, **_columns(stored)}

    def see(self, stored: Stored) -> None:
        """The row as it now stands, where nothing moves but when it was seen."""
        if stored.id in self._inserts or stored.id in self._updates:
            self.keep(stored)
            return
        self._current[stored.id] = stored
        self._seen[stored.id] = {
            "_id": stored.id,
            "last_seen": stored.life.last_seen,
            "last_visit": stored.last_visit,
            "last_read": stored.last_read,
        }

    def add_keys(self, posting_id: str, keys: Iterable[KeyRow]) -> None:
        """What a posting is known by from now on."""
        self._keys.extend(
            {
                "site_id": self._site_id,
                "kind": kind,
                "value": value,
                "posting_id": posting_id,
                "since": self.last_event,
            }
            for kind, value in keys
        )

    def added_keys(self) -> list[tuple[KeyRow, str, int]]:
        """What postings are known by since this transaction: the key, the posting's id, and the number of the event
        before."""
        return [((row["kind"], row["value"]), row["posting_id"], row["since"]) for row in self._keys]

    def read_page(self, page: PageRead) -> None:
        """A page whose postings are all recorded: what the next conditional request needs."""
        self._pages[page.address] = {
            "site_id": self._site_id,
            "address": page.address,
            "url": page.url,
            "etag": page.etag,
            "last_modified": page.last_modified,
            "body_hash": page.body_hash,
            "lastmod": page.lastmod,
            "last_read_at": page.at,
            "via": page.via,
        }

    def confirm_page(self, page: PageRead) -> None:
        """A page that is as it was: only the time of the reading moves, and what led to it."""
        self._confirmed[page.address] = {
            "_site_id": self._site_id,
            "_address": page.address,
            "last_read_at": page.at,
            "lastmod": page.lastmod,
            "via": page.via,
        }

    def mark_baseline(self, posting_ids: Iterable[str]) -> None:
        """The `opened` events of these postings tell of what was there before (a site that moved)."""
        ids = set(posting_ids)
        for event in self._events:
            if event["type"] == EventType.OPENED and event["posting_id"] in ids:
                event |= {"baseline": True, "unseen_at": None}

    def write(self) -> None:
        """All rows and events, in the order that foreign keys ask for."""
        bulk.send(self._conn, _ADD_CONTENTS, self._contents)
        insert_missing(self._conn, raw_postings, [self._raws[digest] for digest in sorted(self._raws)])
        bulk.send(self._conn, _ADD_POSTINGS, list(self._inserts.values()))
        for statement, changed in ((_UPDATE, self._updates), (_SEE, self._seen)):
            bulk.send(self._conn, statement, [changed[posting_id] for posting_id in sorted(changed)])
        folded = [{"posting_id": posting_id, **looked_at(body)} for posting_id, body in sorted(self._said.items())]
        insert_or_replace(self._conn, folded_postings, folded)
        insert_missing(self._conn, posting_keys, self._keys)
        insert_or_replace(self._conn, pages, [self._pages[address] for address in sorted(self._pages)])
        bulk.send(self._conn, _CONFIRM, [self._confirmed[address] for address in sorted(self._confirmed)])
        bulk.send(self._conn, _ADD_EVENTS, self._events)
        if self._events:
            self._conn.execute(update(installation).values(last_event=self.last_event))
            days.add(self._conn, self._site_id, self.now, _day_of(self._events))

    def _tell(self, posting_id: str, content: Content) -> dict[str, Any]:
        """A content that the next event tells, as fields of `Stored`."""
        number, body = self.last_event + 1, records.body(content.posting)
        self._contents.append({"number": number, "body": body})
        self._said[posting_id] = body
        if content.raw_hash not in self._raws:
            packed = raws.pack(content.raw, body)
            self._raws[content.raw_hash] = {"hash": content.raw_hash, "packed_with": number, "content": packed}
        return {"content": number, "body": body, "raw_hash": content.raw_hash}

    def _event(
        self,
        kind: EventType,
        stored: Stored,
        *,
        evidence: Evidence,
        baseline: bool = False,
        reason: str | None = None,
        changes: Mapping[str, Mapping[str, Any]] | None = None,
        significance: Significance = Significance.MATERIAL,
        unseen_at: datetime | None = None,
    ) -> None:
        self.last_event += 1
        self.counts[kind] += 1
        self._events.append(
            {
                "number": self.last_event,
                "type": str(kind),
                "site_id": self._site_id,
                "visit_id": self._visit_id,
                "posting_id": stored.id,
                "at": self.now,
                "unseen_at": unseen_at,
                "content": stored.content,
                "standing": standing_json(self._standing(stored)),
                "baseline": baseline,
                "reason": reason,
                "changes": dict(changes or {}),
                "significance": str(significance),
                "evidence": {
                    "url": evidence.url,
                    "status": evidence.status,
                    "at": records.instant(evidence.at),
                    "rule": evidence.rule,
                },
                "raw_hash": stored.raw_hash if stored.raw_hash in self._raws else None,
            }
        )

    def _standing(self, stored: Stored) -> records.Standing:
        return records.Standing(
            id=stored.id,
            site=self._site,
            state=str(stored.life.state),
            first_seen=stored.life.first_seen,
            last_seen=stored.life.last_seen,
            closed_at=stored.life.closed_at,
            closed_reason=stored.life.closed_reason,
            duplicates=stored.links,
        )

    def _next_id(self) -> str:
        """Ids follow from the event that opens: the same visits of the same installation give the same ids."""
        digest = hashlib.blake2b(f"{self._instance}:{self.last_event + 1}".encode(), digest_size=10).digest()
        return "p_" + base64.b32encode(digest).decode().lower()


def _day_of(recorded: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """What these events of one site add to its day."""
    counts: Counter[str] = Counter()
    for event in recorded:
        if not event["baseline"]:
            counts[event["type"]] += 1
        if event["type"] == EventType.CLOSED:
            counts["growth"] -= 1
        elif event["type"] != EventType.CHANGED:
            counts["growth"] += 1
    return counts


def _columns(stored: Stored) -> dict[str, Any]:
    life = stored.life
    return {
        "content": stored.content,
        "raw_hash": stored.raw_hash,
        "page": stored.page,
        "state": str(life.state),
        "first_seen": life.first_seen,
        "last_seen": life.last_seen,
        "last_visit": stored.last_visit,
        "last_read": stored.last_read,
        "missing_since": life.missing_since,
        "missing_how": str(life.missing_how) if life.missing_how else None,
        "missing_looks": life.missing_looks,
        "closed_at": life.closed_at,
        "closed_reason": life.closed_reason,
        "closed_recorded_at": life.closed_recorded_at,
        "valid_until": lives.valid_until(life.valid_through),
        "links": [dict(link) for link in stored.links],
    }
