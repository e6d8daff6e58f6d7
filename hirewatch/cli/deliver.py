"""`hirewatch deliver`: send now what is due, once."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.failures import DONE, NEEDS_A_PERSON
from hirewatch.cli.front import Front, command, pass_front
from postings import wording
from postings.cleaning import clean
from postings.record import instant

if TYPE_CHECKING:
    from delivery.dispatch import Settled


@command("deliver")
@click.pass_context
@pass_front
def deliver(front: Front, context: click.Context) -> None:
    """Tell every outlet what is due, once; exit 1 if one could not be told."""
    from delivery.dispatch import deliver_all
    from storage import outlets

    engine = wiring.open_database(front.settings)
    if not outlets.all(engine):
        front.say("There is no outlet yet.\nAdd one:  hirewatch outlets add NAME URL")
    context_of_outlets = wiring.outlet_context(front.settings, wiring.instance(engine))
    settled = deliver_all(engine, context_of_outlets, front.now(), Random())
    for one in settled:
        _tell(front, one)
    if not settled and not front.json:
        front.say("Nothing is due.")
    context.exit(
        NEEDS_A_PERSON if any(one.error or one.left_out or one.parked or one.disabled for one in settled) else DONE
    )


def _tell(front: Front, settled: Settled) -> None:
    if front.json:
        front.print_json(
            {
                "outlet": settled.outlet,
                "sent": settled.sent,
                "parked": settled.parked,
                "disabled": settled.disabled,
                "busy": settled.busy,
                "next_attempt_at": instant(settled.next_attempt_at) if settled.next_attempt_at else None,
                "held_until": instant(settled.held_until) if settled.held_until else None,
                "error": settled.error,
                "left_out": settled.left_out,
            }
        )
        return
    text = "another process is telling it" if settled.busy else f"{settled.sent} sent"
    if settled.parked:
        text += f", {settled.parked} given up"
    if settled.left_out:
        text += f"; {clean(settled.left_out)}"
    if settled.error:
        text += f": {clean(settled.error)}"
    if settled.next_attempt_at:
        text += f"; next attempt {wording.ago(settled.next_attempt_at, front.now())}"
    if settled.held_until:
        text += f"; the rest leaves {wording.ago(settled.held_until, front.now())}"
    front.print(f"{settled.outlet}  {text}")
