"""`hirewatch db`: the database itself."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.failures import DONE, NEEDS_A_PERSON
from hirewatch.cli.front import Front, Group, command, pass_front


@click.group("db", cls=Group)
def db() -> None:
    """Look after the database."""


@command("upgrade")
@pass_front
def upgrade(front: Front) -> None:
    """Bring the database to this version's schema. With SQLite other commands do so by themselves, and keep a copy."""
    engine = wiring.open_database(front.settings, by_hand=True)
    where = engine.url.render_as_string(hide_password=True)
    if front.json:
        front.print_json({"database": where, "ok": True})
    else:
        front.print(f"{where} has this version's schema")


@command("backup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path), help="A new file.")
@pass_front
def backup(front: Front, file: Path) -> None:
    """Copy the database to a new file, while it is in use."""
    from storage.backup import backup as copy

    copy(wiring.open_database(front.settings), file)
    size = file.stat().st_size
    if front.json:
        front.print_json({"file": str(file), "bytes": size, "ok": True})
    else:
        front.print(f"{file} holds the database as it stands ({size / 2**20:.1f} MiB)")
        front.say(f"Use it:  HIREWATCH_DATABASE=sqlite:///{file.resolve()} hirewatch status")


@command("check")
@click.pass_context
@pass_front
def check(front: Front, context: click.Context) -> None:
    """Check the whole database against its event log; exit 1 if something is wrong."""
    from storage.soundness import REINDEX, problems

    engine = wiring.open_database(front.settings)
    where = engine.url.render_as_string(hide_password=True)
    found = problems(engine)
    if front.json:
        front.print_json({"database": where, "ok": not found, "problems": found})
    else:
        for problem in found:
            front.print(problem)
        if any(not problem.endswith(REINDEX) for problem in found):
            front.say(f"{where} is damaged.\nWhat to do: stop hirewatch, keep a copy of it, and go back to a backup")
        if not found:
            front.print(f"{where} is whole: every posting is as the event log tells it")
    context.exit(NEEDS_A_PERSON if found else DONE)


@command("reindex")
@pass_front
def reindex(front: Front) -> None:
    """Make the index of words anew, where 'db check' says so; stop 'serve' before."""
    from storage import word_index

    engine = wiring.open_database(front.settings)
    word_index.rebuild(engine)
    where = engine.url.render_as_string(hide_password=True)
    if front.json:
        front.print_json({"database": where, "ok": True})
    else:
        front.print(f"{where} knows all its postings by their words")


@command("maintain")
@pass_front
def maintain(front: Front) -> None:
    """Drop what is too old to be kept, and make room; `serve` does so by itself, once a day."""
    from scheduler.maintenance import Maintenance

    engine = wiring.open_database(front.settings)
    said = Maintenance(engine, wiring.keep(front.settings)).run(front.now())
    if front.json:
        front.print_json({"database": engine.url.render_as_string(hide_password=True), "ok": True, "done": said})
    else:
        for line in said or ["nothing to do"]:
            front.print(line)


for _command in (upgrade, backup, check, reindex, maintain):
    db.add_command(_command)
