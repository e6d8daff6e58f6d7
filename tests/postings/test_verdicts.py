"""Whether a visit is believed (C.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.digests import gone_digest
from postings.failing import Failing
from postings.health import next_health, revisit_after
from postings.sites import Health, Source, SourceKind
from postings.verdicts import STOPPED, STOPPED_VISIT, credible_looks, guards, looks_moved, lost_markup, may_have_moved
from postings.visits import Absence, Listing, Look, Outcome, Settled, Verdict, VisitReport
from tests.postings.making import NOW
from tests.postings.reported import HOUR, IDS, NO_ROWS, WELL, accepted, count, looks, suspects, verdict

# ---- complete, partial, failed


def test_a_whole_list_with_all_pages_answering_is_complete() -> None:
    assert verdict() == Verdict(outcome=Outcome.COMPLETE)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"listing": replace(WELL.listing, whole=False, doubts=("sitemap.xml was cut short",))},
            "the list is not whole: sitemap.xml was cut short",
        ),
        ({"listing": Listing()}, "the list is not whole: nothing proves it"),
        ({"cut_short": "page budget of 5000 reached"}, "the visit was cut short: page budget of 5000 reached"),
        ({"answered": 94}, "only 94 of 100 posting pages answered"),
    ],
)
def test_a_visit_that_may_have_missed_postings_is_partial(fields: dict[str, Any], reason: str) -> None:
    assert verdict(replace(WELL, **fields)) == Verdict(outcome=Outcome.PARTIAL, reason=reason)


def test_ninety_five_of_a_hundred_pages_are_enough() -> None:
    assert verdict(replace(WELL, answered=95)).outcome is Outcome.COMPLETE


def test_pages_that_a_whole_list_no_longer_names_are_left_to_the_list() -> None:
    report = replace(WELL, asked=100, answered=94, looks=looks(Absence.UNKNOWN, 6))
    named = replace(WELL.listing, addresses=WELL.listing.addresses | {look.address for look in report.looks})
    assert verdict(report).outcome is Outcome.COMPLETE
    assert verdict(replace(report, listing=named)).outcome is Outcome.PARTIAL


def test_a_list_that_names_nothing_speaks_for_no_page_that_did_not_answer() -> None:
    report = replace(NO_ROWS, asked=6, answered=0, looks=looks(Absence.UNKNOWN, 6))
    assert verdict(report).outcome is Outcome.PARTIAL
    assert (
        verdict(replace(report, source=Source(kind=SourceKind.PAGE, urls=("https://acme.example/jobs",)))).outcome
        is not Outcome.PARTIAL
    )


def emptied(*found: Look, **fields: Any) -> VisitReport:
    return replace(NO_ROWS, asked=4, answered=4, read=0, looks=found or looks(Absence.NO_MARKUP, 4), **fields)


@pytest.mark.parametrize("before", [1, 4])
def test_markup_that_all_pages_lost_of_a_list_that_names_nothing_is_suspect(before: int) -> None:
    report = emptied(*looks(Absence.NO_MARKUP, before))
    found = verdict(replace(report, listing=replace(report.listing, rows=1)), count(before, before))
    assert found.outcome is Outcome.SUSPECT
    assert found.reason is not None
    assert found.reason.startswith("the list names no posting any more")


@pytest.mark.parametrize(("days", "outcome"), [(29, Outcome.SUSPECT), (30, Outcome.COMPLETE)])
@pytest.mark.parametrize(
    "report",
    [
        emptied(),
        emptied(*looks(Absence.REDIRECTED, 4), listing=replace(NO_ROWS.listing, led_elsewhere=True)),
    ],
)
def test_what_a_wall_would_show_is_believed_after_thirty_days(report: VisitReport, days: int, outcome: Outcome) -> None:
    before = suspects(days * 24, days * 24 - 12, 12, ids=IDS[:4])
    assert verdict(report, count(4, 4), before).outcome is outcome


def test_a_list_that_leads_to_itself_and_pages_that_lead_there_are_believed_after_a_week() -> None:
    before = suspects(7 * 24, 6 * 24, 12, ids=IDS[:4])
    assert verdict(emptied(*looks(Absence.REDIRECTED, 4)), count(4, 4), before).outcome is Outcome.COMPLETE


def test_time_proves_nothing_where_people_can_apply_but_a_person_does() -> None:
    alive = tuple(replace(look, lets_apply=True) for look in looks(Absence.NO_MARKUP, 4))
    before = suspects(90 * 24, 80 * 24, 12, ids=IDS[:4])
    assert verdict(emptied(*alive), count(4, 4), before).outcome is Outcome.SUSPECT
    assert verdict(emptied(*alive), count(4, 4), accepted(4)).outcome is Outcome.COMPLETE


def test_one_page_that_lost_its_markup_and_lets_people_apply_keeps_no_clearance_from_being_believed() -> None:
    broken = replace(looks(Absence.NO_MARKUP, 1, first=1)[0], lets_apply=True)
    gone = replace(WELL, looks=(*looks(Absence.NOT_FOUND, 20, first=100), broken))
    assert verdict(gone, count(60, 20), suspects(12, ids=IDS[:20])).outcome is Outcome.COMPLETE


@pytest.mark.parametrize(("patience", "hours"), [(1, 12), (2, 24), (3, 36), (64, 60)])
def test_a_site_that_proved_us_wrong_is_believed_later(patience: int, hours: int) -> None:
    gone = replace(WELL, looks=looks(Absence.NOT_FOUND, 50, first=100))
    for waited, outcome in ((hours - 1, Outcome.SUSPECT), (hours, Outcome.COMPLETE)):
        before = replace(suspects(waited, ids=IDS[:50]), patience=patience)
        assert verdict(gone, count(gone=50), before).outcome is outcome


def test_pages_that_robots_txt_forbids_speak_for_no_others() -> None:
    forbidden = tuple(replace(look, asked=False) for look in looks(Absence.UNKNOWN, 8))
    assert verdict(replace(WELL, asked=8, answered=0, looks=forbidden)).outcome is Outcome.PARTIAL


def test_a_list_that_needs_no_pages_is_complete() -> None:
    assert verdict(replace(WELL, asked=0, answered=0, read=0)).outcome is Outcome.COMPLETE


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"start_status": None}, "the start page did not answer"),
        ({"start_status": 403}, "the start page answered 403"),
        ({"start_status": None, "problems": ("acme.example did not resolve",)}, "acme.example did not resolve"),
        (
            {"start_status": None, "cut_short": "stopped"},
            "the visit ended before the site had answered: stopped",
        ),
    ],
)
def test_a_visit_that_saw_neither_posting_nor_list_nor_start_page_has_failed(
    fields: dict[str, Any], reason: str
) -> None:
    report = replace(WELL, listing=Listing(), asked=0, answered=0, read=0, **fields)
    assert verdict(report, count(seen=0)) == Verdict(outcome=Outcome.FAILED, reason=reason)


def test_a_start_page_that_fails_while_postings_are_seen_does_not_fail_the_visit() -> None:
    assert verdict(replace(WELL, start_status=500)).outcome is Outcome.COMPLETE


def test_a_first_visit_without_any_posting_is_no_baseline() -> None:
    assert verdict(NO_ROWS, count(0), baseline=True) == Verdict(outcome=Outcome.SUSPECT, reason="no posting found")
    assert verdict(NO_ROWS, count(0)).outcome is Outcome.COMPLETE


def test_markup_that_is_gone_from_all_pages_is_a_template_and_no_closing() -> None:
    report = replace(WELL, read=0, looks=looks(Absence.NO_MARKUP, 100))
    found = verdict(report, count(gone=100))
    assert found.outcome is Outcome.PARTIAL
    assert found.reason == "the JobPosting markup is gone from 100 pages that had it, too many to be closed postings"
    assert next_health(Health(), found, count(gone=100), report).attention == found.reason


@pytest.mark.parametrize(("lost", "read", "credible"), [(20, 80, True), (21, 79, False), (1, 1, True), (1, 0, False)])
def test_a_page_that_lost_its_markup_says_something_only_if_most_others_have_it(
    lost: int, read: int, credible: bool
) -> None:
    report = replace(WELL, asked=lost + read, answered=lost + read, read=read, looks=looks(Absence.NO_MARKUP, lost))
    found = {look.absence for look in credible_looks(report)}
    assert found == {Absence.NO_MARKUP if credible else Absence.UNKNOWN}


def test_pages_that_did_not_change_still_have_their_markup() -> None:
    report = replace(WELL, asked=10, answered=10, read=0, not_modified=9, looks=looks(Absence.NO_MARKUP, 1))
    assert credible_looks(report) == report.looks


def test_noindex_on_most_pages_says_nothing_and_other_looks_stay() -> None:
    report = replace(
        WELL, asked=12, answered=12, read=1, looks=looks(Absence.NOINDEX, 10) + looks(Absence.GONE, 1, first=10)
    )
    assert [look.absence for look in credible_looks(report)] == [Absence.UNKNOWN] * 10 + [Absence.GONE]


# ---- the guard


@pytest.mark.parametrize(
    ("before", "gone", "outcome"),
    [
        (120, 34, Outcome.SUSPECT),
        (100, 10, Outcome.COMPLETE),
        (100, 11, Outcome.SUSPECT),
        (10, 5, Outcome.COMPLETE),
        (10, 6, Outcome.SUSPECT),
        (3, 3, Outcome.SUSPECT),
        (4, 3, Outcome.COMPLETE),
        (2, 2, Outcome.COMPLETE),
    ],
)
def test_many_postings_that_vanish_at_once_make_a_visit_suspect(before: int, gone: int, outcome: Outcome) -> None:
    assert verdict(counted=count(before, gone)).outcome is outcome


def test_the_reason_says_what_vanished_and_what_happens_next() -> None:
    suspect = count(120, 34)
    health = Health()
    words = []
    for hours in (0, 0.5, 2.5):
        report = replace(WELL, ended_at=NOW + hours * HOUR)
        found = verdict(report, suspect, health)
        words.append(found.reason)
        health = next_health(health, found, suspect, report)
    assert words == [
        "34 of 120 open postings vanished at once; looking again in 30 minutes",
        "34 of 120 open postings vanished at once; looking again in 2 hours",
        "34 of 120 open postings vanished at once; looking again in 12 hours",
    ]


@pytest.mark.parametrize("before", [1, 2, 100])
def test_an_empty_list_where_postings_were_open_is_suspect(before: int) -> None:
    found = verdict(NO_ROWS, count(before, before))
    assert found.outcome is Outcome.SUSPECT
    assert found.reason is not None
    assert found.reason.startswith("the list is empty")


def test_new_and_gone_beyond_half_of_the_site_is_a_move() -> None:
    assert verdict(counted=count(100, 60, new=55)).moved
    assert not verdict(counted=count(100, 60, new=50)).moved
    assert not verdict(counted=count(100, 50, new=60)).moved
    assert not verdict(counted=count(2, 2, new=2)).moved, "two jobs for two others is an ordinary week"


# ---- how a suspect visit becomes believed


def test_two_suspect_visits_twelve_hours_apart_that_agree_are_believed() -> None:
    found = verdict(counted=count(100, 40), health=suspects(12, ids=IDS[:40]))
    assert found.outcome is Outcome.COMPLETE
    assert found.reason is not None
    assert found.reason.startswith("40 of 100 open postings vanished at once; believed")


@pytest.mark.parametrize(
    "health",
    [
        Health(),
        suspects(11.9, ids=IDS[:40]),
        suspects(12, ids=IDS[40:80]),
        suspects(-13, ids=IDS[:40]),
        Health(suspects=((NOW - 13 * HOUR, gone_digest(IDS[:40])), (NOW - HOUR, gone_digest(IDS[50:90])))),
    ],
)
def test_nothing_else_makes_a_suspect_visit_believed(health: Health) -> None:
    assert verdict(counted=count(100, 40), health=health).outcome is Outcome.SUSPECT


@pytest.mark.parametrize(
    "fields",
    [
        {"start_status": 500},
        {"start_status": None},
        {"listing": Listing(whole=True)},
        {"listing": Listing(whole=True), "looks": looks(Absence.UNKNOWN, 40)},
        {"listing": Listing(whole=True), "looks": looks(Absence.NOT_FOUND, 20) + looks(Absence.UNKNOWN, 20, first=20)},
    ],
)
def test_a_site_that_is_not_otherwise_healthy_is_not_believed(fields: dict[str, Any]) -> None:
    report = replace(WELL, **fields)
    assert verdict(report, count(100, 40), suspects(13, ids=IDS[:40])).outcome is Outcome.SUSPECT


def test_a_wall_in_place_of_pages_that_are_still_listed_is_never_believed() -> None:
    walled = looks(Absence.REDIRECTED, 40)
    listing = Listing(addresses=frozenset(look.address for look in walled), whole=True, rows=40)
    report = replace(WELL, read=60, looks=walled, listing=listing)
    assert verdict(report, count(100, 40), suspects(30, ids=IDS[:40])).outcome is Outcome.SUSPECT


def test_an_honest_zero_is_believed_when_the_pages_say_so_one_by_one() -> None:
    report = replace(NO_ROWS, read=0, looks=looks(Absence.NOT_FOUND, 90) + looks(Absence.GONE, 10, first=90))
    assert verdict(report, count(100, 100), suspects(13, 12.5, ids=IDS[:100])).outcome is Outcome.COMPLETE


def test_an_honest_zero_takes_three_visits_and_that_of_a_board_two() -> None:
    report = replace(NO_ROWS, looks=looks(Absence.NOT_FOUND, 8), asked=8, answered=8, read=0)
    assert verdict(report, count(8, 8), suspects(24, ids=IDS[:8])).outcome is Outcome.SUSPECT
    assert verdict(report, count(8, 8), suspects(24, 12, ids=IDS[:8])).outcome is Outcome.COMPLETE
    assert verdict(BOARD, count(8, 8), suspects(24, ids=IDS[:8])).outcome is Outcome.COMPLETE


def test_visits_agree_although_some_more_went_meanwhile() -> None:
    health = suspects(13, ids=IDS[:2000])
    assert verdict(counted=count(5000, 2020), health=health).outcome is Outcome.COMPLETE
    assert verdict(counted=count(5000, 4000), health=health).outcome is Outcome.SUSPECT


def test_a_first_visit_without_any_posting_is_not_believed_by_time() -> None:
    health = suspects(48, 24, ids=[])
    assert verdict(NO_ROWS, count(0), health, baseline=True).outcome is Outcome.SUSPECT


@given(
    gone=st.integers(0, 50),
    rows=st.integers(0, 3),
    whole=st.booleans(),
    answered=st.integers(0, 50),
    status=st.sampled_from([200, 404, 503, None]),
    hours=st.lists(st.integers(-24, 48), max_size=3),
)
def test_any_visit_has_a_verdict_and_what_is_not_complete_says_why(
    gone: int, rows: int, whole: bool, answered: int, status: int | None, hours: list[int]
) -> None:
    report = replace(
        WELL, listing=Listing(rows=rows, whole=whole), asked=50, answered=answered, read=answered, start_status=status
    )
    counted, health = count(50, gone), suspects(*hours, ids=IDS[:gone])
    found = verdict(report, counted, health)
    assert found.outcome is Outcome.COMPLETE or found.reason
    if not whole or answered < 48:
        assert found.outcome in (Outcome.PARTIAL, Outcome.FAILED), "nothing closes by a visit that may have missed some"
    after = next_health(health, found, counted, report)
    assert bool(after.suspects) >= (found.outcome is Outcome.SUSPECT)
    assert (revisit_after(after) is None) == (not after.suspects)


@pytest.mark.parametrize("number", [40, 2000])
@pytest.mark.parametrize("share", [1.0, 0.9, 0.5])
def test_what_a_person_accepted_is_believed_whole_or_what_is_left_of_it(number: int, share: float) -> None:
    gone = int(number * share)
    found = verdict(counted=count(2 * number, gone), health=accepted(number))
    assert found.outcome is Outcome.COMPLETE
    assert "a person accepted it" in (found.reason or "")


@pytest.mark.parametrize("number", [40, 2000])
def test_what_a_person_did_not_accept_is_not_believed(number: int) -> None:
    other = count(2 * number, number, ids=IDS[number : 2 * number])
    half = count(2 * number, number, ids=IDS[number // 2 : number // 2 + number])
    for gone in (other, half):
        assert verdict(counted=gone, health=accepted(number)).outcome is Outcome.SUSPECT


@pytest.mark.parametrize(
    ("report", "outcome"),
    [(replace(WELL, cut_short="stopped"), Outcome.PARTIAL), (replace(WELL, answered=10), Outcome.PARTIAL)],
)
def test_an_acceptance_makes_no_visit_whole(report: VisitReport, outcome: Outcome) -> None:
    assert verdict(report, count(100, 40), accepted(40)).outcome is outcome


BOARD = replace(
    NO_ROWS, source=Source(kind=SourceKind.BOARD, urls=("https://board.example/acme",)), asked=0, answered=0
)
TWICE = Health(suspects=((NOW - 13 * HOUR, gone_digest(IDS[:8])),))


def test_a_board_that_lists_nothing_is_believed_when_two_visits_agree_although_it_has_no_pages_to_ask() -> None:
    empty = replace(BOARD, looks=looks(Absence.ABSENT, 8))
    gone = count(8, 8)
    assert verdict(empty, gone).outcome is Outcome.SUSPECT
    assert verdict(empty, gone, TWICE).outcome is Outcome.COMPLETE
    soon = Health(suspects=((NOW - HOUR, gone_digest(IDS[:8])),))
    assert verdict(empty, gone, soon).outcome is Outcome.SUSPECT


@pytest.mark.parametrize(
    "report",
    [
        replace(BOARD, start_status=503, looks=looks(Absence.ABSENT, 8)),
        replace(NO_ROWS, looks=looks(Absence.ABSENT, 8)),
        replace(BOARD, looks=looks(Absence.UNKNOWN, 8)),
    ],
    ids=["its start page fails", "no board", "its pages say nothing"],
)
def test_an_empty_list_is_not_believed_by_time_where(report: VisitReport) -> None:
    assert verdict(report, count(8, 8), TWICE).outcome is not Outcome.COMPLETE


def test_a_board_without_a_posting_from_the_first_is_believed_by_time_and_other_lists_are_not() -> None:
    none = Health(suspects=((NOW - 13 * HOUR, gone_digest(())),))
    assert verdict(BOARD, count(0), none, baseline=True).outcome is Outcome.COMPLETE
    assert verdict(WELL, count(0, seen=0), none, baseline=True).outcome is Outcome.SUSPECT


def test_a_feed_names_only_the_newest_and_its_visit_is_complete_all_the_same() -> None:
    feed = Listing(addresses=WELL.listing.addresses, newest_only=True, rows=1)
    assert verdict(replace(WELL, listing=feed)).outcome is Outcome.COMPLETE
    failed = replace(feed, doubts=("the feed answered 500",))
    assert verdict(replace(WELL, listing=failed)).outcome is Outcome.PARTIAL
    assert verdict(replace(WELL, listing=replace(feed, newest_only=False))).outcome is Outcome.PARTIAL


# ---- in words, and at the very edge


def test_a_visit_that_was_stopped_is_told_by_its_reason() -> None:
    assert verdict(replace(WELL, cut_short=STOPPED)).reason == STOPPED_VISIT == "the visit was cut short: stopped"


@pytest.mark.parametrize(("gone", "many"), [(500, False), (501, True)])
def test_a_tenth_of_a_large_site_may_go_at_once(gone: int, many: bool) -> None:
    assert guards(count(5000, gone)) is many


@pytest.mark.parametrize(("gone", "new", "moved"), [(501, 501, True), (500, 501, False), (501, 500, False)])
def test_a_site_has_moved_where_more_than_half_is_gone_and_as_much_is_new(gone: int, new: int, moved: bool) -> None:
    assert looks_moved(count(1000, gone, new=new)) is moved


def test_a_handful_that_is_gone_is_no_move_however_small_the_site() -> None:
    assert not looks_moved(count(2, 2, new=2))
    assert looks_moved(count(3, 3, new=3))


def test_a_first_visit_that_saw_postings_is_complete() -> None:
    assert verdict(counted=count(0, seen=3, new=3), baseline=True) == Verdict(outcome=Outcome.COMPLETE)


def test_a_first_visit_with_postings_whose_list_is_doubtful_may_be_confirmed() -> None:
    found = verdict(counted=count(100, 40), health=suspects(12, ids=IDS[:40]), baseline=True)
    assert found.outcome is Outcome.COMPLETE


def test_what_was_doubted_and_is_believed_says_why_and_whether_the_site_moved() -> None:
    moved = count(100, 60, new=60)
    assert verdict(counted=moved, health=accepted(60)) == Verdict(
        outcome=Outcome.COMPLETE,
        reason="60 of 100 open postings vanished at once; a person accepted it on 2026-11-24 08:00 UTC",
        settled=Settled(since=NOW - HOUR, gone_digest=gone_digest(IDS[:60]), by_person=True),
        moved=True,
    )
    assert verdict(counted=moved, health=suspects(12, ids=IDS[:60])) == Verdict(
        outcome=Outcome.COMPLETE,
        reason="60 of 100 open postings vanished at once; believed, as visits agree on it since 2026-11-23 21:00 UTC",
        settled=Settled(since=NOW - 12 * HOUR, gone_digest=gone_digest(IDS[:60])),
        moved=True,
    )


def test_a_look_that_says_nothing_because_others_are_alike_keeps_what_it_said() -> None:
    both = looks(Absence.NO_MARKUP, 2)
    report = replace(WELL, asked=2, answered=2, read=0, looks=(both[0], replace(both[1], detail="no JobPosting")))
    assert [look.detail for look in credible_looks(report)] == [
        "no_markup (so do other pages)", "no JobPosting (so do other pages)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "seen", "failed"),
    [
        ({"start_status": 400}, 0, True),
        ({"start_status": 399}, 0, False),
        ({"start_status": 400}, 1, False),
        ({"start_status": None}, 0, True),
        ({"start_status": None, "listing": Listing(whole=True)}, 0, False),
        ({"start_status": None, "listing": Listing(rows=1)}, 0, False),
    ],
)
def test_a_visit_failed_that_saw_no_posting_no_list_and_no_start_page(
    fields: dict[str, Any], seen: int, failed: bool
) -> None:
    report = replace(replace(WELL, listing=Listing()), **fields)
    assert (verdict(report, count(seen=seen)).outcome is Outcome.FAILED) is failed


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"listing": Listing(doubts=("no sitemap", "no list"))}, "no sitemap; no list"),
        ({"listing": Listing(doubts=("no sitemap",), rows=1)}, "the list is not whole: no sitemap"),
        (
            {"listing": Listing(doubts=("cut",)), "source": Source(kind=SourceKind.LIST, urls=("u",))},
            "the list is not whole: cut",
        ),
    ],
)
def test_where_there_is_no_list_the_doubts_say_what_was_looked_for(fields: dict[str, Any], reason: str) -> None:
    assert verdict(replace(WELL, **fields)) == Verdict(outcome=Outcome.PARTIAL, reason=reason)


@pytest.mark.parametrize(
    ("before", "words"), [(1, "the list is empty, 1 posting was open"), (2, "the list is empty, 2 postings were open")]
)
def test_an_empty_list_is_told_with_what_was_open(before: int, words: str) -> None:
    assert verdict(NO_ROWS, count(before)).reason == f"{words}; looking again in 30 minutes"


def test_a_feed_that_is_empty_says_nothing_of_what_is_open() -> None:
    assert verdict(replace(WELL, listing=Listing(newest_only=True)), count(5)).outcome is Outcome.COMPLETE


def test_a_list_whose_rows_are_no_postings_any_more_is_suspect_where_three_were_open() -> None:
    other = replace(WELL, listing=Listing(whole=True, rows=9))
    assert verdict(other, count(2)).outcome is Outcome.COMPLETE
    assert verdict(other, count(3)) == Verdict(
        outcome=Outcome.SUSPECT,
        reason="the list names no posting any more, 3 postings were open; looking again in 30 minutes",
    )
    feed = replace(other, listing=Listing(newest_only=True, rows=9))
    assert verdict(feed, count(3)).outcome is Outcome.COMPLETE


def test_markup_that_one_page_lost_and_no_other_has_is_told_of_one_page() -> None:
    report = replace(WELL, asked=1, answered=1, read=0, looks=looks(Absence.NO_MARKUP, 1))
    assert (
        lost_markup(report) == "the JobPosting markup is gone from 1 page that had it, too many to be closed postings"
    )
    assert lost_markup(WELL) is None


# ---- whether the site is otherwise healthy


def believed(report: VisitReport, gone: int = 40) -> bool:
    """Whether what is gone is believed, as visits since half a day ago said the same."""
    return verdict(report, count(100, gone), suspects(13, 12.5, ids=IDS[:gone])).outcome is Outcome.COMPLETE


def test_visits_agree_that_share_four_fifths_of_what_is_gone() -> None:
    assert verdict(counted=count(100, 50), health=suspects(13, ids=IDS[:40])).outcome is Outcome.COMPLETE
    assert verdict(counted=count(100, 51), health=suspects(13, ids=IDS[:40])).outcome is Outcome.SUSPECT


@pytest.mark.parametrize(
    ("walled", "clear", "healthy"), [(0, 40, True), (4, 36, True), (5, 35, False)], ids=["none", "a tenth", "more"]
)
def test_of_pages_that_are_still_listed_no_more_than_a_tenth_may_lead_elsewhere(
    walled: int, clear: int, healthy: bool
) -> None:
    found = looks(Absence.REDIRECTED, walled) + looks(Absence.NOT_FOUND, clear, first=walled)
    listing = Listing(addresses=frozenset({"acme.example/other", *(one.address for one in found[:20])}), whole=True)
    assert believed(replace(WELL, looks=found, listing=listing)) is healthy


@pytest.mark.parametrize(("named", "healthy"), [(0, True), (20, True), (21, False), (40, False)])
def test_404_from_most_of_the_pages_that_the_list_still_names_is_believed_after_a_week(
    named: int, healthy: bool
) -> None:
    found = looks(Absence.NOT_FOUND, 40)
    addresses = frozenset({"acme.example/other", *(look.address for look in found[:named])})
    report = replace(WELL, looks=found, listing=Listing(addresses=addresses, whole=True, rows=1))
    assert believed(report) is healthy
    week = verdict(report, count(100, 40), suspects(24 * 7 + 1, 12.5, ids=IDS[:40]))
    assert week.outcome is Outcome.COMPLETE


@pytest.mark.parametrize(("clear", "other", "healthy"), [(4, 1, True), (3, 1, False), (1, 0, True), (0, 0, False)])
def test_without_a_list_four_of_five_pages_must_say_themselves_that_they_are_gone(
    clear: int, other: int, healthy: bool
) -> None:
    found = looks(Absence.NOT_FOUND, clear) + looks(Absence.SOFT_404, other, first=clear)
    report = replace(NO_ROWS, looks=found)
    assert believed(report, gone=max(clear + other, 1)) is healthy


def test_on_a_board_pages_may_say_so_as_well_and_another_list_is_no_board() -> None:
    found = looks(Absence.ABSENT, 4) + looks(Absence.GONE, 4, first=4)
    assert believed(replace(BOARD, looks=found), gone=8)
    assert not believed(replace(BOARD, looks=found + looks(Absence.NOINDEX, 1, first=8)), gone=8)
    pages = Source(kind=SourceKind.LIST, urls=("https://acme.example/jobs",))
    assert not believed(replace(BOARD, source=pages, looks=found), gone=8)


@pytest.mark.parametrize(
    ("lost", "answered", "read", "shared"),
    [
        (2, 6, 4, False),
        (2, 5, 3, True),
        (6, 25, 25, True),
        (5, 25, 25, False),
        (0, 1, 1, False),
        (1, 1, 0, True),
        (1, 0, 0, True),
    ],
)
def test_markup_is_lost_for_a_reason_of_the_site_where_fewer_than_four_fifths_of_the_others_have_it(
    lost: int, answered: int, read: int, shared: bool
) -> None:
    report = replace(WELL, asked=answered, answered=answered, read=read, looks=looks(Absence.NO_MARKUP, lost))
    assert (lost_markup(report) is not None) is shared


@pytest.mark.parametrize(
    ("asked", "answered", "complete"),
    [(6, 5, True), (5, 4, False), (7, 5, False), (20, 19, True), (19, 17, False), (40, 38, True)],
)
def test_one_page_may_fail_where_five_answer_or_one_in_twenty(asked: int, answered: int, complete: bool) -> None:
    report = replace(WELL, asked=asked, answered=answered, read=answered)
    assert (verdict(report).outcome is Outcome.COMPLETE) is complete


@pytest.mark.parametrize(
    ("before", "gone", "waiting", "moved"),
    [
        (100, 51, 51, True),
        (100, 50, 51, False),
        (100, 51, 50, False),
        (8, 5, 5, False),
        (8, 6, 6, True),
        (3, 3, 3, True),
        (4, 3, 4, False),
        (2, 2, 2, False),
    ],
)
def test_a_site_may_have_moved_where_most_is_gone_and_as_much_waits(
    before: int, gone: int, waiting: int, moved: bool
) -> None:
    assert may_have_moved(before, gone=gone, waiting=waiting) is moved


@pytest.mark.parametrize(
    ("asked", "answered", "believed"), [(6, 5, True), (5, 4, False), (12, 11, True), (12, 10, False)]
)
def test_one_page_that_fails_is_no_doubt_where_five_others_answered(asked: int, answered: int, believed: bool) -> None:
    report = replace(WELL, asked=asked, answered=answered, read=answered)
    assert (verdict(report).outcome is Outcome.COMPLETE) is believed


def test_visits_agree_as_far_back_as_they_do() -> None:
    other, same = gone_digest(IDS[50:90]), gone_digest(IDS[:40])
    health = Health(suspects=((NOW - 20 * HOUR, other), (NOW - 13 * HOUR, same), (NOW - HOUR, same)))
    found = verdict(counted=count(100, 40), health=health)
    assert found.outcome is Outcome.COMPLETE
    assert (found.reason or "").endswith("since 2026-11-23 20:00 UTC")


# ---- pages that do not answer


MANY = Listing(addresses=frozenset(f"acme.example/jobs/{number}" for number in range(200)), whole=True, rows=1)


@pytest.mark.parametrize(
    ("asked", "answered", "enough"), [(50, 40, True), (51, 40, False), (50, 39, False), (60, 49, False), (60, 50, True)]
)
def test_a_visit_that_asks_a_part_is_judged_by_what_failed_of_all(asked: int, answered: int, enough: bool) -> None:
    outcome = verdict(replace(WELL, listing=MANY, asked=asked, answered=answered, read=answered)).outcome
    assert outcome is (Outcome.COMPLETE if enough else Outcome.PARTIAL)


@pytest.mark.parametrize(
    ("hours", "visits", "most", "answered", "believed"),
    [
        (24, 3, 3, 17, True),
        (23, 3, 3, 17, False),
        (24, 2, 3, 17, False),
        (24, 3, 3, 16, True),
        (24, 3, 2, 16, False),
        (24, 3, 9, 15, False),
    ],
)
def test_where_about_the_same_pages_never_answer_the_others_are_believed(
    hours: int, visits: int, most: int, answered: int, believed: bool
) -> None:
    health = Health(failing=Failing(since=NOW - hours * HOUR, visits=visits, most=most))
    found = verdict(replace(WELL, asked=20, answered=answered, read=answered), health=health)
    assert found.outcome is (Outcome.COMPLETE if believed else Outcome.PARTIAL)


@pytest.mark.parametrize(("days", "believed"), [(7, True), (6.9, False)])
def test_a_site_that_names_nothing_while_its_pages_lead_elsewhere_is_believed_after_a_week(
    days: float, believed: bool
) -> None:
    report = replace(NO_ROWS, looks=looks(Absence.REDIRECTED, 8), asked=8, answered=8, read=0)
    found = verdict(report, count(8, 8), suspects(days * 24, 24, ids=IDS[:8]))
    assert found.outcome is (Outcome.COMPLETE if believed else Outcome.SUSPECT)


def test_a_list_that_still_names_what_leads_elsewhere_is_a_wall_however_long() -> None:
    named = frozenset(f"acme.example/jobs/{number}" for number in range(8))
    report = replace(WELL, listing=Listing(addresses=named, whole=True, rows=1), looks=looks(Absence.REDIRECTED, 8))
    assert verdict(report, count(8, 8), suspects(24 * 30, ids=IDS[:8])).outcome is Outcome.SUSPECT


@pytest.mark.parametrize(
    ("first", "whole", "read", "shared"),
    [(2, True, 5, False), (2, True, 2, True), (2, False, 5, True), (1, True, 5, True)],
    ids=["off the list", "hardly any other page", "list in doubt", "one is listed"],
)
def test_markup_that_is_lost_on_pages_which_a_whole_list_lacks_is_no_template(
    first: int, whole: bool, read: int, shared: bool
) -> None:
    listing = replace(WELL.listing, whole=whole)
    lost = looks(Absence.NO_MARKUP, 3, first=first)
    report = replace(WELL, listing=listing, asked=3 + read, answered=3 + read, read=read, looks=lost)
    assert (lost_markup(report) is not None) is shared
