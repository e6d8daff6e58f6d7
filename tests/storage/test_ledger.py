"""The ledger, on both databases: what visits see becomes rows and events, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select, update

from postings.errors import LeaseLost
from postings.events import EventType
from postings.sites import Source, SourceKind
from postings.visits import Absence, Outcome
from storage import concluding, leases
from storage.engine import reading, writing
from storage.tables import events as event_rows
from storage.tables import sites as site_rows
from tests.chaos.checker import violations
from tests.storage.watching import Watch, a_job

TITLES = ["Welder", "Cook", "Nurse", "Driver", "Baker", "Joiner", "Tailor", "Glazier", "Plumber", "Mason"]


@pytest.fixture
def watch(engine: Engine) -> Watch:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(title) for number, title in enumerate(TITLES, 101)}
    return watch


def test_the_first_complete_visit_opens_everything_as_baseline(watch: Watch) -> None:
    summary = watch.visit()
    assert (summary.outcome, summary.opened, summary.baseline) == (Outcome.COMPLETE, 10, True)
    assert [event.number for event in watch.events()] == list(range(1, 11))
    assert all(event.baseline and event.type is EventType.OPENED for event in watch.events())
    assert watch.current().baseline_done


def test_the_same_visit_again_yields_no_event(watch: Watch) -> None:
    watch.visit()
    watch.later(hours=6).batch = 3
    summary = watch.visit()
    assert (summary.opened, summary.changed, summary.closed, summary.reopened) == (0, 0, 0, 0)
    assert len(watch.events()) == 10


def test_pages_that_did_not_change_keep_their_postings_open(watch: Watch) -> None:
    watch.visit()
    watch.later(hours=6).visit(unchanged=watch.pages)
    assert watch.open() == sorted(TITLES)
    assert len(watch.events()) == 10


def test_a_new_page_opens_one_posting_that_is_no_baseline(watch: Watch) -> None:
    watch.visit()
    watch.pages["/jobs/200"] = a_job("Pilot")
    watch.later(hours=6).visit()
    assert [(event.type, event.record["title"], event.baseline) for event in watch.events()[10:]] == [
        (EventType.OPENED, "Pilot", False)
    ]


def test_an_edited_page_changes_its_posting(watch: Watch) -> None:
    watch.visit()
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], title="Senior Welder")
    watch.later(hours=6).visit()
    (event,) = watch.events()[10:]
    assert event.type is EventType.CHANGED
    assert event.changes == {"title": {"before": "Welder", "after": "Senior Welder"}}
    assert event.significance == "material"
    assert event.record["title"] == "Senior Welder"


def test_another_tracking_parameter_in_the_address_is_no_change(watch: Watch) -> None:
    watch.visit()
    watch.pages["/jobs/101?utm_source=x"] = watch.pages.pop("/jobs/101")
    watch.later(hours=6)
    watch.pages["/jobs/101"] = watch.pages.pop("/jobs/101?utm_source=x")
    watch.visit()
    assert len(watch.events()) == 10


def test_a_page_that_answers_404_and_is_not_listed_closes_its_posting(watch: Watch) -> None:
    watch.visit()
    del watch.pages["/jobs/101"]
    summary = watch.later(hours=6).visit(looks={"/jobs/101": Absence.NOT_FOUND})
    assert summary.closed == 1
    (event,) = watch.events()[10:]
    assert (event.type, event.reason, event.evidence.status) == (EventType.CLOSED, "gone", 404)
    assert "Welder" not in watch.open()


@pytest.mark.parametrize("whole", [False])
def test_a_visit_that_is_not_whole_closes_nothing(watch: Watch, whole: bool) -> None:
    watch.visit()
    del watch.pages["/jobs/101"]
    summary = watch.later(hours=6).visit(looks={"/jobs/101": Absence.NOT_FOUND}, whole=whole)
    assert summary.outcome is Outcome.PARTIAL
    assert watch.open() == sorted(TITLES)


def test_pages_that_do_not_answer_close_nothing(watch: Watch) -> None:
    watch.visit()
    for _ in range(5):
        watch.later(hours=6).visit(only=[], looks=dict.fromkeys(watch.pages, Absence.UNKNOWN), whole=False)
    assert watch.open() == sorted(TITLES)
    assert len(watch.events()) == 10


def test_most_postings_gone_at_once_is_not_believed_at_once(watch: Watch) -> None:
    watch.visit()
    gone = dict.fromkeys(list(watch.pages)[:8], Absence.NOT_FOUND)
    kept = list(watch.pages)[8:]
    summary = watch.later(hours=6).visit(only=kept, looks=gone)
    assert summary.outcome is Outcome.SUSPECT
    assert watch.open() == sorted(TITLES)


def test_most_postings_gone_is_believed_when_a_later_visit_agrees(watch: Watch) -> None:
    watch.visit()
    gone = dict.fromkeys(list(watch.pages)[:8], Absence.NOT_FOUND)
    kept = list(watch.pages)[8:]
    watch.later(hours=6).visit(only=kept, looks=gone)
    summary = watch.later(hours=13).visit(only=kept, looks=gone)
    assert summary.outcome is Outcome.COMPLETE
    assert summary.closed == 8
    assert len(watch.open()) == 2


def test_a_closed_posting_that_is_back_is_reopened_as_the_same(watch: Watch) -> None:
    watch.visit()
    page = watch.pages.pop("/jobs/101")
    watch.later(hours=6).visit(looks={"/jobs/101": Absence.GONE})
    watch.pages["/jobs/101"] = page
    watch.later(days=10).visit()
    closed, reopened = watch.events()[10:]
    assert (closed.type, reopened.type) == (EventType.CLOSED, EventType.REOPENED)
    assert closed.posting_id == reopened.posting_id
    assert reopened.reason == "seen"


def test_a_closing_that_proves_wrong_soon_makes_the_site_patient(watch: Watch) -> None:
    watch.visit()
    page = watch.pages.pop("/jobs/101")
    watch.later(hours=6).visit(looks={"/jobs/101": Absence.GONE})
    watch.pages["/jobs/101"] = page
    watch.later(hours=6).visit()
    assert watch.events()[-1].reason == "premature"
    assert watch.current().health.patience == 2


def test_a_posting_that_moved_with_its_identifier_stays_the_same(watch: Watch) -> None:
    watch.visit()
    before = {event.record["title"]: event.posting_id for event in watch.events()}
    watch.pages["/jobs/999-welder"] = watch.pages.pop("/jobs/101")
    watch.later(hours=6).visit(looks={"/jobs/101": Absence.NOT_FOUND})
    later = watch.events()[10:]
    assert {event.type for event in later} <= {EventType.CHANGED}
    assert all(event.posting_id == before["Welder"] and event.significance == "minor" for event in later)
    assert watch.open() == sorted(TITLES)


def test_a_whole_site_at_new_addresses_opens_and_closes_nothing(watch: Watch) -> None:
    watch.visit()
    moved = {f"/careers/{number}": page for number, page in enumerate(watch.pages.values(), 5001)}
    gone = dict.fromkeys(watch.pages, Absence.NOT_FOUND)
    watch.pages = moved
    watch.later(hours=6).visit(looks=gone)
    assert not [event for event in watch.events()[10:] if event.type is not EventType.CHANGED]
    assert watch.open() == sorted(TITLES)


def test_a_flood_of_openings_waits_for_the_end_but_is_recorded(watch: Watch) -> None:
    watch.visit()
    for number in range(8):
        watch.pages[f"/jobs/{300 + number}"] = a_job(f"Pilot {number} of many", place=f"Town {number}")
    watch.batch = 2
    summary = watch.later(hours=6).visit()
    assert summary.opened == 8
    assert not any(event.baseline for event in watch.events()[10:])


def test_a_visit_that_dies_loses_no_posting(watch: Watch) -> None:
    watch.visit()
    for number in range(8):
        watch.pages[f"/jobs/{300 + number}"] = a_job(f"Pilot {number} of many", place=f"Town {number}")
    lease = leases.claim(
        watch.engine, watch.site.id, owner="gone", now=watch.now, ttl=timedelta(seconds=90), dead=lambda _: False
    )
    assert lease is not None
    visit = watch.ledger.begin(watch.current(), lease, watch.now)
    watch.ledger.record(visit, [watch._sighting(path, {}) for path in watch.pages], watch.now)
    watch.later(hours=6).visit()
    assert len(watch.open()) == 18
    assert [event.number for event in watch.events()] == list(range(1, 19))


def test_a_posting_expires_at_the_end_of_its_last_day(watch: Watch) -> None:
    last_day = watch.now.date()
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], valid_through=last_day)
    watch.visit()
    assert watch.ledger.expire(watch.now + timedelta(hours=4)) == 0
    watch.later(hours=24).visit()
    assert "Welder" in watch.open()
    watch.later(hours=5)
    assert watch.ledger.expire(watch.now) == 1
    event = watch.events()[-1]
    assert (event.type, event.reason, event.visit) == (EventType.CLOSED, "expired", None)
    assert event.record["closed_at"] == "2026-11-02T12:00:00Z"


def test_a_page_read_long_ago_is_asked_before_its_posting_expires(watch: Watch) -> None:
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], valid_through=watch.now.date())
    watch.visit()
    watch.later(hours=40)
    with writing(watch.engine) as conn:
        conn.execute(update(site_rows).values(next_visit_at=watch.now + timedelta(days=1)))
    assert watch.ledger.expire(watch.now) == 0
    assert watch.current().next_visit_at == watch.now
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], valid_through=watch.now.date() + timedelta(days=30))
    watch.visit()
    assert "Welder" in watch.open()


def test_what_had_expired_before_its_page_was_missed_ended_at_that_instant(watch: Watch) -> None:
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], valid_through=watch.now.date())
    watch.visit()
    del watch.pages["/jobs/101"]
    watch.later(days=5).visit(looks={"/jobs/101": Absence.NOT_FOUND})
    event = watch.events()[-1]
    assert (event.type, event.reason) == (EventType.CLOSED, "expired")
    assert event.record["closed_at"] == "2026-11-02T12:00:00Z"


def test_what_was_missed_before_it_expires_is_gone(watch: Watch) -> None:
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], valid_through=watch.now.date())
    watch.visit()
    del watch.pages["/jobs/101"]
    watch.later(hours=6).visit(looks={"/jobs/101": Absence.NOT_FOUND})
    event = watch.events()[-1]
    assert (event.type, event.reason) == (EventType.CLOSED, "gone")


def test_a_site_that_asked_to_be_left_alone_is_not_asked_earlier_for_the_sake_of_an_expiry(watch: Watch) -> None:
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], valid_through=watch.now.date())
    watch.visit()
    watch.later(hours=24).visit(
        only=[], start_status=503, cut_short="it asked", come_back_at=watch.now + timedelta(days=2)
    )
    watch.later(hours=16)
    with writing(watch.engine) as conn:
        conn.execute(update(site_rows).values(next_visit_at=watch.now + timedelta(days=1)))
    assert watch.ledger.expire(watch.now) == 0
    assert watch.current().next_visit_at == watch.now + timedelta(days=1)
    assert "Welder" in watch.open()
    watch.later(days=2)
    with writing(watch.engine) as conn:
        conn.execute(update(site_rows).values(next_visit_at=watch.now + timedelta(days=1)))
    assert watch.ledger.expire(watch.now) == 0
    assert watch.current().next_visit_at == watch.now
    watch.visit(only=[], start_status=503, cut_short="it does not answer")
    assert "Welder" not in watch.open()
    assert watch.events()[-1].record["closed_at"] == "2026-11-02T12:00:00Z"


def test_what_is_past_on_arrival_is_kept_closed_and_told_as_baseline(watch: Watch) -> None:
    watch.visit()
    watch.pages["/jobs/200"] = a_job("Pilot", valid_through=watch.now.date() - timedelta(days=9))
    watch.later(hours=6).visit()
    opened, closed = watch.events()[10:]
    assert (opened.type, opened.baseline) == (EventType.OPENED, True)
    assert (closed.type, closed.baseline, closed.reason) == (EventType.CLOSED, True, "expired")
    assert "Pilot" not in watch.open()
    watch.later(hours=6).visit()
    assert len(watch.events()) == 12


def test_a_site_whose_dates_are_all_past_is_not_believed_in_them(watch: Watch) -> None:
    old = watch.now.date() - timedelta(days=9)
    watch.pages = {path: replace(page, valid_through=old) for path, page in watch.pages.items()}
    watch.visit()
    assert len(watch.open()) == 10
    watch.later(hours=6).visit()
    assert watch.ledger.expire(watch.now) == 0
    assert len(watch.open()) == 10


def test_a_posting_whose_page_answers_but_that_no_list_names_stays_open_for_a_week(watch: Watch) -> None:
    watch.visit()
    for _ in range(6):
        watch.later(days=1).visit(unlisted=["/jobs/101"])
        assert "Welder" in watch.open()
    watch.later(days=2).visit(unlisted=["/jobs/101"])
    assert watch.events()[-1].reason == "unlisted"
    watch.later(days=1).visit()
    assert watch.events()[-1].type is EventType.REOPENED


def test_a_rewrite_of_many_pages_is_site_wide(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{n}": a_job(f"Worker {n} here", place=f"Town {n}") for n in range(100, 140)}
    watch.visit()
    watch.pages = {
        path: replace(page, description_text=f"Another text of {path} altogether. " * 30)
        for path, page in watch.pages.items()
    }
    watch.later(hours=6).visit()
    later = watch.events()[40:]
    assert len(later) == 40
    assert {str(event.significance) for event in later} == {"site-wide"}


def test_an_address_that_carries_another_job_closes_the_old_and_opens_the_new(watch: Watch) -> None:
    watch.visit()
    watch.later(hours=6).visit()
    watch.pages["/jobs/101"] = a_job("Astronaut", place="Oslo", description_text="Fly to the moon and back. " * 40)
    watch.later(hours=6).visit()
    later = [(str(event.type), event.record["title"], event.reason) for event in watch.events()[10:]]
    assert later == [("closed", "Welder", "replaced"), ("opened", "Astronaut", None)]
    watch.later(hours=6).visit()
    assert len(watch.events()) == 12


def test_a_stale_visit_is_refused(watch: Watch) -> None:
    watch.visit()
    stale = leases.claim(
        watch.engine, watch.site.id, owner="slow", now=watch.now, ttl=timedelta(seconds=90), dead=lambda _: False
    )
    assert stale is not None
    visit = watch.ledger.begin(watch.current(), stale, watch.now)
    watch.later(hours=1).visit()
    with pytest.raises(LeaseLost):
        watch.ledger.record(visit, [watch._sighting("/jobs/101", {})], watch.now)


def test_every_batch_size_gives_the_same_log(engine: Engine) -> None:
    watch = Watch(engine, batch=1)
    watch.pages = {f"/jobs/{number}": a_job(title) for number, title in enumerate(TITLES, 101)}
    watch.visit()
    watch.batch = 100
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], title="Senior Welder")
    watch.pages["/jobs/200"] = a_job("Pilot")
    watch.later(hours=6).visit()
    assert sorted(watch.told(10)) == [("changed", "Senior Welder"), ("opened", "Pilot")]
    assert violations(engine) == []


def test_the_table_is_the_fold_of_the_log_after_a_busy_month(watch: Watch) -> None:
    for day in range(30):
        path = f"/jobs/{101 + day % 10}"
        if day % 3 == 0 and path in watch.pages:
            watch.pages[path] = replace(watch.pages[path], title=f"{watch.pages[path].title} {day}")
        looks = {}
        if day % 7 == 3:
            gone = sorted(watch.pages)[0]
            del watch.pages[gone]
            looks[gone] = Absence.GONE
        watch.pages[f"/jobs/{500 + day}"] = a_job(f"Newcomer {day}", place=f"Town {day}")
        watch.visit(looks=looks)
        watch.later(days=1)
    assert violations(watch.engine) == []
    with reading(watch.engine) as conn:
        numbers = list(conn.scalars(select(event_rows.c.number).order_by(event_rows.c.number)))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("count", [5, 50])
def test_a_visit_that_sees_nothing_new_asks_and_writes_little_whatever_its_size(engine: Engine, count: int) -> None:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(f"Welder {number}") for number in range(count)}
    watch.visit()
    watch.later(hours=6).visit(unchanged=watch.pages)
    sent: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    summary = watch.later(hours=6).visit(unchanged=watch.pages)
    event.remove(engine, "before_cursor_execute", note)
    assert (summary.read, summary.opened, summary.changed, summary.closed) == (count, 0, 0, 0)
    # the claim and a look at the site, then the beginning of the visit, one batch and its end
    assert len(sent) <= 4 + 1 + 5 + 6 + 6, sent


@pytest.mark.parametrize(
    ("before", "after", "refound"),
    [
        (None, ("list", "a"), False),
        (("list", "a"), None, False),
        (("list", "a", "b"), ("list", "b", "a"), False),
        # fewer lists, as a department was closed, find nothing that was not there
        (("list", "a", "b"), ("list", "a"), False),
        (("list", "a"), ("list", "a", "b"), True),
        (("list", "a"), ("list", "b"), True),
        (("list", "a"), ("sitemap", "a"), True),
    ],
)
def test_postings_are_found_in_another_way_by_another_kind_of_list_or_by_more_of_them(
    before: tuple[str, ...] | None, after: tuple[str, ...] | None, refound: bool
) -> None:
    def source(said: tuple[str, ...] | None) -> Source | None:
        return None if said is None else Source(kind=SourceKind(said[0]), urls=said[1:])

    assert concluding._is_refound(source(before), source(after)) is refound
