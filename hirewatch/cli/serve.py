"""`hirewatch serve`: the long-running service."""

from __future__ import annotations

import logging
from dataclasses import replace

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import Front, command, pass_front

log = logging.getLogger(__name__)


@command("serve", json_output=False)
@click.option("--host", metavar="HOST", help="Listen on this address (default: serve.host, 127.0.0.1).")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Listen on this port (default: serve.port, 8777); 0 picks a free one.",
)
@click.option("--no-http", is_flag=True, help="Run no web server.")
@click.pass_context
@pass_front
def serve(front: Front, context: click.Context, host: str | None, port: int | None, no_http: bool) -> None:
    """Visit sites by their schedule and tell outlets, until stopped."""
    from importlib import metadata

    from hirewatch import serving, settings_in_force

    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = front.settings.model_copy(update={"serve": front.settings.serve.model_copy(update=chosen)})
    wiring.start_log(settings, verbose=front.verbose)
    wiring.open_database(settings).dispose()
    say = front.say if settings.log.format == "text" else logged
    say(f"hirewatch {metadata.version('hirewatch')}; Ctrl-C or SIGTERM ends it")
    if settings.network.allow_addresses:
        say(f"Contacts addresses that are not public too: {', '.join(settings.network.allow_addresses)}")
    described = [
        replace(one, value=chosen[option], origin=f"--{option}")
        if (option := one.name.removeprefix("serve.")) in chosen
        else one
        for one in settings_in_force.describe(front.settings, front.config)
    ]
    context.exit(serving.serve(settings, verbose=front.verbose, say=say, http=not no_http, described=described))


def logged(line: str) -> None:
    """For a log that a machine reads: there are no other lines beside it."""
    log.info("service.said text=%s", line)
