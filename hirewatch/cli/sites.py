"""`hirewatch sites`: the sites that are watched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.cadence import in_short, timing, timing_options
from hirewatch.cli.durations import Requests
from hirewatch.cli.front import Front, Group, command, pass_front
from hirewatch.cli.importing import import_sites
from hirewatch.cli.tables import Column, show, show_json
from postings import wording
from postings.errors import UsageError
from postings.record import instant
from postings.site_names import scope_path
from postings.sites import Site
from postings.trust import Choice, Overrides

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.sites import Listed


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
        show_json(front, map(_listed_json, listed))
        return
    first = next(listed, None)
    if first is None:
        front.say("No site is watched yet.\nAdd one:  hirewatch add URL")
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
        front.print_json({**_as_json(found), **report.to_json()})
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
    chosen = timing(every, cron, zone, known=found)
    overrides = found.overrides
    for text in trusted:
        overrides = _overridden(overrides, text)
    if overrides.token is Choice.ON and overrides.of(found.trust).token_place is None:
        raise _no_place(engine, found)
    if chosen is not None and chosen.cron is not None:
        from scheduler import cron as lines

        stored.set_cron(engine, found.id, *chosen.cron, first=lines.after(*chosen.cron, front.now()))
    elif chosen is not None:
        stored.set_every(engine, found.id, chosen.every, now=front.now())
    if requests_a_day is not None:
        stored.set_requests_a_day(engine, found.id, requests_a_day or None)
    if render is not None:
        stored.set_render(engine, found.id, render == "on")
    if scope is not None:
        stored.set_scope(engine, found.id, part)
    if trusted:
        stored.set_overrides(engine, found.id, overrides)
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


@command("accept")
@_site_argument
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
                **_as_json(stored.find(engine, found.name)),
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
    confirm(front, yes, f"Watch {found.name} ({found.start_url}) no more?")
    stored.remove(engine, found.id, front.now())
    _tell(front, found, "removed")


def confirm(front: Front, yes: bool, question: str) -> None:
    """Asks on a terminal; where nobody can answer, `--yes` has to be given. Raises UsageError or click.Abort."""
    import sys

    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here", remedy="say --yes if you mean it")
    click.confirm(question, abort=True, err=True)


def _tell(front: Front, site: Site, what: str) -> None:
    if front.json:
        front.print_json({**_as_json(site), "done": what})
    else:
        front.print(f"{site.name}  {what}")


def _as_json(site: Site) -> dict[str, Any]:
    return _described(site, patience=site.health.patience, attention=site.health.attention)


def _listed_json(site: Listed) -> dict[str, Any]:
    return _described(site, patience=site.patience, attention=site.attention)


def _described(site: Site | Listed, *, patience: int, attention: str | None) -> dict[str, Any]:
    return {
        "site": site.name,
        "url": site.start_url,
        "every": int(site.every.total_seconds()) if site.every else None,
        "cron": site.cron,
        "zone": site.zone,
        "requests_a_day": site.requests_a_day,
        "render": site.render,
        "scope": {
            "set": site.scope,
            "path": site.source.scope if site.source else None,
            "led": site.source.led if site.source else False,
        },
        "added_at": instant(site.added_at),
        "paused_at": instant(site.paused_at) if site.paused_at else None,
        "next_visit_at": instant(site.next_visit_at) if site.next_visit_at else None,
        "baseline_done": site.baseline_done,
        "source": {
            "kind": str(site.source.kind),
            "urls": list(site.source.urls),
            "feeds": list(site.source.feeds),
            "shapes": list(site.source.shapes),
            "reason": site.source.reason,
        }
        if site.source
        else None,
        "patience": patience,
        "attention": attention,
    }


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
