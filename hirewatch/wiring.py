"""Puts the parts together: the only place that turns settings into what the lower packages take.

Imports stay inside the functions: a command loads only the parts that it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crawler.connection import Limits
    from delivery.outlets import Context
    from hirewatch.settings import Settings
    from network.addresses import AddressPolicy
    from scheduler.cadence import Bounds
    from scheduler.protocol import WorkerSettings
    from storage.retention import Keep

#: by the number of -v: what a command in a terminal shows of the log, and what a service does
_FOREGROUND_LEVELS = ("ERROR", "INFO", "DEBUG")
_LOG_LEVELS = ("warning", "info", "debug")


def open_database(settings: Settings, *, by_hand: bool = False) -> Engine:
    """The database, brought to this version's schema; `by_hand` where a person asked for that. Raises DatabaseError."""
    import click

    from storage import engine, schema

    database = engine.connect(settings.database_url)
    if copy := schema.upgrade(database, by_hand=by_hand):
        click.echo(f"The database has this version's schema now. A copy as it was before: {copy}", err=True)
    return database


def instance(engine: Engine) -> str:
    """The id of the installation whose database this is. Raises DatabaseError."""
    from storage import engine as engines

    with engines.reading(engine) as connection:
        return engines.instance(connection)


def address_policy(settings: Settings) -> AddressPolicy:
    """Which addresses may be contacted."""
    from network.addresses import AddressPolicy, parse_networks

    return AddressPolicy(allow=parse_networks(",".join(settings.network.allow_addresses)))


def user_agent(settings: Settings) -> str:
    """How hirewatch names itself to sites and receivers."""
    from importlib import metadata

    contact = f" (+{settings.crawl.user_agent_contact})" if settings.crawl.user_agent_contact else ""
    return f"hirewatch/{metadata.version('hirewatch')}{contact}"


def require_browser(settings: Settings) -> None:
    """Raises ConfigurationError, which says what to install, where the scripts of pages cannot be run."""
    from crawler.chromium import chromium

    chromium(settings.crawl.browser)


def limits(settings: Settings) -> Limits:
    """The manners and bounds of one crawl."""
    from crawler.connection import Limits

    return Limits(
        delay=settings.crawl.delay,
        concurrency=settings.crawl.concurrency_per_host,
        pages=settings.crawl.pages,
        seconds=settings.crawl.seconds,
        timeout=settings.crawl.timeout,
    )


def worker_settings(settings: Settings, *, verbose: int = 0) -> WorkerSettings:
    """Everything that a worker process, or a worker in the foreground, needs."""
    from scheduler.protocol import WorkerSettings

    return WorkerSettings(
        database=settings.database_url,
        delay=settings.crawl.delay,
        concurrency=settings.crawl.concurrency_per_host,
        pages=settings.crawl.pages,
        seconds=settings.crawl.seconds,
        timeout=settings.crawl.timeout,
        allow_addresses=settings.network.allow_addresses,
        user_agent=user_agent(settings) if settings.crawl.user_agent_contact else None,
        visits=settings.serve.visits,
        readers=settings.crawl.readers,
        browser=settings.crawl.browser,
        keep_responses=settings.crawl.keep_responses.total_seconds() or None,
        shortest_interval=settings.cadence.shortest.total_seconds(),
        longest_interval=settings.cadence.longest.total_seconds(),
        requests_a_day=settings.cadence.requests_a_day,
        log_format=settings.log.format,
        log_level=_FOREGROUND_LEVELS[min(verbose, len(_FOREGROUND_LEVELS) - 1)],
    )


def service_settings(settings: Settings, *, verbose: int = 0) -> WorkerSettings:
    """The same for the workers of a service, which log as it does."""
    from dataclasses import replace

    return replace(worker_settings(settings), log_level=log_level(settings, verbose=verbose))


def bounds(settings: Settings) -> Bounds:
    """Between which times a site is visited again, where hirewatch chooses."""
    from scheduler.cadence import Bounds

    return Bounds(shortest=settings.cadence.shortest, longest=settings.cadence.longest)


def keep(settings: Settings) -> Keep:
    """How long things are kept."""
    from storage.retention import Keep

    return Keep(
        evidence=settings.keep.evidence,
        visits=settings.keep.visits,
        deliveries=settings.keep.deliveries,
        responses=settings.crawl.keep_responses,
    )


def start_log(settings: Settings, *, verbose: int = 0) -> None:
    """Begins to log to standard error, as the settings say or as `-v` asks for, whichever says more."""
    from scheduler import logs

    logs.start(settings.log.format, log_level(settings, verbose=verbose))


def log_level(settings: Settings, *, verbose: int = 0) -> str:
    """From which level on a service and its workers log."""
    return _LOG_LEVELS[min(max(verbose, _LOG_LEVELS.index(settings.log.level)), len(_LOG_LEVELS) - 1)].upper()


def outlet_context(settings: Settings, instance: str) -> Context:
    """What outlets need to reach the world; `instance` is the id of this installation."""
    from delivery.outlets import Context, SmtpSettings

    return Context(
        policy=address_policy(settings),
        instance=instance,
        smtp=SmtpSettings(
            url=settings.mail.url.get_secret_value() if settings.mail.url else None, sender=settings.mail.sender
        ),
        user_agent=user_agent(settings),
        public_url=settings.serve.public_url.rstrip("/") if settings.serve.public_url else None,
    )
