"""Jobs whose addresses say little: told twice, moved while the old pages answer, counted through, given out again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from postings.posting import Location, Posting
from postings.sightings import PageRead
from postings.visits import Absence
from storage import pages as stored_pages
from tests.chaos.checker import violations
from tests.storage.watching import Watch, a_job

TITLES = ["Welder", "Cook", "Nurse", "Driver", "Baker", "Joiner", "Tailor", "Glazier", "Plumber", "Mason"]


def bare(title: str, place: str = "Berlin") -> Posting:
    """A job that no id tells from others."""
    return a_job(title, place, identifier=None)


@pytest.fixture
def watch(engine: Engine) -> Watch:
    return Watch(engine)


def news(watch: Watch) -> list[tuple[str, str | None, str | None]]:
    """What was told apart from the baseline and minor changes."""
    return [
        (str(event.type), event.record["title"], event.reason)
        for event in watch.events()
        if not event.baseline and str(event.significance) != "minor"
    ]


def put(watch: Watch, form: str, titles: list[str] = TITLES) -> list[str]:
    """The jobs at addresses of this form, with the title in small letters or the place in the list."""
    paths = [form.format(title=title.lower(), place=place) for place, title in enumerate(titles)]
    watch.pages.update(zip(paths, map(bare, titles), strict=True))
    return paths


def test_a_list_that_names_new_addresses_in_each_visit_closes_nothing_while_the_old_ones_answer(watch: Watch) -> None:
    ids = {title: a_job(title) for title in TITLES}
    old: list[str] = []
    for day in range(12):
        fresh = {f"/jobs/{100 + n}?r={day}x": job for n, job in enumerate(ids.values())}
        watch.pages.update(fresh)
        watch.later(days=1).visit(unlisted=old)
        # the page that each was read from first, and the addresses of this visit
        watch.pages = {path: job for path, job in watch.pages.items() if path.endswith(("=0x", f"={day}x"))}
        old = [path for path in watch.pages if path.endswith("=0x")]
    assert news(watch) == []
    assert len(watch.open()) == 10
    assert violations(watch.engine) == []


def test_a_site_that_moves_while_its_old_pages_answer_opens_and_closes_nothing(watch: Watch) -> None:
    old = put(watch, "/jobs/{title}")
    watch.visit()
    put(watch, "/en/openings/{title}")
    for _ in range(10):
        watch.later(days=1).visit(unlisted=old)
    assert news(watch) == []
    for path in old:
        del watch.pages[path]
    watch.later(days=1).visit()
    assert news(watch) == []
    assert len(watch.open()) == 10


@pytest.mark.parametrize("form", ["/jobs/{title}/apply", "/en/jobs/{title}", "/jobs/{title}?src=button"])
def test_a_job_that_stands_at_two_kinds_of_address_is_one_posting_from_the_first_visit_on(
    watch: Watch, form: str
) -> None:
    put(watch, "/jobs/{title}")
    put(watch, form)
    watch.visit()
    watch.later(days=1).visit()
    assert len(watch.open()) == 10
    assert news(watch) == []


@pytest.mark.parametrize("form", ["/jobs/{title}-2", "/jobs/detail?id={place}"])
def test_two_addresses_of_one_kind_are_two_postings_though_they_say_the_same(watch: Watch, form: str) -> None:
    put(watch, "/jobs/{title}" if "?" not in form else "/jobs/detail?id=1{place}")
    put(watch, form)
    watch.visit()
    assert len(watch.open()) == 20


@pytest.mark.parametrize("places", [["Berlin"] * 10, [f"Town {n}" for n in range(10)]], ids=["one", "many"])
def test_where_addresses_are_places_in_a_list_the_jobs_behind_the_closed_one_only_move(
    watch: Watch, places: list[str]
) -> None:
    jobs = list(map(bare, TITLES, places))
    watch.pages = {f"/job/{place}": job for place, job in enumerate(jobs)}
    watch.visit()
    del jobs[3]
    watch.pages = {f"/job/{place}": job for place, job in enumerate(jobs)}
    watch.later(days=1).visit(looks={"/job/9": Absence.NOT_FOUND})
    assert news(watch) == [("closed", "Driver", "replaced")]
    assert len(watch.open()) == 9
    assert violations(watch.engine) == []


@pytest.mark.parametrize("posted", [date(2026, 11, 20), None])
def test_an_address_and_identifier_given_out_again_for_a_later_job_are_a_new_posting(
    watch: Watch, posted: date | None
) -> None:
    watch.pages = {f"/jobs/{number}": a_job(title) for number, title in enumerate(TITLES, 101)}
    watch.visit()
    was = watch.pages["/jobs/101"]
    other = a_job("Astronaut", "Oslo", identifier=was.identifier, date_posted=posted)
    watch.pages["/jobs/101"] = replace(other, description_text="Fly to the moon and back, and write about it. " * 20)
    watch.later(days=20).visit()
    if posted is None:
        assert [what for what, _, _ in news(watch)] == ["changed"]
    else:
        assert news(watch) == [("closed", "Welder", "replaced"), ("opened", "Astronaut", None)]


def test_a_job_that_leaves_a_page_on_which_another_one_changes_is_missed(watch: Watch) -> None:
    watch.one_page = "/jobs"
    put(watch, "/jobs#{title}")
    watch.visit()
    del watch.pages["/jobs#driver"]
    watch.pages["/jobs#cook"] = replace(watch.pages["/jobs#cook"], remote=True)
    watch.later(days=1).visit()
    watch.later(days=2).visit(unchanged=list(watch.pages))
    assert ("closed", "Driver", "absent") in news(watch)
    assert len(watch.open()) == 9


def test_a_list_that_shows_the_newest_ten_closes_none_of_the_older_ones_that_answer(watch: Watch) -> None:
    put(watch, "/jobs/{title}")
    watch.visit()
    for day in range(12):
        watch.pages[f"/jobs/extra-{chr(97 + day)}"] = bare(f"Extra {day}")
        watch.later(days=1).visit(unlisted=list(watch.pages)[: day + 1])
    assert {what for what, _, _ in news(watch)} == {"opened"}
    assert len(watch.open()) == 22


class Paced(Watch):
    """Reads one page after the other."""

    def _page(self, path: str, origins: tuple[str, ...] = ()) -> PageRead:
        self.now += timedelta(seconds=1)
        return super()._page(path, origins)


def test_of_postings_that_one_visit_found_any_may_be_the_oldest(engine: Engine) -> None:
    watch = Paced(engine)
    # the newest first: the oldest are found last
    oldest = put(watch, "/jobs/{title}")[::-1]
    watch.visit()
    for day in range(10):
        watch.pages = {f"/jobs/extra-{chr(97 + day)}": bare(f"Extra {day}"), **watch.pages}
        watch.later(days=1).visit(unlisted=oldest[: day + 1])
    assert {what for what, _, _ in news(watch)} == {"opened"}


def test_of_postings_that_one_visit_found_those_published_first_are_the_oldest(engine: Engine) -> None:
    watch = Paced(engine)
    put(watch, "/jobs/{title}")
    for day, (path, job) in enumerate(watch.pages.items()):
        watch.pages[path] = replace(job, date_posted=date(2026, 10, 1 + day))
    youngest = list(watch.pages)[::-1]
    watch.visit()
    for day in range(9):
        watch.pages[f"/jobs/extra-{chr(97 + day)}"] = bare(f"Extra {day}")
        watch.later(days=1).visit(unlisted=youngest[: day + 1])
    closed = [(title, reason) for what, title, reason in news(watch) if what == "closed"]
    assert closed == [("Mason", "unlisted"), ("Plumber", "unlisted")]


def test_where_younger_ones_fall_off_a_list_than_it_still_names_they_close_whatever_their_number(watch: Watch) -> None:
    put(watch, "/jobs/{title}")
    watch.visit()
    for day in range(15):
        fallen = [path for path in watch.pages if path.startswith("/jobs/extra-")]
        watch.pages[f"/jobs/extra-{chr(97 + day)}"] = bare(f"Extra {day}")
        watch.later(days=1).visit(unlisted=fallen)
    closed = [(title, reason) for what, title, reason in news(watch) if what == "closed"]
    assert closed[:3] == [("Extra 0", "unlisted"), ("Extra 1", "unlisted"), ("Extra 2", "unlisted")]


def test_where_the_list_gets_shorter_what_fell_off_it_closes(watch: Watch) -> None:
    paths = put(watch, "/jobs/{title}")
    watch.visit()
    for day in range(15):
        watch.later(days=1).visit(unlisted=paths[: min(day + 1, 4)])
    assert news(watch) == [("closed", title, "unlisted") for title in TITLES[:4]]


def test_a_new_language_of_the_site_is_no_news(watch: Watch) -> None:
    watch.pages = {f"/en/jobs/{number}": a_job(title) for number, title in enumerate(TITLES, 10_101)}
    watch.visit()
    for path, job in list(watch.pages.items()):
        german = replace(job, title=f"{job.title}in", language="de", description_text="Wir suchen jemanden. " * 40)
        watch.pages[path.replace("/en/", "/de/")] = german
    summary = watch.later(days=1).visit()
    assert news(watch) == []
    assert summary.notes == ("the site has another language: 10 translations of known postings",)
    assert len(watch.open()) == 20


def test_a_translation_of_one_job_is_told(watch: Watch) -> None:
    watch.pages = {f"/en/jobs/{number}": a_job(title) for number, title in enumerate(TITLES, 10_101)}
    watch.visit()
    job = watch.pages["/en/jobs/10101"]
    text = "Wir suchen jemanden. " * 40
    watch.pages["/de/jobs/10101"] = replace(job, title="Schweißer", language="de", description_text=text)
    watch.later(days=1).visit()
    assert news(watch) == [("opened", "Schweißer", None)]


@pytest.mark.parametrize("moved", [3, 10])
def test_a_new_system_that_gives_all_jobs_its_own_dates_moves_them_and_reposts_stay_reposts(
    watch: Watch, moved: int
) -> None:
    watch.pages = {f"/jobs/{number}": a_job(title) for number, title in enumerate(TITLES, 101)}
    watch.visit()
    old = list(watch.pages)[:moved]
    for path, title in zip(old, TITLES, strict=False):
        del watch.pages[path]
        watch.pages[f"/positions/{title.lower()}"] = replace(bare(title), date_posted=date(2026, 11, 2))
    watch.later(days=1).visit(looks=dict.fromkeys(old, Absence.NOT_FOUND))
    assert len([what for what, _, _ in news(watch) if what == "opened"]) == (0 if moved == 10 else 3)


def test_a_posting_on_a_page_of_many_that_is_retitled_is_changed(watch: Watch) -> None:
    watch.one_page = "/jobs"
    watch.anonymous = True
    put(watch, "/jobs#{title}")
    watch.visit()
    watch.pages["/jobs#cook"] = replace(watch.pages["/jobs#cook"], title="Head Cook")
    watch.pages["/jobs#nurse"] = replace(
        watch.pages["/jobs#nurse"], locations=(Location(locality="Rome", country="IT"),)
    )
    watch.later(days=1).visit()
    assert sorted(news(watch)) == [("changed", "Head Cook", None), ("changed", "Nurse", None)]
    assert len(watch.open()) == 10


def test_the_page_that_a_known_address_leads_to_is_its_posting(watch: Watch) -> None:
    put(watch, "/jobs/{title}")
    watch.visit()
    watch.pages["/jobs/head-cook"] = replace(watch.pages.pop("/jobs/cook"), title="Head Cook")
    watch.later(days=1).visit(moved_from={"/jobs/head-cook": "/jobs/cook"}, looks={"/jobs/cook": Absence.REDIRECTED})
    assert news(watch) == [("changed", "Head Cook", None)]
    assert len(watch.open()) == 10


@pytest.mark.parametrize(("whole", "remembered"), [(True, "00"), (False, None)])
def test_a_page_that_lacks_a_posting_in_a_visit_that_is_not_believed_is_read_again(
    watch: Watch, whole: bool, remembered: str | None
) -> None:
    watch.one_page = "/jobs"
    put(watch, "/jobs#{title}")
    watch.visit()
    del watch.pages["/jobs#driver"]
    watch.pages["/jobs#cook"] = replace(watch.pages["/jobs#cook"], remote=True)
    watch.later(days=1).visit(whole=whole)
    page = stored_pages.known(watch.engine, watch.site.id, watch.now).pages["acme.example/jobs"]
    assert page.body_hash == remembered


def test_an_address_that_a_new_job_has_long_after_the_old_one_closed_opens_the_old_one_no_more(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(f"Worker {number}", place=f"Town {number}") for number in range(4711, 4717)}
    watch.visit()
    del watch.pages["/jobs/4711"]
    watch.later(days=1).visit(looks={"/jobs/4711": Absence.NOT_FOUND})
    other = " ".join(f"analyse sample {number} in laboratory {number % 7}" for number in range(60))
    posted = (watch.now + timedelta(days=6)).date()
    chemist = a_job("Chemist", place="Kiel", description_text=other, date_posted=posted)
    watch.pages["/jobs/4711"] = chemist
    watch.later(days=7).visit()
    assert "Chemist" in watch.open()
    watch.later(days=1).visit(unchanged=["/jobs/4711"])
    assert len(watch.open()) == 6
    assert "Worker 4711" not in watch.open()
