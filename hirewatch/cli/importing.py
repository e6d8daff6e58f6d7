"""`hirewatch sites import`: watch every site of a list."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import Front, command, pass_front
from postings import urls
from postings.errors import UsageError
from postings.site_names import free_name

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from hirewatch.site_lists import Wanted

#: sites that are written at a time: nobody else can write meanwhile
_BATCH: Final = 500


@command("import")
@click.argument("file", metavar="FILE", type=click.File("rb"), help="The list; - is standard input.")
@click.option("--dry-run", is_flag=True, help="Say what would be added, and add nothing.")
@pass_front
def import_sites(front: Front, file: BinaryIO, dry_run: bool) -> None:
    """Watch every site of a list: an address a line, CSV with a column `url`, or what `sites list --json` prints.

    Sites that are watched already stay as they are. If anything in the list is wrong, nothing is added; if the import
    is interrupted, run it again for the rest. `serve` makes the first visits; CSV and JSON may also say `name`,
    `every`, `cron`, `zone`, `render` and `scope`.
    """
    from hirewatch import site_lists

    wanted = site_lists.read(file.read(), file.name)
    if any(one.render for one in wanted):
        wiring.require_browser(front.settings)
    engine = wiring.open_database(front.settings)
    new, known = _named(engine, wanted, file.name)
    if not dry_run:
        _add(front, engine, new)
    if front.json:
        front.print_json(
            {"added": [{"site": name, "url": one.start_url} for name, one in new], "known": known, "dry_run": dry_run}
        )
        return
    for name, one in new:
        front.print(f"{name}  {one.start_url}")
    done = "would be added" if dry_run else "added"
    front.say(
        f"{len(new)} {done}; {known} watched already" + ("" if dry_run or not new else "\nVisit them:  hirewatch serve")
    )


def _named(engine: Engine, wanted: tuple[Wanted, ...], source: str) -> tuple[list[tuple[str, Wanted]], int]:
    """The sites that are not watched yet, each with its name, and how many are. Raises UsageError for a taken name."""
    from storage import sites as stored

    watched = {urls.key(site.start_url): site.name for site in stored.listing(engine)}
    fresh = [one for one in wanted if urls.key(one.start_url) not in watched]
    taken = set(watched.values())
    for one in fresh:
        if one.name in taken:
            raise UsageError(
                f"the name {one.name} belongs to another site, so nothing of the list was used",
                subject=source,
                remedy=f"give {one.start_url} another name, or none",
            )
    taken |= {one.name for one in fresh if one.name is not None}
    new = []
    for one in fresh:
        name = one.name or free_name(one.start_url, taken)
        taken.add(name)
        new.append((name, one))
    return new, len(wanted) - len(fresh)


def _add(front: Front, engine: Engine, new: list[tuple[str, Wanted]]) -> None:
    from storage import sites as stored

    rows = (
        stored.NewSite(
            name=name,
            start_url=one.start_url,
            every=one.timing.every,
            cron=one.timing.cron,
            render=one.render,
            scope=one.scope,
        )
        for name, one in new
    )
    while batch := list(islice(rows, _BATCH)):
        stored.add_all(engine, batch, front.now())
