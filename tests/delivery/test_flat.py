"""The flat row: its columns are those that the documents list, and any record fits into it."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery import flat
from delivery.flat import Column, Kind
from tests.delivery.eventlog import event, posting_record

DOCUMENT = (Path(__file__).parents[2] / "docs/stores.md").read_text()

texts = st.text(st.characters(), max_size=8)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def documented(title: str) -> list[tuple[str, str]]:
    """Name and kind of the columns in the table below a heading of docs/stores.md."""
    section = DOCUMENT.partition(f"### {title}\n")[2].partition("\n#")[0]
    return re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, re.M)


@pytest.mark.parametrize(
    ("title", "columns"), [("Columns of a posting", flat.POSTING), ("Columns of an event", flat.EVENT)]
)
def test_the_document_lists_the_columns_as_they_are(title: str, columns: tuple[Column, ...]) -> None:
    kinds = {Kind.KEY: "text"}
    assert documented(title) == [(column.name, kinds.get(column.kind, column.kind.value)) for column in columns]


def test_a_posting_is_flattened() -> None:
    record = posting_record(
        1,
        locations=[
            {
                "locality": "Berlin",
                "region": "BE",
                "country": "DE",
                "postal_code": "10115",
                "latitude": 52.5,
                "text": None,
            },
            {"locality": None, "region": None, "country": None, "text": "Anywhere in Europe"},
            {"locality": "Berlin", "region": "BE", "country": "DE", "text": None},
        ],
        employment_types=["FULL_TIME", "INTERN"],
        salary={"currency": "EUR", "min": 60000, "max": None, "unit": "YEAR", "text": None},
        date_posted="2026-11-01",
        valid_through="2026-12-31T23:00:00Z",
        identifier={"name": "Acme", "value": "R-1"},
    )
    row = flat.posting_row(record)
    assert row["locations"] == "Berlin, DE; Anywhere in Europe"
    assert (row["locality"], row["region"], row["postal_code"], row["latitude"]) == ("Berlin", "BE", "10115", 52.5)
    assert (row["organization"], row["identifier"], row["employment_types"]) == ("Acme", "R-1", "FULL_TIME, INTERN")
    assert (row["salary_min"], row["salary_max"]) == (60000.0, None)
    assert (row["date_posted"], row["valid_through"]) == (date(2026, 11, 1), date(2026, 12, 31))
    assert row["first_seen"] == datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_an_event_is_flattened() -> None:
    row = flat.event_row(event(7, changes={"title": {"before": "a", "after": "b"}, "remote": {}}))
    assert (row["event"], row["type"], row["posting_id"], row["changed"]) == (7, "opened", "p_7", "title, remote")
    assert (row["evidence_status"], row["rule"], row["evidence_url"]) == (200, "C.4 new", None)


def test_an_event_and_its_posting_share_no_column() -> None:
    names = [column.name for column in flat.EVENT_WITH_POSTING]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", Kind)
@given(value=values)
def test_whatever_a_value_is_its_column_can_hold_it(kind: Kind, value: Any) -> None:
    held = flat.typed(kind, value)
    match kind:
        case Kind.TEXT | Kind.KEY:
            assert held is None or ("\0" not in held and held.encode() is not None)
        case Kind.WHOLE:
            assert held is None or -(2**63) <= held < 2**63
        case Kind.NUMBER:
            assert held is None or math.isfinite(held)
        case Kind.FLAG:
            assert held in (None, True, False)
        case Kind.DAY:
            assert held is None or held.year >= 1000
        case Kind.INSTANT:
            assert held is None or held.tzinfo is UTC


@given(value=values)
def test_json_that_is_made_fit_can_be_written_everywhere(value: Any) -> None:
    text = json.dumps(flat.fit_all(value), ensure_ascii=False, allow_nan=False)
    assert text.encode()
    assert "\0" not in json.loads(json.dumps(text))
