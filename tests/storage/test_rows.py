"""Rows of the tables of docs/rules.md that only a visit as a whole can show, each under its name, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from postings.events import EventType, Significance
from postings.posting import Identifier
from postings.sites import Source, SourceKind
from postings.trust import Standing
from postings.visits import Absence, Outcome
from storage import sites
from tests.chaos.checker import violations
from tests.storage.watching import Watch, a_job

TITLES = ["Welder", "Cook", "Nurse", "Driver", "Baker", "Joiner", "Tailor", "Glazier", "Plumber", "Mason"]


@pytest.fixture
def watch(engine: Engine) -> Watch:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(title) for number, title in enumerate(TITLES, 101)}
    watch.visit()
    return watch


def news(watch: Watch, after: int = 10) -> list[tuple[str, str | None, str | None]]:
    return [(str(event.type), event.record["title"], event.reason) for event in watch.events()[after:]]


# ---- C.3 and C.4


def test_c3_a_merge_that_proves_wrong_is_split_by_a_correction(watch: Watch) -> None:
    """A second address that was believed to be one shows, once it is read beside the first, another job."""
    watch.pages["/en/jobs/101"] = watch.pages["/jobs/101"]
    watch.later(hours=6).visit()
    assert len(watch.open()) == 10
    other = a_job("Astronaut", place="Oslo", date_posted=None)
    watch.pages["/en/jobs/101"] = replace(other, description_text="Fly to the moon and back, and write about it. " * 20)
    watch.later(hours=6).visit()
    (event,) = watch.events()[10:]
    assert (event.type, event.reason, event.record["title"]) == (EventType.OPENED, "correction", "Astronaut")
    assert event.evidence.rule.startswith("C.3 correction")
    watch.later(hours=6).visit()
    assert len(watch.events()) == 11
    assert violations(watch.engine) == []


def test_c3_trust_learned_from_a_visit_decides_nothing_in_it(watch: Watch) -> None:
    trusting = watch.current().trust
    assert trusting.identifier is Standing.TRUSTED
    shared = Identifier(value="R-1", name="Acme")
    watch.pages = {path: replace(page, identifier=shared) for path, page in watch.pages.items()}
    watch.pages["/new/welder"] = replace(watch.pages.pop("/jobs/101"), description_text="Short now.")
    log = watch.events()
    watch.later(hours=6).visit(looks={"/jobs/101": Absence.NOT_FOUND})
    assert watch.current().trust.identifier is not Standing.TRUSTED
    assert watch.events()[: len(log)] == log, "earlier decisions stand"


def test_c4_a_move_is_one_minor_change_of_the_url(watch: Watch) -> None:
    watch.pages["/careers/welder-101"] = watch.pages.pop("/jobs/101")
    watch.later(hours=6).visit(looks={"/jobs/101": Absence.NOT_FOUND})
    (event,) = watch.events()[10:]
    assert (event.type, event.significance) == (EventType.CHANGED, Significance.MINOR)
    assert event.changes == {
        "url": {"before": "https://acme.example/jobs/101", "after": "https://acme.example/careers/welder-101"}
    }


@pytest.mark.parametrize("batch", [1, 50])
def test_c4_a_second_address_makes_no_event_however_often_it_is_seen(watch: Watch, batch: int) -> None:
    watch.batch = batch
    watch.pages["/en/jobs/101"] = watch.pages["/jobs/101"]
    for _ in range(4):
        watch.later(hours=6).visit()
    assert news(watch) == []
    assert watch.open() == sorted(TITLES)


def test_c4_a_second_address_stands_in_for_the_first_once_that_is_gone(watch: Watch) -> None:
    page = watch.pages["/en/jobs/101"] = watch.pages["/jobs/101"]
    watch.later(hours=6).visit()
    del watch.pages["/jobs/101"]
    watch.later(hours=6).visit(looks={"/jobs/101": Absence.NOT_FOUND})
    assert news(watch) == [("changed", page.title, None)]
    assert "Welder" in watch.open()


def test_c4_an_edit_at_both_addresses_of_a_posting_is_no_correction(watch: Watch) -> None:
    watch.batch = 1
    watch.pages["/en/jobs/101"] = watch.pages["/jobs/101"]
    watch.later(hours=6).visit()
    edited = replace(watch.pages["/jobs/101"], title="Chief Welder", date_posted=None, identifier=None)
    watch.pages["/jobs/101"] = watch.pages["/en/jobs/101"] = edited
    watch.later(hours=6).visit()
    assert news(watch) == [("changed", "Chief Welder", None)]


# ---- C.5


def another_site(watch: Watch) -> Watch:
    return Watch(watch.engine, now=watch.now, name="other", host="other.example")


def failing(watch: Watch, days: int, **saw: object) -> None:
    for _ in range(days):
        watch.later(days=1).visit(only=[], whole=False, **saw)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [404, 410])
def test_c5_a_site_that_says_for_30_days_that_it_is_gone_closes_its_postings(watch: Watch, status: int) -> None:
    first = watch.now + timedelta(days=1)
    failing(watch, 30, start_status=status)
    assert news(watch) == []
    failing(watch, 1, start_status=status)
    closed = watch.events()[10:]
    assert {(str(event.type), event.reason) for event in closed} == {("closed", "site_gone")}
    assert len(closed) == 10
    assert {event.record["closed_at"] for event in closed} == {first.isoformat().replace("+00:00", "Z")}
    assert (closed[0].evidence.url, closed[0].evidence.status) == ("https://acme.example/jobs", status)
    assert closed[0].evidence.rule.startswith("C.5 the site is gone")
    watch.later(days=1).visit()
    assert {reason for _, _, reason in news(watch, 20)} == {"seen"}, "and opens them when it is back"
    assert violations(watch.engine) == []


@pytest.mark.parametrize("status", [None, 500, 503, 403, 429])
def test_c5_no_answer_for_a_year_closes_nothing(watch: Watch, status: int | None) -> None:
    failing(watch, 60, start_status=status)
    watch.later(days=300)
    failing(watch, 5, start_status=status)
    assert news(watch) == []
    assert "is it gone?" in (watch.current().health.attention or "")


def test_c5_one_answer_that_says_nothing_starts_the_30_days_anew(watch: Watch) -> None:
    failing(watch, 20, start_status=404)
    failing(watch, 1, start_status=503)
    failing(watch, 29, start_status=404)
    assert news(watch) == []


def test_c5_an_unreachable_site_is_gone_only_where_another_one_answers(watch: Watch) -> None:
    failing(watch, 40, start_status=None, unreachable=True)
    assert news(watch) == [], "it could be our own network"
    other = another_site(watch)
    other.pages = {"/jobs/1": a_job("Pilot")}
    other.visit()
    failing(watch, 1, start_status=None, unreachable=True)
    assert {reason for kind, _, reason in news(watch) if kind == "closed"} == {"site_gone"}


def test_c5_a_404_start_page_of_a_site_whose_list_is_read_closes_nothing(watch: Watch) -> None:
    for _ in range(40):
        watch.later(days=1).visit(start_status=404)
    assert news(watch) == []


def sliding(watch: Watch, days: int) -> None:
    for _ in range(days):
        watch.later(days=1)
        until = watch.now.date() + timedelta(days=30)
        watch.pages = {path: replace(page, valid_through=until) for path, page in watch.pages.items()}
        watch.visit()


def test_c5_a_valid_through_that_slides_with_each_reading_is_no_date(watch: Watch) -> None:
    sliding(watch, 6)
    assert watch.current().health.sliding.recognised
    assert {event.record["valid_through"] for event in watch.events()[-10:]} == {None}
    before = len(watch.events())
    sliding(watch, 3)
    assert len(watch.events()) == before, "and nobody hears of it again"
    watch.later(days=60)
    assert watch.ledger.expire(watch.now) == 0
    assert watch.open() == sorted(TITLES)


def test_c5_a_valid_through_that_stands_still_is_a_date_again(watch: Watch) -> None:
    sliding(watch, 6)
    last = watch.now.date() + timedelta(days=30)
    for _ in range(8):
        watch.later(days=1).visit()
    assert not watch.current().health.sliding.recognised
    assert watch.events()[-1].record["valid_through"] == last.isoformat()


def test_c5_real_dates_and_new_postings_with_30_days_each_do_not_slide(watch: Watch) -> None:
    for day in range(12):
        watch.later(days=1)
        watch.pages[f"/jobs/{200 + day}"] = a_job(
            f"Newcomer {day}", place=f"Town {day}", valid_through=watch.now.date() + timedelta(days=30)
        )
        watch.visit()
        assert not watch.current().health.sliding.recognised


def test_c5_patience_halves_after_30_quiet_days(watch: Watch) -> None:
    page = watch.pages.pop("/jobs/101")
    watch.later(hours=6).visit(looks={"/jobs/101": Absence.GONE})
    watch.pages["/jobs/101"] = page
    watch.later(hours=6).visit()
    assert watch.current().health.patience == 2
    watch.later(days=29).visit()
    assert watch.current().health.patience == 2
    watch.later(days=2).visit()
    assert watch.current().health.patience == 1


def test_c5_a_posting_that_only_a_page_with_others_showed_closes_absent(watch: Watch) -> None:
    """It has no page of its own: its page is read, and shows it no more."""
    board = Watch(watch.engine, now=watch.now, name="board", host="board.example", one_page="/board")
    board.pages = {f"/o/{number}": a_job(title) for number, title in enumerate(TITLES, 1)}
    board.visit()
    del board.pages["/o/1"]
    board.later(hours=6).visit()
    board.later(hours=17).visit()
    assert news(board, 20) == [], "two complete visits, but not 24 hours"
    board.later(hours=7).visit()
    assert news(board, 20) == [("closed", "Welder", "absent")]


def test_c5_a_page_that_is_as_it_was_does_not_show_what_had_left_it(watch: Watch) -> None:
    board = Watch(watch.engine, now=watch.now, name="board", host="board.example", one_page="/board")
    board.pages = {f"/o/{number}": a_job(title) for number, title in enumerate(TITLES, 1)}
    board.visit()
    left = board.pages.pop("/o/1")
    board.later(hours=6).visit()
    for _ in range(3):
        board.later(hours=25).visit(unchanged=board.pages)
    assert news(board, 20) == [("closed", "Welder", "absent")]
    board.pages["/o/1"] = left
    board.later(hours=6).visit()
    assert news(board, 20)[1:] == [("reopened", "Welder", "premature")]


def test_c5_an_expired_posting_closes_although_its_page_does_not_answer(watch: Watch) -> None:
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], valid_through=watch.now.date())
    watch.later(hours=1).visit()
    watch.later(hours=40)
    assert watch.ledger.expire(watch.now) == 0, "its page is asked first"
    kept = [path for path in watch.pages if path != "/jobs/101"]
    watch.visit(only=kept, looks={"/jobs/101": Absence.UNKNOWN}, whole=False)
    assert news(watch)[-1] == ("closed", "Welder", "expired")


def test_c5_a_renewal_after_expiry_reopens(watch: Watch) -> None:
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], valid_through=watch.now.date())
    watch.later(hours=1).visit()
    watch.later(hours=30)
    watch.visit()
    watch.pages["/jobs/101"] = replace(
        watch.pages["/jobs/101"], valid_through=watch.now.date() + timedelta(days=30), date_posted=watch.now.date()
    )
    watch.later(hours=6).visit()
    event = watch.events()[-1]
    assert (event.type, event.reason) == (EventType.REOPENED, "renewed")
    assert set(event.changes) == {"valid_through", "date_posted"}, "a reopened event carries its changes"


def test_c5_a_site_that_moved_opens_what_is_left_as_baseline(watch: Watch) -> None:
    gone = dict.fromkeys(watch.pages, Absence.NOT_FOUND)
    watch.pages = {f"/n/{n}": a_job(f"Pilot {n} of many", place=f"Town {n}") for n in range(20, 40)}
    watch.batch = 50
    first = watch.later(hours=6).visit(looks=gone)
    assert first.outcome is Outcome.SUSPECT
    opened = [event for event in watch.events()[10:] if event.type is EventType.OPENED]
    assert [event.baseline for event in opened].count(False) <= 5
    assert any("the site moved" in note for note in first.notes)


def test_c5_the_first_visit_with_another_source_is_part_of_the_baseline(watch: Watch) -> None:
    for number in range(8):
        watch.pages[f"/more/{number}"] = a_job(f"Pilot {number} of many", place=f"Town {number}")
    board = Source(kind=SourceKind.LIST, urls=("https://acme.example/all-jobs",))
    summary = watch.later(hours=6).visit(source=board)
    late = [event.baseline for event in watch.events()[10:]]
    assert late.count(False) <= 5, "those that were told before the visit said so"
    assert any("another way to find" in note for note in summary.notes)
    watch.pages["/more/9"] = a_job("Pilot of one")
    watch.later(hours=6).visit(source=board)
    assert watch.events()[-1].baseline is False


def test_c5_a_site_gap_of_more_than_30_days_is_a_normal_visit(watch: Watch) -> None:
    watch.pages["/jobs/200"] = a_job("Pilot")
    del watch.pages["/jobs/101"]
    summary = watch.later(days=45).visit(looks={"/jobs/101": Absence.NOT_FOUND})
    assert (summary.outcome, summary.baseline) == (Outcome.COMPLETE, False)
    assert sorted(news(watch)) == [("closed", "Welder", "gone"), ("opened", "Pilot", None)]


def test_c5_a_partial_first_visit_stays_baseline_until_one_is_complete(engine: Engine) -> None:
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(title) for number, title in enumerate(TITLES, 101)}
    assert watch.visit(only=["/jobs/101"], whole=False).outcome is Outcome.PARTIAL
    watch.later(hours=6).visit()
    assert all(event.baseline for event in watch.events())


# ---- C.6


def test_c6_a_value_that_returns_within_48_hours_is_minor(watch: Watch) -> None:
    for title in ("Agentic Welder", "Welder"):
        watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], title=title)
        watch.later(hours=13).visit()
    assert [str(event.significance) for event in watch.events()[10:]] == ["material", "minor"]


def test_c6_a_value_that_returns_after_48_hours_is_material(watch: Watch) -> None:
    for title in ("Agentic Welder", "Welder"):
        watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], title=title)
        watch.later(hours=49).visit()
    assert [str(event.significance) for event in watch.events()[10:]] == ["material", "material"]


@pytest.mark.parametrize(("days", "significance"), [(29, "site-wide"), (31, "material")])
def test_c6_descriptions_stay_site_wide_for_30_days_after_a_rewrite(watch: Watch, days: int, significance: str) -> None:
    watch.pages = {
        path: replace(page, description_text=f"Another text of {path} altogether. " * 30)
        for path, page in watch.pages.items()
    }
    watch.later(hours=6).visit()
    assert {str(event.significance) for event in watch.events()[10:]} == {"site-wide"}
    watch.pages["/jobs/101"] = replace(watch.pages["/jobs/101"], description_text="One more text, of one job. " * 30)
    watch.later(days=days).visit()
    assert [str(event.significance) for event in watch.events()[20:]] == [significance]


# ---- C.4 across sites


TEXT = "We look for someone who welds well, with care, in a team of nine, by day and by night. " * 8


def test_c4_an_equal_id_in_the_address_and_title_links_the_same_job_of_another_site(watch: Watch) -> None:
    other = another_site(watch)
    watch.pages["/jobs/40012345"] = a_job("Pilot", place="Rome")
    watch.later(hours=6).visit()
    other.pages = {"/vacancy-40012345": a_job("Pilot", place="Milan", description_text="Elsewhere.", identifier=None)}
    other.visit()
    (link,) = other.events()[-1].record["duplicates"]
    assert link["link"] == "same job"
    assert link["id"] == watch.events()[10].posting_id
    assert "40012345" in link["evidence"]
    assert len(watch.open()) == 12, "nothing is merged"


@pytest.mark.parametrize(
    ("mine", "theirs", "title"),
    [
        ("/jobs/4001", "/vacancy-4001", "Pilot"),
        ("/jobs/40012345", "/vacancy-40012346", "Pilot"),
        ("/jobs/40012345", "/vacancy-40012345", "Co-pilot"),
    ],
)
def test_c4_a_short_id_another_id_or_another_title_links_nothing(
    watch: Watch, mine: str, theirs: str, title: str
) -> None:
    other = another_site(watch)
    watch.pages[mine] = a_job("Pilot", place="Rome")
    watch.later(hours=6).visit()
    other.pages = {theirs: a_job(title, place="Milan", description_text="Elsewhere.", identifier=None)}
    other.visit()
    assert other.events()[-1].record["duplicates"] == []


def test_c4_equal_content_alone_links_likely_across_sites(watch: Watch) -> None:
    other = another_site(watch)
    other.pages = {"/w": replace(watch.pages["/jobs/101"], identifier=None)}
    other.visit()
    (link,) = other.events()[-1].record["duplicates"]
    assert (link["link"], link["id"]) == ("likely", watch.events()[0].posting_id)


def test_c4_an_equal_board_id_links_the_same_job_across_sites(watch: Watch) -> None:
    other = another_site(watch)
    watch.boards["/jobs/999"] = other.boards["/w"] = "greenhouse/acme/4711"
    watch.pages["/jobs/999"] = a_job("Glassblower")
    watch.later(hours=6).visit()
    other.pages = {"/w": a_job("Schweißer", place="Wien", description_text="Anders.", identifier=None)}
    other.visit()
    (link,) = other.events()[-1].record["duplicates"]
    assert (link["link"], link["evidence"]) == ("same job", "the same board id greenhouse/acme/4711, on acme")


def test_c4_a_known_site_asks_nothing_of_other_sites(watch: Watch) -> None:
    """Links cost only where something opens."""
    asked = []
    from sqlalchemy import event as hooks

    def count(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if "posting_keys.site_id !=" in statement:
            asked.append(statement)

    hooks.listen(watch.engine, "before_cursor_execute", count)
    edited = watch.pages["/jobs/101"]
    watch.pages["/jobs/101"] = replace(edited, title="Chief Welder")
    watch.later(hours=6).visit()
    assert asked == []
    watch.pages["/jobs/999"] = a_job("Pilot")
    watch.later(hours=6).visit()
    assert 0 < len(asked) <= 3
    assert sites.find(watch.engine, "acme").baseline_done
