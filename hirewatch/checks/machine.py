"""What hirewatch needs of the machine that it runs on."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import ssl
import sys
import tempfile
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from typing import TYPE_CHECKING

from hirewatch.checks.finding import Finding

if TYPE_CHECKING:
    from crawler.pages import Reading
    from hirewatch.settings import Settings

OLDEST_PYTHON = (3, 11)
#: RETURNING and the JSON functions that storage uses
OLDEST_SQLITE = (3, 35, 0)
#: hirewatch was written after this; a clock that shows less is wrong
NOT_BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
PACKAGES = ("postings", "network", "crawler", "storage", "delivery", "scheduler", "dashboard", "hirewatch")
#: a list of certificate authorities whose newest is older than this is out of date: some join every year
_NEWEST_AUTHORITY = timedelta(days=6 * 365)
#: a zone that every copy of the time zone data has
_ZONE = "Europe/Berlin"
#: files that the service needs for the web server's 200 clients and its own; those of a worker before its first visit,
#: and of a visit beside its connections (measured: 15, and 1 or 2)
_FILES_OF_SERVICE, _FILES_OF_WORKER, _FILES_A_VISIT = 256, 64, 4
#: seconds until a reader process has read a small page, its start included, and until it is given up
_SLOW, _PATIENCE = 20.0, 30.0
_PAGE = b"""<!doctype html><title>Welder</title><script type="application/ld+json">{"@context": "https://schema.org",
"@type": "JobPosting", "title": "Welder", "description": "Weld.", "datePosted": "2026-11-01"}</script>"""


def python() -> Iterator[Finding]:
    """The interpreter's version."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < OLDEST_PYTHON:
        yield Finding("python", "error", version, "install Python 3.11 or newer")
    else:
        yield Finding("python", "ok", version)


def sqlite() -> Iterator[Finding]:
    """The version of the SQLite library."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        yield Finding("sqlite", "error", sqlite3.sqlite_version, "install SQLite 3.35 or newer, or use PostgreSQL")
    else:
        yield Finding("sqlite", "ok", sqlite3.sqlite_version)


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


def clock(now: datetime) -> Iterator[Finding]:
    """The clock of this machine."""
    if now < NOT_BEFORE:
        yield Finding("clock", "error", f"{now:%Y-%m-%d %H:%M}Z lies in the past", "set the clock; use NTP")
        return
    zone = datetime.now().astimezone().tzname()
    yield Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S}Z (local zone {zone})")


def zones() -> Iterator[Finding]:
    """The rules of time zones: for cron lines, rhythms and quiet hours."""
    try:
        zoneinfo.ZoneInfo(_ZONE)
    except zoneinfo.ZoneInfoNotFoundError:
        yield Finding(
            "time zones",
            "error",
            f"{_ZONE} is not known on this machine",
            "install the Python package `tzdata`, or that of the system (on Debian: apt install tzdata)",
        )
    else:
        yield Finding("time zones", "ok", f"{_ZONE} is known")


def certificates(now: datetime) -> Iterator[Finding]:
    """The certificate authorities by which outlets are trusted."""
    from network.client import public_authorities

    remedy = (
        "install hirewatch anew, as you installed it, for its package `certifi`: in a checkout "
        "`uv tool install --reinstall .`"
    )
    try:
        authorities = public_authorities().get_ca_certs()
    except (OSError, ssl.SSLError) as error:
        yield Finding("certificates", "error", f"the certificate authorities cannot be read: {error}", remedy)
        return
    began = [ssl.cert_time_to_seconds(str(one["notBefore"])) for one in authorities]
    if not began:
        yield Finding(
            "certificates", "error", "no certificate authority is known: no HTTPS address can be told", remedy
        )
        return
    newest = datetime.fromtimestamp(max(began), UTC)
    if now - newest > _NEWEST_AUTHORITY:
        yield Finding(
            "certificates",
            "warning",
            f"the newest of {len(began)} certificate authorities is of {newest:%Y}: newer ones are not trusted",
            remedy,
        )
    else:
        yield Finding("certificates", "ok", f"{len(began)} authorities, the newest of {newest:%Y}")


def temporary_folder() -> Iterator[Finding]:
    """A folder for temporary files, in which one can be written."""
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"x" * 4096)
            file.flush()
    except OSError as error:
        yield Finding(
            "temporary files",
            "error",
            f"none can be written ({error.strerror or error})",
            "make room in /tmp and let this user write there, or name another folder in TMPDIR",
        )
    else:
        yield Finding("temporary files", "ok", tempfile.gettempdir())


def open_files(settings: Settings) -> Iterator[Finding]:
    """How many files and connections a process may have open."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = files_needed(settings.serve.visits, settings.crawl.concurrency_per_host)
    if limit != resource.RLIM_INFINITY and limit < needed:
        yield Finding(
            "open files",
            "warning",
            f"a process may open {limit}; `hirewatch serve` with {settings.serve.visits} visits at a time may need {needed}",
            f"`ulimit -n {needed}` before the start (LimitNOFILE={needed} of systemd), or lower serve.visits",
        )
    else:
        yield Finding("open files", "ok", "no limit" if limit == resource.RLIM_INFINITY else f"up to {limit} a process")


def files_needed(visits: int, connections: int) -> int:
    """What the process that needs most may have open: the service, or a worker with so many visits at a time.

    `connections` are those that a visit may have to a host; a site may stand on two.
    """
    return max(_FILES_OF_SERVICE, _FILES_OF_WORKER + visits * (_FILES_A_VISIT + 2 * connections))


def reader() -> Iterator[Finding]:
    """A process that reads pages starts, and reads one."""
    try:
        reading = asyncio.run(_read_a_page())
    except TimeoutError:
        trouble = f"a small page was not read within {_PATIENCE:g} seconds"
    except (OSError, EOFError, RuntimeError, MemoryError) as error:
        # RuntimeError is a thread that could not be started
        trouble = f"no process could be started ({str(error) or 'out of memory'})"
    else:
        if reading.postings:
            yield Finding("reader", "ok", "a reader process has read a page")
            return
        trouble = f"a small page could not be read: {reading.unreadable or 'nothing was found on it'}"
    yield Finding(
        "reader",
        "error",
        trouble,
        "let this user have more memory (`ulimit -v`, MemoryMax= of systemd, 1.5 GB a reader) and processes (`ulimit -u`)",
    )


async def _read_a_page() -> Reading:
    from crawler.pages import Page
    from crawler.readers import Readers

    readers = Readers(deadline=_SLOW)
    try:
        async with asyncio.timeout(_PATIENCE):
            return await readers.read(Page(url="https://example.org/", body=_PAGE, content_type="text/html"))
    finally:
        readers.close()
