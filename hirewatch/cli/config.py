"""`hirewatch config`: the settings as they are in force."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import rich_click as click

from hirewatch.cli.front import Front, Group, command, pass_front
from hirewatch.cli.tables import Column, show

if TYPE_CHECKING:
    from hirewatch.settings_in_force import Setting


@click.group("config", cls=Group)
def config() -> None:
    """Look at the settings."""


@command("show")
@pass_front
def show_config(front: Front) -> None:
    """Show every setting and where its value came from; secrets are masked."""
    from hirewatch.settings_in_force import describe

    settings = describe(front.settings, front.config)
    if front.json:
        front.print_json(
            {
                setting.name: {"value": setting.value, "origin": setting.origin, "meaning": setting.meaning}
                for setting in settings
            }
        )
        return
    columns = (Column("SETTING", keep=True), Column("VALUE"), Column("FROM"), Column("MEANING", optional=True))
    show(
        front, columns, [(setting.name, _text(setting.value), setting.origin, setting.meaning) for setting in settings]
    )


@command("check")
@pass_front
def check_config(front: Front) -> None:
    """Check the settings; exit 3 and all errors at once if something is wrong."""
    from hirewatch.config import find_file

    _ = front.settings
    path = find_file(front.config)
    if front.json:
        front.print_json({"ok": True, "file": str(path) if path else None})
    else:
        front.print(f"The settings are right ({path or 'no configuration file'}).")


@command("export")
@pass_front
def export_config(front: Front) -> None:
    """Print the settings as a hirewatch.toml: what was set, and what is left as it is as a comment; no secrets."""
    from hirewatch.settings_in_force import describe

    front.print(_toml(describe(front.settings, front.config)))


def _toml(settings: Sequence[Setting]) -> str:
    """The text of a file that says what these settings say."""
    from hirewatch.settings_in_force import MASK

    lines: list[str] = []
    section = ""
    for setting in settings:
        head, _, key = setting.name.rpartition(".")
        if head != section:
            section = head
            lines += ["", f"[{section}]"]
        # what JSON writes of texts, numbers, truth and lists of them, TOML reads
        value = "" if setting.value is None else json.dumps(setting.value, ensure_ascii=False)
        as_it_is = setting.origin == "default"
        masked = not as_it_is and MASK in value
        lines.append(f"# {setting.meaning}" + ("; the value holds a password, which is not shown" if masked else ""))
        lines.append(f"{'# ' if as_it_is or masked else ''}{key} = {value}".rstrip())
    return "\n".join(lines)


def _text(value: object) -> str:
    if isinstance(value, list):
        value = ", ".join(str(part) for part in value)
    return "-" if value in (None, "") else str(value)


for _command in (show_config, check_config, export_config):
    config.add_command(_command)
