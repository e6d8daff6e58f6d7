"""`hirewatch worker --stdin`: what `serve` starts to make visits. Not for people."""

from __future__ import annotations

import rich_click as click

from hirewatch.cli.front import Front, command, pass_front
from postings.errors import UsageError


@command("worker", hidden=True, json_output=False)
@click.option("--stdin", "from_stdin", is_flag=True, help="Take settings and orders from standard input.")
@click.pass_context
@pass_front
def worker(front: Front, context: click.Context, from_stdin: bool) -> None:
    """Make visits that another process orders."""
    if not from_stdin:
        raise UsageError("orders come on standard input", remedy="hirewatch serve starts its workers itself")
    from scheduler.worker import serve_stdin

    context.exit(serve_stdin())
