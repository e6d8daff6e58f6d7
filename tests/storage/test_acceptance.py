"""What a suspect visit held back, and what becomes of it when a person says that it is true."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.engine import Engine

from postings.errors import NotFoundError, UsageError
from postings.visits import Absence, Outcome
from storage import acceptance, leases, sites
from tests.storage.watching import Watch, a_job

TOWNS = ("Berlin", "Bonn", "Ulm", "Köln", "Essen", "Jena", "Kiel", "Mainz", "Trier", "Worms")


@pytest.fixture
def watch(engine: Engine) -> Watch:
    """Ten postings, of which eight answered 404 at once and are gone from the list."""
    watch = Watch(engine)
    watch.pages = {f"/jobs/{number}": a_job(place=town) for number, town in enumerate(TOWNS)}
    assert watch.visit().outcome is Outcome.COMPLETE
    return watch


def vanish(watch: Watch, number: int = 8) -> dict[str, Absence]:
    gone = {f"/jobs/{place}": Absence.NOT_FOUND for place in range(number)}
    for path in gone:
        watch.pages.pop(path, None)
    return gone


def accept(watch: Watch) -> acceptance.HeldBack:
    return acceptance.accept(watch.engine, watch.site.id, watch.now)


def test_what_a_suspect_visit_did_not_find_is_told(watch: Watch) -> None:
    assert acceptance.held_back(watch.engine, watch.site.id) is None
    visit = watch.later(hours=6).visit(looks=vanish(watch))
    assert visit.outcome is Outcome.SUSPECT
    held = acceptance.held_back(watch.engine, watch.site.id)
    assert held is not None
    assert (held.visit.id, held.since, held.accepted_at) == (visit.id, watch.now, None)
    assert {one.record["locations"][0]["locality"] for one in held.postings} == set(TOWNS[:8])


def test_nothing_closes_by_the_word_alone(watch: Watch) -> None:
    watch.later(hours=6).visit(looks=vanish(watch))
    before = watch.events()
    held = accept(watch.later(minutes=5))
    assert (held.accepted_at, len(held.postings)) == (watch.now, 8)
    assert watch.events() == before
    assert watch.current().next_visit_at == watch.now


def test_the_next_visit_that_agrees_closes_what_is_gone(watch: Watch) -> None:
    gone = vanish(watch)
    watch.later(hours=6).visit(looks=gone)
    accept(watch)
    visit = watch.later(minutes=5).visit(looks=gone)
    assert (visit.outcome, visit.closed) == (Outcome.COMPLETE, 8)
    assert "a person accepted it" in (visit.reason or "")


def test_without_the_word_the_same_visit_is_suspect_again(watch: Watch) -> None:
    gone = vanish(watch)
    watch.later(hours=6).visit(looks=gone)
    visit = watch.later(minutes=5).visit(looks=gone)
    assert (visit.outcome, visit.closed) == (Outcome.SUSPECT, 0)


def test_a_posting_that_is_there_again_stays_open(watch: Watch) -> None:
    gone = vanish(watch)
    back = watch.later(hours=6)
    back.visit(looks=gone)
    accept(watch)
    watch.pages["/jobs/0"] = a_job(place=TOWNS[0])
    del gone["/jobs/0"]
    visit = watch.later(minutes=5).visit(looks=gone)
    assert (visit.outcome, visit.closed) == (Outcome.COMPLETE, 7)
    assert len(watch.open()) == 3


def test_what_goes_beyond_the_accepted_is_not_believed(watch: Watch) -> None:
    watch.later(hours=6).visit(looks=vanish(watch, 6))
    accept(watch)
    visit = watch.later(minutes=5).visit(looks=vanish(watch, 10))
    assert (visit.outcome, visit.closed) == (Outcome.SUSPECT, 0)
    assert watch.current().health.accepted is None


def test_a_visit_in_which_all_are_back_ends_the_acceptance(watch: Watch) -> None:
    pages = dict(watch.pages)
    gone = vanish(watch)
    watch.later(hours=6).visit(looks=gone)
    accept(watch)
    watch.pages = pages
    assert watch.later(minutes=5).visit().outcome is Outcome.COMPLETE
    assert watch.current().health.accepted is None
    watch.pages = {path: page for path, page in pages.items() if path not in gone}
    assert watch.later(hours=6).visit(looks=gone).outcome is Outcome.SUSPECT


@pytest.mark.parametrize("number", [8, 10])
@pytest.mark.parametrize("how", [Absence.REDIRECTED, Absence.NOT_FOUND])
def test_what_would_need_a_second_look_is_closed_by_the_first_after_the_word(
    watch: Watch, how: Absence, number: int
) -> None:
    gone = dict.fromkeys(vanish(watch, number), how)
    watch.later(hours=6).visit(looks=gone)
    accept(watch)
    visit = watch.later(minutes=5).visit(looks=gone)
    assert (visit.outcome, visit.closed) == (Outcome.COMPLETE, number)


def test_without_a_word_a_list_that_names_nothing_closes_its_postings_once_three_visits_agree(watch: Watch) -> None:
    gone = vanish(watch, 10)
    missed_at = watch.later(hours=6).now
    assert watch.visit(looks=gone).outcome is Outcome.SUSPECT
    assert watch.later(hours=12).visit(looks=gone).outcome is Outcome.SUSPECT
    visit = watch.later(hours=12).visit(looks=gone)
    assert (visit.outcome, visit.closed) == (Outcome.COMPLETE, 10)
    closed = [event.record["closed_at"] for event in watch.events() if event.type == "closed"]
    assert {datetime.fromisoformat(at) for at in closed} == {missed_at}


def test_accepting_twice_is_accepting_once(watch: Watch) -> None:
    watch.later(hours=6).visit(looks=vanish(watch))
    first = accept(watch)
    health = watch.current().health
    again = accept(watch.later(minutes=1))
    assert again == first
    assert watch.current().health == health


def test_a_paused_site_stays_paused(watch: Watch) -> None:
    watch.later(hours=6).visit(looks=vanish(watch))
    sites.pause(watch.engine, watch.site.id, watch.now)
    accept(watch)
    assert watch.current().next_visit_at is None


def test_a_site_that_is_believed_has_nothing_to_accept(watch: Watch) -> None:
    with pytest.raises(UsageError, match=r"its last visit was complete and is believed.*sites show acme"):
        accept(watch)


def test_a_partial_visit_has_nothing_to_accept_and_says_why(watch: Watch) -> None:
    watch.later(hours=6).visit(whole=False)
    with pytest.raises(UsageError, match=r"was partial \(the list is not whole.*hirewatch visit acme"):
        accept(watch)


def test_a_site_that_was_never_visited_has_nothing_to_accept(engine: Engine) -> None:
    with pytest.raises(UsageError, match=r"has not been visited yet.*hirewatch visit acme"):
        accept(Watch(engine))


def test_a_site_that_is_being_visited_is_not_decided_about(watch: Watch) -> None:
    watch.later(hours=6).visit(looks=vanish(watch))
    lease = leases.claim(
        watch.engine, watch.site.id, owner="me", now=watch.now, ttl=timedelta(seconds=90), dead=lambda _: False
    )
    assert lease is not None
    with pytest.raises(UsageError, match="is being visited at this moment"):
        accept(watch)
    held = acceptance.accept(watch.engine, watch.site.id, watch.now, dead=lambda owner: owner == "me")
    assert held.accepted_at == watch.now


def test_an_unknown_site_cannot_be_accepted(engine: Engine) -> None:
    with pytest.raises(NotFoundError):
        acceptance.accept(engine, 99, Watch(engine).now)


def test_a_site_without_postings_is_accepted_as_one(engine: Engine) -> None:
    watch = Watch(engine)
    assert watch.visit().outcome is Outcome.SUSPECT
    assert accept(watch).postings == ()
    visit = watch.later(hours=1).visit()
    assert visit.outcome is Outcome.COMPLETE
    assert watch.current().baseline_done


def dead(watch: Watch) -> Outcome | None:
    """A visit whose start page says 404, and that has no list."""
    return watch.visit(only=[], whole=False, start_status=404).outcome


def test_a_site_that_says_that_it_is_gone_is_accepted_as_gone(watch: Watch) -> None:
    assert dead(watch.later(hours=6)) is Outcome.FAILED
    held = accept(watch)
    assert (held.whole_site, len(held.postings), len(watch.open())) == (True, 10, 10)
    assert accept(watch) == held
    assert dead(watch.later(minutes=5)) is Outcome.FAILED
    assert watch.open() == []
    assert {event.reason for event in watch.events()[-10:]} == {"site_gone"}


def test_without_the_word_a_site_that_says_that_it_is_gone_keeps_its_postings(watch: Watch) -> None:
    for _ in range(3):
        dead(watch.later(hours=6))
    assert len(watch.open()) == 10


def test_a_site_that_answers_again_contradicts_the_word_that_it_is_gone(watch: Watch) -> None:
    dead(watch.later(hours=6))
    accept(watch)
    assert watch.later(minutes=5).visit().outcome is Outcome.COMPLETE
    assert watch.current().health.accepted is None
    dead(watch.later(hours=6))
    assert len(watch.open()) == 10
