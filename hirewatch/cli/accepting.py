"""`hirewatch sites accept`: a person says that what a suspect visit saw is true."""

from __future__ import annotations

import rich_click as click

from hirewatch import wiring
from hirewatch.cli import site_json
from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.tables import Column, show
from postings import wording
from postings.record import instant


@command("accept")
@click.argument("site", metavar="SITE", help="Name or URL.")
@pass_front
def accept_site(front: Front, site: str) -> None:
    """Say that what a suspect visit saw is true, or that the site is gone: the next visit that agrees is believed."""
    from hirewatch.cli.site_report import held_json
    from scheduler.ownership import owner_dead
    from storage import acceptance
    from storage import sites as stored

    engine = wiring.open_database(front.settings)
    found = stored.find(engine, site)
    now = front.now()
    held = acceptance.accept(engine, found.id, now, dead=owner_dead)
    before = held.accepted_at != now
    done = "accepted before" if before else "accepted"
    if front.json:
        front.print_json(
            {
                **site_json.of(stored.find(engine, found.name)),
                "visit": held.visit.id,
                "reason": held.visit.reason,
                "accepted_at": instant(held.accepted_at or now),
                "postings": [held_json(one.record) for one in held.postings],
                "done": done,
            }
        )
        return
    front.print(f"{found.name}  {done}: {held.suspicion}")
    if held.postings:
        which = "to which the site says so too" if held.whole_site else "that is complete and misses them too"
        front.print(f"The next visit {which} is believed. {_will_close(len(held.postings))}")
        columns = (Column("ID", keep=True), Column("TITLE"), Column("PLACES"), Column("LAST SEEN", keep=True))
        show(
            front,
            columns,
            [
                (
                    one.id,
                    wording.title(one.record),
                    wording.places(one.record),
                    wording.ago(wording.parse(one.record["last_seen"]), now),
                )
                for one in held.postings
            ],
        )
    else:
        front.print("The next visit that sees the same is believed; no posting closes by it.")
    front.say(f"Look again now:  hirewatch visit {found.name}")


def _will_close(number: int) -> str:
    if number == 1:
        return "This posting closes then, unless it is there again:"
    return f"These {number} postings close then, except for those that are there again:"
