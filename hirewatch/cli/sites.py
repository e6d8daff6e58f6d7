"""`hirewatch sites`: the sites that are watched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import rich_click as click

from hirewatch import wiring
from hirewatch.cli import wording
from hirewatch.cli.durations import AUTO, Interval
from hirewatch.cli.front import Front, Group, command, pass_front
from hirewatch.cli.tables import Column, show
from hirewatch.cli.visiting import as_json
from postings.errors import UsageError
from postings.record import instant
from postings.sites import Site


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

    watched = stored.watched(wiring.open_database(front.settings))
    if front.json:
        front.print_json([_as_json(site) for site in watched])
        return
    if not watched:
        front.say("No site is watched yet.\nAdd one:  hirewatch add URL")
        return
    columns = (Column("SITE", keep=True), Column("EVERY", keep=True), Column("SOURCE", keep=True), Column("URL"))
    show(
        front,
        columns,
        [
            (
                site.name,
                "paused" if site.paused_at else wording.interval(site),
                site.source.kind if site.source else "not known yet",
                site.start_url,
            )
            for site in watched
        ],
    )


@command("show")
@_site_argument
@pass_front
def show_site(front: Front, site: str) -> None:
    """Show a site with its last visits."""
    from storage import postings, visits
    from storage import sites as stored

    engine = wiring.open_database(front.settings)
    found = stored.find(engine, site)
    recent = visits.recent(engine, found.id, 10)
    counts = postings.counts(engine).get(found.id, {})
    if front.json:
        front.print_json(
            {
                **_as_json(found),
                "open": counts.get("open", 0),
                "closed": counts.get("closed", 0),
                "visits": [{**as_json(visit), "started_at": instant(visit.started_at)} for visit in recent],
            }
        )
        return
    now = front.now()
    needs = wording.attention(found, recent[0] if recent else None)
    lines = [
        ("site", found.name),
        ("url", found.start_url),
        ("postings", f"{counts.get('open', 0)} open, {counts.get('closed', 0)} closed"),
        ("visited", wording.interval(found)),
        ("next visit", "paused" if found.paused_at else wording.ago(found.next_visit_at, now)),
        ("source", f"{found.source.kind}: {', '.join(found.source.urls)}" if found.source else "not worked out yet"),
        ("why so", found.source.reason if found.source else ""),
        (
            "patience",
            f"waits before a closing are {found.health.patience} times as long" if found.health.patience > 1 else "",
        ),
        ("needs you", needs or ""),
    ]
    for name, text in lines:
        if text:
            front.print(f"{name:<12}{text}")
    for visit in recent:
        front.print(f"\n{wording.moment(visit.started_at)}  {visit.id}\n  {wording.visit_line(visit)}")
        for note in visit.notes:
            front.print(f"  {note}")


@command("set")
@_site_argument
@click.option("--every", type=Interval(), metavar="6h|auto", help="Time between two visits.")
@pass_front
def set_site(front: Front, site: str, every: timedelta | None) -> None:
    """Change how a site is visited."""
    from storage import sites as stored

    if every is None:
        raise UsageError("there is nothing to set", subject=site, remedy=f"hirewatch sites set {site} --every 6h")
    engine = wiring.open_database(front.settings)
    found = stored.find(engine, site)
    stored.set_every(engine, found.id, None if every == AUTO else every)
    _tell(front, stored.find(engine, found.name), "set")


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
    return {
        "site": site.name,
        "url": site.start_url,
        "every": int(site.every.total_seconds()) if site.every else None,
        "added_at": instant(site.added_at),
        "paused_at": instant(site.paused_at) if site.paused_at else None,
        "next_visit_at": instant(site.next_visit_at) if site.next_visit_at else None,
        "baseline_done": site.baseline_done,
        "source": {
            "kind": str(site.source.kind),
            "urls": list(site.source.urls),
            "shapes": list(site.source.shapes),
            "reason": site.source.reason,
        }
        if site.source
        else None,
        "patience": site.health.patience,
        "attention": site.health.attention,
    }


for _command in (list_sites, show_site, set_site, pause_site, resume_site, remove_site):
    sites.add_command(_command)
