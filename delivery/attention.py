"""Which outlets need a person, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postings.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from postings.errors import HirewatchError
    from storage.deliveries import OutletStatus


#: how a trouble begins that keeps only some of those behind an outlet from hearing
_LEFT_OUT = "is told, but not "


def left_out(who: Iterable[tuple[str, str]]) -> str | None:
    """The trouble of an outlet that is told, but not these who stand behind it, with the reasons; None if it is
    nobody."""
    named = ", ".join(f"{name} ({reason})" for name, reason in who)
    return f"{_LEFT_OUT}{named}" if named else None


def is_told(trouble: str | None) -> bool:
    """Whether an outlet with that trouble is told all the same."""
    return trouble is not None and trouble.startswith(_LEFT_OUT)


def in_words(trouble: str) -> str:
    """An outlet's trouble, as it stands beside the name of the outlet."""
    return trouble if is_told(trouble) else f"cannot be told: {trouble}"


def beside(error: HirewatchError, outlet: str) -> str:
    """What went wrong with an outlet, as it stands beside the name of the outlet."""
    about = "" if error.subject == outlet else (error.subject or "").removeprefix(f"{outlet}: ")
    return f"{about}: {error.problem}" if about else error.problem


def outlet_attention(stands: OutletStatus) -> str | None:
    """Why a person has to look at an outlet; None if nobody has to."""
    from storage.outlets import BY_A_PERSON, BY_ITS_READER

    if stands.outlet.disabled_at and stands.outlet.disabled_reason not in (BY_A_PERSON, BY_ITS_READER):
        return clean(f"it is told nothing any more: {stands.outlet.disabled_reason}")
    if stands.outlet.trouble:
        return clean(f"it {in_words(stands.outlet.trouble)}")
    if stands.parked:
        return f"{stands.parked:,} event{' was' if stands.parked == 1 else 's were'} given up"
    return None
