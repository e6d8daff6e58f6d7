"""Many rows for one statement: what is written is what SQLAlchemy would write of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, select, update

from postings.sites import Site
from storage import bulk
from storage.engine import reading, writing
from storage.tables import events, folded_postings, postings
from storage.upserts import insert_missing, insert_or_replace
from tests.storage.rows import NOW, add_event, add_posting, add_site

ADD_EVENTS = events.insert()
FOLDED = folded_postings.insert()
RENAME = (
    update(folded_postings).where(folded_postings.c.posting_id == bindparam("_of")).values(title=bindparam("title"))
)


def kept(engine: Engine, table: Any) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]


@pytest.fixture
def site(engine: Engine) -> Site:
    site = add_site(engine)
    for name in ("p_1", "p_2"):
        add_posting(engine, site, name)
    with writing(engine) as connection:
        connection.execute(folded_postings.delete())
    return site


def folded(posting_id: str, **more: Any) -> dict[str, Any]:
    return {
        **dict.fromkeys(folded_postings.c.keys()),
        "posting_id": posting_id,
        "remote": True,
        "salary_low": 41_600.5,
        "posted": date(2026, 11, 1),
        "described": False,
        "text": " 100% schweißer | ünïcode ",
        **more,
    }


def test_rows_are_kept_with_their_types(engine: Engine, site: Site) -> None:
    add_event(engine, site, 1, "p_1")
    (told,) = kept(engine, events)
    berlin = timezone(timedelta(hours=1))
    rows = [
        told | {"number": 2, "at": datetime(2026, 11, 24, 13, 0, tzinfo=berlin), "evidence": {"url": "https://ü"}},
        told | {"number": 3, "baseline": True, "changes": {"title": {"before": "x" * 400, "after": None}}},
    ]
    with writing(engine) as connection:
        bulk.send(connection, ADD_EVENTS, rows)
    assert kept(engine, events) == [told, *rows]
    assert kept(engine, events)[1]["at"] == NOW
    assert kept(engine, events)[1]["at"].tzinfo is UTC


def test_one_row_and_none_are_rows_too(engine: Engine, site: Site) -> None:
    with writing(engine) as connection:
        bulk.send(connection, FOLDED, [])
        bulk.send(connection, FOLDED, [folded("p_1")])
    assert kept(engine, folded_postings) == [folded("p_1")]


def test_an_update_changes_the_rows_that_it_names(engine: Engine, site: Site) -> None:
    with writing(engine) as connection:
        bulk.send(connection, FOLDED, [folded("p_1"), folded("p_2")])
        bulk.send(connection, RENAME, [{"_of": "p_2", "title": " cook "}, {"_of": "p_9", "title": " nurse "}])
    assert [row["title"] for row in kept(engine, folded_postings)] == [None, " cook "]


def test_rows_may_leave_out_columns_that_may_be_null(engine: Engine, site: Site) -> None:
    with writing(engine) as connection:
        bulk.send(connection, FOLDED, [{name: folded(one)[name] for name in NEEDED} for one in ("p_1", "p_2")])
    assert [row["currency"] for row in kept(engine, folded_postings)] == [None, None]


NEEDED = ("posting_id", "remote", "described", "text")


def test_a_row_without_a_name_of_the_first_is_refused(engine: Engine, site: Site) -> None:
    with pytest.raises(KeyError), writing(engine) as connection:
        bulk.send(connection, FOLDED, [folded("p_1"), {"posting_id": "p_2"}])
    assert kept(engine, folded_postings) == []


def test_a_time_without_a_zone_is_refused(engine: Engine, site: Site) -> None:
    (one, _) = kept(engine, postings)
    naive = one | {"id": "p_3", "last_read": datetime(2026, 11, 24, 12, 0)}
    with pytest.raises(ValueError, match="without a zone"), writing(engine) as connection:
        bulk.send(connection, postings.insert(), [naive])


def test_what_is_there_stays_or_is_replaced(engine: Engine, site: Site) -> None:
    with writing(engine) as connection:
        insert_missing(connection, folded_postings, [folded("p_1")])
        insert_missing(connection, folded_postings, [folded("p_1", title=" cook "), folded("p_2")])
        insert_or_replace(connection, folded_postings, [folded("p_2", title=" nurse ")])
    assert [row["title"] for row in kept(engine, folded_postings)] == [None, " nurse "]
