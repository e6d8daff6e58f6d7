"""`hirewatch config`: the settings as they are in force."""

from __future__ import annotations

import rich_click as click

from hirewatch.cli.front import Front, Group, command, pass_front
from hirewatch.cli.tables import Column, show


@click.group("config", cls=Group)
def config() -> None:
    """Look at the settings."""


@command("show")
@pass_front
def show_config(front: Front) -> None:
    """Show every setting and where its value came from; secrets are masked."""
    from hirewatch.config import describe

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


def _text(value: object) -> str:
    if isinstance(value, list):
        value = ", ".join(str(part) for part in value)
    return "-" if value in (None, "") else str(value)


config.add_command(show_config)
config.add_command(check_config)
