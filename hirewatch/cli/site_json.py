"""A watched site as JSON: what the commands that list, show and change sites print of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from postings.record import instant
from postings.sites import Site

if TYPE_CHECKING:
    from storage.sites import Listed


def of(site: Site) -> dict[str, Any]:
    """A site, as it is known in full."""
    return _described(site, patience=site.health.patience, attention=site.health.attention)


def of_listed(site: Listed) -> dict[str, Any]:
    """A site, as it is read for a list."""
    return _described(site, patience=site.patience, attention=site.attention)


def _described(site: Site | Listed, *, patience: int, attention: str | None) -> dict[str, Any]:
    return {
        "site": site.name,
        "url": site.start_url,
        "every": int(site.every.total_seconds()) if site.every else None,
        "cron": site.cron,
        "zone": site.zone,
        "requests_a_day": site.requests_a_day,
        "render": site.render,
        "scope": {
            "set": site.scope,
            "path": site.source.scope if site.source else None,
            "led": site.source.led if site.source else False,
        },
        "added_at": instant(site.added_at),
        "paused_at": instant(site.paused_at) if site.paused_at else None,
        "next_visit_at": instant(site.next_visit_at) if site.next_visit_at else None,
        "baseline_done": site.baseline_done,
        "source": {
            "kind": str(site.source.kind),
            "urls": list(site.source.urls),
            "feeds": list(site.source.feeds),
            "shapes": list(site.source.shapes),
            "reason": site.source.reason,
        }
        if site.source
        else None,
        "patience": patience,
        "attention": attention,
    }
