"""Which of the outlets that have something to look at have anything to be told. Asked by the dispatcher at each tick.

A new event concerns few of thousands of saved searches. The others are moved past it all together, without a round,
a lock or a transaction of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.engine import Engine

from delivery import selection as selecting
from delivery.log import SharedLog
from delivery.outlets import selection_of
from delivery.selection import Selection, Verdict
from postings.errors import ConfigurationError, UsageError
from storage import outlets
from storage.deliveries import Head

#: an outlet that is farther behind looks through the log in a round of its own
_FAR_BEHIND = 2000


def skim(
    engine: Engine,
    due: Sequence[outlets.Outlet],
    log: SharedLog,
    is_over: Callable[[], bool] = lambda: False,
) -> list[outlets.Outlet]:
    """Those that need a round; of the others, the cursors are moved on. Raises DatabaseError.

    Once `is_over` says so, no further outlet is looked at: it is due as before.
    """
    if not due:
        return []
    retrying = outlets.with_retries(engine)
    concerned: list[outlets.Outlet] = []
    moves: dict[int, list[tuple[int, int]]] = {}
    for place, outlet in enumerate(due):
        if place and is_over():
            break
        end = None if outlet.id in retrying else _end_of_unwanted(outlet, log)
        if end is None:
            concerned.append(outlet)
        else:
            moves.setdefault(end, []).append((outlet.id, outlet.cursor))
    for end, moved in moves.items():
        outlets.advance(engine, moved, end)
    return concerned


def _end_of_unwanted(outlet: outlets.Outlet, log: SharedLog) -> int | None:
    """The end of the log if the outlet wants nothing of what stands before; None if it may."""
    try:
        selection = selection_of(outlet)
    except (ConfigurationError, UsageError):
        # its round says what is wrong
        return None
    scanned = outlet.cursor
    while scanned - outlet.cursor < _FAR_BEHIND:
        stretch = log.after(scanned)
        for head in stretch.heads:
            if head.number > outlet.since and _may_be_wanted(selection, head, log):
                return None
        scanned = stretch.end
        if stretch.last:
            return scanned
    return None


def _may_be_wanted(selection: Selection, head: Head, log: SharedLog) -> bool:
    return selecting.judge(selection, head, log.view) is not Verdict.NO
