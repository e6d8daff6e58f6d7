"""A site as a row of its table: the values that have no column type of their own, there and back.

Used by `storage.sites`, and by the ledger, which writes what a visit learnt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from postings.failing import Failing
from postings.falling import Falls
from postings.lastmod import Lastmod
from postings.record import instant
from postings.rhythm import Rhythm
from postings.sites import Acceptance, Health, Site, Source, SourceKind
from postings.sliding import Sliding
from postings.trust import Overrides, Trust


def from_row(row: Row[Any]) -> Site:
    """The site that a row of `sites` describes."""
    return Site(
        id=row.id,
        name=row.name,
        start_url=row.start_url,
        host_key=row.host_key,
        source=read_source(row.source),
        every=None if row.every is None else timedelta(seconds=row.every),
        cron=row.cron,
        zone=row.zone,
        requests_a_day=row.requests_a_day,
        render=row.render,
        scope=row.scope,
        paused_at=row.paused_at,
        next_visit_at=row.next_visit_at,
        added_at=row.added_at,
        baseline_done=row.baseline_done,
        trust=Trust.from_json(row.trust),
        overrides=Overrides.from_json(row.overrides),
        health=read_health(row.health),
        rhythm=Rhythm.from_json(row.rhythm),
    )


def state_columns(source: Source | None, trust: Trust, health: Health) -> dict[str, Any]:
    """What a visit learns of its site, as values of the columns of the same names."""
    return {"source": _source_json(source), "trust": trust.to_json(), "health": health_json(health)}


def _source_json(source: Source | None) -> dict[str, Any] | None:
    if source is None:
        return None
    return {
        "kind": source.kind.value,
        "urls": list(source.urls),
        "feeds": list(source.feeds),
        "shapes": list(source.shapes),
        "rejected": list(source.rejected),
        "checks": list(source.checks),
        "carries": source.carries,
        "scope": source.scope,
        "led": source.led,
        "reason": source.reason,
    }


def read_source(value: Mapping[str, Any] | None) -> Source | None:
    """The source as the column of that name keeps it."""
    if value is None:
        return None
    return Source(
        kind=SourceKind(value["kind"]),
        urls=tuple(value["urls"]),
        feeds=tuple(value.get("feeds", ())),
        shapes=tuple(value.get("shapes", ())),
        rejected=tuple(value.get("rejected", ())),
        checks=tuple(value.get("checks", ())),
        carries=bool(value.get("carries", False)),
        scope=value.get("scope"),
        led=bool(value.get("led", False)),
        reason=value.get("reason", ""),
    )


def health_json(health: Health) -> dict[str, Any]:
    """The health as the column of that name keeps it."""
    return {
        "suspects": [[instant(at), digest] for at, digest in health.suspects],
        "failures": health.failures,
        "first_failure_at": _instant(health.first_failure_at),
        "last_complete_at": _instant(health.last_complete_at),
        "patience": health.patience,
        "patience_raised_at": _instant(health.patience_raised_at),
        "ignores_valid_through": health.ignores_valid_through,
        "failing": {
            "since": _instant(health.failing.since),
            "visits": health.failing.visits,
            "most": health.failing.most,
        },
        "sliding": {
            "days": health.sliding.days,
            "since": _instant(health.sliding.since),
            "until": _instant(health.sliding.until),
            "visits": health.sliding.visits,
        },
        "rewritten_at": _instant(health.rewritten_at),
        "gone_since": _instant(health.gone_since),
        "gone_visits": health.gone_visits,
        "lastmod": {"clean_visits": health.lastmod.clean_visits, "lies": health.lastmod.lies},
        "falls": {"together_at": _instant(health.falls.together_at), "window": health.falls.window},
        "attention": health.attention,
        "accepted": health.accepted and [instant(health.accepted.at), health.accepted.gone_digest],
    }


def read_health(value: Mapping[str, Any]) -> Health:
    """The way back from `health_json`; what an older version did not keep has its default."""
    return Health(
        suspects=tuple((datetime.fromisoformat(at), digest) for at, digest in value.get("suspects", ())),
        failures=value.get("failures", 0),
        first_failure_at=_read_instant(value.get("first_failure_at")),
        last_complete_at=_read_instant(value.get("last_complete_at")),
        patience=value.get("patience", 1),
        patience_raised_at=_read_instant(value.get("patience_raised_at")),
        ignores_valid_through=value.get("ignores_valid_through", False),
        failing=_read_failing(value.get("failing", {})),
        sliding=_read_sliding(value.get("sliding", {})),
        rewritten_at=_read_instant(value.get("rewritten_at")),
        gone_since=_read_instant(value.get("gone_since")),
        gone_visits=value.get("gone_visits", 0),
        lastmod=_read_lastmod(value.get("lastmod", {})),
        falls=_read_falls(value.get("falls", {})),
        attention=value.get("attention"),
        accepted=_read_acceptance(value.get("accepted")),
    )


def _read_falls(value: Mapping[str, Any]) -> Falls:
    return Falls(together_at=_read_instant(value.get("together_at")), window=value.get("window", False))


def _read_acceptance(value: Sequence[Any] | None) -> Acceptance | None:
    return None if value is None else Acceptance(at=datetime.fromisoformat(value[0]), gone_digest=value[1])


def _read_sliding(value: Mapping[str, Any]) -> Sliding:
    return Sliding(
        days=value.get("days"),
        since=_read_instant(value.get("since")),
        until=_read_instant(value.get("until")),
        visits=value.get("visits", 0),
    )


def _read_failing(value: Mapping[str, Any]) -> Failing:
    return Failing(since=_read_instant(value.get("since")), visits=value.get("visits", 0), most=value.get("most", 0))


def _read_lastmod(value: Mapping[str, Any]) -> Lastmod:
    return Lastmod(clean_visits=value.get("clean_visits", 0), lies=value.get("lies", 0))


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant(at)


def _read_instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
