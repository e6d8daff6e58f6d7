"""What becomes of postings that a whole list lacks and whose pages do not say that they are gone (C.5)."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from postings.sites import Source, SourceKind
from postings.visits import Absence
from tests.storage.watching import Watch, a_job


@pytest.fixture
def watch(engine: Engine) -> Watch:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(f"Worker {number}", place=f"Town {number}") for number in range(100, 120)}
    watch.visit()
    return watch


def paths(first: int, count: int) -> list[str]:
    return [f"/jobs/{number}" for number in range(first, first + count)]


def days(watch: Watch, count: int, **visit: object) -> None:
    for _ in range(count):
        watch.later(days=1).visit(**visit)  # type: ignore[arg-type]


def closed(watch: Watch) -> list[str]:
    return [str(event.reason) for event in watch.events() if event.type == "closed"]


def test_a_page_that_says_nothing_is_gone_once_the_list_has_lacked_it_for_a_week(watch: Watch) -> None:
    del watch.pages["/jobs/100"]
    days(watch, 7, looks={"/jobs/100": Absence.UNKNOWN})
    assert closed(watch) == []
    days(watch, 1, looks={"/jobs/100": Absence.UNKNOWN})
    assert closed(watch) == ["unlisted"]


def test_a_page_that_says_nothing_and_is_listed_is_not_missing(watch: Watch) -> None:
    del watch.pages["/jobs/100"]
    days(watch, 12, looks={"/jobs/100": Absence.UNKNOWN}, listed=["/jobs/100"])
    assert closed(watch) == []


def test_a_page_that_says_nothing_is_not_missing_any_more_once_the_list_has_it_again(watch: Watch) -> None:
    del watch.pages["/jobs/100"]
    days(watch, 5, looks={"/jobs/100": Absence.UNKNOWN})
    days(watch, 1, looks={"/jobs/100": Absence.UNKNOWN}, listed=["/jobs/100"])
    days(watch, 5, looks={"/jobs/100": Absence.UNKNOWN})
    assert closed(watch) == []


def test_what_its_page_said_before_is_not_forgotten_where_it_says_nothing(watch: Watch) -> None:
    del watch.pages["/jobs/100"]
    watch.later(days=1).visit(looks={"/jobs/100": Absence.SOFT_404})
    watch.later(minutes=30).visit(looks={"/jobs/100": Absence.UNKNOWN})
    watch.later(minutes=40).visit(looks={"/jobs/100": Absence.SOFT_404})
    assert closed(watch) == ["gone"]


def test_many_that_fall_off_the_list_at_once_are_waited_for_a_month(watch: Watch) -> None:
    days(watch, 30, unlisted=paths(100, 6))
    assert closed(watch) == []
    days(watch, 1, unlisted=paths(100, 6))
    assert closed(watch) == ["unlisted"] * 6


def test_a_few_that_fall_off_the_list_at_once_are_waited_for_a_week(watch: Watch) -> None:
    days(watch, 8, unlisted=paths(100, 4))
    assert closed(watch) == ["unlisted"] * 4


def test_while_a_list_that_lost_many_is_mended_in_part_the_rest_is_waited_for_a_month(watch: Watch) -> None:
    days(watch, 3, unlisted=paths(100, 6))
    days(watch, 27, unlisted=paths(100, 1))
    assert closed(watch) == []
    days(watch, 1, unlisted=paths(100, 1))
    assert closed(watch) == ["unlisted"]


def test_one_that_fell_off_shortly_before_many_is_waited_for_as_long(watch: Watch) -> None:
    days(watch, 3, unlisted=paths(100, 2))
    days(watch, 27, unlisted=paths(100, 8))
    assert closed(watch) == []
    days(watch, 1, unlisted=paths(100, 8))
    assert closed(watch) == ["unlisted"] * 2


def test_while_many_are_missing_one_that_falls_off_later_is_waited_for_as_long(watch: Watch) -> None:
    days(watch, 3, unlisted=paths(100, 6))
    days(watch, 20, unlisted=paths(100, 7))
    assert closed(watch) == []
    days(watch, 9, unlisted=["/jobs/106"])
    assert closed(watch) == ["unlisted"]


def test_a_list_that_names_fewer_from_one_day_on_is_a_window_once_more_fall_off_it(watch: Watch) -> None:
    days(watch, 2, unlisted=paths(100, 10))
    for number in range(3):
        watch.later(days=1).pages[f"/jobs/{200 + number}"] = a_job(f"Clerk {number}", place=f"Village {number}")
        days(watch, 3, unlisted=paths(100, 11 + number))
    days(watch, 30, unlisted=paths(100, 13))
    assert closed(watch) == []


@pytest.mark.parametrize("kind", ["shown", "silent"])
def test_one_that_closed_as_unlisted_and_is_listed_at_another_address_is_open_again(watch: Watch, kind: str) -> None:
    watch.later(hours=6).visit()
    job = watch.pages["/jobs/100"]
    if kind == "silent":
        del watch.pages["/jobs/100"]
        days(watch, 8, looks={"/jobs/100": Absence.UNKNOWN})
    else:
        days(watch, 8, unlisted=["/jobs/100"])
    assert closed(watch) == ["unlisted"]
    watch.pages = {path: page for path, page in watch.pages.items() if path != "/jobs/100"} | {"/careers/777": job}
    watch.later(days=1).visit()
    assert str(watch.events()[-1].type) == "reopened"
    assert len(watch.open()) == 20


def test_one_that_closed_as_unlisted_is_open_again_in_the_visit_that_finds_it_listed_at_a_second_address(
    watch: Watch,
) -> None:
    watch.later(hours=6).visit()
    days(watch, 8, unlisted=["/jobs/100"])
    assert closed(watch) == ["unlisted"]
    # its old page answers still
    watch.pages["/careers/777"] = watch.pages["/jobs/100"]
    days(watch, 1, unlisted=["/jobs/100"])
    assert [str(event.type) for event in watch.events()[20:]] == ["closed", "reopened"]
    assert len(watch.open()) == 20


def test_one_whose_address_another_has_from_now_on_is_not_listed_there(watch: Watch) -> None:
    watch.later(hours=6).visit()
    watch.pages["/careers/777"] = watch.pages["/jobs/100"]
    days(watch, 8, unlisted=["/jobs/100", "/careers/777"])
    assert closed(watch) == ["unlisted"]
    watch.pages["/careers/777"] = a_job("Nurse", place="Kiel")
    days(watch, 2, unlisted=["/jobs/100"])
    assert closed(watch) == ["unlisted"]
    assert [str(event.type) for event in watch.events()[20:]] == ["closed", "opened"]


def test_of_a_page_that_shows_one_again_the_others_stay_closed(engine: Engine) -> None:
    watch = Watch(engine, one_page="/jobs", anonymous=True)
    jobs = {f"/jobs#{number}": a_job(f"Worker {number}", place=f"Town {number}") for number in range(4)}
    watch.pages = dict(jobs)
    page = Source(kind=SourceKind.PAGE, urls=("https://acme.example/jobs",))
    days(watch, 2, source=page)
    watch.pages = {}
    days(watch, 9, looks={"/jobs": Absence.UNKNOWN}, source=page)
    assert closed(watch) == ["unlisted"] * 4
    watch.pages = {"/jobs#2": jobs["/jobs#2"]}
    days(watch, 1, source=page, listed=["/jobs"])
    assert watch.open() == ["Worker 2"]
    watch.later(days=1).visit(unchanged=["/jobs#2"], listed=["/jobs"], source=page)
    assert watch.open() == ["Worker 2"]
