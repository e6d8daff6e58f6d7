"""The fields of the language: one row each, and how a term is read by its field. Called by the grammar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from postings.query import names, quantities
from postings.query.errors import QueryError, nearest
from postings.query.formula import Compare, Known, Operator
from postings.query.meaning import Meaning, Reader, Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the language."""

    read: Reader
    example: str
    #: it takes <, <=, > and >=
    ordered: bool = False


def read_term(name: str, sign: Operator | None, value: Typed, column: int) -> Meaning:
    """The meaning of `NAME:VALUE`, or of a bare word where the name is empty. `column` is where the term begins.

    Raises QueryError.
    """
    if not name:
        return names.read_words(value)
    field = FIELDS[name]
    if sign is not None and sign != "=" and not field.ordered:
        raise QueryError(
            f"`{name}` cannot be compared with `{sign}`", column=column, remedy=f"write it like {field.example}"
        )
    return field.read(sign, value)


def parted(field: str) -> tuple[str, Operator | None]:
    """Name and operator: `salary:>=` is (`salary`, `>=`); None for a bare colon."""
    name = field.rstrip(":<>=")
    sign = field[len(name) :].removeprefix(":")
    return name.casefold(), cast(Operator, sign) if sign else None


def field_named(name: str, column: int, *, quoted: str | None = None) -> Field:
    """The field of that name. Raises QueryError with the nearest one; `quoted` is what to put into quotes instead."""
    found = FIELDS.get(name)
    if found is not None:
        return found
    near = f"; did you mean `{_OTHER_NAMES[name]}`?" if name in _OTHER_NAMES else nearest(name, FIELDS)
    remedy = f'to look for the text itself, put it into quotes: "{quoted}"' if quoted else None
    if remedy is None or near:
        remedy = f"fields are {', '.join(FIELDS)}" + (f"; {remedy}" if remedy else "")
    raise QueryError(f"there is no field `{name[:40]}`{near}", column=column, remedy=remedy)


# -- the table


def _has(column: str, what: str) -> Meaning:
    return Meaning(
        test=Known(column), said=f"states {what}", denied=f"states no {what.removeprefix('a ').removeprefix('an ')}"
    )


_IS: Final = {
    "open": Meaning(test=Compare("state", "=", "open"), said="open", denied="not open"),
    "closed": Meaning(test=Compare("state", "=", "closed"), said="closed", denied="not closed"),
    "changed": Meaning(test=Compare("changed", "=", True), said="changed", denied="not changed"),
}
_HAS: Final = {
    "title": _has("title", "a title"),
    "employer": _has("employer", "an employer"),
    "location": _has("location", "a location"),
    "type": _has("types", "an employment type"),
    "lang": _has("language", "a language"),
    "salary": _has("salary_low", "a salary"),
    "posted": _has("posted", "a day of posting"),
    "closes": _has("closes", "a closing day"),
    "description": Meaning(test=Compare("described", "=", True), said="has a description", denied="has no description"),
}

FIELDS: Final[dict[str, Field]] = {
    "title": Field(
        read=names.text_reader("title", "title:engineer", "title contains *{}*", "title does not contain *{}*"),
        example="title:engineer",
    ),
    "employer": Field(
        read=names.text_reader("employer", "employer:acme", "at {}", "not at {}"), example="employer:acme"
    ),
    "location": Field(
        read=names.text_reader("location", "location:berlin", "in {}", "not in {}"), example="location:berlin"
    ),
    "type": Field(read=names.read_type, example="type:fulltime"),
    "lang": Field(read=names.read_language_term, example="lang:de"),
    "site": Field(read=names.read_site, example="site:acme"),
    "salary": Field(read=quantities.read_salary, example="salary>=70k", ordered=True),
    "remote": Field(read=names.read_remote, example="remote:yes"),
    "first": Field(
        read=quantities.time_reader(
            "first_seen", name="first", said="first seen", denied="not first seen", past=True, example="first:<7d"
        ),
        example="first:<7d",
        ordered=True,
    ),
    "posted": Field(
        read=quantities.time_reader(
            "posted",
            name="posted",
            said="posted",
            denied="not posted",
            past=True,
            days=True,
            example="posted>=2026-11-01",
        ),
        example="posted>=2026-11-01",
        ordered=True,
    ),
    "closes": Field(
        read=quantities.time_reader(
            "closes", name="closes", said="closes", denied="does not close", days=True, example="closes:<14d"
        ),
        example="closes:<14d",
        ordered=True,
    ),
    "is": Field(read=names.choice_reader("is", _IS), example="is:open"),
    "has": Field(read=names.choice_reader("has", _HAS), example="has:salary"),
}

#: what people call a field elsewhere
_OTHER_NAMES: Final = {
    **dict.fromkeys(("company", "organization", "organisation", "firm"), "employer"),
    **dict.fromkeys(("place", "city", "country", "where", "in"), "location"),
    **dict.fromkeys(("pay", "wage", "compensation"), "salary"),
    **dict.fromkeys(("language",), "lang"),
    **dict.fromkeys(("seen", "new", "newer"), "first"),
    **dict.fromkeys(("expires", "deadline", "until"), "closes"),
    **dict.fromkeys(("date", "published"), "posted"),
    **dict.fromkeys(("state", "status"), "is"),
    **dict.fromkeys(("name", "job"), "title"),
    **dict.fromkeys(("employment", "contract"), "type"),
    **dict.fromkeys(("source",), "site"),
}
