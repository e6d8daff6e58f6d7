"""One outlet's turn: look ahead, choose, send, settle, and again until nothing is left or a send fails."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy.engine import Engine

from delivery import duplicates, schedule
from delivery.attention import beside, is_told, left_out
from delivery.choice import Send, Wait, choose
from delivery.composing import compose
from delivery.log import SharedLog
from delivery.outlets import Delivered, Outlet, OutletGone, OutletUnavailable
from delivery.outlets.wishes import Wishes
from delivery.rhythm import last_slot
from delivery.selection import Selection
from delivery.wanted import Wanted
from postings.errors import ConfigurationError, DatabaseError, HirewatchError
from postings.events import EventType
from storage import deliveries, outlets, told
from storage.deliveries import Delivery, DeliveryStatus, Head

logger = logging.getLogger(__name__)

#: wanted events that are held in memory at a time: one after another, and for outlets that group by visit
_AHEAD, _AHEAD_BY_VISIT = 200, 100_000
#: characters of an error that are kept
_ERROR_LIMIT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What one round did for one outlet."""

    outlet: str
    #: events that the receiver accepted
    sent: int = 0
    #: events that were given up: refused for good, or failed at their last attempt
    parked: int = 0
    #: when the event that failed is tried again; None if nothing failed
    next_attempt_at: datetime | None = None
    #: what went wrong last, or why the outlet cannot be told at all
    error: str | None = None
    #: the receiver wanted no more, and is told nothing from now on
    disabled: bool = False
    #: another process or thread is telling this outlet
    busy: bool = False
    #: what is left waits for the end of a visit, to go out together
    held: bool = False
    #: what is left waits for this moment: the next digest, or the end of quiet hours
    held_until: datetime | None = None
    #: who of several behind the outlet did not get what it was told last, in words; None if all did
    left_out: str | None = None


class Round:
    """One outlet's turn, by the only sender that it has right now."""

    def __init__(
        self,
        engine: Engine,
        row: outlets.Outlet,
        receiver: Outlet,
        selection: Selection,
        wishes: Wishes,
        log: SharedLog,
        clock: Callable[[], datetime],
        rng: Random,
    ) -> None:
        self._engine = engine
        self._row = row
        self._receiver = receiver
        self._selection = selection
        self._wishes = wishes
        self._clock = clock
        self._rng = rng
        self._cursor = row.cursor
        self._released_at, self._released = row.released_at or row.created_at, row.released
        self._held_until = row.held_until
        #: shown until a message has reached everybody
        self._left_out = row.trouble if is_told(row.trouble) else None
        self._wanted = Wanted(engine, row, selection, log)
        self._sent = 0
        self._parked = 0
        limits = receiver.limits
        self._by_visit = limits.by_visit
        #: what goes out together is written down before it goes
        self._noted = limits.by_visit or (limits.most > 1 and not limits.each_alone)

    def run(self, stop: threading.Event) -> Settled:
        """Sends until nothing is left, a send fails, or `stop` is set. Raises DatabaseError."""
        most = self._receiver.limits.most
        upcoming: Sequence[Head] = ()
        scanned = self._cursor
        while not stop.is_set():
            if not upcoming:
                ahead = _AHEAD_BY_VISIT if self._by_visit else max(_AHEAD, most)
                upcoming, scanned = self._wanted.after(self._cursor, ahead)
            if not upcoming:
                self._advance(scanned)
                break
            self._release()
            choice = choose(
                upcoming,
                by_visit=self._by_visit,
                most=most,
                now=self._clock(),
                rhythm=self._wishes.rhythm,
                released=self._released,
            )
            if isinstance(choice, Wait):
                self._advance(upcoming[0].number - 1, choice.until)
                if choice.failed:
                    return self._settled(next_attempt_at=choice.until)
                return self._settled(held_until=choice.until, held=choice.until is None)
            chosen = {head.number for head in choice.heads}
            upcoming = [head for head in upcoming if head.number not in chosen]
            # nothing wanted lies between: the cursor passes the unwanted in the same transaction
            beyond = upcoming[0].number - 1 if upcoming else scanned
            if self._noted and choice.heads[0].delivery is None:
                begun = self._begin(choice.heads, beyond)
                if begun is None:
                    return self._settled()
                if not begun:
                    continue
                choice = Send(heads=begun)
            end = self._send(choice, beyond)
            if end is not None:
                return end
        return self._settled()

    def _release(self) -> None:
        """Notes up to where events may leave, once a slot has passed; each slot only once, or a late event would make
        a second digest of it."""
        slot = last_slot(self._wishes.rhythm, self._clock())
        if slot is not None and slot > self._released_at:
            self._released_at = slot
            self._released = max(self._released, deliveries.last_before(self._engine, slot))

    def _begin(self, heads: Sequence[Head], beyond: int) -> tuple[Head, ...] | None:
        """Writes down what goes out together, so that after a crash the same goes together again.

        Leaves out openings of which the receiver has heard under another posting; these are settled at once. None
        if somebody else has settled in between.
        """
        at = self._clock()
        once = self._receiver.limits.once_per_job and not self._wishes.every_posting
        quiet = self._find_quiet(heads) if once else {}
        rows = [
            _row(self._row.id, head, 1, at, DeliveryStatus.SENT, error=quiet[head.number])
            if head.number in quiet
            else _row(self._row.id, head, 0, at, DeliveryStatus.RETRY, next_attempt_at=at)
            for head in heads
        ]
        loud = tuple(head for head in heads if head.number not in quiet)
        return loud if self._settle(rows, self._cursor if loud else beyond) else None

    def _find_quiet(self, heads: Sequence[Head]) -> dict[int, str]:
        """Events that tell nothing new of a job, with the reason: it was told under another posting."""
        openings = [
            head.number for head in heads if head.type in (EventType.OPENED, EventType.REOPENED) and not head.baseline
        ]
        kin = told.kin(self._engine, openings)
        others = {link["id"] for one in kin for link in one.links}
        before = told.told(self._engine, self._row.id, sorted(others))
        quiet = duplicates.silent(kin, before, told.numbers(self._engine, openings))
        later = [head for head in heads if head.type in (EventType.CHANGED, EventType.CLOSED)]
        unheard = told.kept_quiet(self._engine, self._row.id, [head.posting_id for head in later])
        return quiet | {head.number: "told as another posting" for head in later if head.posting_id in unheard}

    def _send(self, choice: Send, beyond: int) -> Settled | None:
        """None if the round goes on, else how it ended."""
        heads, attempt, began = choice.heads, choice.attempt, self._clock()
        try:
            delivered = self._deliver(heads, attempt)
        except OutletGone as error:
            rows = [
                _row(
                    self._row.id, head, attempt, began, DeliveryStatus.RETRY,
                    next_attempt_at=self._clock(), error=self._said(error),
                )
                for head in heads
            ]  # fmt: skip
            settled = self._settle(rows, self._cursor, gone=self._said(error))
            return self._settled(error=trouble(error, self._row.name), disabled=settled)
        except OutletUnavailable as error:
            said = trouble(error, self._row.name)
            return self._put_off(choice, began, beyond, self._said(error), said, error.retry_after)
        except DatabaseError:
            raise
        except ConfigurationError as error:
            # a person has to change something first: no attempt is used up until then
            outlets.note_trouble(self._engine, self._row.id, trouble(error, self._row.name))
            return self._settled(error=trouble(error, self._row.name))
        except Exception as error:
            # a fault of ours: it costs this message its attempts, and no other outlet anything
            logger.error("delivery.broke outlet=%s number=%s error=%s", self._row.name, heads[0].number, place(error))
            return self._put_off(choice, began, beyond, place(error), place(error), None)
        refused = dict(delivered.refused)
        if delivered.sent:
            self._left_out = (left_out(delivered.left_out) or "")[:_ERROR_LIMIT] or None
        rows = [
            _row(self._row.id, head, attempt, began, DeliveryStatus.PARKED, error=refused[head.number][:_ERROR_LIMIT])
            if head.number in refused
            else _row(self._row.id, head, attempt, began, DeliveryStatus.SENT)
            for head in heads
        ]
        if not self._settle(rows, beyond):
            return self._settled()
        self._sent += len(delivered.sent)
        self._parked += len(refused)
        logger.info(
            "delivery.settled outlet=%s first=%s last=%s sent=%s parked=%s attempt=%s seconds=%s",
            self._row.name, heads[0].number, heads[-1].number, len(delivered.sent), len(refused), attempt,
            (self._clock() - began).total_seconds(),
        )  # fmt: skip
        if delivered.left_out:
            logger.warning("delivery.left-out outlet=%s readers=%s", self._row.name, len(delivered.left_out))
        return None

    def _deliver(self, heads: Sequence[Head], attempt: int) -> Delivered:
        batch = compose(
            self._engine,
            self._row,
            heads,
            by_visit=self._by_visit,
            arrived=frozenset(self._wanted.arrived),
            narrowed=bool(self._selection.queries),
        )
        delivered = self._receiver.deliver(replace(batch, attempt=attempt))
        told = {*delivered.sent, *dict(delivered.refused)}
        if told != set(batch.numbers):
            raise RuntimeError("an outlet has to say of every event what became of it")
        return delivered

    def _put_off(
        self, choice: Send, began: datetime, beyond: int, kept: str, shown: str, retry_after: timedelta | None
    ) -> Settled | None:
        again = schedule.next_attempt(choice.attempt, self._clock(), retry_after, self._rng)
        status = DeliveryStatus.PARKED if again is None else DeliveryStatus.RETRY
        rows = [
            _row(self._row.id, head, choice.attempt, began, status, next_attempt_at=again, error=kept)
            for head in choice.heads
        ]
        if not self._settle(rows, beyond if again is None else self._cursor):
            return self._settled()
        if again is None:
            self._parked += len(rows)
            logger.warning(
                "delivery.parked outlet=%s number=%s attempts=%s error=%s",
                self._row.name, choice.heads[0].number, choice.attempt, kept,
            )  # fmt: skip
            return None
        logger.info(
            "delivery.put-off outlet=%s number=%s attempt=%s again_at=%s error=%s",
            self._row.name, choice.heads[0].number, choice.attempt, again, kept,
        )  # fmt: skip
        return self._settled(next_attempt_at=again, error=shown)

    def _advance(self, beyond: int, held_until: datetime | None = None) -> None:
        if beyond > self._cursor or held_until != self._held_until:
            self._settle([], max(beyond, self._cursor), held_until=held_until)

    def _said(self, error: HirewatchError) -> str:
        return beside(error, self._row.name)[:_ERROR_LIMIT]

    def _settle(
        self,
        rows: Sequence[Delivery],
        cursor: int,
        *,
        gone: str | None = None,
        held_until: datetime | None = None,
    ) -> bool:
        counts = deliveries.settle(
            self._engine,
            self._row.id,
            seen=self._cursor,
            cursor=cursor,
            rows=rows,
            gone=gone,
            released=(self._released_at, self._released),
            held_until=held_until,
            trouble=self._left_out,
            now=self._clock(),
        )
        if counts:
            self._cursor, self._held_until = cursor, held_until
        else:
            logger.info("delivery.overtaken outlet=%s cursor=%s", self._row.name, self._cursor)
        return counts

    def _settled(
        self,
        *,
        next_attempt_at: datetime | None = None,
        error: str | None = None,
        disabled: bool = False,
        held: bool = False,
        held_until: datetime | None = None,
    ) -> Settled:
        return Settled(
            outlet=self._row.name,
            sent=self._sent,
            parked=self._parked,
            next_attempt_at=next_attempt_at,
            error=error,
            disabled=disabled,
            held=held,
            held_until=held_until,
            left_out=self._left_out,
        )


def _row(
    outlet_id: int,
    head: Head,
    attempt: int,
    at: datetime,
    status: DeliveryStatus,
    *,
    next_attempt_at: datetime | None = None,
    error: str | None = None,
) -> Delivery:
    return Delivery(
        outlet_id=outlet_id,
        event=head.number,
        status=status,
        attempts=attempt,
        first_attempt_at=head.delivery.first_attempt_at if head.delivery else at,
        last_attempt_at=at,
        next_attempt_at=next_attempt_at,
        error=error,
    )


def trouble(error: HirewatchError, outlet: str) -> str:
    """What a person has to change, as it stands beside the name of the outlet."""
    said = beside(error, outlet)
    return f"{said}; {error.remedy}" if error.remedy else said


def place(error: Exception) -> str:
    """Where an error of ours came from; not what it says, which may repeat a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"unexpected {type(error).__name__}{where}"
