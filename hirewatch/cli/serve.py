"""`hirewatch serve`: the long-running service."""

from __future__ import annotations

import logging

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import Front, command, pass_front


@command("serve", json_output=False)
@click.pass_context
@pass_front
def serve(front: Front, context: click.Context) -> None:
    """Visit sites by their schedule and tell outlets, until stopped."""
    from importlib import metadata

    from scheduler import service
    from storage import engine as engines

    settings = front.settings
    logging.basicConfig(
        level=("WARNING", "INFO", "DEBUG")[min(front.verbose, 2)],
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    engine = wiring.open_database(settings)
    with engines.reading(engine) as conn:
        instance = engines.instance(conn)
    engine.dispose()
    front.say(f"hirewatch {metadata.version('hirewatch')}: serving until Ctrl-C or SIGTERM")
    if settings.network.allow_addresses:
        front.warn(f"Contacts addresses that are not public too: {', '.join(settings.network.allow_addresses)}")
    context.exit(
        service.serve(
            wiring.worker_settings(settings, verbose=front.verbose),
            context=wiring.outlet_context(settings, instance),
            say=front.say,
            workers=settings.serve.workers,
        )
    )
