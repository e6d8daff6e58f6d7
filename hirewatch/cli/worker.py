"""`hirewatch worker`: visits for a service on another machine."""

from __future__ import annotations

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.serve import logged
from postings.errors import UsageError


@command("worker", json_output=False)
@click.pass_context
@pass_front
def worker(front: Front, context: click.Context) -> None:
    """Make visits that `hirewatch serve` orders, on as many machines as you like (PostgreSQL).

    Every machine names the same database in HIREWATCH_DATABASE, and has the same settings of `crawl` and `network`.
    """
    from dataclasses import replace
    from importlib import metadata

    from scheduler import service

    settings = front.settings
    wiring.start_log(settings, verbose=front.verbose)
    database = wiring.open_database(settings)
    kind = database.dialect.name
    database.dispose()
    if kind == "sqlite":
        raise UsageError(
            "an SQLite database belongs to one machine, which needs no further worker",
            remedy="run hirewatch serve, which visits by itself (serve.workers sets the number of its processes), or "
            "name a PostgreSQL database in HIREWATCH_DATABASE",
        )
    say = front.say if settings.log.format == "text" else logged
    say(f"hirewatch {metadata.version('hirewatch')}; Ctrl-C or SIGTERM ends it")
    if settings.network.allow_addresses:
        say(f"Contacts addresses that are not public too: {', '.join(settings.network.allow_addresses)}")
    orders = replace(wiring.worker_settings(settings), log_level=wiring.log_level(settings, verbose=front.verbose))
    context.exit(service.work(orders, say=say, workers=settings.serve.workers))
