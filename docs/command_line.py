"""Writes the reference part of docs/command-line.md from the commands themselves: `python docs/command_line.py`.

A test holds the page and the commands equal.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import rich_click as click

from hirewatch.cli import cli

PAGE = Path(__file__).with_name("command-line.md")
MARK = "<!-- From here on written by docs/command_line.py. -->"


def reference() -> str:
    """The reference part of the page."""
    context = click.Context(cli, info_name="hirewatch")
    return "\n".join(_command(cli, context, 2)) + "\n"


def _command(command: click.Command, context: click.Context, level: int) -> Iterator[str]:
    yield f"\n{'#' * min(level, 4)} `{context.command_path}`\n"
    yield f"{inspect.cleandoc(command.help or '')}\n"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```\n{context.command_path} {usage}\n```\n"
    own = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    everywhere = [parameter for parameter in own if getattr(parameter, "panel", None) == "Everywhere"]
    for parameter in own:
        if parameter not in everywhere:
            yield _parameter(parameter, context)
    if isinstance(command, click.Group):
        if context.parent is None:
            yield "\nOptions that stand everywhere, before or after the command:\n"
            for parameter in everywhere:
                yield _parameter(parameter, context)
            yield "- `--json` (where the command has a result): the result as JSON."
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from _command(child, click.Context(child, info_name=name, parent=context), level + 1)


def _parameter(parameter: click.Parameter, context: click.Context) -> str:
    name = (
        parameter.make_metavar(context)
        if isinstance(parameter, click.Argument)
        else ", ".join([*parameter.opts, *parameter.secondary_opts])
    )
    value = ""
    if isinstance(parameter, click.Option) and not parameter.is_flag and not parameter.count:
        value = f" {parameter.make_metavar(context)}"
    default = ""
    if isinstance(parameter, click.Option) and parameter.show_default:
        default = f" Default: {parameter.default}."
    return f"- `{name}{value}`: {getattr(parameter, 'help', '') or ''}{default}"


def main() -> None:
    """Writes the page anew below the mark."""
    by_hand = PAGE.read_text().partition(MARK)[0]
    PAGE.write_text(f"{by_hand}{MARK}\n{reference()}")


if __name__ == "__main__":
    main()
