"""A query as a condition of SQL: the same formula that Python answers, over the same values.

Called wherever postings are looked for in the database. The values stand in `folded_postings`, written with each new
content of a posting; nothing here folds a text or knows a field of the language.
"""

from __future__ import annotations

from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from postings.query import Query
from postings.query.formula import AllOf, AnyOf, Compare, Contains, Formula, FromNow, Known, columns
from storage.tables import events, folded_postings, postings, sites

_COMPARE: Final = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}

# it was changed in a way worth telling
_CHANGED: Final = exists().where(
    events.c.posting_id == postings.c.id, events.c.type == "changed", events.c.significance == "material"
)


def condition(query: Query, now: datetime) -> ColumnElement[bool]:
    """The condition that a row of `postings` meets if the query matches it. `now` is aware."""
    asked = _sql(query.formula, now)
    if not any(column in folded_postings.c for column in columns(query.formula)):
        return asked
    return exists().where(folded_postings.c.posting_id == postings.c.id, asked)


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
