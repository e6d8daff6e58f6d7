"""`hirewatch sites`: the sites that are watched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

import rich_click as click

from hirewatch import wiring
from hirewatch.cadence_words import in_short
from hirewatch.cli import site_json
from hirewatch.cli.accepting import accept_site
from hirewatch.cli.front import NO_SITE, Front, Group, command, pass_front
from hirewatch.cli.importing import import_sites
from hirewatch.cli.tables import Column, show, show_json
from hirewatch.cli.timing_options import Requests, timing_options
from hirewatch.timing import timing_of
from postings.errors import UsageError
from postings.site_names import scope_path
from postings.sites import Site
from postings.trust import Choice, Overrides

if TYPE_CHECKING:
    from sqlalchemy import Engine


@click.group("sites", cls=Group)
def sites() -> None:
    """List and change the sites that are watched."""


def _site_argument(function: Any) -> Any:
    return click.argument("site", metavar="SITE", help="Name or URL.")(function)


@command("list")
@pass_front
def list_sites(front: Front) -> None:
    """List the sites."""
    from storage import sites as stored

    listed = stored.listing(wiring.open_database(front.settings))
    if front.json:
        show_json(map(site_json.of_listed, listed))
        return
    first = next(listed, None)
    if first is None:
        front.say(NO_SITE)
        return
    columns = (Column("SITE", keep=True), Column("EVERY", keep=True), Column("SOURCE", keep=True), Column("URL"))
    rows = (
        (
            site.name,
            "paused" if site.paused_at else in_short(site.every, site.cron),
            site.source.kind if site.source else "not known yet",
            site.start_url,
        )
        for site in chain((first,), listed)
    )
    show(front, columns, rows)


@command("show")
@_site_argument
@pass_front
def show_site(front: Front, site: str) -> None:
    """Show a site with its last visits."""
    from hirewatch.cli.site_report import Report
    from storage import acceptance, budget, postings, visits
    from storage import sites as stored

    engine = wiring.open_database(front.settings)
    found = stored.find(engine, site)
    report = Report(
        site=found,
        counts=postings.counts(engine).get(found.id, {}),
        missing=postings.missing(engine, found.id),
        measured=postings.measured(engine, found.id),
        held=acceptance.held_back(engine, found.id),
        visits=visits.recent(engine, found.id, 10),
        now=front.now(),
        bounds=wiring.bounds(front.settings),
        house=budget.current(engine),
    )
    if front.json:
        front.print_json({**site_json.of(found), **report.to_json()})
        return
    for line in report.lines():
        front.print(line)


@command("set")
@_site_argument
@timing_options
@click.option(
    "--requests-a-day", type=Requests(), metavar="N|none", help="Requests a day that its visits may make, or no limit."
)
@click.option(
    "--trust",
    "trusted",
    multiple=True,
    metavar="KEY=VALUE",
    help="Believe identifier=on|off|auto, or address-token=on|off|auto|PLACE, from the next visit on; repeatable.",
)
@click.option(
    "--render", type=click.Choice(("on", "off")), help="Run the scripts of its pages in a browser, or no longer."
)
@click.option(
    "--scope", metavar="PATH|host|auto", help="The part of its host that the site is, or let visits find out."
)
@pass_front
def set_site(
    front: Front,
    site: str,
    every: timedelta | None,
    cron: str | None,
    zone: str | None,
    requests_a_day: int | None,
    trusted: tuple[str, ...],
    render: str | None,
    scope: str | None,
) -> None:
    """Change how a site is visited, and what it is believed."""
    from storage import site_settings
    from storage import sites as stored

    if all(option is None for option in (every, cron, zone, requests_a_day, render, scope)) and not trusted:
        raise UsageError(
            "there is nothing to set",
            subject=site,
            remedy=f"hirewatch sites set {site} --every 6h, --render on, or --trust identifier=off",
        )
    part = None if scope is None else scope_path(scope)
    if render == "on":
        wiring.require_browser(front.settings)
    engine = wiring.open_database(front.settings)
    found = stored.find(engine, site)
    chosen = timing_of(every, cron, zone, known=found)
    overrides = found.overrides
    for text in trusted:
        overrides = _overridden(overrides, text)
    if overrides.token is Choice.ON and overrides.of(found.trust).token_place is None:
        raise _no_place(engine, found)
    with site_settings.changing(engine, found.id) as change:
        if chosen is not None and chosen.cron is not None:
            from scheduler import cron as lines

            change.set_cron(*chosen.cron, first=lines.after(*chosen.cron, front.now()))
        elif chosen is not None:
            change.set_every(chosen.every, now=front.now())
        if requests_a_day is not None:
            change.set_requests_a_day(requests_a_day or None)
        if render is not None:
            change.set_render(render == "on")
        if scope is not None:
            change.set_scope(part)
        if trusted:
            change.set_overrides(overrides)
    _tell(front, stored.find(engine, found.name), "set")
    if trusted or render or scope is not None:
        front.say("It counts from the next visit on; what was decided before stays.")


def _overridden(overrides: Overrides, text: str) -> Overrides:
    """What `--trust KEY=VALUE` changes. Raises UsageError."""
    key, _, value = text.partition("=")
    choice = value.lower()
    known = choice in set(Choice)
    if key == "identifier" and known:
        return replace(overrides, identifier=Choice(choice))
    if key == "address-token" and known:
        kept = overrides.token_place if choice == Choice.ON else None
        return replace(overrides, token=Choice(choice), token_place=kept)
    if key == "address-token" and value.startswith(("path:", "query:")):
        return replace(overrides, token=Choice.ON, token_place=value)
    raise UsageError(
        "cannot be set",
        subject=f"--trust {text}",
        remedy="write identifier=on|off|auto, or address-token=on|off|auto, or a place such as address-token=path:-1",
    )


def _no_place(engine: Engine, site: Site) -> UsageError:
    from storage import postings

    places = [str(one.place) for one in postings.measured(engine, site.id).tokens]
    return UsageError(
        "no place is known where its addresses keep an id",
        subject=site.name,
        remedy=f"name one, such as --trust address-token={places[0]} (there are: {', '.join(places)})"
        if places
        else "its addresses hold no id; leave it at address-token=auto",
    )


@command("pause")
@_site_argument
@pass_front
def pause_site(front: Front, site: str) -> None:
    """Stop visiting a site; what is known of it stays."""
    from storage import sites as stored

    engine = wiring.open_database(front.settings)
    found = stored.find(engine, site)
    stored.pause(engine, found.id, front.now())
    _tell(front, stored.find(engine, found.name), "paused")


@command("resume")
@_site_argument
@pass_front
def resume_site(front: Front, site: str) -> None:
    """Visit a paused site again, soon."""
    from storage import sites as stored

    engine = wiring.open_database(front.settings)
    found = stored.find(engine, site)
    stored.resume(engine, found.id, front.now())
    _tell(front, stored.find(engine, found.name), "resumed")


@command("remove")
@_site_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_front
def remove_site(front: Front, site: str, yes: bool) -> None:
    """Watch a site no more; its postings and events stay."""
    from storage import sites as stored

    engine = wiring.open_database(front.settings)
    found = stored.find(engine, site)
    front.confirm(f"Watch {found.name} ({found.start_url}) no more?", yes=yes)
    stored.remove(engine, found.id, front.now())
    _tell(front, found, "removed")


def _tell(front: Front, site: Site, what: str) -> None:
    if front.json:
        front.print_json({**site_json.of(site), "done": what})
    else:
        front.print(f"{site.name}  {what}")


for _command in (
    list_sites,
    show_site,
    set_site,
    import_sites,
    accept_site,
    pause_site,
    resume_site,
    remove_site,
):
    sites.add_command(_command)
