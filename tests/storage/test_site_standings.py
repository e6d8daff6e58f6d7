"""How the watched sites stand, in numbers and one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.engine import Engine

from postings import wording
from postings.sites import Site
from postings.verdicts import STOPPED_VISIT
from storage import site_standings, sites, tables
from storage.engine import writing
from storage.tables import hosts
from tests.storage.rows import HOUR, NOW, add_posting, add_site, add_visit


def set_columns(engine: Engine, site: Site, **values: object) -> None:
    with writing(engine) as connection:
        connection.execute(update(tables.sites).where(tables.sites.c.id == site.id).values(**values))


def test_the_numbers_of_all_watched_sites(engine: Engine) -> None:
    zeta, acme, _new, gone = (add_site(engine, name) for name in ("zeta", "acme", "new", "gone"))
    for number, (site, outcome, reason) in enumerate(
        [(acme, "failed", "its host did not answer"), (zeta, "partial", None), (gone, "failed", None)]
    ):
        add_visit(engine, site, f"v_{number}", ended_at=NOW, outcome=outcome, reason=reason)
    for number, (site, state) in enumerate([(acme, "open"), (acme, "closed"), (zeta, "open"), (gone, "open")]):
        add_posting(engine, site, f"p_{number}", state=state)
    set_columns(engine, zeta, baseline_done=True)
    sites.pause(engine, zeta.id, NOW)
    sites.remove(engine, gone.id, NOW)
    assert site_standings.totals(engine) == site_standings.Totals(
        sites=3, paused=1, visited=1, needing=(acme.id, zeta.id), open=2
    )


def test_the_numbers_count_those_that_need_a_person_in_the_same_way_as_words_do(engine: Engine) -> None:
    ends = [
        ("complete", None), ("partial", "a page failed"), ("partial", STOPPED_VISIT), ("suspect", "half of it is gone"),
        ("failed", None), (None, None),
    ]  # fmt: skip
    for number, (outcome, reason) in enumerate(ends):
        site = add_site(engine, f"site-{number}")
        add_visit(
            engine, site, f"v_{number}_before", NOW - HOUR, ended_at=NOW - HOUR, outcome="failed", reason="broken"
        )
        add_visit(engine, site, f"v_{number}", NOW, ended_at=outcome and NOW, outcome=outcome, reason=reason)
    attention = add_site(engine, "site-9")
    set_columns(engine, attention, health={"attention": "it says that it is gone"})
    needing = [one.site.id for one in site_standings.every(engine) if wording.attention(one.site, one.visit)]
    assert site_standings.totals(engine).needing == tuple(needing)
    assert len(needing) == 4


@pytest.mark.parametrize("batch", [1, 2, 3, 9])
def test_each_site_comes_once_with_its_newest_visit_and_its_postings(engine: Engine, batch: int) -> None:
    new, acme, gone = (add_site(engine, name) for name in ("new", "acme", "gone"))
    other = add_site(engine, "other")
    for number, site in enumerate((acme, other, acme)):
        add_visit(engine, site, f"v_{number}", NOW + number * HOUR)
    for number, state in enumerate(("open", "open", "closed")):
        add_posting(engine, acme, f"p_{number}", state=state)
    sites.remove(engine, gone.id, NOW)
    found = [
        (one.site.id, one.visit and one.visit.id, one.open, one.closed)
        for one in site_standings.every(engine, batch=batch)
    ]
    assert found == [(acme.id, "v_2", 2, 1), (new.id, None, 0, 0), (other.id, "v_1", 0, 0)]


def test_sites_come_in_the_order_that_was_asked_for(engine: Engine) -> None:
    acme, other = add_site(engine, "acme"), add_site(engine, "other")
    assert [one.site.name for one in site_standings.of(engine, [other.id, 99, acme.id])] == ["other", "acme"]


class TestOverdue:
    def test_it_is_that_of_the_visit_that_has_been_due_for_longest(self, engine: Engine) -> None:
        add_site(engine, "acme", now=NOW - HOUR)
        add_site(engine, "other", now=NOW - 3 * HOUR)
        assert site_standings.overdue(engine, NOW) == 3 * HOUR

    @pytest.mark.parametrize(
        "why",
        [
            {"paused_at": NOW},
            {"removed_at": NOW},
            {"lease_until": NOW + HOUR, "lease_owner": "somebody"},
            {"next_visit_at": NOW + HOUR},
            {"next_visit_at": None},
        ],
        ids=["paused", "removed", "being visited", "not due", "never due"],
    )
    def test_a_visit_that_nobody_waits_for_is_not_late(self, engine: Engine, why: dict[str, object]) -> None:
        set_columns(engine, add_site(engine, now=NOW - 3 * HOUR), **why)
        assert site_standings.overdue(engine, NOW) == timedelta(0)

    @pytest.mark.parametrize(("rests", "late"), [(HOUR, timedelta(0)), (-HOUR, 3 * HOUR)])
    def test_a_host_that_rests_is_not_late(self, engine: Engine, rests: timedelta, late: timedelta) -> None:
        site = add_site(engine, now=NOW - 3 * HOUR)
        with writing(engine) as connection:
            connection.execute(
                hosts.insert().values(
                    name=site.host_key, delay=0, failures=0, rests_until=NOW + rests, wished=True, reason="it asked"
                )
            )
        assert site_standings.overdue(engine, NOW) == late


def test_it_takes_a_few_queries_whatever_the_number_of_sites(engine: Engine) -> None:
    for number in range(20):
        add_visit(engine, add_site(engine, f"site-{number:02}"), f"v_{number}")
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert len(list(site_standings.every(engine))) == 20
    assert site_standings.totals(engine).sites == 20
    queries = [query for query in asked if query.startswith("SELECT")]
    assert len(queries) == 5
