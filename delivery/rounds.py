"""One outlet's turn: look ahead, choose, send, settle, and again until nothing is left or a send fails."""

from __future__ import annotations

import logging
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy.engine import Engine

from delivery import duplicates, schedule
from delivery.choice import Send, Wait, choose
from delivery.outlets import Batch, Delivered, Outlet, OutletGone, OutletUnavailable
from delivery.selection import Selection, wanted
from postings.errors import HirewatchError
from postings.events import Event, EventType
from storage import deliveries, events, outlets, told
from storage.deliveries import Delivery, DeliveryStatus, Head

log = logging.getLogger(__name__)

#: events that are looked at in one query
_WINDOW = 1000
#: wanted events that are held in memory at a time: one after another, and for outlets that group by visit
_AHEAD, _AHEAD_BY_VISIT = 200, 100_000
#: events of a visit's message that are read in full
_IN_FULL = 50
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


class Round:
    """One outlet's turn, by the only sender that it has right now."""

    def __init__(
        self,
        engine: Engine,
        row: outlets.Outlet,
        receiver: Outlet,
        selection: Selection,
        clock: Callable[[], datetime],
        rng: Random,
    ) -> None:
        self._engine = engine
        self._row = row
        self._receiver = receiver
        self._selection = selection
        self._clock = clock
        self._rng = rng
        self._cursor = row.cursor
        self._sent = 0
        self._parked = 0

    def run(self, stop: threading.Event) -> Settled:
        """Sends until nothing is left, a send fails, or `stop` is set. Raises DatabaseError."""
        by_visit = self._receiver.limits.by_visit
        upcoming: Sequence[Head] = ()
        scanned = self._cursor
        while not stop.is_set():
            if not upcoming:
                upcoming, scanned = self._look_ahead(_AHEAD_BY_VISIT if by_visit else max(_AHEAD, self._receiver.limits.most))
            if not upcoming:
                self._advance(scanned)
                break
            choice = choose(upcoming, by_visit=by_visit, most=self._receiver.limits.most, now=self._clock())
            if isinstance(choice, Wait):
                self._advance(upcoming[0].number - 1)
                return self._settled(next_attempt_at=choice.until, held=choice.until is None)
            chosen = {head.number for head in choice.heads}
            upcoming = [head for head in upcoming if head.number not in chosen]
            # nothing wanted lies between: the cursor passes the unwanted in the same transaction
            beyond = upcoming[0].number - 1 if upcoming else scanned
            if by_visit and choice.heads[0].delivery is None:
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

    def _look_ahead(self, most: int) -> tuple[list[Head], int]:
        """Wanted events that are neither sent nor parked, and the number up to which there are no others."""
        found: list[Head] = []
        scanned = self._cursor
        while len(found) < most:
            window = deliveries.heads(self._engine, self._row.id, scanned, _WINDOW)
            if not window:
                break
            scanned = window[-1].number
            found += [head for head in window if self._is_open(head)]
        return found, scanned

    def _is_open(self, head: Head) -> bool:
        if head.delivery is not None:
            # what was tried is settled, even if the outlet's options have changed since
            return head.delivery.status is DeliveryStatus.RETRY
        return wanted(self._selection, head)

    def _begin(self, heads: Sequence[Head], beyond: int) -> tuple[Head, ...] | None:
        """Writes down what goes out together, so that after a crash the same goes together again.

        Leaves out openings of which the receiver has heard under another posting; these are settled at once. None
        if somebody else has settled in between.
        """
        at = self._clock()
        quiet = self._find_quiet(heads) if self._receiver.limits.once_per_job else {}
        rows = [
            _row(self._row.id, head, 1, at, DeliveryStatus.SENT, error=quiet[head.number])
            if head.number in quiet
            else _row(self._row.id, head, 0, at, DeliveryStatus.RETRY, next_attempt_at=at)
            for head in heads
        ]
        loud = tuple(head for head in heads if head.number not in quiet)
        return loud if self._settle(rows, self._cursor if loud else beyond) else None

    def _find_quiet(self, heads: Sequence[Head]) -> dict[int, str]:
        openings = [
            head.number for head in heads if head.type in (EventType.OPENED, EventType.REOPENED) and not head.baseline
        ]
        kin = told.kin(self._engine, openings)
        if not kin:
            return {}
        others = {link["id"] for one in kin for link in one.links}
        return duplicates.silent(
            kin, told.told(self._engine, self._row.id, sorted(others)), told.numbers(self._engine, openings)
        )

    def _send(self, choice: Send, beyond: int) -> Settled | None:
        """None if the round goes on, else how it ended."""
        heads, attempt, began = choice.heads, choice.attempt, self._clock()
        try:
            delivered = self._deliver(heads)
        except OutletGone as error:
            rows = [
                _row(
                    self._row.id, head, attempt, began, DeliveryStatus.RETRY,
                    next_attempt_at=self._clock(), error=_words(error),
                )
                for head in heads
            ]  # fmt: skip
            settled = self._settle(rows, self._cursor, gone=_words(error))
            return self._settled(error=str(error), disabled=settled)
        except OutletUnavailable as error:
            return self._put_off(choice, began, beyond, _words(error), str(error), error.retry_after)
        except Exception as error:
            # a fault of ours: it costs this message its attempts, and no other outlet anything
            log.error("delivery broke outlet=%s event=%d error=%s", self._row.name, heads[0].number, place(error))
            return self._put_off(choice, began, beyond, place(error), place(error), None)
        refused = dict(delivered.refused)
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
        return None

    def _deliver(self, heads: Sequence[Head]) -> Delivered:
        batch = Batch(
            events=tuple(self._in_full(heads)),
            numbers=tuple(head.number for head in heads),
            counts=Counter(head.type for head in heads),
        )
        delivered = self._receiver.deliver(batch)
        told = {*delivered.sent, *dict(delivered.refused)}
        if told != set(batch.numbers):
            raise RuntimeError("an outlet has to say of every event what became of it")
        return delivered

    def _in_full(self, heads: Sequence[Head]) -> list[Event]:
        shown = heads[:_IN_FULL] if self._receiver.limits.by_visit else heads
        numbers = [head.number for head in shown]
        found: list[Event] = []
        # neighbours come in one query
        while len(found) < len(numbers):
            first = numbers[len(found)]
            run = 1
            while len(found) + run < len(numbers) and numbers[len(found) + run] == first + run:
                run += 1
            found += events.after(self._engine, first - 1, run)
        return found

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
            log.warning(
                "delivery parked outlet=%s event=%d attempts=%d error=%s",
                self._row.name, choice.heads[0].number, choice.attempt, kept,
            )  # fmt: skip
            return None
        return self._settled(next_attempt_at=again, error=shown)

    def _advance(self, beyond: int) -> None:
        if beyond > self._cursor:
            self._settle([], beyond)

    def _settle(self, rows: Sequence[Delivery], cursor: int, *, gone: str | None = None) -> bool:
        counts = deliveries.settle(
            self._engine, self._row.id, seen=self._cursor, cursor=cursor, rows=rows, gone=gone, now=self._clock()
        )
        if counts:
            self._cursor = cursor
        else:
            log.info("delivery overtaken outlet=%s cursor=%d", self._row.name, self._cursor)
        return counts

    def _settled(
        self,
        *,
        next_attempt_at: datetime | None = None,
        error: str | None = None,
        disabled: bool = False,
        held: bool = False,
    ) -> Settled:
        return Settled(
            outlet=self._row.name,
            sent=self._sent,
            parked=self._parked,
            next_attempt_at=next_attempt_at,
            error=error,
            disabled=disabled,
            held=held,
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


def _words(error: HirewatchError) -> str:
    return error.problem[:_ERROR_LIMIT]


def place(error: Exception) -> str:
    """Where an error of ours came from; not what it says, which may repeat a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"unexpected {type(error).__name__}{where}"
