"""The postings whose content a visit found changed, written all together: only so a site-wide rewrite shows (C.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from postings import changes, urls
from postings.changes import Change
from postings.events import Evidence
from postings.posting import Posting
from postings.sightings import Sighting
from storage import gathering
from storage.entries import Content, Entries
from storage.open_visit import OpenVisit


class Rewriting:
    """Writes the changes of one visit."""

    def __init__(self, conn: Connection, entries: Entries, visit: OpenVisit, changed: Mapping[str, Sighting]) -> None:
        """`changed`: the sightings that differ, by the id of the posting."""
        self._conn = conn
        self._entries = entries
        self._visit = visit
        self._changed = changed
        #: fields that the site has rewritten everywhere in this visit
        self.rewritten: frozenset[str] = frozenset()

    def write(self, reread: int) -> list[str]:
        """Writes them, of `reread` postings that were read again. Returns notes for the visit."""
        known = gathering.bodies(self._conn, self._changed)
        stored = {
            posting_id: self._entries.latest(posting_id) or self._entries.current(known[posting_id])
            for posting_id in sorted(self._changed)
        }
        now = self._entries.now
        history = gathering.recent_changes(self._conn, self._changed, now - changes.RETURN_WITHIN)
        after = {
            posting_id: content_of(self._visit, before.posting(), self._changed[posting_id])
            for posting_id, before in stored.items()
        }
        found = {
            posting_id: changes.compare(
                before.posting(),
                after[posting_id].posting,
                changes.earlier_values(history.get(posting_id, ()), now=now),
            )
            for posting_id, before in stored.items()
        }
        counts = Counter(change.name for differing in found.values() for change in differing)
        self.rewritten = changes.site_wide(counts, reread)
        health = self._visit.site.health
        quiet = self.rewritten | changes.still_site_wide(health.rewritten_at, now=now)
        for posting_id, before in stored.items():
            differing = changes.marked(found[posting_id], quiet)
            if health.sliding.recognised:
                differing = changes.muted(differing, {"valid_through"})
            sighting = self._changed[posting_id]
            self._entries.rewrite(
                before,
                after[posting_id],
                changes=as_json(differing),
                significance=changes.significance(differing),
                baseline=self._visit.baseline,
                evidence=Evidence(url=sighting.page.url, status=sighting.page.status, at=sighting.page.at, rule=_RULE),
            )
        return [f"site-wide rewrite of {name}: {counts[name]} postings" for name in sorted(self.rewritten)]


def content_of(visit: OpenVisit, before: Posting, sighting: Sighting) -> Content:
    """What a sighting says of a posting that is known: the same address with other tracking or another scheme is no
    change of the record, and a date that slides is no date."""
    after = visit.believed(sighting.posting)
    if before.url and after.url and urls.key(before.url) == urls.key(after.url):
        after = replace(after, url=before.url)
    return Content.of(sighting, after)


def as_json(differing: Iterable[Change]) -> dict[str, dict[str, Any]]:
    """Changes as their event holds them."""
    return {change.name: {"before": change.before, "after": change.after} for change in differing}


_RULE = "C.6 the record differs from the last reading"
