"""What commands that add or change an outlet share: what it hears, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rich_click as click

from postings.errors import UsageError

_OPTIONS = (
    click.option("--only", metavar="QUERY", help="Only postings that match, as in 'title:engineer remote:yes'."),
    click.option("--when", metavar="WHEN", help="instant, hourly, daily 08:00 or weekly mon 08:00."),
    click.option("--quiet-hours", metavar="HOURS", help="Nothing leaves then, as in 22:00-07:00."),
    click.option(
        "--zone", metavar="ZONE", help="Time zone of these times, as in Europe/Berlin; this machine's if none."
    ),
    click.option("--events", metavar="LIST", help="Only these: opened,changed,closed,reopened."),
    click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="An option of its kind; repeatable."),
)


def hearing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options that say what an outlet hears and when."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def given(
    *,
    when: str | None,
    quiet_hours: str | None,
    zone: str | None,
    events: str | None,
    settings: tuple[str, ...],
    only: str | None = None,
) -> dict[str, Any]:
    """The options that were given, as outlets take them. Raises UsageError."""
    named = {"only": only, "when": when, "quiet": quiet_hours, "zone": zone, "events": events}
    return {name: value for name, value in named.items() if value is not None} | dict(
        pair("--set", text) for text in settings
    )


def pair(option: str, text: str) -> tuple[str, str]:
    """NAME=VALUE as a pair. Raises UsageError, which does not repeat the value: it may be a secret."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError("has no name and value", subject=option, remedy=f"write it as {option} NAME=VALUE")
    return name.strip(), value.strip()
