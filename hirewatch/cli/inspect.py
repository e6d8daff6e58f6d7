"""`hirewatch inspect`: what would be read from a page, field by field, with what is wrong. No database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import rich_click as click

from hirewatch.cli import fields, wording
from hirewatch.cli.failures import DONE, NEEDS_A_PERSON, NETWORK
from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.text import clean

if TYPE_CHECKING:
    from hirewatch.inspection import Inspection

#: fields whose absence is worth a word, as they are called in the record and in the markup
_WANTED = {
    "title": "title", "organization": "hiringOrganization", "identifier": "identifier", "locations": "jobLocation",
    "employment_types": "employmentType", "salary": "baseSalary", "date_posted": "datePosted",
    "valid_through": "validThrough", "description_text": "description", "direct_apply": "directApply",
}
_SIGNS = {"error": "✗", "warning": "⚠"}
#: addresses of a list that are shown
_FIRST = 5


@command("inspect")
@click.argument("pages", nargs=-1, required=True, metavar="URL|FILE...", help="Addresses, or files of pages.")
@click.option("--explain", is_flag=True, help="With the rule behind each finding.")
@click.pass_context
@pass_front
def inspect(front: Front, context: click.Context, pages: tuple[str, ...], explain: bool) -> None:
    """Say what would be read from pages, and what is wrong; exit 1 if one cannot be read, 5 if not be had."""
    from hirewatch import inspection

    inspection.require_files(pages)
    codes = [DONE]

    def tell(found: Inspection) -> None:
        if found.refused:
            codes.append(NETWORK)
        elif found.reading.unreadable is not None:
            codes.append(NEEDS_A_PERSON)
        if front.json:
            front.print_json(found.as_json())
            return
        for line in told(found, explain=explain):
            front.print(line)
        front.print()

    inspection.inspect(pages, front.settings, tell)
    context.exit(max(codes))


def told(found: Inspection, *, explain: bool = False) -> Iterator[str]:
    """An inspection as lines for people."""
    value = found.as_json()
    named = clean(found.url or found.argument)
    if found.reading.unreadable:
        yield f"{named}  ✗ {'' if found.refused else 'cannot be read: '}{clean(found.reading.unreadable)}"
        return
    answered = f"answered {found.status}, " if found.status is not None else ""
    yield f"{named}  {answered}{_kind(found, value)}"
    for record in value["postings"]:
        yield ""
        if len(value["postings"]) > 1:
            yield f"  {_one_line(record)}"
            continue
        yield from (f"  {name:<15}{text}" for name, text in fields.of(record))
        if record["description_text"]:
            yield f"  {'description':<15}{len(record['description_text']):,} characters: {_start(record)}"
    if len(value["postings"]) == 1:
        missing = [name for field, name in _WANTED.items() if not _said(value["postings"][0][field])]
        yield f"  {len(_WANTED) - len(missing)} of {len(_WANTED)} fields read" + (
            f"; not there: {', '.join(missing)}" if missing else ""
        )
    for problem in value["problems"]:
        yield f"  {_SIGNS[problem['level']]} {clean(problem['path'] or 'page')}: {clean(problem['message'])}"
        if explain:
            yield f"      rule: {clean(problem['rule'])}"
    if found.kind == "list" and not value["postings"]:
        yield from (f"  {clean(address)}" for address in found.promising[:_FIRST])
    yield from _next(found)


def _kind(found: Inspection, value: dict[str, Any]) -> str:
    count = len(value["postings"])
    if count:
        return f"{count} posting{'' if count == 1 else 's'}"
    if found.kind == "list":
        return f"a list page, {len(found.promising)} links that look like postings"
    return "no posting on it"


def _one_line(record: dict[str, Any]) -> str:
    parts = (wording.title(record), wording.employer(record), wording.places(record), wording.pay(record))
    return " · ".join(part for part in parts if part)


def _start(record: dict[str, Any]) -> str:
    text = clean(record["description_text"])
    return text if len(text) <= 60 else f"{text[:60]}…"


def _said(value: Any) -> bool:
    return value is not None and value != []


def _next(found: Inspection) -> Iterator[str]:
    """What a person would type next."""
    if found.status is None:
        return
    if found.kind == "list":
        yield f"Watch it:  hirewatch add {clean(found.argument)}"
    elif found.kind == "other":
        yield "Look at a page of one job, or of the list of jobs:  hirewatch inspect URL"
    else:
        yield "Watch the site it belongs to:  hirewatch add URL-OF-ITS-CAREER-PAGE"
