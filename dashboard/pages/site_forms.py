"""The two forms of a site's page, as they stand and as they were typed: when it is visited, and what is believed of
it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from dashboard.context import Context
from postings.sites import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The form that says when a site is visited, and what is wrong with it, by field."""

    #: "auto", "every" or "cron"
    how: str
    every: str = ""
    line: str = ""
    zone: str = ""
    requests: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """The form that says what is believed of a site, and what is wrong with it, by field."""

    identifier: str
    token: str
    place: str = ""
    render: bool = False
    errors: dict[str, str] = field(default_factory=dict)


def schedule_of(context: Context, site: Site) -> Schedule:
    """When a site is visited, as things stand."""
    return Schedule(
        how="every" if site.every else "cron" if site.cron else "auto",
        every=_as_typed(site.every) if site.every else "",
        line=site.cron or "",
        zone=site.zone or context.steering.local_zone(),
        requests=str(site.requests_a_day) if site.requests_a_day is not None else "",
    )


def belief_of(site: Site) -> Belief:
    """What is believed of a site's keys, as a person has set it."""
    return Belief(
        identifier=site.overrides.identifier,
        token=site.overrides.token,
        place=site.overrides.token_place or "",
        render=site.render,
    )


def _as_typed(every: timedelta) -> str:
    """An interval as people type it: "1h30m"."""
    minutes, seconds = divmod(round(every.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{amount}{unit}" for amount, unit in parts if amount)
