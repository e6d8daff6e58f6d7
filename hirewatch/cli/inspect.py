"""`hirewatch inspect`: what would be read from a page, field by field, with what is wrong. No database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import rich_click as click

from hirewatch.cli.failures import DONE, NEEDS_A_PERSON, NETWORK
from hirewatch.cli.front import Front, command, pass_front
from postings import inspection_words, wording
from postings.cleaning import clean

if TYPE_CHECKING:
    from crawler.pages import Place
    from hirewatch.findings import Field, Finding
    from hirewatch.inspection import Inspection

#: fields whose absence is worth a word, as they are called in the record and in the markup
_WANTED = {
    "title": "title", "organization": "hiringOrganization", "identifier": "identifier", "locations": "jobLocation",
    "employment_types": "employmentType", "salary": "baseSalary", "date_posted": "datePosted",
    "valid_through": "validThrough", "description_text": "description", "direct_apply": "directApply",
}  # fmt: skip
_SIGNS = {"error": "✗", "warning": "⚠"}
_FINE = "✓"
#: addresses of a list that are shown
_FIRST = 5


@command("inspect")
@click.argument("pages", nargs=-1, required=True, metavar="URL|FILE...", help="Addresses, or files of pages.")
@click.option("--explain", is_flag=True, help="With how each script was read, and the rule behind each finding.")
@click.option("--strict", is_flag=True, help="Exit 1 also where markup breaks a rule that is an error.")
@click.pass_context
@pass_front
def inspect(front: Front, context: click.Context, pages: tuple[str, ...], explain: bool, strict: bool) -> None:
    """Say what would be read from pages, what is wrong, and how a site's postings would be found; exit 1 if a page
    cannot be read, 5 if not be had."""
    from hirewatch import inspector

    inspector.require_files(pages)
    codes = [DONE]

    def tell(found: Inspection) -> None:
        if found.refused:
            codes.append(NETWORK)
        elif found.reading.unreadable is not None or (strict and _has_error(found)):
            codes.append(NEEDS_A_PERSON)
        if front.json:
            front.print_json(found.as_json(explain=explain))
            return
        for line in told(found, explain=explain):
            front.print(line)
        front.print()

    inspector.inspect(pages, front.settings, tell, now=front.now)
    context.exit(max(codes))


def told(found: Inspection, *, explain: bool = False) -> Iterator[str]:
    """An inspection as lines for people."""
    from hirewatch.inspection import source_as_json

    reading = found.reading
    named = clean(found.url or found.argument)
    if reading.unreadable:
        yield f"{named}  ✗ {'' if found.refused else 'cannot be read: '}{clean(reading.unreadable)}"
        return
    answered = f"answered {found.status}, " if found.status is not None else ""
    yield f"{named}  {answered}{_kind(found)}"
    records = found.as_json()["postings"]
    findings, fields = found.findings, found.fields
    for number, record in enumerate(records):
        own = [finding for finding in findings if finding.posting == number]
        read = [field for field in fields if field.posting == number]
        yield ""
        yield f"  {wording.title(record)}  ({inspection_words.stands(_at(reading.postings[number].at), record['syntax'])})"
        if len(records) > 1:
            yield f"    {_one_line(record)}"
            yield from _problems(own, explain=explain)
            continue
        yield from _fields(record, read, own, explain=explain)
    yield from _summary(records, findings)
    yield from _problems((finding for finding in findings if finding.posting is None), explain=explain)
    if explain and reading.explanation:
        yield ""
        yield "  How it was read"
        for step in reading.explanation:
            rung = f"{step.rung}: " if step.rung else ""
            yield f"    {inspection_words.place(_at(step.at)) or 'page'}: {clean(rung + step.outcome)}"
    if found.survey is not None:
        yield from _source(source_as_json(found.survey))
    elif found.kind == "list" and not records:
        yield from (f"  {clean(address)}" for address in found.promising[:_FIRST])
    yield from _next(found)


def _source(source: dict[str, Any]) -> Iterator[str]:
    """How the site's postings would be found."""
    yield ""
    if source["kind"] is None:
        yield f"  ✗ No source: {clean(source['reason'])}"
        return
    yield f"  Source ({source['kind']}): {clean(source['reason'])}"
    for called, addresses in (
        ("read from", source["urls"]), ("with the feed", source["feeds"]), ("checked with", source["checks"]),
    ):  # fmt: skip
        for address in addresses:
            yield f"    {called:<14}{clean(address)}"
    for shape in source["shapes"][:_FIRST] if source["kind"] != "page" else ():
        yield f"    {'postings':<14}{shape['count']} like {clean(shape['shape'])}"
        yield from (f"    {'':<14}  {clean(address)}" for address in shape["examples"])
    if refused := source["refused"]:
        more = f" and {len(refused) - _FIRST} more" if len(refused) > _FIRST else ""
        yield f"    {'no posting':<14}on pages like {', '.join(map(clean, refused[:_FIRST]))}{more}"
    yield from (f"    ⚠ {clean(doubt)}: what the list lacks may still be there" for doubt in source["doubts"])
    yield from (f"    ⚠ {clean(problem)}" for problem in source["problems"])


def _fields(record: dict[str, Any], read: Iterable[Field], findings: list[Finding], *, explain: bool) -> Iterator[str]:
    fields = {field.name: field for field in read}
    for name, called in inspection_words.NAMES.items():
        own = [finding for finding in findings if finding.field == name]
        field = fields.get(name)
        if field is None and not own:
            continue
        level = min((finding.problem.level for finding in own), default=None)
        sign = _SIGNS[level] if level else _FINE
        shown = inspection_words.shown(name, record) or "-"
        yield f"  {sign} {called:<14}{shown}"
        if field is not None and field.at is not None:
            written = "" if _says_the_same(field.raw, shown) else f": {_written(field.raw)}"
            yield f"    {'':<14}{inspection_words.place(_at(field.at))}{written}"
        yield from _problems(own, explain=explain)
    if others := [finding for finding in findings if finding.field is None]:
        yield f"  {_SIGNS[min(finding.problem.level for finding in others)]} others"
        yield from _problems(others, explain=explain)


def _problems(findings: Iterable[Finding], *, explain: bool) -> Iterator[str]:
    for finding in findings:
        one = finding.problem
        named = f"{clean(one.path)}: " if one.path else ""
        yield f"    {_SIGNS[one.level]} {named}{clean(one.message)} [{one.rule}]"
        if explain:
            yield f"      {finding.rule.asks} {finding.rule.source}"


def _summary(records: list[dict[str, Any]], findings: Iterable[Finding]) -> Iterator[str]:
    levels = [finding.problem.level for finding in findings]
    if not records and not levels:
        return
    counts = [
        f"{levels.count(level)} {called}{'' if levels.count(level) == 1 else 's'}"
        for level, called in (("error", "error"), ("warning", "warning"))
        if level in levels
    ]
    yield ""
    if len(records) == 1:
        missing = [name for field, name in _WANTED.items() if records[0][field] in (None, [])]
        counts.insert(
            0,
            f"{len(_WANTED) - len(missing)} of {len(_WANTED)} fields read"
            + (f" (not there: {', '.join(missing)})" if missing else ""),
        )
    yield f"  {', '.join(counts) or 'nothing wrong'}"


def _has_error(found: Inspection) -> bool:
    return any(finding.problem.level == "error" for finding in found.findings)


def _kind(found: Inspection) -> str:
    count = len(found.reading.postings)
    if count:
        gone = found.reading.withdrawn
        withdrawn = ", withdrawn" if gone is not None and gone.alone else ""
        return f"{count} posting{'' if count == 1 else 's'}{withdrawn}"
    if found.kind == "list":
        return f"a list page, {len(found.promising)} links that look like postings"
    return "no posting on it"


def _at(place: Place | None) -> dict[str, Any] | None:
    from hirewatch.findings import place_as_json

    return place_as_json(place)


def _says_the_same(raw: Any, shown: str) -> bool:
    return isinstance(raw, str) and clean(raw) == shown


def _written(raw: Any) -> str:
    return inspection_words.cut(
        clean(raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)), inspection_words.LONGEST
    )


def _one_line(record: dict[str, Any]) -> str:
    parts = (wording.employer(record), wording.places(record), wording.pay(record))
    return " · ".join(part for part in parts if part)


def _next(found: Inspection) -> Iterator[str]:
    """What a person would type next."""
    if found.status is None:
        return
    if found.kind == "list" or (found.survey is not None and found.survey.source is not None):
        yield f"Watch it:  hirewatch add {clean(found.argument)}"
    elif found.kind == "other":
        yield "Look at a page of one job, or of the list of jobs:  hirewatch inspect URL"
    else:
        yield "Watch the site it belongs to:  hirewatch add URL-OF-ITS-CAREER-PAGE"
