"""`hirewatch db`: the database itself."""

from __future__ import annotations

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import Front, Group, command, pass_front


@click.group("db", cls=Group)
def db() -> None:
    """Look after the database."""


@command("upgrade")
@pass_front
def upgrade(front: Front) -> None:
    """Bring the database to this version's schema; other commands do so by themselves."""
    engine = wiring.open_database(front.settings)
    where = engine.url.render_as_string(hide_password=True)
    if front.json:
        front.print_json({"database": where, "ok": True})
    else:
        front.print(f"{where} has this version's schema")


db.add_command(upgrade)
