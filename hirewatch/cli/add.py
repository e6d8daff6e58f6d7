"""`hirewatch add`: watch a site, and visit it for the first time."""

from __future__ import annotations

from datetime import timedelta

import rich_click as click

from hirewatch import wiring
from hirewatch.cadence_words import in_short
from hirewatch.cli.failures import DONE, NEEDS_A_PERSON
from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.timing_options import timing_options
from hirewatch.cli.visiting import as_json, visit_now
from hirewatch.timing import Timing, timing_of
from postings import wording
from postings.causes import remedy
from postings.site_names import free_name, require_name, scope_path, start_url
from postings.sites import Site
from postings.visits import VisitSummary


@command("add")
@click.argument("url", metavar="URL", help="Where the site's postings begin: its career page.")
@click.option("--name", metavar="NAME", help="What to call the site; made from its host otherwise.")
@timing_options
@click.option("--render", is_flag=True, help="Run the scripts of its pages in a browser; they show nothing without.")
@click.option("--scope", metavar="PATH|host", help="The part of the host that the site is; found out otherwise.")
@click.option("--no-visit", is_flag=True, help="Leave the first visit to `serve` or `visit`.")
@click.pass_context
@pass_front
def add(
    front: Front,
    context: click.Context,
    url: str,
    name: str | None,
    every: timedelta | None,
    cron: str | None,
    zone: str | None,
    render: bool,
    scope: str | None,
    no_visit: bool,
) -> None:
    """Watch a site; the first visit is made at once."""
    from storage import site_pages, sites

    address = start_url(url)
    if name is not None:
        require_name(name)
    chosen = timing_of(every, cron, zone) or Timing()
    part = None if scope is None else scope_path(scope)
    if render:
        wiring.require_browser(front.settings)
    engine = wiring.open_database(front.settings)
    taken = site_pages.names(engine)
    site = sites.add(
        engine,
        name=name or free_name(address, taken),
        start_url=address,
        every=chosen.every,
        cron=chosen.cron,
        render=render,
        scope=part,
        now=front.now(),
    )
    front.say(f'Watching "{site.name}", {in_short(site.every, site.cron)}: {site.start_url}')
    if no_visit:
        _tell(front, site, None)
        return
    front.say("First visit now: what it finds was there before anyone watched, so it alerts nobody.")
    visited: list[VisitSummary] = []
    complete = visit_now(
        front, [site], finished=visited.append, busy=lambda busy: front.warn(f"{busy.name}: its host is busy")
    )
    _tell(front, site, visited[0] if visited else None)
    context.exit(DONE if complete else NEEDS_A_PERSON)


def _tell(front: Front, site: Site, visit: VisitSummary | None) -> None:
    if front.json:
        front.print_json(
            {
                "site": site.name,
                "url": site.start_url,
                "every": int(site.every.total_seconds()) if site.every else None,
                "cron": site.cron,
                "zone": site.zone,
                "render": site.render,
                "scope": {"set": site.scope},
                "visit": as_json(visit) if visit else None,
            }
        )
        return
    front.print(site.name + (f"  {wording.visit_line(visit)}" if visit else "  not visited yet"))
    if visit and visit.opened:
        front.say(f"\nSee them:  hirewatch postings --site {site.name}\nKeep on:   hirewatch serve")
    elif visit:
        advice = remedy(visit.reason or "")
        front.say(
            "\nNothing was found yet; the site is watched all the same.\n"
            + (f"What to do:         {advice}\n" if advice else "")
            + f"See what is there:  hirewatch inspect {site.start_url}\n"
            f"Try again:          hirewatch visit {site.name}, or hirewatch serve\n"
            f"Give it up:         hirewatch sites remove {site.name}"
        )
