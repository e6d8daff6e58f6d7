"""What the pages of searches and outlets say of an outlet, and read of their forms: what it hears, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form

from delivery.outlets import shown_address, wishes_of
from delivery.rhythm import Rhythm, next_slot, write_quiet, write_when
from delivery.zones import zoned
from postings.cleaning import clean
from postings.errors import HirewatchError, UsageError
from storage.outlets import Outlet

#: a text of a form
Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An outlet in a line: no secret is in it."""

    name: str
    kind: str
    address: str
    #: "daily 08:00, quiet 22:00-07:00 (Europe/Berlin)"
    when: str
    #: when what happens now will be told; None if never, as things stand
    next_at: datetime | None
    #: that is at once
    at_once: bool
    #: why it is told nothing
    disabled: str | None


def heard(outlet: Outlet, now: datetime) -> Heard:
    """How an outlet reads on a page."""
    try:
        rhythm = wishes_of(outlet).rhythm
        when, next_at = in_words(rhythm), next_delivery(outlet, rhythm, now)
    except HirewatchError as error:
        when, next_at = f"cannot be read: {clean(error)}", None
    return Heard(
        name=outlet.name,
        kind=outlet.kind,
        address=clean(shown_address(outlet)),
        when=when,
        next_at=next_at,
        at_once=next_at == now,
        disabled=clean(outlet.disabled_reason or "no reason was kept") if outlet.disabled_at else None,
    )


def in_words(rhythm: Rhythm) -> str:
    """ "daily 08:00, quiet 22:00-07:00 (Europe/Berlin)"."""
    quiet = write_quiet(rhythm)
    said = write_when(rhythm) + (f", quiet {quiet}" if quiet else "")
    return f"{said} ({rhythm.zone.key})" if quiet or " " in said else said


def next_delivery(outlet: Outlet, rhythm: Rhythm, now: datetime) -> datetime | None:
    """When an outlet tells of what happens now, if it can; `now` itself means at once. None if it is disabled."""
    if outlet.disabled_at is not None:
        return None
    held = outlet.held_until or now
    return max(held, next_slot(rhythm, now))


def options(
    *, only: str = "", when: str = "", quiet: str = "", zone: str = "", events: str = "", settings: str = ""
) -> dict[str, Any]:
    """The options that a form asks for, as outlets take them. Raises UsageError, which repeats no value."""
    said = {"only": only, "when": when, "quiet": quiet, "zone": zone, "events": events}
    chosen: dict[str, Any] = {name: value.strip() for name, value in said.items() if value.strip()}
    for line in settings.splitlines():
        name, equals, value = line.partition("=")
        if not line.strip():
            continue
        if not equals or not name.strip():
            raise UsageError("a line has no name and value", subject="settings", remedy="write each as NAME=VALUE")
        chosen[name.strip()] = value.strip()
    return zoned(chosen)


def shown_secret(outlet: Outlet) -> str | None:
    """The secret of a webhook that was just added: the only time to show it."""
    held: Any = outlet.options.get("secret")
    return str(held[0]) if outlet.kind == "webhook" and held else None
