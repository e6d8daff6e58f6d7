"""Whether outlets can be told, and have been."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING

from delivery.attention import beside, is_told
from hirewatch import wiring
from hirewatch.checks.finding import Finding

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from hirewatch.settings import Settings
    from storage.outlets import Outlet

#: failed attempts after which a receiver is not just restarting
_ATTEMPTS = 3


def ready(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Each outlet's own check."""
    from delivery.outlets import attempt
    from storage import outlets

    context = wiring.outlet_context(settings, wiring.instance(engine))
    for outlet in outlets.all(engine):
        name = f"outlet {outlet.name}"
        if outlet.disabled_at:
            yield _disabled(name, outlet)
            continue
        error = attempt(outlet, context, "check")
        if error is None:
            yield Finding(name, "ok", f"{outlet.kind}, ready")
        else:
            advice = error.remedy or f"hirewatch outlets check {quote(outlet.name)}"
            yield Finding(name, "error", beside(error, outlet.name), advice)


def _disabled(name: str, outlet: Outlet) -> Finding:
    return Finding(
        name,
        "warning",
        f"disabled: {outlet.disabled_reason}",
        f"hirewatch outlets enable {quote(outlet.name)} tells it again, from where it stopped",
    )


def deliveries(engine: Engine) -> Iterator[Finding]:
    """Outlets whose receivers took something not, or do not take it now."""
    from storage import deliveries

    for one in deliveries.status(engine):
        name = f"outlet {one.outlet.name}"
        if one.parked:
            yield Finding(
                name,
                "warning",
                f"{one.parked:,} event{' was' if one.parked == 1 else 's were'} given up",
                f"`hirewatch outlets replay {quote(one.outlet.name)} --given-up` sends them again, `outlets forget` does not",
            )
        if is_told(one.outlet.trouble) and not one.outlet.disabled_at:
            yield Finding(
                name,
                "warning",
                f"{one.outlet.trouble}",
                f"`hirewatch outlets test {quote(one.outlet.name)}` tries everybody again; give each an outlet of their own",
            )
        if one.pending and one.pending.attempts >= _ATTEMPTS and not one.outlet.disabled_at:
            yield Finding(
                name,
                "warning",
                f"{one.pending.attempts} attempts failed, and {one.lag:,} events wait: {one.pending.error or 'no reason'}",
                f"hirewatch outlets check {quote(one.outlet.name)}",
            )
