"""`hirewatch postings`: the postings that are known, one a line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal

import rich_click as click

from hirewatch import wiring
from hirewatch.cli.front import NO_SITE, Front, command, pass_front
from hirewatch.cli.tables import Column, show
from hirewatch.cli.terms import QueryCommand
from postings import wording
from postings.errors import UsageError

if TYPE_CHECKING:
    from postings.query import Query

#: postings that are read at a time
_BATCH: Final = 200


@command("postings", cls=QueryCommand)
@click.argument("words", nargs=-1, metavar="[QUERY]", help="What is asked, as in 'title:engineer -senior'.")
@click.option(
    "--state",
    type=click.Choice(["open", "closed", "all"]),
    help="Which postings: those that are open, unless the query asks with is:open or is:closed.",
)
@click.option("--site", metavar="SITE", help="Only of this site (name or URL).")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--count", is_flag=True, help="Only how many there are.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV with a heading line.")
@pass_front
def postings(
    front: Front,
    words: tuple[str, ...],
    state: Literal["open", "closed", "all"] | None,
    site: str | None,
    limit: int | None,
    count: bool,
    as_csv: bool,
) -> None:
    """List postings.

    QUERY is words that all must occur, "phrases", OR, - for what must not be so, and fields such as title:engineer,
    location:berlin, salary>=70k, remote:yes, first:<7d. Put it into single quotes. docs/queries.md has the whole
    language.
    """
    from postings.query import parse
    from storage import paging, site_pages, sites

    if count and (limit or as_csv):
        raise UsageError("--count does not go with --limit or --csv", remedy="give one of them")
    if as_csv and front.json:
        raise UsageError("--csv and --json are two forms of one answer", remedy="choose one")
    engine = wiring.open_database(front.settings)
    asked = _asked(parse(" ".join(words)), state, sites.find(engine, site).name if site else None)
    if count:
        number = paging.count(engine, asked, front.now())
        if front.json:
            front.print_json({"count": number})
        else:
            front.print(str(number))
        return
    # a page after the other: whoever asks for a few waits for a few
    walked = paging.walk(engine, asked, front.now(), batch=min(limit or _BATCH, _BATCH))
    found = (posting.record for posting in islice(walked, limit))
    if front.json:
        for record in found:
            front.print_json(record)
    elif as_csv:
        _write_csv(found)
    elif not _show(front, found) and not site_pages.names(engine):
        front.say(NO_SITE)


def _asked(query: Query, state: str | None, site: str | None) -> Query:
    """The query with the options in it."""
    from postings.query import parse

    # nothing of it reaches beyond its brackets
    terms = [f"({query.text})"] if query.text.strip() else []
    if state is not None:
        terms.append("(is:open OR is:closed)" if state == "all" else f"is:{state}")
    if site is not None:
        terms.append(f'site:"{site}"')
    return parse(" ".join(terms))


def _show(front: Front, records: Iterable[Mapping[str, Any]]) -> bool:
    """Shows the postings; whether there is one."""
    now = front.now()
    columns = (
        Column("ID", keep=True),
        Column("STATE", keep=True),
        Column("TITLE"),
        Column("EMPLOYER", optional=True),
        Column("PLACES"),
        Column("PAY", optional=True),
        Column("FIRST SEEN", keep=True, optional=True),
    )
    rows = [
        (
            record["id"],
            record["state"],
            wording.title(record),
            wording.employer(record),
            wording.places(record),
            wording.pay(record),
            wording.ago(wording.parse(record["first_seen"]), now),
        )
        for record in records
    ]
    if rows:
        show(front, columns, rows)
    front.say(f"{len(rows)} posting{'' if len(rows) == 1 else 's'}" if rows else "No posting matches.")
    return bool(rows)


def _write_csv(records: Iterable[Mapping[str, Any]]) -> None:
    """The columns that every export has."""
    from delivery import formats

    encoder = formats.encoder("csv", formats.POSTINGS)
    for record in records:
        sys.stdout.write(encoder.add([record]).decode())
    sys.stdout.write(encoder.finish().decode())
