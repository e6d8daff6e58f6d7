"""Long JSON is packed on SQLite and comes back as it was; on PostgreSQL it stays JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.dialects import sqlite

from postings import record as records
from storage.contents import TOLD
from storage.engine import reading
from storage.packed import PackedJson
from storage.schema import upgrade
from storage.tables import events
from tests.storage.rows import add_event, add_posting, add_site
from tests.storage.watching import a_job

TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=40,
)
DIALECT = sqlite.dialect()


@given(VALUES)
def test_what_is_packed_comes_back_as_it_was(value: Any) -> None:
    packed = PackedJson()
    kept = packed.process_bind_param(value, DIALECT)
    assert packed.process_result_value(kept, DIALECT) == value


def test_a_long_description_takes_less_than_half_of_its_bytes() -> None:
    body = records.body(
        a_job(description_text=" ".join(f"Welding shift {number} in hall nine." for number in range(99)))
    )
    kept = PackedJson().process_bind_param(body, DIALECT)
    assert len(kept) < len(str(body)) / 2
    assert kept.startswith(b"\x01")


def test_what_is_short_stays_readable() -> None:
    assert PackedJson().process_bind_param({}, DIALECT) == b"{}"


def test_a_content_is_read_as_it_was_written_on_both_databases(engine: Engine) -> None:
    upgrade(engine)
    site = add_site(engine)
    add_posting(engine, site, "p_1")
    body = records.body(a_job(title="Schweißer – Nacht"))
    add_event(engine, site, 1, "p_1", body=body, changes={"title": {"before": "x" * 300, "after": None}})
    with reading(engine) as connection:
        row = connection.execute(select(TOLD, events.c.changes)).one()
    assert row.body == body
    assert row.changes == {"title": {"before": "x" * 300, "after": None}}


def test_a_packed_column_cannot_be_looked_into() -> None:
    with pytest.raises(NotImplementedError):
        events.c.changes["title"]
