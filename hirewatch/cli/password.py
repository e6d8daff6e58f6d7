"""`hirewatch password`: the one password of the web server."""

from __future__ import annotations

import sys

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import Front, Group, command, pass_front
from postings.errors import NotFoundError, UsageError


@click.group("password", cls=Group)
def password() -> None:
    """Set or remove the password that the web server asks for."""


@command("set")
@pass_front
def set_password(front: Front) -> None:
    """Set the password; a terminal asks for it, otherwise it is the first line of standard input.

    From then on everybody has to log in, on loopback too, and whoever had logged in has to do it again. Only its hash
    is kept.
    """
    from storage import access

    chosen = (
        click.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    if not chosen:
        raise UsageError("no password was given", remedy="write it to standard input, or run this in a terminal")
    access.set_password(wiring.open_database(front.settings), chosen, front.now())
    _tell(front, "set")
    front.say("Everybody has to log in from now on. Programs need a token:  hirewatch tokens create NAME --read")


@command("remove")
@pass_front
def remove_password(front: Front) -> None:
    """Ask for no password any more; then the web server shows itself on loopback only."""
    from storage import access

    if not access.remove_password(wiring.open_database(front.settings)):
        raise NotFoundError("no password is set", remedy="hirewatch password set")
    _tell(front, "removed")


def _tell(front: Front, what: str) -> None:
    if front.json:
        front.print_json({"done": what})
    else:
        front.print(f"password  {what}")


for _command in (set_password, remove_password):
    password.add_command(_command)
