"""Puts the parts together: the only place that turns settings into what the lower packages take.

Imports stay inside the functions: a command loads only the parts that it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crawler.connection import Limits
    from delivery.outlets import Context
    from hirewatch.config import Settings
    from network.addresses import AddressPolicy
    from scheduler.protocol import WorkerSettings

_LOG_LEVELS = ("ERROR", "INFO", "DEBUG")


def open_database(settings: Settings) -> Engine:
    """The database, brought to this version's schema. Raises DatabaseError."""
    from storage import engine

    database = engine.connect(settings.database_url)
    engine.upgrade(database)
    return database


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
        readers=settings.crawl.readers,
        browser=settings.crawl.browser,
        keep_responses=settings.crawl.keep_responses.total_seconds() or None,
        log_level=_LOG_LEVELS[min(verbose, len(_LOG_LEVELS) - 1)],
    )


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
    )
