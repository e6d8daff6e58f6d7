"""`hirewatch tokens`: what programs and feed readers show the web server instead of a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import Front, Group, command, pass_front
from hirewatch.cli.tables import Column, show
from postings import wording
from postings.errors import UsageError
from postings.record import instant

if TYPE_CHECKING:
    from storage.access import Token


@click.group("tokens", cls=Group)
def tokens() -> None:
    """List, create and revoke the tokens of programs."""


@command("list")
@pass_front
def list_tokens(front: Front) -> None:
    """List the tokens, what each opens and when it was last used."""
    from storage import access

    found = access.tokens(wiring.open_database(front.settings))
    if front.json:
        front.print_json([_as_json(token) for token in found])
        return
    if not found:
        front.say("There is no token yet.\nCreate one:  hirewatch tokens create NAME --read")
        return
    now = front.now()
    columns = (
        Column("TOKEN", keep=True),
        Column("OPENS", keep=True),
        Column("CREATED", keep=True),
        Column("LAST USED", keep=True),
    )
    show(
        front,
        columns,
        [
            (
                token.name,
                str(token.scope),
                wording.ago(token.created_at, now),
                wording.ago(token.last_used_at, now) if token.last_used_at else "never",
            )
            for token in found
        ],
    )


@command("create")
@click.argument("name", metavar="NAME", help="What to call it: the program that gets it.")
@click.option("--read", "scopes", flag_value="read", multiple=True, help="It may look at everything.")
@click.option("--write", "scopes", flag_value="write", multiple=True, help="It may change everything too.")
@click.option(
    "--feeds", "scopes", flag_value="feeds", multiple=True, help="It may read feeds, and stands in their address."
)
@pass_front
def create_token(front: Front, name: str, scopes: tuple[str, ...]) -> None:
    """Create a token and show it, this once."""
    from storage import access

    if len(scopes) != 1:
        raise UsageError("say what it opens", subject=name, remedy="--read, --write or --feeds")
    made = access.create_token(wiring.open_database(front.settings), name, access.Scope(scopes[0]), front.now())
    if front.json:
        front.print_json({"token": name, "scope": scopes[0], "secret": made, "done": "created"})
        return
    front.print(made)
    front.say("It is not shown again.")
    if scopes[0] == "feeds":
        front.say(f"Feeds take it in their address:  /feeds/all.atom?token={made[:6]}…")
    else:
        front.say(f"Programs send it in a field:  Authorization: Bearer {made[:6]}…")


@command("revoke")
@click.argument("name", metavar="NAME", help="Which token.")
@pass_front
def revoke_token(front: Front, name: str) -> None:
    """End a token, at once."""
    from storage import access

    access.revoke_token(wiring.open_database(front.settings), name)
    if front.json:
        front.print_json({"token": name, "done": "revoked"})
    else:
        front.print(f"{name}  revoked")


def _as_json(token: Token) -> dict[str, Any]:
    return {
        "token": token.name,
        "scope": str(token.scope),
        "created_at": instant(token.created_at),
        "last_used_at": instant(token.last_used_at) if token.last_used_at else None,
    }


for _command in (list_tokens, create_token, revoke_token):
    tokens.add_command(_command)
