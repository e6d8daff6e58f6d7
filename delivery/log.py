"""The event log as the outlets of one tick read it: each block once, whoever asks. Rounds ask it from their threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from delivery.selection import View, view
from storage import deliveries, events
from storage.deliveries import Head

#: events of a block: what is read, and kept, at a time
BLOCK = 500

#: blocks that are kept: one for the outlets that are up to date, and some for those behind
_KEPT = 4

#: events that are read with their records at a time
_RECORDS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the log."""

    heads: Sequence[Head]
    #: the number up to which it holds everything
    end: int
    #: nothing stands behind it
    last: bool


@dataclass
class _Block:
    heads: list[Head]
    newest: int


class SharedLog:
    """The log as it stands when each block is first asked for; to see what comes later, make a new one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._blocks: OrderedDict[int, _Block] = OrderedDict()
        self._views: OrderedDict[int, View] = OrderedDict()

    def after(self, number: int) -> Stretch:
        """What comes after event `number`, to the end of its block. Raises DatabaseError."""
        first = number // BLOCK * BLOCK
        with self._lock:
            block = self._block(first)
        end = min(first + BLOCK, block.newest)
        return Stretch(
            heads=[head for head in block.heads if head.number > number],
            end=max(end, number),
            last=first + BLOCK >= block.newest,
        )

    def view(self, number: int) -> View:
        """The posting of an event as queries see it. Raises DatabaseError."""
        # asked a million times for a thousand events and outlets: without the lock where it is known
        known = self._views.get(number)
        return known if known is not None else self._read_view(number)

    def _read_view(self, number: int) -> View:
        first = (number - 1) // _RECORDS * _RECORDS
        with self._lock:
            if number not in self._views:
                for event in events.after(self._engine, first, _RECORDS):
                    self._views[event.number] = view(event)
                wanted = self._views[number]
                while len(self._views) > _KEPT * BLOCK:
                    self._views.popitem(last=False)
                return wanted
            return self._views[number]

    def _block(self, first: int) -> _Block:
        block = self._blocks.get(first)
        if block is None:
            found, newest = deliveries.heads(self._engine, first, BLOCK)
            # behind a gap in the log stand events of other blocks
            block = _Block(heads=[head for head in found if head.number <= first + BLOCK], newest=newest)
            self._blocks[first] = block
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(first)
        return block
