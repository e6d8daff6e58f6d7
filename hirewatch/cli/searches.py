"""`hirewatch searches`: questions that are kept, and who hears of what they find."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from shlex import quote
from typing import TYPE_CHECKING, Any

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import Front, Group, command, pass_front
from hirewatch.cli.hearing import given, hearing
from hirewatch.cli.tables import Column, show
from hirewatch.cli.terms import QueryCommand
from postings import wording
from postings.errors import UsageError
from postings.record import instant

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from delivery.preview import Preview
    from postings.query import Query
    from storage.outlets import Outlet
    from storage.searches import Search


@click.group("searches", cls=Group)
def searches() -> None:
    """List and change the questions that are kept."""


@command("list")
@pass_front
def list_searches(front: Front) -> None:
    """List the saved searches in words, what they find now and who hears of it."""
    from storage import searches as stored

    engine = wiring.open_database(front.settings)
    rows = [
        (search, *_found(engine, search, front.now()), [outlet.name for outlet in stored.outlets_of(engine, search.id)])
        for search in stored.all(engine)
    ]
    if front.json:
        front.print_json(
            [
                {**_as_json(search), "in_words": words, "matches": found, "outlets": heard_by}
                for search, words, found, heard_by in rows
            ]
        )
        return
    if not rows:
        front.say(
            "There is no saved search yet.\nAdd one:  hirewatch searches add NAME QUERY --to mailto:me@example.org"
        )
        return
    columns = (
        Column("SEARCH", keep=True),
        Column("NOW", keep=True, right=True),
        Column("HEARD BY", keep=True),
        Column("FINDS"),
    )
    show(
        front,
        columns,
        [
            (search.name, "-" if found is None else found, ", ".join(heard_by) or "nobody", words)
            for search, words, found, heard_by in rows
        ],
    )


def _found(engine: Engine, search: Search, now: datetime) -> tuple[str, int | None]:
    """The search in words and how many postings it finds; one that cannot be read any more hides no other."""
    from storage import paging

    try:
        query = _parse(search.query)
    except UsageError as error:
        return f"cannot be read: {error}", None
    return query.in_words(), paging.count(engine, query, now)


@command("add", cls=QueryCommand)
@click.argument("name", metavar="NAME", help="What to call it.")
@click.argument("query", metavar="QUERY", help="What it asks, as in 'title:engineer location:berlin -senior'.")
@click.option("--to", "places", multiple=True, metavar="URL", help="Who hears of it: a URL, or an outlet; repeatable.")
@click.option("--backfill", type=click.IntRange(min=1, max=1000), metavar="N", help="Tell the N newest of today too.")
@hearing
@pass_front
def add_search(
    front: Front,
    /,
    name: str,
    query: str,
    places: tuple[str, ...],
    backfill: int | None,
    **options: Any,
) -> None:
    """Keep a question; with --to, tell somebody what it finds from now on."""
    from delivery import outlets as kinds
    from delivery import preview
    from delivery.naming import require_name
    from delivery.zones import zoned
    from postings.query import GRAMMAR
    from storage import searches as stored

    name = require_name(name, "a search")
    parsed = _parse(query)
    engine = wiring.open_database(front.settings)
    chosen = zoned(given(**options))
    if not places and (chosen or backfill):
        raise UsageError("nobody hears of this search", subject=name, remedy="say who with --to URL")
    wanted = [_place(engine, place, chosen) for place in places]
    # everything that may be refused is refused before anything is kept
    for address, asked in wanted:
        kinds.prepare(kinds.kind_of(address), address, asked)
    search = stored.add(engine, name=name, query=query, grammar=GRAMMAR, now=front.now())
    past = preview.backfill(engine, parsed, backfill, front.now()) if backfill else []
    added = [
        kinds.add(
            engine,
            name=_free_name(engine, name, place),
            address=address,
            options=asked,
            now=front.now(),
            search=name,
            backfill=past,
        )
        for place, (address, asked) in zip(places, wanted, strict=True)
    ]
    if front.json:
        told = [_told(outlet) for outlet in added]
        front.print_json({**_as_json(search), "in_words": parsed.in_words(), "outlets": told, "done": "added"})
        return
    front.print(f"{search.name}  added: {parsed.in_words()}")
    for outlet in added:
        secret = _told(outlet).get("secret")
        front.print(f"{outlet.name}  hears of it ({outlet.kind}, {kinds.shown_address(outlet)})")
        if secret:
            front.print(f"secret  {secret}")
    front.say(f"See what it finds:  hirewatch searches preview {quote(search.name)}")


@command("preview", cls=QueryCommand)
@click.argument("asked", metavar="NAME|QUERY", help="A saved search, or a query.")
@click.option("--limit", type=click.IntRange(min=1, max=1000), default=10, help="Examples of each; 10 if not given.")
@pass_front
def preview_search(front: Front, asked: str, limit: int) -> None:
    """Show what a query finds now, would have found, and just misses."""
    from delivery.preview import preview
    from storage import searches as stored

    engine = wiring.open_database(front.settings)
    saved = next((search for search in stored.all(engine) if search.name == asked), None)
    query = _parse(saved.query if saved else asked)
    found = preview(engine, query, front.now(), shown=limit)
    if front.json:
        front.print_json(
            {
                "query": query.text,
                "in_words": query.in_words(),
                "matches": found.matches,
                "more": found.more,
                "newest": list(found.newest),
                "opened": found.opened,
                "about": found.about,
                "days": round(found.span / timedelta(days=1), 1),
                "weekly": None if found.weekly is None else round(found.weekly, 1),
                "misses": [{"term": miss.term, "posting": miss.record} for miss in found.misses],
            }
        )
    else:
        _show(front, query, found)


@command("remove")
@click.argument("name", metavar="NAME", help="Which search.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_front
def remove_search(front: Front, name: str, yes: bool) -> None:
    """Forget a search, and tell no more those who hear of it."""
    from storage import searches as stored

    engine = wiring.open_database(front.settings)
    search = stored.find(engine, name)
    heard_by = [outlet.name for outlet in stored.outlets_of(engine, search.id)]
    if heard_by:
        front.confirm(f"Forget {name}, and tell {', '.join(heard_by)} no more?", yes=yes)
    stored.remove(engine, search.id)
    if front.json:
        front.print_json({"search": name, "outlets": heard_by, "done": "removed"})
    else:
        front.print(f"{name}  removed{', with ' + ', '.join(heard_by) if heard_by else ''}")


def _parse(text: str) -> Query:
    from postings.query import parse

    return parse(text)


def _place(engine: Engine, place: str, chosen: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Address and options of a place: those of an outlet that is there already, under its name or its address."""
    from storage import outlets

    known = next((outlet for outlet in outlets.all(engine) if place in (outlet.name, outlet.address)), None)
    if known is not None:
        return known.address, {**known.options, **chosen}
    if ":" not in place:
        outlets.find(engine, place)
    return place, chosen


def _free_name(engine: Engine, search: str, place: str) -> str:
    from delivery.naming import free_name
    from delivery.outlets import kind_of
    from storage import outlets

    taken = {outlet.name for outlet in outlets.all(engine)}
    return free_name(f"{search}-{place if place in taken else kind_of(place)}", taken)


def _told(outlet: Outlet) -> dict[str, Any]:
    from delivery.outlets import shown_address

    secret = outlet.options.get("secret") if outlet.kind == "webhook" else None
    return {
        "outlet": outlet.name,
        "kind": outlet.kind,
        "address": shown_address(outlet),
        **({"secret": secret[0]} if secret else {}),
    }


def _show(front: Front, query: Query, found: Preview) -> None:
    now = front.now()
    front.print(f"Finds {query.in_words()}.")
    more = " or more" if found.more else ""
    front.print(f"Now: {found.matches:,}{more} posting{'' if found.matches == 1 and not more else 's'}.")
    if found.weekly is None:
        front.print("A week: the log is too young to say.")
    else:
        weeks = found.span / timedelta(weeks=1)
        front.print(f"A week: about {found.weekly:.1f} ({found.opened:,} in the last {weeks:.1f} weeks).")
    columns = [Column("TITLE"), Column("EMPLOYER"), Column("PLACES"), Column("FIRST SEEN", keep=True)]
    if found.newest:
        show(front, columns, [_row(record, now) for record in found.newest])
    if found.misses:
        front.print("\nJust missed, each for one term:")
        show(
            front,
            [Column("TERM", keep=True), *columns],
            [(miss.term, *_row(miss.record, now)) for miss in found.misses],
        )


def _row(record: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    return (
        wording.title(record),
        wording.employer(record),
        wording.places(record),
        wording.ago(wording.parse(record["first_seen"]), now),
    )


def _as_json(search: Search) -> dict[str, Any]:
    return {
        "search": search.name,
        "query": search.query,
        "created_at": instant(search.created_at),
    }


for _command in (list_searches, add_search, preview_search, remove_search):
    searches.add_command(_command)
