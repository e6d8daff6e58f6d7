"""What the pages of searches and outlets say of an outlet, and read of their forms: what it hears, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Form

from delivery.outlets import selection_of, shown_address, wishes_of
from delivery.rhythm import Rhythm, next_slot, write_quiet, write_when
from delivery.selection import EVERY_TYPE
from delivery.zones import zoned
from postings.cleaning import clean
from postings.errors import HirewatchError, UsageError
from postings.events import EventType
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
    #: types of the events that it hears of, in words; empty if all
    events: str
    #: when what happens now will be told; None if never, as things stand
    next_at: datetime | None
    #: that is at once
    at_once: bool
    #: why it is told nothing
    disabled: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """An outlet that was just added, and its secret: the only time that it is shown."""

    outlet: Heard
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a form says that an outlet hears, and when, as it was typed."""

    only: str
    when: str
    quiet: str
    zone: str
    events: str
    #: options of its kind, a line each
    settings: str

    def options(self) -> dict[str, Any]:
        """What is asked for, as outlets take it. Raises UsageError, which repeats no value."""
        said = {"only": self.only, "when": self.when, "quiet": self.quiet, "zone": self.zone, "events": self.events}
        chosen: dict[str, Any] = {name: value.strip() for name, value in said.items() if value.strip()}
        for line in self.settings.splitlines():
            name, equals, value = line.partition("=")
            if not line.strip():
                continue
            if not equals or not name.strip():
                raise UsageError("a line has no name and value", subject="settings", remedy="write each as NAME=VALUE")
            chosen[name.strip()] = value.strip()
        return zoned(chosen)

    def all_options(self) -> dict[str, Any]:
        """The same, where what is empty was taken away. Raises UsageError, which repeats no value."""
        return dict.fromkeys(("only", "when", "quiet", "zone", "events"), "") | self.options()


def _wishes(
    only: Text = "", when: Text = "", quiet: Text = "", zone: Text = "", events: Text = "", settings: Text = ""
) -> Wishes:
    return Wishes(only=only, when=when, quiet=quiet, zone=zone, events=events, settings=settings)


#: the fields of a form that say it
Wished = Annotated[Wishes, Depends(_wishes)]


def heard(outlet: Outlet, now: datetime) -> Heard:
    """How an outlet reads on a page."""
    try:
        rhythm = wishes_of(outlet).rhythm
        when, next_at = in_words(rhythm), next_delivery(outlet, rhythm, now)
        types = selection_of(outlet).types
    except HirewatchError as error:
        when, next_at, types = f"cannot be read: {clean(error)}", None, EVERY_TYPE
    return Heard(
        name=outlet.name,
        kind=outlet.kind,
        address=clean(shown_address(outlet)),
        when=when,
        events="" if types == EVERY_TYPE else ", ".join(one for one in EventType if one in types),
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


def just_added(outlet: Outlet, now: datetime) -> Added | None:
    """What is shown of an outlet that was just added; None if it has no secret to show."""
    held: Any = outlet.options.get("secret")
    return Added(outlet=heard(outlet, now), secret=str(held[0])) if outlet.kind == "webhook" and held else None
