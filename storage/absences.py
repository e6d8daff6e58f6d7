"""What the end of a visit says of the postings that it did not see, and of those whose time is over.

The ledger gathers it inside the concluding transaction, has the visit judged by it, and only then believes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from postings import falling
from postings import life as lives
from postings.digests import gone_digest, may_be_among
from postings.events import Evidence
from postings.falling import Falls
from postings.life import Missing
from postings.sites import Health, SourceKind
from postings.verdicts import credible_looks, steady_after
from postings.visits import Absence, Count, Look, Settled, VisitReport
from storage import gathering, open_postings
from storage.entries import Entries
from storage.fallen import is_window
from storage.gathering import Stored
from storage.open_visit import OpenVisit
from storage.tables import pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What this visit says of one open posting that it did not see."""

    missing: Missing
    url: str | None
    status: int | None
    at: datetime
    detail: str


class Absences:
    """The open postings of a site against the report of a visit."""

    def __init__(self, conn: Connection, visit: OpenVisit, report: VisitReport, now: datetime) -> None:
        """Gathers the postings that the report may say something of, as they stood before what waited for its end.

        Of those that were plainly seen little is read: they are nearly all, and nothing becomes of most.
        """
        self._conn = conn
        self._visit = visit
        self._report = report
        self._looks: Mapping[str, Look] = {look.address: look for look in credible_looks(report)}
        self._stand = open_postings.stand(conn, visit.site.id, visit.id, now)
        known = self._stand.in_question
        self._open = {posting_id: known[posting_id] for posting_id in sorted(known) if known[posting_id].open}
        unseen = [stored for stored in self._open.values() if stored.last_visit != visit.id]
        # what waited was read, and is remembered only afterwards
        self._waited = frozenset(sighting.page.address for sighting in (*visit.held, *visit.changed.values()))
        self._read = self._waited | _read_pages(conn, visit, {stored.page for stored in unseen})
        #: open postings that are missing from this visit on, as far as it is believed
        self.missed: list[lives.Life] = []
        self._signals = {stored.id: signal for stored in unseen if (signal := self._signal(stored)) is not None}

    def vanished(self) -> frozenset[str]:
        """Ids of the open postings that this visit did not see although it looked."""
        return frozenset(self._signals)

    def unlisted(self) -> frozenset[str]:
        """Ids of the open postings that this visit saw and that a whole list lacks."""
        seen = self._unlisted()
        if self._report.listing.whole and self._report.listing.addresses:
            seen += [
                posting_id
                for posting_id, stored in self._open.items()
                if stored.last_visit == self._visit.id and stored.page not in self._report.listing.addresses
            ]
        return frozenset(seen)

    def ignores_valid_through(self, held_past: int, now: datetime) -> bool:
        """Whether most of what the site lists is past its validThrough. `held_past`: such sightings that wait."""
        if not self._report.listing.whole:
            return self._visit.site.health.ignores_valid_through
        until = [lives.valid_until(end) for end in self._stand.ends]
        past = sum(1 for at in until if at is not None and at <= now)
        return lives.site_ignores_valid_through(past + held_past, len(until) + held_past)

    def count(self, entries: Entries, *, listed: int, new: int, now: datetime) -> Count:
        """How the site stands, before any absence is believed. `listed`: seen on the list alone."""
        gone = [
            stored.id
            for stored in map(entries.current, self._open.values())
            if stored.id in self._signals and stored.last_visit != self._visit.id and not _past(stored, now)
        ]
        return Count(
            open_before=self._visit.open_before,
            seen=self._visit.reread + listed,
            unexplained_gone=len(gone),
            new=new,
            gone_digest=gone_digest(gone),
        )

    def believe(
        self, entries: Entries, health: Health, *, dated: bool, now: datetime, settled: Settled | None = None
    ) -> Falls:
        """Applies the absences of a visit that is believed: postings go missing, or close (C.5). Gives what those that
        the list lacks now say of it.

        Where the site's `validThrough` counts (`dated`), what had passed it before it was first missed is left to
        `expire`. `settled` is what was doubted before.
        """
        listing = self._report.listing
        closing: list[tuple[Stored, lives.Step, Evidence]] = []
        standing = self._standing(entries, self._unlisted())
        listed_at_others = self._listed_at_others(standing, entries)
        falls = self._falls(standing, health.falls, now)
        for stored in standing:
            listed = stored.page in listing.addresses or stored.id in listed_at_others
            seen = stored.last_visit == self._visit.id
            says_nothing = not seen and self._says_nothing(stored)
            if seen or says_nothing:
                signal = self._listed(stored, listed=listed, seen=seen)
            else:
                signal = self._signals.get(stored.id)
            if signal is None or not stored.open or (dated and lives.expired_first(stored.life, now=now)):
                continue
            if falls.window and signal.missing is Missing.UNLISTED and not listed and stored.life.missing_since:
                continue
            agreed = says_nothing and settled is not None and self._was_empty_for_long(settled, stored)
            doubted = settled is not None and not seen and may_be_among(stored.id, settled.gone_digest)
            before = settled if agreed or doubted else None
            step = lives.miss(
                lives.missed_before(stored.life, signal.missing, since=min(before.since, signal.at))
                if before
                else stored.life,
                signal.missing,
                at=signal.at,
                listed=signal.missing is not Missing.ABSENT and listed,
                list_whole=listing.whole,
                list_empty=not listing.addresses and before is None,
                settled=_settled_by(before, agreed=agreed),
                doubtful=falls.doubtful,
                patience=health.patience,
            )
            if step.event == "closed":
                evidence = Evidence(url=signal.url, status=signal.status, at=signal.at, rule=_rule(step, signal))
                closing.append((stored, step, evidence))
            elif step.life != stored.life:
                entries.keep(replace(stored, life=step.life))
                if stored.life.missing_since is None:
                    self.missed.append(step.life)
        close_all(entries, closing)
        lacking = _lacking(map(entries.current, standing))
        return replace(falls, together_at=falling.together(falls, _since(lacking), of=self._visit.open_before))

    def doubt_pages(self) -> None:
        """After a visit that is not believed: what was read and lacks a posting is read in full again, though it does
        not change, for the posting is not missing yet."""
        lacking = {
            stored.page
            for posting_id, stored in self._open.items()
            if posting_id in self._signals and stored.page in self._read and stored.page not in self._looks
        }
        for chunk in gathering.chunks(lacking):
            self._conn.execute(
                update(pages)
                .where(pages.c.site_id == self._visit.site.id, pages.c.address.in_(chunk))
                .values(etag=None, last_modified=None, body_hash=None)
            )

    def relist(self, entries: Entries) -> int:
        """Opens again what had closed as unlisted, and is on the list now. Returns how many closings were premature."""
        premature = 0
        listed = self._report.listing.addresses
        # one that came back at another address has waited for the end of the visit
        known = {**self._stand.in_question, **{stored.id: stored for stored in entries.touched()}}
        closed = [one for one in known.values() if not one.open and one.life.closed_reason == "unlisted"]
        listed_at_others = self._listed_at_others(closed, entries)
        read = self._waited | _read_pages(self._conn, self._visit, {one.page for one in closed})
        for stored in map(entries.current, sorted(closed, key=lambda one: one.id)):
            if stored.open or (stored.page not in listed and stored.id not in listed_at_others):
                continue
            if stored.page in read and stored.last_visit != self._visit.id:
                # its page shows others
                continue
            step = lives.see(
                stored.life, stored.life.valid_through, at=self._report.ended_at, changed=False, listed=True
            )
            if step.event == "reopened":
                evidence = Evidence(url=None, status=None, at=self._report.ended_at, rule=step.rule)
                entries.reopen(stored, step.life, reason=step.reason or "seen", evidence=evidence)
                premature += step.premature
        return premature

    def expire(self, entries: Entries, now: datetime) -> None:
        """Closes what is past its validThrough: the pages were asked in this visit, whatever they answered."""
        closing = []
        for stored in self._standing(entries):
            step = lives.expire(stored.life, now=now) if stored.open else None
            if step is not None:
                evidence = Evidence(url=None, status=None, at=now, rule=step.rule)
                closing.append((stored, step, evidence))
        close_all(entries, closing)

    def give_up(self, entries: Entries, since: datetime, start_url: str) -> int:
        """Closes everything: the site is gone since the visit at `since`. Returns how many postings."""
        report = self._report
        closing = []
        for stored in map(entries.current, open_postings.all_open(self._conn, self._visit.site.id)):
            if step := lives.site_gone(stored.life, since=since, at=report.ended_at):
                evidence = Evidence(
                    url=start_url,
                    status=report.start_status,
                    at=report.ended_at,
                    rule=f"{step.rule} ({report.problems[0]})" if report.problems else step.rule,
                )
                closing.append((stored, step, evidence))
        close_all(entries, closing)
        return len(closing)

    def _standing(self, entries: Entries, more: Collection[str] = ()) -> list[Stored]:
        """As this transaction has left them: what is in question, what it has touched of the rest, and `more` of
        that."""
        touched = {posting_id for posting_id in self._stand.plain if entries.touches(posting_id)}
        rest = gathering.lives(self._conn, (touched | set(more)) - self._open.keys())
        return [entries.current(stored) for _, stored in sorted((self._open | rest).items())]

    def _unlisted(self) -> list[str]:
        """Ids of the postings that were plainly seen, and that the list lacks."""
        listing = self._report.listing
        if not listing.whole or not listing.addresses:
            return []
        return [posting_id for posting_id, page in self._stand.plain.items() if page not in listing.addresses]

    def _signal(self, stored: Stored) -> Signal | None:
        """None where the visit says nothing of the posting."""
        report, look = self._report, self._looks.get(stored.page)
        if look is not None:
            if look.absence is Absence.UNKNOWN:
                return None
            return Signal(
                missing=Missing(look.absence), url=look.url, status=look.status, at=look.at, detail=look.detail
            )
        if stored.page in self._read:
            # its page was read in this visit and shows other postings, not this one
            return Signal(missing=Missing.ABSENT, url=None, status=None, at=report.ended_at, detail="")
        return None

    def _says_nothing(self, stored: Stored) -> bool:
        """Whether the page of an open posting was asked in vain, and has not said before that the posting is gone: then
        only the list speaks."""
        look = self._looks.get(stored.page)
        silent = look is not None and look.absence is Absence.UNKNOWN
        return silent and stored.life.missing_how in (None, Missing.UNLISTED)

    def _falls(self, standing: Iterable[Stored], before: Falls, now: datetime) -> Falls:
        """What those that the list lacks, and whose pages answer, say of it."""
        fallen = _lacking(standing)
        together_at = falling.together(before, _since(fallen), of=self._visit.open_before)
        listed = len(self._report.listing.addresses)
        window = is_window(self._conn, self._visit, fallen, listed=listed, together_at=together_at, now=now)
        return Falls(together_at=together_at, window=window)

    def _listed_at_others(self, standing: Iterable[Stored], entries: Entries) -> frozenset[str]:
        """Ids of the postings that the list names at another address than that of their page: a site may list new
        addresses in each visit, while the old ones answer. Those that this visit found are not written yet."""
        addresses = self._report.listing.addresses
        if not addresses:
            return frozenset()
        lacking = [stored.id for stored in standing if stored.page not in addresses]
        return gathering.known_at(self._conn, self._visit.site.id, lacking, addresses, entries.added_keys())

    def _was_empty_for_long(self, settled: Settled, stored: Stored) -> bool:
        """Whether the page that carried the posting, and is its list, has shown none in all visits of a week."""
        report = self._report
        is_page = report.source is not None and report.source.kind is SourceKind.PAGE
        lasted = stored.life.last_seen <= settled.since and report.ended_at - settled.since >= steady_after(report)
        return is_page and report.listing.whole and not report.listing.addresses and lasted

    def _listed(self, stored: Stored, *, listed: bool, seen: bool) -> Signal | None:
        """Of a posting whose own page shows it (`seen`), or says nothing: that the list lacks it, or has it again. None
        if neither is new. Against a page that shows it, a list that names nothing at all says nothing."""
        listing = self._report.listing
        if not listing.whole or (seen and not listing.addresses):
            return None
        if listed and stored.life.missing_how is None:
            return None
        return Signal(missing=Missing.UNLISTED, url=None, status=None, at=self._report.ended_at, detail="")


def _settled_by(before: Settled | None, *, agreed: bool) -> str | None:
    if before is None:
        return None
    if before.by_person:
        return "a person accepted it"
    return "all visits of a week found none there" if agreed else None


def _lacking(standing: Iterable[Stored]) -> dict[str, lives.Life]:
    """Of these, the open ones that the list lacks and whose pages do not say that they are gone, by id."""
    return {one.id: one.life for one in standing if one.open and one.life.missing_how is Missing.UNLISTED}


def _since(fallen: Mapping[str, lives.Life]) -> list[datetime]:
    return [life.missing_since for life in fallen.values() if life.missing_since is not None]


def close_all(entries: Entries, closing: Iterable[tuple[Stored, lives.Step, Evidence]]) -> None:
    """Closes postings, in the order of their ids."""
    for stored, step, evidence in sorted(closing, key=lambda one: one[0].id):
        entries.close(entries.current(stored), step.life, reason=step.reason or "", evidence=evidence)


def _read_pages(conn: Connection, visit: OpenVisit, addresses: Collection[str]) -> frozenset[str]:
    """Of these pages, the ones that were read in this visit."""
    found: set[str] = set()
    for chunk in gathering.chunks(addresses):
        found.update(
            conn.scalars(
                select(pages.c.address).where(
                    pages.c.site_id == visit.site.id,
                    pages.c.address.in_(chunk),
                    pages.c.last_read_at >= visit.started_at,
                )
            )
        )
    return frozenset(found)


def _past(stored: Stored, now: datetime) -> bool:
    return lives.expire(stored.life, now=now) is not None


def _rule(step: lives.Step, signal: Signal) -> str:
    return f"{step.rule} ({signal.detail})" if signal.detail else step.rule
