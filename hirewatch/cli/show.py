"""`hirewatch show`: one posting, field by field."""

from __future__ import annotations

import textwrap

import rich_click as click

from hirewatch import wiring
from hirewatch.cli import fields
from hirewatch.cli.front import Front, command, pass_front


@command("show")
@click.argument("posting", metavar="ID", help="The posting's id, or its first letters.")
@pass_front
def show(front: Front, posting: str) -> None:
    """Show one posting."""
    from storage import postings

    found = postings.find(wiring.open_database(front.settings), posting)
    if front.json:
        front.print_json(found.record)
        return
    for name, text in fields.of(found.record):
        front.print(f"{name:<16}{text}")
    if found.record["description_text"]:
        front.print()
        front.print(textwrap.indent(found.record["description_text"], "  "))
    front.say(f"\nWhy it is so:  hirewatch why {found.record['id']}")
