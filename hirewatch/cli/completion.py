"""`hirewatch completion`: the script that lets a shell complete commands and options."""

from __future__ import annotations

import rich_click as click

from hirewatch.cli.front import Front, command, pass_front

_WHERE = {
    "bash": 'eval "$(hirewatch completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(hirewatch completion zsh)"    in ~/.zshrc',
    "fish": "hirewatch completion fish > ~/.config/fish/completions/hirewatch.fish",
}


@command("completion", json_output=False)
@click.argument("shell", type=click.Choice(sorted(_WHERE)), help="Which shell.")
@pass_front
def completion(front: Front, shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    from hirewatch.cli import cli

    kind = get_completion_class(shell)
    assert kind is not None, f"Click knows no {shell}"
    click.echo(kind(cli, {}, "hirewatch", "_HIREWATCH_COMPLETE").source())
    if front.terminal:
        front.say(f"To use it:  {_WHERE[shell]}")
