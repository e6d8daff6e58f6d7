"""Which events an outlet is to be told next: those that its selection wants, and that are neither sent nor given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.engine import Engine

from delivery.log import SharedLog
from delivery.selection import Selection, Verdict, judge, settle
from storage import deliveries, outlets, told
from storage.deliveries import Delivery, DeliveryStatus, Head


class Wanted:
    """The events that one outlet is to be told, in the order of the log."""

    def __init__(self, engine: Engine, row: outlets.Outlet, selection: Selection, log: SharedLog) -> None:
        self._engine = engine
        self._row = row
        self._selection = selection
        self._log = log
        #: numbers of changes by which a posting came to match, of which the outlet had not heard
        self.arrived: set[int] = set()

    def after(self, cursor: int, most: int) -> tuple[list[Head], int]:
        """At least `most` of those after `cursor`, if there are so many, and the number up to which there are no
        others."""
        found: list[Head] = []
        scanned = cursor
        while len(found) < most:
            stretch = self._log.after(scanned)
            if stretch.heads:
                rows = deliveries.between(self._engine, self._row.id, scanned, stretch.end)
                found += self._open(
                    [
                        replace(head, delivery=rows.get(head.number))
                        for head in stretch.heads
                        if self._may_be_open(head, rows)
                    ],
                    {head.posting_id for head in found},
                )
            scanned = stretch.end
            if stretch.last:
                break
        return found, scanned

    def _may_be_open(self, head: Head, rows: Mapping[int, Delivery]) -> bool:
        known = rows.get(head.number)
        if known is not None:
            # what was tried is settled, even if the outlet's options have changed since
            return known.status is DeliveryStatus.RETRY
        return head.number > self._row.since

    def _open(self, heads: Sequence[Head], before: set[str]) -> list[Head]:
        """Those of these events that are to be told; `before` are postings of which it will have heard by then."""
        verdicts = {head.number: judge(self._selection, head, self._log.view) for head in heads}
        unsure = {
            head.posting_id for head in heads if verdicts[head.number] in (Verdict.ARRIVES, Verdict.IF_TOLD)
        } - before
        heard = before | set(told.told(self._engine, self._row.id, sorted(unsure)))
        found: list[Head] = []
        for head in heads:
            verdict = verdicts[head.number]
            knows = head.posting_id in heard
            if head.delivery is not None or settle(verdict, self._selection, head, told=knows):
                found.append(head)
                heard.add(head.posting_id)
                if verdict is Verdict.ARRIVES and not knows:
                    self.arrived.add(head.number)
        return found
