"""The command line: one command a file. This module only knows where each is found."""

from __future__ import annotations

import rich_click as click

from hirewatch.cli.front import Front, Lazy, LazyGroup

#: the panels of the help page; each command with the line that it shows there, which is the beginning of its own help
PANELS = {
    "Start": {
        "demo": "Watch a small career site on loopback for a minute; needs no network.",
        "inspect": "Say what would be read from pages, what is wrong, and how a site's postings would be found; "
        "exit 1 if a page cannot be read, 5 if not be had.",
        "add": "Watch a site; the first visit is made at once.",
        "visit": "Visit sites now; exit 1 unless every visit is complete.",
    },
    "Look": {
        "status": "Say how each site stands; exit 1 if one, or an outlet, needs you.",
        "postings": "List postings.",
        "show": "Show one posting, its versions, or what differs between two of them.",
        "why": "Tell why a posting is as it is: what happened to it, what proved it, and what is awaited.",
        "events": "Tell what happened to postings, in order.",
        "export": "Write postings or events into a file, a bucket or a pipe.",
    },
    "Run": {
        "serve": "Visit sites by their schedule and tell outlets, until stopped.",
        "worker": "Make visits that `hirewatch serve` orders, on as many machines as you like (PostgreSQL).",
        "deliver": "Tell every outlet what is due, once; exit 1 if one could not be told.",
        "searches": "List and change the questions that are kept.",
        "outlets": "List and change the places that are told about events.",
        "sites": "List and change the sites that are watched.",
    },
    "Keep": {
        "config": "Look at the settings.",
        "db": "Look after the database.",
        "password": "Set or remove the password that the web server asks for.",
        "tokens": "List, create and revoke the tokens of programs.",
        "replay": "Run today's rules over the kept responses of a site; exit 1 if its events would differ.",
        "doctor": "Check this installation; exit 1 if something is wrong.",
        "version": "Say which version this is.",
        "completion": "Print the completion script of a shell.",
    },
}


@click.group(
    cls=LazyGroup,
    lazy={name: Lazy(f"hirewatch.cli.{name}", name, line) for names in PANELS.values() for name, line in names.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    invoke_without_command=True,
    epilog="Begin with `hirewatch demo`, or with `hirewatch inspect URL` of a career site.",
)
@click.rich_config(
    {
        "text_markup": None,
        "show_arguments": True,
        "commands_before_options": True,
        "command_groups": {"hirewatch": [{"name": name, "commands": list(names)} for name, names in PANELS.items()]},
    }
)
@click.version_option(package_name="hirewatch", message="hirewatch %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Watches career sites and keeps a true, deduplicated, living record of their job postings."""
    context.ensure_object(Front)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
