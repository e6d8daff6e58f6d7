"""Watching sites, what is due, and that one visitor at a time has a host."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select, update
from sqlalchemy.engine import Engine

from postings.errors import LeaseLost, NotFoundError, UsageError
from postings.sites import Health, Site, Source, SourceKind
from postings.trust import Standing, Trust
from storage import leases, pages, site_rows, site_settings, sites, tables
from storage.engine import reading, writing
from storage.leases import Due, Lease
from storage.site_rows import read_health, read_source
from tests.storage.rows import HOUR, NOW, add_pages, add_posting, add_robots, add_site, insert_postings, posting_row

TTL = timedelta(minutes=5)


def alive(owner: str) -> bool:
    return False


def dead(owner: str) -> bool:
    return True


def claim(engine: Engine, site: Site, owner: str = "a", now: datetime = NOW, **options: Any) -> Lease | None:
    return leases.claim(engine, site.id, owner=owner, now=now, ttl=TTL, **{"dead": alive, **options})


def claimed(engine: Engine, site: Site, owner: str = "a", now: datetime = NOW, **options: Any) -> Lease:
    lease = claim(engine, site, owner, now, **options)
    assert lease is not None
    return lease


def names(found: Sequence[Site | Due]) -> list[str]:
    return [site.name for site in found]


class TestWatching:
    @pytest.mark.parametrize(("render", "anew"), [(True, True), (False, False)])
    def test_what_scripts_reveal_was_there_before(self, engine: Engine, render: bool, anew: bool) -> None:
        site = sites.add(engine, name="acme", start_url="https://acme.example/", every=None, now=NOW)
        with writing(engine) as connection:
            connection.execute(update(tables.sites).values(source={"kind": "list", "urls": []}, baseline_done=True))
        with site_settings.changing(engine, site.id) as change:
            change.set_render(render)
        found = sites.find(engine, "acme")
        assert (found.render, found.source is None, found.baseline_done) == (render, anew, not anew)

    def test_a_new_site_is_due_at_once(self, engine: Engine) -> None:
        site = sites.add(engine, name="acme", start_url="https://www.acme.example/jobs", every=6 * HOUR, now=NOW)
        assert site == Site(
            id=site.id,
            name="acme",
            start_url="https://www.acme.example/jobs",
            host_key="acme.example",
            every=6 * HOUR,
            added_at=NOW,
            next_visit_at=NOW,
        )
        assert [one.id for one in leases.due(engine, NOW, 10)] == [site.id]

    def test_a_name_is_given_once(self, engine: Engine) -> None:
        add_site(engine, "acme")
        with pytest.raises(UsageError, match="another site has this name; choose another with --name"):
            add_site(engine, "acme", "https://other.example/")

    @pytest.mark.parametrize("same", ["https://acme.example/jobs/", "http://www.acme.example/jobs?utm_source=x"])
    def test_an_address_is_watched_once_however_it_is_written(self, engine: Engine, same: str) -> None:
        add_site(engine, "acme", "https://acme.example/jobs")
        with pytest.raises(UsageError, match="watched already as `acme`; visit it with `hirewatch visit acme`"):
            add_site(engine, "other", same)

    @pytest.mark.parametrize("address", ["ftp://acme.example/", "acme", "https://me:secret@acme.example/", ""])
    def test_what_is_no_web_address_is_not_watched(self, engine: Engine, address: str) -> None:
        with pytest.raises(UsageError, match="give an http or https address") as caught:
            sites.add(engine, name="acme", start_url=address, every=None, now=NOW)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize("name", ["", "  ", "a\0b", "a\nb", "x" * 101])
    def test_what_cannot_be_shown_in_a_line_is_no_name(self, engine: Engine, name: str) -> None:
        with pytest.raises(UsageError, match="is no name for a site"):
            sites.add(engine, name=name, start_url="https://acme.example/", every=None, now=NOW)

    def test_a_removed_site_comes_back_under_a_new_name_with_what_was_learnt(self, engine: Engine) -> None:
        site = add_site(engine, "acme")
        learnt = site_rows.state_columns(
            Source(kind=SourceKind.SITEMAP, urls=("https://acme.example/sitemap.xml",)),
            Trust(identifier=Standing.TRUSTED),
            Health(failures=3, first_failure_at=NOW, patience=4, attention="dead"),
        )
        with writing(engine) as connection:
            connection.execute(update(tables.sites).values(baseline_done=True, **learnt))
        sites.remove(engine, site.id, NOW)
        back = add_site(engine, "acme-2", "https://acme.example/jobs/", now=NOW + HOUR)
        assert (back.id, back.name, back.next_visit_at) == (site.id, "acme-2", NOW + HOUR)
        assert back.trust == Trust(identifier=Standing.TRUSTED)
        assert back.baseline_done
        assert back.health == Health(patience=4)

    def test_the_name_of_a_removed_site_is_free(self, engine: Engine) -> None:
        sites.remove(engine, add_site(engine, "acme").id, NOW)
        assert add_site(engine, "acme", "https://other.example/").name == "acme"

    def test_the_same_address_added_by_several_at_once_is_watched_once(self, engine: Engine) -> None:
        outcomes = at_once(*[lambda n=n: add_site(engine, f"acme-{n}", "https://acme.example/") for n in range(6)])
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Site"] + ["UsageError"] * 5
        assert len(sites.watched(engine)) == 1

    @pytest.mark.parametrize(
        "wanted", ["acme", "https://acme.example/jobs", "http://www.acme.example/jobs/", "acme.example/jobs"]
    )
    def test_a_site_is_found_by_its_name_and_by_its_address(self, engine: Engine, wanted: str) -> None:
        site = add_site(engine, "acme")
        add_site(engine, "other")
        assert sites.find(engine, wanted) == site

    def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(self, engine: Engine) -> None:
        add_site(engine, "acme")
        with pytest.raises(NotFoundError, match="did you mean `acme`"):
            sites.find(engine, "acmee")

    @pytest.mark.parametrize("wanted", ["zzz", "", "https://zzz.example/", "\ud800", "a\0"])
    def test_an_unknown_name_is_answered_with_where_to_look(self, engine: Engine, wanted: str) -> None:
        sites.remove(engine, add_site(engine, "zzz", "https://zzz.example/").id, NOW)
        with pytest.raises(NotFoundError, match="hirewatch sites list"):
            sites.find(engine, wanted)

    def test_several_sites_are_added_all_or_none(self, engine: Engine) -> None:
        wanted = [sites.NewSite(name=name, start_url=f"https://{name}.example/", every=HOUR) for name in ("b", "a")]
        sites.add_all(engine, wanted, NOW)
        assert [(site.name, site.every, site.next_visit_at) for site in sites.watched(engine)] == [
            ("a", HOUR, NOW),
            ("b", HOUR, NOW),
        ]
        for wrong in ("https://www.a.example/", "https://d.example/"):
            more = [
                sites.NewSite(name="c", start_url="https://c.example/"),
                sites.NewSite(name="b", start_url=wrong),
            ]
            with pytest.raises(UsageError, match=r"watched already as `a`|b: another site has this name"):
                sites.add_all(engine, more, NOW)
        assert names(sites.watched(engine)) == ["a", "b"]

    @pytest.mark.parametrize("every", [None, HOUR])
    def test_the_time_between_visits_can_be_changed(self, engine: Engine, every: timedelta | None) -> None:
        site = sites.add(engine, name="acme", start_url="https://acme.example/", every=6 * HOUR, now=NOW)
        with site_settings.changing(engine, site.id) as change:
            change.set_every(every, now=NOW)
        assert sites.find(engine, "acme") == replace(site, every=every)

    def test_watched_sites_stand_in_the_order_of_their_names(self, engine: Engine) -> None:
        for name in ("b", "a", "Z", "c"):
            add_site(engine, name)
        sites.remove(engine, sites.find(engine, "c").id, NOW)
        assert names(sites.watched(engine)) == ["Z", "a", "b"]

    @pytest.mark.parametrize("batch", [1, 2, 9])
    def test_a_list_says_of_a_site_what_the_site_says(self, engine: Engine, batch: int) -> None:
        for name in ("b", "a", "c", "d"):
            add_site(engine, name)
        with site_settings.changing(engine, sites.find(engine, "a").id) as change:
            change.set_cron("0 7 * * 1-5", "Europe/Berlin", first=NOW + HOUR)
        with site_settings.changing(engine, sites.find(engine, "b").id) as change:
            change.set_every(6 * HOUR, now=NOW)
        sites.remove(engine, sites.find(engine, "c").id, NOW)
        sites.pause(engine, sites.find(engine, "d").id, NOW)
        found = list(sites.listing(engine, batch=batch))
        assert [one.name for one in found] == ["a", "b", "d"]
        for one in found:
            site = sites.find(engine, one.name)
            same = [field.name for field in fields(one) if field.name not in ("patience", "attention")]
            assert [getattr(one, name) for name in same] == [getattr(site, name) for name in same]
            assert (one.patience, one.attention) == (site.health.patience, site.health.attention)
        assert sites.number(engine) == 3

    @pytest.mark.parametrize("change", [sites.pause, sites.resume, sites.remove, sites.request_visit])
    def test_a_site_that_is_not_there_cannot_be_changed(self, engine: Engine, change: Any) -> None:
        with pytest.raises(NotFoundError):
            change(engine, 99, NOW)


class TestDue:
    def test_the_longest_overdue_come_first_and_no_more_than_asked_for(self, engine: Engine) -> None:
        for name, age in (("a", 1), ("b", 3), ("c", 2), ("d", -1)):
            add_site(engine, name, now=NOW - age * HOUR)
        assert names(leases.due(engine, NOW, 2)) == ["b", "c"]
        assert names(leases.due(engine, NOW, 10)) == ["b", "c", "a"]

    def test_one_site_of_each_host_is_due(self, engine: Engine) -> None:
        for number in range(20):
            add_site(engine, f"board-{number}", f"https://board.example/{number}", now=NOW - HOUR)
        add_site(engine, "acme")
        assert names(leases.due(engine, NOW, 2)) == ["board-0", "acme"]

    def test_a_host_that_is_being_visited_is_not_due(self, engine: Engine) -> None:
        first = add_site(engine, "a", "https://board.example/a")
        add_site(engine, "b", "https://board.example/b")
        lease = claimed(engine, first)
        assert leases.due(engine, NOW, 10) == []
        assert names(leases.due(engine, NOW, 10, dead=dead)) == ["a"]
        assert names(leases.due(engine, lease.until, 10)) == ["a"]
        leases.release(engine, lease)
        assert names(leases.due(engine, NOW, 10)) == ["a"]

    def test_a_paused_site_is_not_due_until_it_is_resumed(self, engine: Engine) -> None:
        site = add_site(engine)
        sites.pause(engine, site.id, NOW)
        assert leases.due(engine, NOW + HOUR, 10) == []
        paused = sites.find(engine, "acme")
        assert (paused.paused_at, paused.next_visit_at) == (NOW, None)
        sites.pause(engine, site.id, NOW + HOUR)
        assert sites.find(engine, "acme").paused_at == NOW
        sites.resume(engine, site.id, NOW + HOUR)
        assert [one.next_visit_at for one in leases.due(engine, NOW + HOUR, 10)] == [NOW + HOUR]

    def test_a_removed_site_is_not_due(self, engine: Engine) -> None:
        sites.remove(engine, add_site(engine).id, NOW)
        assert leases.due(engine, NOW, 10) == []

    def test_a_requested_visit_is_due_at_once(self, engine: Engine) -> None:
        site = add_site(engine, now=NOW + HOUR)
        assert leases.due(engine, NOW, 10) == []
        sites.request_visit(engine, site.id, NOW)
        assert names(leases.due(engine, NOW, 10)) == ["acme"]


class TestClaiming:
    def test_a_claim_raises_the_fence_by_one(self, engine: Engine) -> None:
        site = add_site(engine)
        first = claimed(engine, site)
        assert first == Lease(site_id=site.id, owner="a", fence=1, until=NOW + TTL)
        leases.release(engine, first)
        assert claimed(engine, site, "b").fence == 2

    def test_a_site_is_claimed_by_one_at_a_time(self, engine: Engine) -> None:
        site = add_site(engine)
        claimed(engine, site)
        assert claim(engine, site, "a") is None
        assert claim(engine, site, "b") is None

    def test_a_host_is_claimed_by_one_at_a_time(self, engine: Engine) -> None:
        lease = claimed(engine, add_site(engine, "a", "https://board.example/a"))
        other = add_site(engine, "b", "https://www.board.example/b")
        assert claim(engine, other, "b") is None
        leases.release(engine, lease)
        assert claim(engine, other, "b") is not None

    def test_a_lease_that_ran_out_is_taken_over_and_its_holder_is_told(self, engine: Engine) -> None:
        site = add_site(engine)
        old = claimed(engine, site)
        new = claimed(engine, site, "b", old.until)
        assert new.fence == old.fence + 1
        with pytest.raises(LeaseLost):
            leases.renew(engine, old, old.until, TTL)
        leases.release(engine, old)
        assert leases.renew(engine, new, old.until, TTL).until == old.until + TTL

    def test_the_lease_of_a_dead_owner_is_taken_over_at_once(self, engine: Engine) -> None:
        site = add_site(engine)
        old = claimed(engine, site, "dead")
        asked: list[str] = []
        assert claimed(engine, site, "b", dead=lambda owner: not asked.append(owner)).fence == 2  # type: ignore[func-returns-value]
        assert asked == ["dead"]
        with pytest.raises(LeaseLost):
            leases.renew(engine, old, NOW, TTL)

    def test_a_sleeper_on_another_site_of_the_host_cannot_renew_beside_its_successor(self, engine: Engine) -> None:
        sleeper = claimed(engine, add_site(engine, "a", "https://board.example/a"))
        claimed(engine, add_site(engine, "b", "https://board.example/b"), "b", sleeper.until)
        with pytest.raises(LeaseLost):
            leases.renew(engine, sleeper, sleeper.until, TTL)

    def test_a_late_holder_may_renew_while_nobody_has_taken_over(self, engine: Engine) -> None:
        lease = claimed(engine, add_site(engine))
        late = lease.until + HOUR
        assert leases.renew(engine, lease, late, TTL) == replace(lease, until=late + TTL)

    def test_a_released_lease_cannot_be_renewed(self, engine: Engine) -> None:
        lease = claimed(engine, add_site(engine))
        leases.release(engine, lease)
        with pytest.raises(LeaseLost):
            leases.renew(engine, lease, NOW, TTL)

    def test_a_removed_site_takes_the_lease_from_its_visitor(self, engine: Engine) -> None:
        site = add_site(engine)
        lease = claimed(engine, site)
        sites.remove(engine, site.id, NOW)
        with pytest.raises(LeaseLost):
            leases.renew(engine, lease, NOW, TTL)
        assert claim(engine, site, "b") is None
        with reading(engine) as connection:
            assert connection.scalars(select(tables.sites.c.fence)).one() > lease.fence

    def test_a_paused_site_can_still_be_visited_by_hand(self, engine: Engine) -> None:
        site = add_site(engine)
        sites.pause(engine, site.id, NOW)
        assert claim(engine, site, only_if_due=True) is None
        assert claim(engine, site) is not None

    def test_a_site_that_was_visited_meanwhile_is_not_visited_again(self, engine: Engine) -> None:
        site = add_site(engine)
        lease = claimed(engine, site, only_if_due=True)
        with writing(engine) as connection:
            connection.execute(update(tables.sites).values(next_visit_at=NOW + HOUR))
        leases.release(engine, lease)
        assert claim(engine, site, "b", only_if_due=True) is None

    def test_an_unknown_site_cannot_be_claimed(self, engine: Engine) -> None:
        assert leases.claim(engine, 99, owner="a", now=NOW, ttl=TTL, dead=alive) is None

    def test_of_many_who_claim_a_host_at_once_one_gets_it(self, engine: Engine) -> None:
        """Eight threads take and give back the sites of three hosts; none meets another on the same host."""
        watched = [add_site(engine, f"s{n}", f"https://host-{n % 3}.example/{n}") for n in range(9)]
        inside = {site.host_key: threading.Lock() for site in watched}
        taken: list[int] = []

        def work(owner: str) -> None:
            for round_ in range(4):
                for site in watched[round_:] + watched[:round_]:
                    lease = claim(engine, site, owner)
                    if lease is None:
                        continue
                    assert inside[site.host_key].acquire(blocking=False), "two visitors on one host"
                    taken.append(site.id)
                    leases.renew(engine, lease, NOW, TTL)
                    inside[site.host_key].release()
                    leases.release(engine, lease)

        outcomes = at_once(*[lambda n=n: work(f"w{n}") for n in range(8)])
        assert outcomes == [None] * 8
        assert set(taken) == {site.id for site in watched}
        with reading(engine) as connection:
            assert sum(connection.scalars(select(tables.sites.c.fence))) == len(taken)


class TestKnown:
    def test_pages_say_whether_an_open_posting_stands_on_them(self, engine: Engine) -> None:
        site = add_site(engine)
        add_pages(engine, site, {key: f"https://{key}" for key in ("acme.example/1", "acme.example/2", "acme.example")})
        add_posting(engine, site, "p_1", page="acme.example/1")
        add_posting(engine, site, "p_2", page="acme.example/2", state="closed")
        found = pages.known(engine, site.id, NOW).pages
        assert {key: page.open for key, page in found.items()} == {
            "acme.example/1": True,
            "acme.example/2": False,
            "acme.example": False,
        }
        assert (found["acme.example/1"].url, found["acme.example/1"].etag) == ("https://acme.example/1", '"1"')

    def test_pages_and_postings_of_other_sites_are_not_known(self, engine: Engine) -> None:
        site, other = add_site(engine, "acme"), add_site(engine, "other")
        add_pages(engine, site, {"acme.example/1": "https://acme.example/1"})
        add_pages(engine, other, {"acme.example/1": "https://acme.example/1", "b": "https://other.example/b"})
        add_posting(engine, other, "p_1", page="acme.example/1")
        assert {key: page.open for key, page in pages.known(engine, site.id, NOW).pages.items()} == {
            "acme.example/1": False
        }

    def test_robots_answers_are_those_of_the_host_and_of_the_origins_that_were_seen(self, engine: Engine) -> None:
        site = add_site(engine)
        add_pages(engine, site, {"api.board.example/acme": "https://api.board.example/acme"})
        for origin in (
            "https://acme.example",
            "http://www.acme.example",
            "https://api.board.example",
            "https://other.example",
        ):
            add_robots(engine, origin)
        found = pages.known(engine, site.id, NOW).robots
        assert set(found) == {"https://acme.example", "http://www.acme.example", "https://api.board.example"}
        assert found["https://acme.example"].body == b"Allow: /"

    def test_robots_answers_are_kept_for_less_than_a_day(self, engine: Engine) -> None:
        site = add_site(engine)
        add_robots(engine, "https://acme.example", NOW - 24 * HOUR)
        add_robots(engine, "http://acme.example", NOW - 23 * HOUR)
        assert set(pages.known(engine, site.id, NOW).robots) == {"http://acme.example"}
        assert len(pages.known(engine, site.id).robots) == 2

    def test_the_robots_answer_of_any_origin_can_be_asked_for(self, engine: Engine) -> None:
        add_robots(engine, "https://api.board.example")
        answer = pages.robots_answer(engine, "https://api.board.example")
        assert answer is not None
        assert answer.body == b"Allow: /"
        assert pages.robots_answer(engine, "https://other.example") is None

    @pytest.mark.parametrize("number", [0, 1, 2000])
    def test_four_queries_tell_what_is_known_whatever_the_size(self, engine: Engine, number: int) -> None:
        site = add_site(engine)
        if number:
            add_pages(engine, site, {f"acme.example/{n}": f"https://acme.example/{n}" for n in range(number)})
        with selects(engine) as statements:
            assert len(pages.known(engine, site.id, NOW).pages) == number
        assert len(statements) == 4


def test_what_is_known_costs_sqlite_no_more_for_each_page_of_a_larger_site(
    sqlite_template: Path, tmp_path: Path, opening: Callable[..., Engine]
) -> None:
    costs = []
    for number in (200, 800):
        path = shutil.copy(sqlite_template, tmp_path / f"{number}.sqlite")
        engine = opening(f"sqlite:///{path}")
        site = add_site(engine)
        add_pages(engine, site, {f"acme.example/{n}": f"https://acme.example/{n}" for n in range(number)})
        with writing(engine) as connection:
            rows = [posting_row(site, f"p_{n}", page=f"acme.example/{n}") for n in range(number)]
            insert_postings(connection, rows)
        costs.append(steps(engine, partial(pages.known, engine, site.id, NOW)))
    assert costs[1] < 5 * costs[0]


def steps(engine: Engine, work: Callable[[], object]) -> int:
    """How many hundreds of its own instructions SQLite runs for `work`."""
    ticks: list[int] = []

    def count(driver: Any, *_: object) -> None:
        driver.set_progress_handler(lambda: ticks.append(1), 100)

    event.listen(engine, "checkout", count)
    work()
    event.remove(engine, "checkout", count)
    return len(ticks)


INSTANTS = st.datetimes(timezones=st.just(UTC))
TEXTS = st.lists(st.text(), max_size=3).map(tuple)
SOURCES = st.builds(
    Source,
    kind=st.sampled_from(SourceKind),
    urls=TEXTS,
    shapes=TEXTS,
    rejected=TEXTS,
    checks=TEXTS,
    carries=st.booleans(),
    reason=st.text(),
)
HEALTHS = st.builds(
    Health,
    suspects=st.lists(st.tuples(INSTANTS, st.text()), max_size=3).map(tuple),
    failures=st.integers(0, 1000),
    first_failure_at=st.none() | INSTANTS,
    last_complete_at=st.none() | INSTANTS,
    patience=st.integers(1, 64),
    patience_raised_at=st.none() | INSTANTS,
    attention=st.none() | st.text(),
)


@given(st.none() | SOURCES, HEALTHS)
def test_what_a_visit_learnt_comes_back_as_it_was(source: Source | None, health: Health) -> None:
    columns = site_rows.state_columns(source, Trust(), health)
    assert read_source(columns["source"]) == source
    assert read_health(columns["health"]) == health


def test_a_health_that_an_older_version_kept_has_the_defaults_of_the_rest() -> None:
    assert read_health({"failures": 2}) == Health(failures=2)


@contextmanager
def selects(engine: Engine) -> Iterator[list[str]]:
    """The SELECT statements that are sent meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def at_once(*works: Any) -> list[Any]:
    """What each did, or raised, when all began together."""
    start = threading.Barrier(len(works))
    outcomes: list[Any] = [None] * len(works)

    def run(place: int) -> None:
        start.wait()
        try:
            outcomes[place] = works[place]()
        except Exception as error:
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_a_tick_that_finds_nothing_due_asks_once(engine: Engine) -> None:
    add_site(engine)
    with selects(engine) as idle:
        assert leases.due(engine, NOW - HOUR, 10) == []
    with selects(engine) as busy:
        assert len(leases.due(engine, NOW, 10)) == 1
    assert len(idle) == 1
    assert len(busy) > 1
