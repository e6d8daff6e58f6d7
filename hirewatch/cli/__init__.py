"""The command line: one command a file. This module only knows where each is found."""

from __future__ import annotations

import rich_click as click

from hirewatch.cli.front import Front, LazyGroup

_PANELS = {
    "Start": ("demo", "inspect", "add", "visit"),
    "Look": ("status", "postings", "show", "why", "events", "export"),
    "Run": ("serve", "worker", "deliver", "searches", "outlets", "sites"),
    "Keep": ("config", "db", "password", "tokens", "replay", "doctor", "version", "completion"),
}

_COMMANDS = {name: f"hirewatch.cli.{name}:{name}" for names in _PANELS.values() for name in names}


@click.group(
    cls=LazyGroup,
    lazy=_COMMANDS,
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
        "command_groups": {"hirewatch": [{"name": name, "commands": list(names)} for name, names in _PANELS.items()]},
    }
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Watches career sites and keeps a true, deduplicated, living record of their job postings."""
    context.ensure_object(Front)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
