"""What `hirewatch doctor` looks at: each check answers with findings, and what to do about each.

A check never raises: what it cannot find out is its finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hirewatch import wiring
from hirewatch.checks import database, files, internet, machine, outlets, service
from hirewatch.checks.finding import Check, Finding, of_error, safely
from postings.errors import HirewatchError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from hirewatch.settings import Settings

__all__ = ["Finding", "all_checks"]


def all_checks(
    settings: Callable[[], Settings], *, file: Path | None = None, now: datetime, online: bool
) -> Iterator[Finding]:
    """Every finding, one after the other. What needs settings or a database is left out where these are broken.

    `settings` reads them, from `file` if one is named; `now` is aware. `online` contacts the internet too.
    """
    yield from _each(
        ("python", machine.python),
        ("sqlite", machine.sqlite),
        ("packages", machine.owners),
        ("clock", lambda: machine.clock(now)),
        ("time zones", machine.zones),
        ("certificates", lambda: machine.certificates(now)),
        ("temporary files", machine.temporary_folder),
        ("reader", machine.reader),
    )
    try:
        values = settings()
    except HirewatchError as error:
        yield Finding("configuration", "error", error.problem, error.remedy)
        return
    yield from _each(
        ("configuration", lambda: files.configuration(values, file)),
        ("data folder", lambda: files.folder(values)),
        ("disk", lambda: files.disk(values)),
        ("file system", lambda: files.file_system(values)),
        ("open files", lambda: machine.open_files(values)),
        ("user agent", lambda: service.user_agent(values)),
        ("addresses", lambda: service.addresses(values)),
    )
    try:
        engine = wiring.open_database(values)
    except HirewatchError as error:
        yield of_error("database", error)
    else:
        try:
            yield from _with_database(engine, values, now)
        finally:
            engine.dispose()
    if online:
        yield from _each(("internet", lambda: internet.internet(values, now)))


def _with_database(engine: Engine, settings: Settings, now: datetime) -> Iterator[Finding]:
    usable = True
    for finding in safely("database", lambda: database.database(engine, settings, now)):
        usable = usable and finding.verdict != "error"
        yield finding
    if engine.dialect.name == "sqlite":
        yield from _each(("database", lambda: database.log_of_writes(engine)))
    elif usable:
        yield from _each(("server", lambda: database.server(engine, now)), ("queue", lambda: database.queue(engine)))
    if usable:
        yield from _each(
            ("outlets", lambda: outlets.ready(engine, settings)),
            ("deliveries", lambda: outlets.deliveries(engine)),
            ("sites", lambda: service.sites(engine)),
            ("browser", lambda: service.browser(engine, settings)),
            ("cadence", lambda: service.cadence(engine, settings)),
            ("web server", lambda: service.web_server(engine, settings)),
            ("visits", lambda: service.visits(engine, now)),
        )


def _each(*checks: tuple[str, Check]) -> Iterator[Finding]:
    for name, check in checks:
        yield from safely(name, check)
