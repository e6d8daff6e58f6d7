"""`hirewatch postings`: the postings that are known, one a line."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import rich_click as click

from hirewatch import wiring
from hirewatch.cli import wording
from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.tables import Column, show
from hirewatch.cli.text import clean

_CSV_FIELDS = (
    "id",
    "site",
    "state",
    "url",
    "title",
    "organization",
    "identifier",
    "locations",
    "remote",
    "employment_types",
    "salary_currency",
    "salary_min",
    "salary_max",
    "salary_unit",
    "date_posted",
    "valid_through",
    "language",
    "first_seen",
    "last_seen",
    "closed_at",
    "closed_reason",
)


@command("postings")
@click.argument("words", nargs=-1, metavar="[WORDS]...", help="All must occur in title, employer or places.")
@click.option(
    "--state", type=click.Choice(["open", "closed", "all"]), default="open", show_default=True, help="Which postings."
)
@click.option("--site", metavar="SITE", help="Only of this site (name or URL).")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV with a heading line.")
@pass_front
def postings(
    front: Front, words: tuple[str, ...], state: str, site: str | None, limit: int | None, as_csv: bool
) -> None:
    """List postings."""
    from storage import postings as stored_postings
    from storage import sites

    engine = wiring.open_database(front.settings)
    site_id = sites.find(engine, site).id if site else None
    found = (
        posting.record
        for posting in stored_postings.search(
            engine,
            state=state,  # type: ignore[arg-type]  # click has checked the choice
            site_id=site_id,
            words=words,
            limit=limit,
        )
    )
    if front.json:
        for record in found:
            front.print_json(record)
    elif as_csv:
        _write_csv(found)
    else:
        _show(front, found)


def _show(front: Front, records: Iterable[Mapping[str, Any]]) -> None:
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


def _write_csv(records: Iterable[Mapping[str, Any]]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(_CSV_FIELDS)
    for record in records:
        salary = record["salary"] or {}
        flat = {
            **record,
            "organization": wording.employer(record),
            "identifier": (record["identifier"] or {}).get("value"),
            "locations": wording.places(record),
            "employment_types": wording.kinds(record),
            **{f"salary_{name}": salary.get(name) for name in ("currency", "min", "max", "unit")},
        }
        writer.writerow([_cell(flat[name]) for name in _CSV_FIELDS])


def _cell(value: Any) -> Any:
    """A cell that a spreadsheet will not run as a formula, whatever the page wrote."""
    if isinstance(value, str):
        text = clean(value)
        return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
    return value
