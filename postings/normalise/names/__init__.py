"""Names of countries, languages, currencies and months, out of Unicode's CLDR.

Babel has them too, but reads whole languages for them: 0.3 s and 56 MiB in each process for the names of countries
alone. So what is compared is kept in a table beside this module, `code|English name|name|name`, where all names but the
English one are in the form in which they are compared. `from_babel` writes the tables anew.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def english(table: str) -> dict[str, str]:
    """The English names of a table as they are written, by code."""
    return {code: name for code, name, *_ in _lines(table)}


@cache
def by_name(table: str) -> dict[str, str]:
    """The codes of a table, by the names that mean one code only."""
    return {name: code for code, _, *names in _lines(table) for name in names}


def _lines(table: str) -> list[list[str]]:
    text = Path(__file__).with_name(f"{table}.txt").read_text(encoding="utf-8")
    return [line.split("|") for line in text.splitlines()]
