"""What goes out next, of the events that an outlet wants and has not had. Asked by the dispatcher; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.deliveries import DeliveryStatus, Head

#: how long what a visit found waits for the end of that visit, to go out together
PATIENCE = timedelta(minutes=10)

#: a first visit that adds nothing for so long has died without an end
_DEAD = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """These go out now, in one message."""

    heads: tuple[Head, ...]

    @property
    def attempt(self) -> int:
        """The number of the attempt, from 1."""
        delivery = self.heads[0].delivery
        return delivery.attempts + 1 if delivery else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing may go out now; `until` is None where the end of a visit decides."""

    until: datetime | None


def choose(upcoming: Sequence[Head], *, by_visit: bool, most: int = 1, now: datetime) -> Send | Wait:
    """What goes out next, or how long to wait.

    `upcoming` are the wanted events that are neither sent nor parked, in order and at least one. Where a message is
    not what a visit had to say, it holds up to `most` of them. What has been tried goes before everything else, in
    the composition in which it was tried; nothing overtakes it.
    """
    tried = tuple(head for head in upcoming if head.delivery and head.delivery.status is DeliveryStatus.RETRY)
    if tried:
        at = max(head.delivery.next_attempt_at for head in tried if head.delivery and head.delivery.next_attempt_at)
        return Send(heads=tried) if at <= now else Wait(until=at)
    if not by_visit:
        return Send(heads=tuple(upcoming[:most]))
    groups: dict[tuple[str, str | None, bool], list[Head]] = {}
    for head in upcoming:
        groups.setdefault((head.site, head.visit, head.baseline), []).append(head)
    for group in groups.values():
        if _is_ripe(group, now):
            return Send(heads=tuple(group))
    return Wait(until=None)


def _is_ripe(group: Sequence[Head], now: datetime) -> bool:
    if not group[-1].running:
        return True
    if group[0].baseline:
        # one summary, not several: it waits for the end however long the visit takes
        return now - group[-1].at >= _DEAD
    return now - group[0].at >= PATIENCE
