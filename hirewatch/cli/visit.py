"""`hirewatch visit`: visit sites now, in the foreground."""

from __future__ import annotations

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.failures import DONE, NEEDS_A_PERSON
from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.visiting import as_json, visit_now
from postings import wording
from postings.causes import remedy
from postings.errors import UsageError
from postings.sites import Site
from postings.visits import VisitSummary


@command("visit")
@click.argument("names", nargs=-1, metavar="[SITE]...", help="Names or URLs of watched sites.")
@click.option("--all", "everything", is_flag=True, help="Every site that is not paused.")
@click.pass_context
@pass_front
def visit(front: Front, context: click.Context, names: tuple[str, ...], everything: bool) -> None:
    """Visit sites now; exit 1 unless every visit is complete."""
    from storage import sites

    if bool(names) == everything:
        raise UsageError(
            "say which sites to visit" if not names else "--all visits every site; name none beside it",
            remedy="hirewatch visit SITE…, or hirewatch visit --all",
        )
    engine = wiring.open_database(front.settings)
    if everything:
        wanted = [site for site in sites.watched(engine) if site.paused_at is None]
        if not wanted:
            front.say("No site is watched, or all are paused.\nAdd one:  hirewatch add URL")
    else:
        wanted = list({site.id: site for site in (sites.find(engine, name) for name in names)}.values())
    if not wanted:
        return

    def finished(summary: VisitSummary) -> None:
        if front.json:
            front.print_json(as_json(summary))
            return
        front.print(f"{summary.site}  {wording.visit_line(summary)}")
        for note in summary.notes:
            front.print(f"  {note}")
        if advice := remedy(summary.reason or ""):
            front.say(f"What to do: {advice}")

    def busy(site: Site) -> None:
        front.warn(f"{site.name}: another process is visiting it (or its host) at this moment; see hirewatch status")

    complete = visit_now(front, wanted, finished=finished, busy=busy)
    context.exit(DONE if complete else NEEDS_A_PERSON)
