"""Many rows for one statement: what SQLAlchemy would do again for each row is done once.

Its types still turn each value into what the driver takes, and its dialect still writes the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.engine import Dialect


def send(conn: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
    """Runs an INSERT or UPDATE once for each row; does nothing if there is none.

    All rows have the names of the first. `statement` is one that is kept: it is compiled once for each set of names.
    """
    if rows:
        ready = _ready(conn.dialect, statement, tuple(rows[0]))
        conn.exec_driver_sql(ready.text, ready.parameters(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A statement as the driver takes it."""

    text: str
    #: of the columns, in the order of the statement: the name, and what makes the driver's values of ours
    columns: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    #: values go by their place, not by their name
    positional: bool

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The rows as the driver takes them."""
        columns = []
        for name, convert in self.columns:
            values = [row[name] for row in rows]
            columns.append(values if convert is None else map(convert, values))
        if self.positional:
            return list(zip(*columns, strict=True))
        names = [name for name, _ in self.columns]
        return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


@lru_cache(maxsize=256)
def _ready(dialect: Dialect, statement: Any, names: tuple[str, ...]) -> _Ready:
    compiled = statement.compile(dialect=dialect, column_keys=list(names), for_executemany=True)
    order = compiled.positiontup if compiled.positional else list(compiled.binds)
    return _Ready(
        text=str(compiled),
        columns=tuple(
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in order
        ),
        positional=compiled.positional,
    )
