"""Files are read back by readers that are not ours: csv, DuckDB, pyarrow."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from delivery import flat, formats
from postings.errors import ConfigurationError
from postings.events import cloudevent
from tests.delivery.eventlog import event, posting_record

INSTANCE = "0123456789abcdef0123456789abcdef"
EVENTS = [event(number) for number in range(1, 6)]


def encoded(form: str, shape: formats.Shape, *batches: list[Any]) -> bytes:
    encoder = formats.encoder(form, shape)
    return b"".join(encoder.add(batch) for batch in batches) + encoder.finish()


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize("form", formats.ENDINGS)
def test_the_size_of_the_pieces_does_not_show(form: str) -> None:
    shape = formats.events(INSTANCE)
    assert encoded(form, shape, EVENTS[:2], [], EVENTS[2:]) == encoded(form, shape, EVENTS)


def test_json_lines_are_cloudevents() -> None:
    lines = encoded("jsonl", formats.events(INSTANCE), EVENTS).decode().splitlines()
    assert [json.loads(line) for line in lines] == [cloudevent(one, INSTANCE) for one in EVENTS]


@given(text=st.text(st.characters()))
def test_a_document_is_one_line_whatever_stands_in_it(text: str) -> None:
    content = encoded("jsonl", formats.POSTINGS, [posting_record(1, title=text)])
    (line,) = content.decode().splitlines()
    assert json.loads(line)["title"] == flat.fit(text)


def test_csv_is_read_back() -> None:
    title = 'Welder, "senior"\nnight shift'
    record = posting_record(1, title=title, remote=True, salary={"min": 60000, "max": 0.5})
    (row,) = read_csv(encoded("csv", formats.POSTINGS, [record]))
    assert list(row) == [column.name for column in flat.POSTING]
    assert (row["title"], row["remote"], row["salary_min"], row["salary_max"]) == (title, "true", "60000", "0.5")
    assert (row["first_seen"], row["direct_apply"]) == ("2026-11-25T12:00:00Z", "")


def test_a_csv_of_nothing_has_its_heading() -> None:
    assert encoded("csv", formats.POSTINGS).decode().startswith("id,site,state,")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\n=1",
        "＝1+1",
        "\x0b=1",
        "\u202e=1",
        "=cmd|' /C calc'!A0",
    ],
)
def test_no_cell_is_a_formula(text: str) -> None:
    (row,) = read_csv(encoded("csv", formats.POSTINGS, [posting_record(1, title=text)]))
    assert row["title"].startswith("'")


def test_without_the_apostrophe_a_cell_would_be_a_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "_FORMULA", re.compile(r"(?!)"))
    (row,) = read_csv(encoded("csv", formats.POSTINGS, [posting_record(1, title="=1+1")]))
    assert row["title"] == "=1+1"


@pytest.mark.parametrize("text", ["Welder", "C++ = fun", "a-b", "'quoted'", ""])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert formats.cell(text) == text


def test_a_negative_number_is_a_number() -> None:
    assert formats.cell(-122.5) == "-122.5"


def test_parquet_is_read_back_by_duckdb(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    path.write_bytes(encoded("parquet", formats.events(INSTANCE), EVENTS))
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT event, title, epoch(recorded_at), data->>'$.data.posting.url', baseline FROM read_parquet(?)",
            [str(path)],
        ).fetchall()
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
    assert rows == [(n, f"Welder {n}", noon, f"https://acme.example/jobs/{n}", False) for n in range(1, 6)]


def test_a_parquet_file_of_nothing_has_its_columns() -> None:
    table = parquet.read_table(io.BytesIO(encoded("parquet", formats.POSTINGS)))
    assert table.column_names == [*(column.name for column in flat.POSTING), "data"]


def test_rows_leave_memory_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "_GROUP_ROWS", 10)
    encoder = formats.encoder("parquet", formats.POSTINGS)
    pieces = [encoder.add([posting_record(number) for number in range(10)]) for _ in range(5)]
    content = b"".join(pieces) + encoder.finish()
    assert all(len(piece) > 1000 for piece in pieces)
    assert parquet.ParquetFile(io.BytesIO(content)).num_row_groups == 5


def test_poison_is_written_without_what_is_poisonous() -> None:
    record = posting_record(1, title="a\0b\ud800", salary={"min": 10**400, "max": float("nan"), "unit": "a\0"})
    for form in formats.ENDINGS:
        assert b"\0" not in encoded(form, formats.POSTINGS, [record]) or form == "parquet"
    (line,) = encoded("jsonl", formats.POSTINGS, [record]).decode().splitlines()
    assert json.loads(line)["salary"] == {"min": 10**400, "max": None, "unit": "a"}


def test_a_missing_library_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match=r"uv tool install '.\[parquet\]'"):
        formats.require("parquet")
