"""Pages that are as they were: what is written at once is what looking at each posting would have written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select

from postings.visits import Absence
from storage import confirming
from storage.confirming import Confirmed
from storage.engine import connect, reading, writing
from storage.schema import upgrade
from storage.tables import events, installation, pages, posting_keys, postings
from storage.tables import sites as site_rows
from tests.storage.watching import START, Watch, a_job


def one_by_one(*_: Any) -> Confirmed:
    """The fast way taken away."""
    return Confirmed(pages=frozenset(), ends=())


def story(engine: Engine) -> list[list[Any]]:
    """Visits with pages that are as they were, among them some with a past; every row that they leave."""
    watch = Watch(engine, batch=7)
    last_day = (START + timedelta(days=20)).date()
    watch.pages = {f"/jobs/{number}": a_job(f"Welder {number}", valid_through=last_day) for number in range(12)}
    watch.visit()
    # one is missing, one has gone, one has moved to another address, one is new
    paths = list(watch.pages)
    watch.later(hours=6).visit(only=paths[2:], unchanged=paths[4:], looks={paths[0]: Absence.NOT_FOUND})
    watch.later(hours=6).visit(only=paths[2:], unchanged=paths[2:], looks={paths[0]: Absence.NOT_FOUND})
    watch.pages["/positions/new-5"] = watch.pages["/jobs/5"]
    watch.pages["/jobs/13"] = a_job("Baker")
    paths = list(watch.pages)
    watch.later(hours=6).visit(unchanged=[path for path in paths if path not in ("/positions/new-5", "/jobs/13")])
    watch.later(hours=6).visit(unchanged=paths)
    # all are read again, and say the same; one is missing before
    watch.later(hours=6).visit(only=paths[1:], looks={paths[0]: Absence.NOT_FOUND})
    watch.later(hours=6).visit()
    with reading(engine) as connection:
        return [
            [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in (postings, pages, posting_keys, events)
        ] + [[tuple(row) for row in connection.execute(select(site_rows.c.health, site_rows.c.trust))]]


def told(engine: Engine) -> list[list[Any]]:
    upgrade(engine)
    with writing(engine) as connection:
        connection.execute(installation.update().values(instance="0" * 32))
    return story(engine)


def test_it_leaves_what_looking_at_each_posting_leaves(
    engine: Engine, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = told(engine)
    monkeypatch.setattr(confirming, "confirm", one_by_one)
    at_once_too: Any = confirming.confirm_shown
    monkeypatch.setattr(confirming, "confirm_shown", lambda *asked: at_once_too(*asked[:-1], lambda _: True))
    other = connect(f"sqlite:///{tmp_path}/other.sqlite")
    slowly = told(other)
    other.dispose()
    assert at_once == slowly
    assert len(at_once[0]) == 13


def test_a_page_whose_posting_is_missing_is_left_to_be_looked_at(engine: Engine) -> None:
    upgrade(engine)
    watch = Watch(engine)
    watch.pages = {path: a_job(path) for path in ("/jobs/1", "/jobs/2")}
    watch.visit()
    with writing(engine) as connection:
        connection.execute(
            postings.update().where(postings.c.page == "acme.example/jobs/1").values(missing_since=START)
        )
        read = {f"acme.example{path}": watch._page(path) for path in watch.pages}
        found = confirming.confirm(connection, watch.site.id, "v_1", read)
    assert found.pages == {"acme.example/jobs/2"}


def test_a_page_without_a_posting_is_remembered_as_read(engine: Engine) -> None:
    upgrade(engine)
    watch = Watch(engine)
    watch.pages = {"/jobs/1": a_job()}
    watch.visit()
    with writing(engine) as connection:
        connection.execute(delete(events))
        connection.execute(delete(posting_keys))
        connection.execute(postings.update().values(page="acme.example/elsewhere"))
        watch.later(hours=1)
        found = confirming.confirm(connection, watch.site.id, "v_1", {"acme.example/jobs/1": watch._page("/jobs/1")})
        read_at = connection.execute(select(pages.c.last_read_at)).scalar_one()
    assert found.pages == {"acme.example/jobs/1"}
    assert read_at == watch.now
