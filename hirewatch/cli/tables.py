"""Rows of a result: a table that fits the terminal, or plain aligned text where no person looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import rich_click as click

from hirewatch.cli.front import Front
from hirewatch.cli.text import to_json
from postings.cleaning import clean


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `keep` columns are never cut, the others share what is left of the width."""

    heading: str
    keep: bool = False
    right: bool = False
    #: left out where a terminal is too narrow, the last such column first
    optional: bool = False


#: how words of state look on a terminal; the word itself says the same
STYLES = {
    "open": "green",
    "opened": "green",
    "complete": "green",
    "reopened": "green",
    "ok": "green",
    "closed": "dim",
    "changed": "yellow",
    "partial": "yellow",
    "suspect": "yellow",
    "paused": "dim",
    "failed": "red",
    "never ended": "red",
    "needs you": "red bold",
}

#: blanks between two columns, and what is left of a column at least before an optional one goes
_GAP, _LEAST = 2, 12
#: rows that are written at a time
_ROWS = 1000


def show(front: Front, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """Writes the rows to stdout, a thousand at a time: each has columns as wide as the widest cell up to its end."""
    write = _show_on_terminal if front.terminal else _show_plain
    texts = ([clean(cell) for cell in row] for row in rows)
    natural = [_width(column.heading) for column in columns]
    heading = True
    while (batch := list(islice(texts, _ROWS))) or heading:
        natural = [max([width, *(_width(row[place]) for row in batch)]) for place, width in enumerate(natural)]
        write(front, columns, batch, natural, heading)
        heading = False


def show_json(values: Iterable[object]) -> None:
    """Writes the values to stdout as one JSON array, each as it comes."""
    opening = "["
    for value in values:
        click.echo(opening + to_json(value), nl=False)
        opening = ", "
    click.echo("[]" if opening == "[" else "]")


def layout(columns: Sequence[Column], natural: Sequence[int], room: int) -> dict[int, int]:
    """The width of each column that is shown, by its place, so that all fit into `room` with a gap of two.

    The widest columns are cut first. What must be kept is kept even where there is no room for it.
    """
    shown = list(range(len(columns)))
    while True:
        widths = {place: natural[place] for place in shown}
        flexible = [place for place in shown if not columns[place].keep]
        left = room - _GAP * (len(shown) - 1) - sum(widths[place] for place in shown if columns[place].keep)
        optional = [place for place in shown if columns[place].optional]
        if left >= sum(min(natural[place], _LEAST) for place in flexible) or not optional:
            break
        shown.remove(optional[-1])
    while flexible and sum(widths[place] for place in flexible) > left:
        widest = max(flexible, key=lambda place: widths[place])
        if widths[widest] <= 1:
            break
        widths[widest] -= 1
    return widths


def _show_on_terminal(
    front: Front, columns: Sequence[Column], rows: list[list[str]], natural: Sequence[int], heading: bool
) -> None:
    from rich.table import Table
    from rich.text import Text

    out = front.out()
    widths = layout(columns, natural, out.width)
    table = Table(box=None, pad_edge=False, show_header=heading, header_style="dim", padding=(0, _GAP, 0, 0))
    for place, width in widths.items():
        column = columns[place]
        table.add_column(
            column.heading, no_wrap=True, overflow="ellipsis", justify="right" if column.right else "left", width=width
        )
    for row in rows:
        table.add_row(*(Text(row[place], style=STYLES.get(row[place], "")) for place in widths))
    out.print(table)


def _show_plain(
    front: Front, columns: Sequence[Column], rows: list[list[str]], natural: Sequence[int], heading: bool
) -> None:
    lines = []
    for row in [[column.heading for column in columns], *rows] if heading else rows:
        cells = []
        for cell, width, column in zip(row, natural, columns, strict=True):
            blanks = " " * (width - _width(cell))
            cells.append(blanks + cell if column.right else cell + blanks)
        lines.append("  ".join(cells).rstrip())
    front.print("\n".join(lines))


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
