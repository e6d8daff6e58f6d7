"""A query as a condition of SQL: the same formula that Python answers, over the same values.

Called wherever postings are looked for in the database. The values stand in `folded_postings`, written with each new
content of a posting; nothing here folds a text or knows a field of the language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from postings.query import Query
from postings.query.formula import AllOf, AnyOf, Compare, Contains, Formula, FromNow, Known, columns
from storage.tables import events, folded_postings, postings, sites

#: sites of one query that are looked up by name before its postings are
_MOST_SITES: Final = 20

_COMPARE: Final = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}

# it was changed in a way worth telling
_CHANGED: Final = (
    exists()
    .where(events.c.posting_id == postings.c.id, events.c.type == "changed", events.c.significance == "material")
    # the posting that is looked at, in a subquery as well: of itself SQLAlchemy would take any posting there
    .correlate(postings)
)


def condition(query: Query, now: datetime, *, of_all: bool = False) -> ColumnElement[bool]:
    """The condition that a row of `postings` meets if the query matches it. `now` is aware.

    It is asked of each posting that is looked at; `of_all` where these are all there are, or nearly so.
    """
    asked = _sql(query.formula, now)
    if not any(column in folded_postings.c for column in columns(query.formula)):
        return asked
    of_it = select(folded_postings.c.posting_id).where(folded_postings.c.posting_id == postings.c.id, asked)
    # without an offset PostgreSQL may begin with all texts that match: of few postings that takes far longer, and it
    # takes texts with a word to be few, however many they are
    return (of_it if of_all else of_it.offset(0)).exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The part of a query that the indexes of `postings` answer: nothing outside of it matches."""

    #: open, closed or both
    states: tuple[str, ...]
    #: names of the sites; None = any
    sites: tuple[str, ...] | None
    #: since when it was first seen, and up to when
    since: tuple[ColumnElement[bool], ...]
    before: tuple[ColumnElement[bool], ...]
    #: that is all that the query asks
    whole: bool


def reach(query: Query, now: datetime) -> Reach:
    """How far a query reaches at most. Open postings, unless it says itself if they are open or closed."""
    states: set[str] = {"open", "closed"} if query.asks_state else {"open"}
    named: set[str] | None = None
    seen: dict[bool, list[ColumnElement[bool]]] = {True: [], False: []}
    whole = True
    for part in _parts(query.formula):
        values = _values(part)
        match next(iter(values), None):
            case "state":
                states &= values["state"]
            case "site" if len(values["site"]) <= _MOST_SITES:
                named = values["site"] if named is None else named & values["site"]
            case _:
                if isinstance(part, Compare) and part.column == "first_seen":
                    seen[part.operator in {">", ">="}].append(_sql(part, now))
                else:
                    whole = False
    if not states or named == set():
        # nothing is both; a name that nobody can have stands for no site
        return Reach(states=("open",), sites=(), since=(), before=(), whole=True)
    return Reach(
        states=tuple(sorted(states)),
        sites=None if named is None else tuple(sorted(named)),
        since=tuple(seen[True]),
        before=tuple(seen[False]),
        whole=whole,
    )


def _parts(formula: Formula) -> Iterator[Formula]:
    """What must all be so."""
    if isinstance(formula, AllOf):
        for part in formula.parts:
            yield from _parts(part)
    else:
        yield formula


def _values(formula: Formula) -> dict[str, set[str]]:
    """The state or the sites that a part asks for, if it asks for nothing else: by the name of the column."""
    if isinstance(formula, AnyOf):
        found: dict[str, set[str]] = {}
        for part in formula.parts:
            values = _values(part)
            if not values:
                return {}
            for column, some in values.items():
                found.setdefault(column, set()).update(some)
        return found if len(found) == 1 else {}
    if not isinstance(formula, Compare) or formula.column not in {"state", "site"}:
        return {}
    if formula.operator == "=":
        return {formula.column: {str(formula.value)}}
    others = {"open", "closed"} - {str(formula.value)}
    return {"state": others} if formula.column == "state" and formula.operator == "!=" else {}


def _sql(formula: Formula, now: datetime) -> ColumnElement[bool]:
    """Never null: what a posting does not state is not true."""
    match formula:
        case Contains():
            return _contains(formula)
        case Compare():
            value = formula.value.at(now) if isinstance(formula.value, FromNow) else formula.value
            return _compares(formula, value)
        case Known():
            column = _column(formula.column)
            return column.is_not(None) if formula.known else column.is_(None)
        case AllOf():
            return and_(true(), *(_sql(part, now) for part in formula.parts))
        case AnyOf():
            return or_(false(), *(_sql(part, now) for part in formula.parts))


def _contains(formula: Contains) -> ColumnElement[bool]:
    column = _column(formula.column)
    # folded texts hold no sign that LIKE or its escape knows
    found: ColumnElement[bool] = column.like(f"%{formula.part}%")
    return and_(column.is_not(None), found if formula.holds else ~found)


def _compares(formula: Compare, value: Any) -> ColumnElement[bool]:
    equal = formula.operator == "="
    if formula.column == "changed":
        return _CHANGED if equal is value else ~_CHANGED
    if formula.column == "site":
        named = postings.c.site_id.in_(select(sites.c.id).where(sites.c.name == value))
        return named if equal else ~named
    column = _column(formula.column)
    if isinstance(value, bool):
        return column.is_(value) if equal else column.is_not(value)
    return and_(column.is_not(None), _COMPARE[formula.operator](column, value))


def _column(name: str) -> ColumnElement[Any]:
    found: ColumnElement[Any] = folded_postings.c[name] if name in folded_postings.c else postings.c[name]
    return found
