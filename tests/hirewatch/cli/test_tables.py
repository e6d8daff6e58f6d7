from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirewatch.cli import tables
from hirewatch.cli.front import Front
from hirewatch.cli.tables import Column, layout, show

columns = st.builds(Column, heading=st.just("X"), keep=st.booleans(), right=st.just(False), optional=st.booleans())


@given(st.lists(st.tuples(columns, st.integers(1, 60)), min_size=1, max_size=8), st.integers(20, 200))
def test_a_table_fits_the_terminal_wherever_what_must_be_kept_does(table: list[tuple[Column, int]], room: int) -> None:
    widths = layout([column for column, _ in table], [width for _, width in table], room)
    assert all(widths[place] == table[place][1] for place in widths if table[place][0].keep)
    needed = [width if column.keep else 1 for column, width in table if not column.optional]
    if sum(needed) + 2 * (len(table) - 1) <= room:
        assert sum(widths.values()) + 2 * (len(widths) - 1) <= room


def test_a_table_with_room_for_everything_cuts_nothing() -> None:
    table = [Column("ID", keep=True), Column("TITLE"), Column("PAY", optional=True)]
    assert layout(table, [18, 40, 12], 80) == {0: 18, 1: 40, 2: 12}


def test_the_widest_column_is_cut_first() -> None:
    assert layout([Column("ID", keep=True), Column("A"), Column("B")], [10, 60, 20], 60) == {0: 10, 1: 26, 2: 20}


def test_an_optional_column_goes_before_the_others_become_unreadable() -> None:
    table = [Column("ID", keep=True), Column("TITLE"), Column("EMPLOYER", optional=True), Column("PLACES")]
    assert layout(table, [18, 30, 30, 30], 50) == {0: 18, 1: 14, 3: 14}


def test_rows_are_written_as_they_come_and_columns_grow_with_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tables, "_ROWS", 2)
    rows = [("a", 1), ("b", 2), ("longer", 30), ("c", 4), ("d", 5)]
    show(Front(), [Column("X", keep=True), Column("N", right=True)], iter(rows))
    assert capsys.readouterr().out.splitlines() == ["X  N", "a  1", "b  2", "longer  30", "c        4", "d        5"]


def test_a_table_without_rows_is_its_heading(capsys: pytest.CaptureFixture[str]) -> None:
    show(Front(), [Column("X", keep=True), Column("N", right=True)], [])
    assert capsys.readouterr().out == "X  N\n"
