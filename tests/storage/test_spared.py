"""Postings that a visit's list names and whose pages it did not ask: they are seen, though nothing was read of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from postings.events import EventType
from postings.lastmod import CLEAN_VISITS
from postings.posting import Identifier
from postings.sightings import PageRead
from postings.trust import Standing
from postings.visits import Absence, Outcome, Spared
from storage import pages as stored_pages
from storage.contents import BODY
from storage.engine import reading
from storage.tables import postings as rows
from tests.chaos.checker import violations
from tests.storage.watching import Watch, a_job

TITLES = ["Welder", "Cook", "Nurse", "Driver", "Baker", "Joiner", "Tailor", "Glazier", "Plumber", "Mason"]


@pytest.fixture
def watch(engine: Engine) -> Watch:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(title) for number, title in enumerate(TITLES, 101)}
    watch.visit()
    return watch


def left(watch: Watch, *asked: str) -> list[str]:
    return [path for path in watch.pages if path not in asked]


def checked(watch: Watch, **fields: object) -> Spared:
    """All pages had an unmoved lastmod and were asked."""
    addresses = frozenset(f"acme.example{path}" for path in watch.pages)
    return replace(Spared(unmoved=len(watch.pages), tested=addresses, varied=True), **fields)  # type: ignore[arg-type]


def test_a_visit_that_asks_one_page_of_ten_is_complete_and_closes_nothing(watch: Watch) -> None:
    for _ in range(5):
        summary = watch.later(hours=6).visit(left=left(watch, "/jobs/101"))
        assert (summary.outcome, summary.reason) == (Outcome.COMPLETE, None)
        assert summary.listed == 10
    assert watch.open() == sorted(TITLES)
    assert len(watch.events()) == 10


def test_what_is_listed_was_seen_and_not_read(watch: Watch) -> None:
    began = watch.now
    watch.later(hours=6).visit(left=left(watch))
    with reading(watch.engine) as conn:
        found = conn.execute(select(rows.c.last_seen, rows.c.last_read)).all()
    assert {row.last_seen for row in found} == {watch.now}
    assert {row.last_read for row in found} == {began}


def test_the_postings_that_the_list_no_longer_names_close_beside_those_that_are_left(watch: Watch) -> None:
    del watch.pages["/jobs/103"]
    watch.later(hours=6).visit(left=left(watch), looks={"/jobs/103": Absence.NOT_FOUND})
    assert watch.told(10) == [("closed", "Nurse")]


def test_a_posting_that_is_left_is_not_gone_for_the_guard(watch: Watch) -> None:
    for path in ("/jobs/101", "/jobs/102", "/jobs/103"):
        del watch.pages[path]
    looks = dict.fromkeys(("/jobs/101", "/jobs/102", "/jobs/103"), Absence.NOT_FOUND)
    summary = watch.later(hours=6).visit(left=left(watch), looks=looks)
    assert (summary.outcome, summary.closed) == (Outcome.COMPLETE, 3)


def test_a_new_address_of_a_posting_whose_old_one_is_still_listed_is_no_move(watch: Watch) -> None:
    """Identity asks whether the old one was seen in this visit: listed is seen."""
    watch.pages["/new/welder-at-acme-berlin"] = watch.pages["/jobs/101"]
    watch.later(hours=6).visit(left=left(watch, "/new/welder-at-acme-berlin"))
    with reading(watch.engine) as conn:
        pages = [row.page for row in conn.execute(select(rows.c.page, BODY)) if row.body["title"] == "Welder"]
    assert "acme.example/jobs/101" in pages


def test_a_posting_at_a_new_address_is_the_old_one_where_the_list_dropped_the_old_address(watch: Watch) -> None:
    watch.pages["/new/welder-at-acme-berlin"] = watch.pages.pop("/jobs/101")
    watch.later(hours=6).visit(left=left(watch, "/new/welder-at-acme-berlin"), looks={"/jobs/101": Absence.NOT_FOUND})
    assert [(event.type, event.significance) for event in watch.events()[10:]] == [(EventType.CHANGED, "minor")]
    assert watch.open() == sorted(TITLES)


def test_trust_in_identifiers_is_learnt_from_all_that_is_listed(watch: Watch) -> None:
    """Nine postings say that the identifier identifies; the one that was read alone would say too little."""
    assert watch.current().trust.identifier is Standing.TRUSTED
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], title="Chief Welder")
    watch.later(hours=6).visit(left=left(watch, "/jobs/101"))
    assert watch.told(10) == [("changed", "Chief Welder")]
    assert watch.current().trust.identifier is Standing.TRUSTED


def test_distrust_is_learnt_from_a_page_that_is_read_against_those_that_are_left(watch: Watch) -> None:
    watch.pages["/jobs/300"] = a_job("Pilot", "Hamburg", identifier=Identifier(value="R-Welder-Berlin", name="Acme"))
    watch.later(hours=6).visit(left=left(watch, "/jobs/300"))
    assert watch.current().trust.identifier is Standing.DISTRUSTED


def test_a_missing_posting_is_not_brought_back_by_a_list_alone(watch: Watch) -> None:
    watch.later(hours=6).visit(only=left(watch, "/jobs/101"), looks={"/jobs/101": Absence.NO_MARKUP})
    assert stored_pages.known(watch.engine, watch.site.id).pages["acme.example/jobs/101"].missing
    watch.later(minutes=5).visit(left=left(watch))
    assert stored_pages.known(watch.engine, watch.site.id).pages["acme.example/jobs/101"].missing


def test_a_partial_visit_sees_what_its_list_names(watch: Watch) -> None:
    summary = watch.later(hours=6).visit(left=left(watch), whole=False)
    assert summary.outcome is Outcome.PARTIAL
    with reading(watch.engine) as conn:
        assert set(conn.scalars(select(rows.c.last_seen))) == {watch.now}


def test_edits_on_a_site_whose_other_pages_are_known_to_be_unchanged_are_no_rewrite(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(f"Job {number}") for number in range(1000)}
    watch.batch = 1000
    watch.visit()
    edited = [f"/jobs/{number}" for number in range(12)]
    for path in edited:
        watch.pages[path] = replace(watch.pages[path], description_text="We look for someone else entirely. " * 9)
    spared = Spared(believed=988)
    watch.later(hours=6).visit(left=left(watch, *edited), spared=spared)
    changed = watch.events()[1000:]
    assert [event.significance for event in changed] == ["material"] * 12


def test_three_visits_that_find_lastmod_honest_are_remembered_with_the_site(watch: Watch) -> None:
    for number in range(1, CLEAN_VISITS + 1):
        assert not watch.current().health.lastmod.trusted
        watch.later(hours=6).visit(unchanged=watch.pages, spared=checked(watch))
        assert watch.current().health.lastmod.clean_visits == number
    assert watch.current().health.lastmod.trusted


def test_a_changed_page_with_an_unmoved_lastmod_ends_the_trust(watch: Watch) -> None:
    for _ in range(CLEAN_VISITS):
        watch.later(hours=6).visit(spared=checked(watch))
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], title="Chief Welder")
    watch.later(hours=6).visit(spared=checked(watch))
    assert (watch.current().health.lastmod.trusted, watch.current().health.lastmod.lies) == (False, 1)


def test_a_changed_page_whose_lastmod_moved_is_no_lie(watch: Watch) -> None:
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], title="Chief Welder")
    others = frozenset(f"acme.example{path}" for path in watch.pages if path != "/jobs/101")
    watch.later(hours=6).visit(spared=checked(watch, unmoved=9, tested=others))
    assert watch.current().health.lastmod.lies == 0


def test_a_visit_that_is_not_believed_earns_no_trust(watch: Watch) -> None:
    watch.later(hours=6).visit(unchanged=watch.pages, spared=checked(watch), whole=False)
    assert watch.current().health.lastmod.clean_visits == 0


def test_what_is_known_tells_when_a_page_is_due_for_a_look(watch: Watch) -> None:
    until = watch.now + timedelta(days=3)
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], valid_through=until)
    watch.later(hours=6).visit()
    pages = stored_pages.known(watch.engine, watch.site.id).pages
    assert pages["acme.example/jobs/101"].valid_until == until
    assert pages["acme.example/jobs/102"].valid_until is None
    assert not pages["acme.example/jobs/101"].barren


def test_a_second_address_is_known_as_one(watch: Watch) -> None:
    watch.pages["/new/101/welder"] = watch.pages["/jobs/101"]
    watch.later(hours=6).visit()
    page = stored_pages.known(watch.engine, watch.site.id).pages["acme.example/new/101/welder"]
    assert (page.open, page.barren, page.stands_on) == (False, False, "acme.example/jobs/101")


def test_what_led_to_a_page_is_remembered_until_another_reading_says_otherwise(engine: Engine) -> None:
    class Led(Watch):
        via: str | None = "acme.example/r/1"

        def _page(self, *given: Any, **options: Any) -> PageRead:
            return replace(super()._page(*given, **options), via=self.via)

    watch = Led(engine)
    watch.pages = {"/jobs/1": a_job("Welder")}

    def remembered() -> str | None:
        return stored_pages.known(watch.engine, watch.site.id).pages["acme.example/jobs/1"].via

    watch.visit()
    assert remembered() == "acme.example/r/1"
    watch.via = "acme.example/r/2"
    watch.later(hours=6).visit(unchanged=watch.pages)
    assert remembered() == "acme.example/r/2"
    watch.via = None
    watch.later(hours=6).visit()
    assert remembered() is None


def test_the_log_stands_after_many_visits_that_read_little(watch: Watch) -> None:
    for number in range(20):
        asked = f"/jobs/{101 + number % 10}"
        if number % 4 == 0:
            watch.pages[asked] = replace(watch.pages[asked], title=f"{watch.pages[asked].title} {number}")
        watch.later(hours=3).visit(left=left(watch, asked))
    assert sum(event.type is EventType.CHANGED for event in watch.events()) == 5
    assert violations(watch.engine) == []
