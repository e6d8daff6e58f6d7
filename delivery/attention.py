"""Which outlets need a person, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postings.cleaning import clean

if TYPE_CHECKING:
    from storage.deliveries import OutletStatus


def outlet_attention(stands: OutletStatus) -> str | None:
    """Why a person has to look at an outlet; None if nobody has to."""
    from storage.outlets import BY_A_PERSON, BY_ITS_READER

    if stands.outlet.disabled_at and stands.outlet.disabled_reason not in (BY_A_PERSON, BY_ITS_READER):
        return clean(f"it is told nothing any more: {stands.outlet.disabled_reason}")
    if stands.outlet.trouble:
        return clean(f"it cannot be told: {stands.outlet.trouble}")
    if stands.parked:
        return f"{stands.parked:,} event{' was' if stands.parked == 1 else 's were'} given up"
    return None
