"""What a person has to set right before an outlet can be told is shown for as long as it is so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import update
from sqlalchemy.engine import Engine

from delivery import outlets
from delivery.attention import outlet_attention
from delivery.dispatch import deliver_due
from delivery.outlets import Context
from storage import deliveries, tables
from storage.engine import writing
from tests.delivery.eventlog import NOON, EventLog


def attention(engine: Engine) -> str | None:
    [stands] = deliveries.status(engine)
    return outlet_attention(stands)


def test_what_a_store_lacks_is_shown_until_it_was_told(
    engine: Engine, log: EventLog, context: Context, tmp_path: Path
) -> None:
    target = tmp_path / "theirs.db"
    with closing(sqlite3.connect(target)) as theirs:
        theirs.execute("CREATE TABLE postings (mine TEXT)")
    outlet = outlets.add(engine, name="store", address=f"sqlite:///{target}", options={}, now=NOON)
    log.add(2)
    assert attention(engine) is None
    settled = deliver_due(engine, outlet, context, NOON, Random(1))
    assert settled.error is not None
    assert str(attention(engine)).startswith("it cannot be told: has a table `postings`")
    assert deliveries.status(engine)[0].parked == 0
    with closing(sqlite3.connect(target)) as theirs:
        theirs.execute("DROP TABLE postings")
    assert deliver_due(engine, outlet, context, NOON + timedelta(minutes=1), Random(1)).sent == 2
    assert attention(engine) is None


def test_options_that_cannot_be_read_are_shown_until_they_are_changed(
    engine: Engine, log: EventLog, context: Context, tmp_path: Path
) -> None:
    outlet = outlets.add(engine, name="store", address=f"sqlite:///{tmp_path}/a.db", options={}, now=NOON)
    with writing(engine) as connection:
        connection.execute(update(tables.outlets).values(options={"only": "titel:x"}))
    log.add(1)
    deliver_due(engine, outlet, context, NOON, Random(1))
    assert "titel" in str(attention(engine))
    outlets.change(engine, outlet, {"only": "title:x"})
    assert attention(engine) is None
