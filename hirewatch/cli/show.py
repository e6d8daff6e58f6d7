"""`hirewatch show`: one posting, field by field; its versions, and what differs between two of them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import rich_click as click

from hirewatch import wiring
from hirewatch.cli import fields
from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.tables import Column
from hirewatch.cli.tables import show as show_table
from postings import wording
from postings.errors import NotFoundError, UsageError
from postings.record import instant

if TYPE_CHECKING:
    from postings.versions import Version
    from storage.postings import StoredPosting


@command("show")
@click.argument("posting", metavar="ID", help="The posting's id, or its first letters.")
@click.argument("numbers", nargs=-1, type=click.IntRange(min=1), metavar="[A [B]]", help="With --diff: which versions.")
@click.option("--versions", "list_versions", is_flag=True, help="List its versions, with the event that brought each.")
@click.option(
    "--diff", is_flag=True, help="What differs between versions A and B; from the one before A; of the last two."
)
@pass_front
def show(front: Front, posting: str, numbers: tuple[int, ...], list_versions: bool, diff: bool) -> None:
    """Show one posting, its versions, or what differs between two of them."""
    from storage import events, postings

    if list_versions and diff:
        raise UsageError("asks for two things at once", subject="--versions --diff", remedy="give one of them")
    if numbers and (not diff or len(numbers) > 2):
        raise UsageError(
            "are no two versions to compare" if diff else "are versions, and nothing is to be compared",
            subject=" ".join(map(str, numbers)),
            remedy=f"hirewatch show {posting} --diff A B",
        )
    engine = wiring.open_database(front.settings)
    found = postings.find(engine, posting)
    if list_versions or diff:
        from postings.versions import versions

        known = versions(events.of_posting(engine, found.id))
        if diff:
            _show_difference(front, found, *_chosen(found.id, known, numbers))
        else:
            _list_versions(front, found, known)
        return
    if front.json:
        front.print_json(found.record)
        return
    for name, text in fields.of(found.record):
        front.print(f"{name:<16}{text}")
    if found.record["description_text"]:
        front.print()
        front.print(textwrap.indent(found.record["description_text"], "  "))
    front.say(f"\nWhy it is so:  hirewatch why {found.record['id']}")


def _chosen(posting_id: str, known: Sequence[Version], numbers: Sequence[int]) -> tuple[Version, Version]:
    """The two versions to compare. Raises UsageError, or NotFoundError for one that is not there."""
    for number in numbers:
        if number > len(known):
            raise NotFoundError(
                f"there is no version {number} of it, only {'1' if len(known) == 1 else f'1 to {len(known)}'}",
                subject=posting_id,
                remedy=f"`hirewatch show {posting_id} --versions` lists them",
            )
    if len(known) < 2:
        raise UsageError(
            "has one version only: nothing of it has changed",
            subject=posting_id,
            remedy=f"`hirewatch why {posting_id}` tells its life",
        )
    if len(numbers) == 2:
        return known[numbers[0] - 1], known[numbers[1] - 1]
    after = numbers[0] if numbers else len(known)
    if after == 1:
        raise UsageError(
            "is the first version, so there is none before it",
            subject="1",
            remedy=f"hirewatch show {posting_id} --diff 1 2",
        )
    return known[after - 2], known[after - 1]


def _list_versions(front: Front, found: StoredPosting, known: Sequence[Version]) -> None:
    if front.json:
        front.print_json({"posting": found.id, "versions": [{**_as_json(one), "record": one.record} for one in known]})
        return
    columns = (
        Column("VERSION", keep=True, right=True),
        Column("WHEN", keep=True),
        Column("EVENT", keep=True, right=True),
        Column("WHAT", keep=True),
        Column("SIGNIFICANCE", keep=True),
        Column("FIELDS"),
    )
    show_table(
        front,
        columns,
        [
            (
                one.number,
                wording.moment(one.at),
                one.event,
                f"{one.type} (baseline)" if one.baseline and one.number == 1 else one.type,
                one.significance if one.fields else "",
                ", ".join(one.fields),
            )
            for one in known
        ],
    )
    if len(known) > 1:
        front.say(f"What differs:  hirewatch show {found.id} --diff {len(known) - 1} {len(known)}")


def _show_difference(front: Front, found: StoredPosting, before: Version, after: Version) -> None:
    from hirewatch.cli.difference import Difference
    from postings.versions import differences

    differing = [Difference(one) for one in differences(before.record, after.record)]
    if front.json:
        front.print_json(
            {
                "posting": found.id,
                "from": _as_json(before),
                "to": _as_json(after),
                "changes": {one.name: one.to_json() for one in differing},
            }
        )
        return
    out = front.out() if front.terminal else None

    def line(text: str, style: str = "") -> None:
        if out is None:
            front.print(text)
        else:
            out.print(Difference.styled(text, style), soft_wrap=True)

    line(f"{found.id}  {wording.title(after.record)}")
    for sign, one, style in (("-", before, "red"), ("+", after, "green")):
        line(f"{sign} version {one.number}  {wording.moment(one.at)}  event {one.event} ({one.type})", style)
    if not differing:
        line("Nothing differs.")
    for field in differing:
        line("")
        line(field.name, "bold")
        for text, style in field.lines():
            line(text, style)


def _as_json(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "event": version.event,
        "type": str(version.type),
        "at": instant(version.at),
        "significance": str(version.significance),
        "baseline": version.baseline,
        "fields": list(version.fields),
    }
