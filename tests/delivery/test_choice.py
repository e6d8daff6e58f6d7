from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from delivery.choice import Send, Wait, choose
from delivery.rhythm import read_rhythm
from postings.events import EventType, Significance
from storage.deliveries import Delivery, DeliveryStatus, Head
from tests.delivery.eventlog import NOON, later


def head(
    number: int,
    visit: str | None = "v_1",
    *,
    site: str = "acme",
    running: bool = False,
    baseline: bool = False,
    at: datetime = NOON,
    retry_at: datetime | None = None,
    attempts: int = 1,
) -> Head:
    delivery = retry_at and Delivery(
        outlet_id=1,
        event=number,
        status=DeliveryStatus.RETRY,
        attempts=attempts,
        first_attempt_at=NOON,
        last_attempt_at=NOON,
        next_attempt_at=retry_at,
    )
    return Head(
        number=number,
        type=EventType.OPENED,
        posting_id=f"p_{number}",
        site=site,
        visit=visit,
        running=running,
        at=at,
        baseline=baseline,
        significance=Significance.MATERIAL,
        delivery=delivery or None,
    )


def numbers(choice: Send | Wait) -> list[int]:
    assert isinstance(choice, Send)
    return [head.number for head in choice.heads]


def test_one_at_a_time_goes_in_order() -> None:
    assert numbers(choose([head(4), head(5)], by_visit=False, now=NOON)) == [4]


def test_what_failed_holds_up_everything_until_its_time() -> None:
    upcoming = [head(4, retry_at=later(5)), head(5)]
    assert choose(upcoming, by_visit=False, now=NOON) == Wait(until=later(5), failed=True)
    assert numbers(choose(upcoming, by_visit=False, now=later(5))) == [4]


def test_a_send_knows_which_attempt_it_is() -> None:
    first = choose([head(4)], by_visit=False, now=NOON)
    third = choose([head(4, retry_at=NOON, attempts=2)], by_visit=False, now=NOON)
    assert isinstance(first, Send)
    assert isinstance(third, Send)
    assert (first.attempt, third.attempt) == (1, 3)


def test_what_one_visit_found_goes_together_although_others_lie_between() -> None:
    upcoming = [head(1, "v_1"), head(2, "v_2", site="globex"), head(3, "v_1")]
    assert numbers(choose(upcoming, by_visit=True, now=NOON)) == [1, 3]


def test_a_visit_that_runs_is_waited_for_and_others_are_not() -> None:
    upcoming = [head(1, "v_1", running=True), head(2, "v_2", site="globex")]
    assert numbers(choose(upcoming, by_visit=True, now=NOON)) == [2]
    assert choose(upcoming[:1], by_visit=True, now=NOON) == Wait(until=None)


def test_a_long_visit_is_waited_for_ten_minutes() -> None:
    upcoming = [head(1, running=True), head(2, running=True, at=later(599))]
    assert choose(upcoming, by_visit=True, now=later(599)) == Wait(until=None)
    assert numbers(choose(upcoming, by_visit=True, now=later(600))) == [1, 2]


def test_a_first_visit_is_waited_for_however_long_it_takes() -> None:
    upcoming = [head(n, running=True, baseline=True, at=later(3600 * n)) for n in range(1, 10)]
    assert choose(upcoming, by_visit=True, now=later(9 * 3600)) == Wait(until=None)


def test_a_first_visit_that_died_is_told_after_all() -> None:
    upcoming = [head(1, running=True, baseline=True)]
    assert numbers(choose(upcoming, by_visit=True, now=later(6 * 3600))) == [1]


def test_what_no_visit_found_goes_at_once_by_site() -> None:
    upcoming = [head(1, None), head(2, None, site="globex"), head(3, None)]
    assert numbers(choose(upcoming, by_visit=True, now=NOON)) == [1, 3]


def test_the_baseline_of_a_visit_is_not_mixed_with_its_news() -> None:
    upcoming = [head(1, baseline=True), head(2), head(3, baseline=True)]
    assert numbers(choose(upcoming, by_visit=True, now=NOON)) == [1, 3]


def test_what_went_together_is_tried_again_together_and_without_newcomers() -> None:
    upcoming = [head(1, retry_at=NOON), head(2), head(3, retry_at=NOON), head(4, "v_2")]
    assert numbers(choose(upcoming, by_visit=True, now=NOON)) == [1, 3]


HEADS = st.lists(
    st.builds(
        lambda visit, running, baseline, seconds: (visit, running, baseline, seconds),
        st.sampled_from([None, "v_1", "v_2"]), st.booleans(), st.booleans(), st.integers(0, 50_000),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@given(HEADS, st.booleans())
def test_choosing_and_settling_again_and_again_sends_everything_once(
    shapes: list[tuple[str | None, bool, bool, int]], by_visit: bool
) -> None:
    upcoming = [
        head(n, visit, running=running and visit is not None, baseline=baseline, at=later(seconds))
        for n, (visit, running, baseline, seconds) in enumerate(shapes)
    ]
    sent: list[int] = []
    while upcoming:
        # a day later everything is ripe
        choice = choose(upcoming, by_visit=by_visit, now=later(86_400))
        chosen = numbers(choice)
        assert chosen
        sent += chosen
        upcoming = [head for head in upcoming if head.number not in chosen]
    assert sorted(sent) == list(range(len(shapes)))
    if not by_visit:
        assert sent == sorted(sent)


# -- rhythm

HOURLY = read_rhythm("hourly")
QUIET = read_rhythm(quiet="22:00-07:00")


def test_a_digest_holds_everything_up_to_its_slot_over_visits_and_sites() -> None:
    upcoming = [head(1), head(2, "v_2", site="globex"), head(3, "v_3")]
    assert numbers(choose(upcoming, by_visit=True, now=NOON, rhythm=HOURLY, released=2)) == [1, 2]


def test_what_came_after_the_slot_waits_for_the_next() -> None:
    assert choose([head(3)], by_visit=True, now=NOON, rhythm=HOURLY, released=2) == Wait(until=later(3600))


def test_a_digest_of_single_messages_goes_out_in_portions() -> None:
    upcoming = [head(number) for number in range(1, 6)]
    assert numbers(choose(upcoming, by_visit=False, most=3, now=NOON, rhythm=HOURLY, released=4)) == [1, 2, 3]
    assert numbers(choose(upcoming[3:], by_visit=False, most=3, now=NOON, rhythm=HOURLY, released=4)) == [4]


def test_in_quiet_hours_nothing_leaves_not_even_what_failed() -> None:
    night = later(11 * 3600)
    morning = later(19 * 3600)
    assert choose([head(1)], by_visit=True, now=night, rhythm=QUIET) == Wait(until=morning)
    failed = [head(1, retry_at=later(5))]
    assert choose(failed, by_visit=True, now=night, rhythm=QUIET) == Wait(until=morning, failed=True)
    assert numbers(choose(failed, by_visit=True, now=morning, rhythm=QUIET)) == [1]


def test_after_quiet_hours_what_gathered_leaves_together_and_then_it_is_as_always() -> None:
    upcoming = [head(1), head(2, "v_2"), head(3, "v_3"), head(4, "v_4")]
    assert numbers(choose(upcoming, by_visit=True, now=NOON, rhythm=QUIET, released=2)) == [1, 2]
    assert numbers(choose(upcoming[2:], by_visit=True, now=NOON, rhythm=QUIET, released=2)) == [3]


def test_a_first_visit_that_runs_is_left_out_of_a_digest() -> None:
    upcoming = [head(1, running=True, baseline=True), head(2, "v_2")]
    assert numbers(choose(upcoming, by_visit=True, now=NOON, rhythm=HOURLY, released=2)) == [2]
    assert choose(upcoming[:1], by_visit=True, now=NOON, rhythm=HOURLY, released=2) == Wait(until=None)


def test_portions_that_were_tried_are_tried_again_as_they_were() -> None:
    tried = [head(n, retry_at=NOON, attempts=1) for n in (1, 2)] + [head(3, retry_at=NOON, attempts=0)]
    assert numbers(choose([*tried, head(4)], by_visit=False, most=9, now=NOON)) == [1, 2]
    assert numbers(choose([tried[2], head(4)], by_visit=False, most=9, now=NOON)) == [3]
