"""What `hirewatch doctor` looks at: each check answers with one finding, and what to do about it.

A check never raises: what it cannot find out is its finding.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from typing import TYPE_CHECKING, Literal

from hirewatch import wiring
from postings.errors import HirewatchError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from hirewatch.config import Settings

OLDEST_PYTHON = (3, 11)
#: RETURNING and the JSON functions that storage uses
OLDEST_SQLITE = (3, 35, 0)
LEAST_FREE = 500 * 1024 * 1024
#: hirewatch was written after this; a clock that shows less is wrong
NOT_BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
PACKAGES = ("postings", "network", "crawler", "storage", "delivery", "scheduler", "dashboard", "hirewatch")
#: the domain that RFC 2606 keeps for examples
EXAMPLE = "example.org"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    name: str
    verdict: Literal["ok", "warning", "error"]
    found: str
    remedy: str | None = None


def all_checks(settings: Callable[[], Settings], *, now: datetime, online: bool) -> Iterator[Finding]:
    """Every finding, one after the other. What needs settings or a database is left out where these are broken."""
    yield python()
    yield sqlite()
    yield from owners()
    yield clock(now)
    try:
        values = settings()
    except HirewatchError as error:
        yield Finding("configuration", "error", error.problem, error.remedy)
        return
    yield Finding("configuration", "ok", "every setting is right")
    yield from folder(values)
    yield disk(values)
    try:
        engine = wiring.open_database(values)
    except HirewatchError as error:
        yield Finding("database", "error", str(error), error.remedy)
    else:
        yield from database(engine, now)
        yield from outlets(engine, values)
        yield from cadence(engine, values)
        engine.dispose()
    if values.network.allow_addresses:
        networks = ", ".join(values.network.allow_addresses)
        yield Finding(
            "addresses",
            "warning",
            f"{networks} may be contacted although not public",
            "take out of network.allow_addresses what no watched site needs",
        )
    if online:
        yield from internet(values)


def python() -> Finding:
    """The interpreter's version."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        return Finding("python", "error", version, "install Python 3.11 or newer")
    return Finding("python", "ok", version)


def sqlite() -> Finding:
    """The version of the SQLite library."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return Finding("sqlite", "error", sqlite3.sqlite_version, "install SQLite 3.35 or newer, or use PostgreSQL")
    return Finding("sqlite", "ok", sqlite3.sqlite_version)


def owners() -> Iterator[Finding]:
    """Another distribution in this environment that brings a package of one of our names overwrites ours."""
    found = metadata.packages_distributions()
    clean = True
    for package in PACKAGES:
        others = sorted(set(found.get(package, ())) - {"hirewatch"})
        if others:
            clean = False
            yield Finding(
                "packages",
                "error",
                f"{package} belongs to {', '.join(others)} too",
                f"install hirewatch into an environment of its own, without {', '.join(others)}",
            )
    if clean:
        yield Finding("packages", "ok", "no other distribution owns a package of ours")


def clock(now: datetime) -> Finding:
    """The clock of this machine."""
    if now < NOT_BEFORE:
        return Finding("clock", "error", f"{now:%Y-%m-%d %H:%M}Z lies in the past", "set the clock; use NTP")
    zone = datetime.now().astimezone().tzname()
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S}Z (local zone {zone})")


def folder(settings: Settings) -> Iterator[Finding]:
    """The data folder and its rights."""
    home = settings.home
    if not home.exists():
        yield Finding("data folder", "ok", f"{home} (made when it is needed)")
        return
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            "data folder",
            "error",
            f"{home} may not be written by this user",
            f"chown it, or set HIREWATCH_HOME to a folder of {_user()}",
        )
        return
    loose = [path for path in home.iterdir() if path.is_file() and path.stat().st_mode & 0o077]
    if loose:
        yield Finding(
            "data folder",
            "warning",
            f"others may read {loose[0].name} in {home}; outlets may hold secrets",
            f"chmod 600 {loose[0]}",
        )
        return
    yield Finding("data folder", "ok", str(home))


def disk(settings: Settings) -> Finding:
    """Free space where the data lie."""
    place = settings.home
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    text = f"{free / 2**30:.1f} GiB free at {place}"
    if free < LEAST_FREE:
        return Finding("disk", "error", text, "make room: nothing is lost when the disk is full, but nothing is kept")
    return Finding("disk", "ok", text)


def database(engine: Engine, now: datetime) -> Iterator[Finding]:
    """The database answers, has this version's schema, and no time in it lies in the future."""
    from storage import events, sites, visits

    try:
        watched = sites.watched(engine)
        last = events.last(engine)
        begun = [visit.started_at for visit in visits.latest(engine).values()]
    except HirewatchError as error:
        yield Finding("database", "error", str(error), error.remedy)
        return
    where = engine.url.render_as_string(hide_password=True)
    yield Finding("database", "ok", f"{where}: {len(watched)} sites, {last} events, schema up to date")
    if begun and max(begun) > now + timedelta(minutes=5):
        yield Finding(
            "clock",
            "warning",
            f"a visit began at {max(begun):%Y-%m-%d %H:%M}Z, which is yet to come",
            "the clock went back; set it right on every machine that uses this database",
        )


def cadence(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Whether the budgets of requests suffice for the visits that were asked for."""
    from scheduler import budget
    from scheduler.cadence import is_short
    from storage import budget as kept
    from storage import sites

    bounds, requests = wiring.bounds(settings), settings.cadence.requests_a_day
    short = [site.name for site in sites.limited(engine) if is_short(site, bounds)]
    if short:
        yield Finding(
            "cadence",
            "warning",
            f"the requests a day of {', '.join(short[:5])} are too few for the intervals of their visits",
            f"raise them: hirewatch sites set {short[0]} --requests-a-day N",
        )
    if requests is not None and (said := budget.said(kept.current(engine), requests, bounds)):
        yield Finding("cadence", "warning", said, "raise cadence.requests_a_day, or cadence.longest")
    elif not short:
        yield Finding("cadence", "ok", "visits keep within their budgets of requests")


def outlets(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Each outlet's own check."""
    from delivery.outlets import open_outlet
    from storage import engine as engines
    from storage import outlets

    with engines.reading(engine) as conn:
        context = wiring.outlet_context(settings, engines.instance(conn))
    for outlet in outlets.all(engine):
        name = f"outlet {outlet.name}"
        if outlet.disabled_at:
            yield Finding(
                name,
                "warning",
                f"disabled: {outlet.disabled_reason}",
                f"hirewatch outlets enable {outlet.name} tells it again, from where it stopped",
            )
            continue
        try:
            opened = open_outlet(outlet, context)
            try:
                opened.check()
            finally:
                opened.close()
        except HirewatchError as error:
            yield Finding(name, "error", error.problem, error.remedy or f"hirewatch outlets check {outlet.name}")
        else:
            yield Finding(name, "ok", f"{outlet.kind}, ready")


def internet(settings: Settings) -> Iterator[Finding]:
    """A name can be looked up, and a page fetched over HTTPS with a valid certificate."""
    try:
        socket.getaddrinfo(EXAMPLE, 443, type=socket.SOCK_STREAM)
    except OSError as error:
        yield Finding(
            "dns", "error", f"{EXAMPLE} cannot be looked up: {error}", "check the network and the name server"
        )
        return
    yield Finding("dns", "ok", f"{EXAMPLE} was found")
    from network import client as clients

    try:
        with clients.client(
            wiring.address_policy(settings), timeout=settings.crawl.timeout, user_agent=wiring.user_agent(settings)
        ) as client:
            status = client.get(f"https://{EXAMPLE}/").status_code
    except HirewatchError as error:
        yield Finding("https", "error", str(error), error.remedy or "check the network, a proxy, the certificates")
    else:
        yield Finding("https", "ok", f"https://{EXAMPLE}/ answered {status}")


def _user() -> str:
    return os.environ.get("USER") or f"user {os.getuid()}"
