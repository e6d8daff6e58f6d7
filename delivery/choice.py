"""What goes out next, of the events that an outlet wants and has not had. Asked by the dispatcher; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.rhythm import AT_ONCE, Rhythm, next_slot, quiet_until
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
    #: what went out last has failed, and is tried again then
    failed: bool = False


def choose(
    upcoming: Sequence[Head],
    *,
    by_visit: bool,
    most: int = 1,
    now: datetime,
    rhythm: Rhythm = AT_ONCE,
    released: int = 0,
) -> Send | Wait:
    """What goes out next, or how long to wait.

    `upcoming` are the wanted events that are neither sent nor parked, in order and at least one. Where a message is
    not what a visit had to say, it holds up to `most` of them. What has been tried goes before everything else, in
    the composition in which it was tried; nothing overtakes it. In quiet hours nothing goes out. Events up to number
    `released` have gathered for a slot of the rhythm that has passed: they leave together.
    """
    quiet = quiet_until(rhythm, now)
    tried = [head for head in upcoming if head.delivery and head.delivery.status is DeliveryStatus.RETRY]
    if quiet is not None:
        return Wait(until=quiet, failed=any(head.delivery.attempts > 0 for head in tried if head.delivery))
    if tried:
        together = tried if by_visit else _tried_together(tried, most)
        at = max(head.delivery.next_attempt_at for head in together if head.delivery and head.delivery.next_attempt_at)
        return Send(heads=tuple(together)) if at <= now else Wait(until=at, failed=True)
    awaited = _awaited(upcoming, now) if by_visit else frozenset()
    gathered = [head for head in upcoming if head.number <= released and not (head.baseline and head.visit in awaited)]
    if gathered:
        return Send(heads=tuple(gathered if by_visit else gathered[:most]))
    if rhythm.gathers:
        behind = any(head.number <= released for head in upcoming)
        return Wait(until=None if behind else next_slot(rhythm, now))
    if not by_visit:
        return Send(heads=tuple(upcoming[:most]))
    groups: dict[tuple[str, str | None, bool], list[Head]] = {}
    for head in upcoming:
        groups.setdefault((head.site, head.visit, head.baseline), []).append(head)
    for group in groups.values():
        if _is_ripe(group, awaited, now):
            return Send(heads=tuple(group))
    return Wait(until=None)


def _tried_together(tried: Sequence[Head], most: int) -> list[Head]:
    """Those that went out with the first: they have had as many attempts, and wait for the same moment."""

    turns = [(head.delivery.attempts, head.delivery.next_attempt_at) for head in tried if head.delivery]
    return [head for head, turn in zip(tried, turns, strict=True) if turn == turns[0]][:most]


def _awaited(upcoming: Sequence[Head], now: datetime) -> frozenset[str | None]:
    """First visits that still run: of what stood on a site there is one summary, not several."""
    newest = {head.visit: head.at for head in upcoming if head.running and head.baseline}
    return frozenset(visit for visit, at in newest.items() if now - at < _DEAD)


def _is_ripe(group: Sequence[Head], awaited: frozenset[str | None], now: datetime) -> bool:
    if not group[-1].running:
        return True
    if group[0].baseline:
        # it waits for the end however long the visit takes
        return group[0].visit not in awaited
    return now - group[0].at >= PATIENCE
