"""Reads a list of sites that somebody wrote or exported: lines, CSV, or the JSON of `sites list --json`. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hirewatch.timing import LONGEST, SHORTEST, Timing, interval, timing_of
from postings import urls
from postings.errors import UsageError
from postings.site_names import require_name, scope_path, start_url

#: rows of one list
MOST = 100_000
_SHOWN = 10
_FORMS = (
    "write one address a line, or CSV whose first line names a column `url`, "
    "or what `hirewatch sites list --json` prints"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A site as the list wants it."""

    start_url: str
    #: made from the address where the list does not say
    name: str | None = None
    timing: Timing = field(default_factory=Timing)
    render: bool = False
    scope: str | None = None


def read(data: bytes, source: str) -> tuple[Wanted, ...]:
    """The sites of a list; one that stands there twice counts once. `source` names the list in errors.

    Raises UsageError that says what is wrong in which line: then nothing of the list may be used.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("is no UTF-8 text", subject=source, remedy="save it as UTF-8") from error
    wrong: list[str] = []
    found: dict[str, Wanted] = {}
    named: dict[str, str] = {}
    for place, row in _rows(text, source):
        if len(found) >= MOST:
            raise UsageError(f"has more than {MOST:,} sites", subject=source, remedy="make several lists of it")
        try:
            wanted = _wanted(row)
            if wanted.name is not None and named.setdefault(wanted.name, place) != place:
                raise UsageError(f"has the name {wanted.name} as {named[wanted.name]} has")
        except UsageError as error:
            subject = f"`{error.subject}`: " if error.subject else ""
            wrong.append(f"{place}: {subject}{error.problem}")
            continue
        found.setdefault(urls.key(wanted.start_url), wanted)
    if wrong:
        more = [f"and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
        raise UsageError(
            "cannot be used, and nothing of it was:\n  " + "\n  ".join([*wrong[:_SHOWN], *more]),
            subject=source,
            remedy=f"correct these lines; {_FORMS}",
        )
    return tuple(found.values())


def _rows(text: str, source: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows, each with where it stands."""
    start = text.lstrip()
    if start.startswith("<"):
        raise UsageError("is XML or HTML, and no list of sites", subject=source, remedy=_FORMS)
    if start.startswith(("[", "{")):
        yield from _of_json(start, source)
    elif _is_csv(start):
        yield from _of_csv(text, source)
    else:
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split()
            if words and not words[0].startswith("#"):
                yield f"line {number}", {"url": words[0], "name": " ".join(words[1:])}


def _is_csv(start: str) -> bool:
    head = next(iter(start.splitlines()), "")
    return "url" in {name.strip().strip('"').lower() for name in head.replace(";", ",").replace("\t", ",").split(",")}


def _of_csv(text: str, source: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    head = text.lstrip().splitlines()[0]
    reader = csv.DictReader(io.StringIO(text.lstrip(), newline=""), delimiter=max(",;\t", key=head.count))
    reader.fieldnames = [str(name).strip().lower() for name in reader.fieldnames or ()]
    try:
        for row in reader:
            if any(row.values()):
                yield f"line {reader.line_num}", {name: value for name, value in row.items() if isinstance(value, str)}
    except csv.Error as error:
        raise UsageError(f"is no CSV: {error}", subject=f"{source}, line {reader.line_num}", remedy=_FORMS) from error


def _of_json(text: str, source: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"is no JSON: {error}", subject=source, remedy=_FORMS) from error
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        if isinstance(row, str):
            yield f"entry {number}", {"url": row}
        elif isinstance(row, dict):
            yield (
                f"entry {number}",
                {**row, "name": row.get("name") or row.get("site"), "scope": _listed(row.get("scope"))},
            )
        else:
            yield f"entry {number}", {}


def _listed(scope: Any) -> Any:
    """The scope as it is typed, from what `sites list --json` says of it: a path, "" for the whole host."""
    chosen = scope.get("set") if isinstance(scope, dict) else scope
    return "host" if chosen == "" else chosen


def _wanted(row: Mapping[str, Any]) -> Wanted:
    url = row.get("url")
    if not isinstance(url, str) or not url.strip():
        raise UsageError("there is no address")
    name = _said(row, "name")
    if name is not None:
        require_name(name)
    scope = _said(row, "scope")
    return Wanted(
        start_url=start_url(url),
        name=name,
        timing=timing_of(_every(row.get("every")), _said(row, "cron"), _said(row, "zone")) or Timing(),
        render=str(row.get("render", "")).strip().lower() in {"true", "yes", "on", "1"},
        scope=None if scope is None else scope_path(scope),
    )


def _said(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"`{name}` is no text")
    return value.strip() or None if value else None


def _every(value: Any) -> timedelta | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | None):
        raise UsageError("`every` is no interval")
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        return interval(value)
    if not SHORTEST.total_seconds() <= value <= LONGEST.total_seconds():
        raise UsageError("`every` lies outside 1 minute to 30 days")
    return timedelta(seconds=round(value))
