"""docs/command-line.md says what the commands are."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import rich_click as click

from hirewatch.cli import cli

DOCS = Path(__file__).parents[3] / "docs"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("command_line", DOCS / "command_line.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def every_command(command: click.Command, path: str = "hirewatch") -> dict[str, click.Command]:
    found = {path: command}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            found |= every_command(child, f"{path} {name}")
    return found


def test_the_page_is_as_the_commands_are() -> None:
    made = generator()
    assert (DOCS / "command-line.md").read_text().partition(made.MARK)[2] == f"\n{made.reference()}", (
        "run: python docs/command_line.py"
    )


def test_every_command_and_option_says_what_it_is_for() -> None:
    for path, command in every_command(cli).items():
        assert command.help, path
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{path} {parameter.name}"
