"""Rounds of sending against a real receiver, a real database and a clock that the test moves."""

from __future__ import annotations

import base64
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from delivery import outlets, schedule
from delivery.dispatch import Dispatcher, Settled, deliver_all, deliver_due
from delivery.outlets import Context, OutletUnavailable
from postings.errors import DatabaseError, HirewatchError
from postings.events import EventType, Significance
from storage import deliveries
from storage import outlets as stored_outlets
from storage.deliveries import DeliveryStatus
from storage.engine import connect
from storage.outlet_locks import sole_sender
from tests.delivery.eventlog import NOON, EventLog, later
from tests.delivery.loopback import loopback_context
from tests.delivery.receiver import HANG_UP, SECRET, TAKE_AND_HANG_UP, Receiver, Request, receiving
from tests.scheduler.processes import until

OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of 32 bytes, yes!").decode()


def add_webhook(engine: Engine, receiver: Receiver, name: str = "hook", **options: Any) -> stored_outlets.Outlet:
    return outlets.add(engine, name=name, address=receiver.url, options={"secret": SECRET} | options, now=NOON)


def deliver(
    engine: Engine, outlet: stored_outlets.Outlet, context: Context, now: datetime = NOON, seed: int = 1
) -> Settled:
    return deliver_due(engine, outlet, context, now, Random(seed))


def cursor(engine: Engine, outlet: stored_outlets.Outlet) -> int:
    row = stored_outlets.get(engine, outlet.id)
    assert row is not None
    return row.cursor


# -- what is sent


def test_events_arrive_in_the_order_of_the_log(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(3)
    log.add(1, type=EventType.CLOSED)
    assert deliver(engine, outlet, context) == Settled(outlet="hook", sent=4)
    assert receiver.numbers == [1, 2, 3, 4]
    assert cursor(engine, outlet) == 4


def test_a_new_outlet_hears_nothing_of_the_past(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    log.add(3)
    outlet = add_webhook(engine, receiver)
    log.add(1)
    deliver(engine, outlet, context)
    assert receiver.numbers == [4]


def test_a_second_round_sends_nothing_again(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(3)
    deliver(engine, outlet, context)
    assert deliver(engine, outlet, context, later(3600)).sent == 0
    assert receiver.numbers == [1, 2, 3]


def test_baseline_and_minor_events_are_passed_over(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(5, baseline=True)
    log.add(1, type=EventType.CHANGED, significance=Significance.MINOR)
    log.add(1, type=EventType.CHANGED, significance=Significance.SITE_WIDE)
    log.add(1)
    deliver(engine, outlet, context)
    assert receiver.numbers == [8]


def test_a_webhook_that_asks_for_the_baseline_gets_it(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver, with_baseline=True)
    log.add(2, baseline=True)
    deliver(engine, outlet, context)
    assert receiver.numbers == [1, 2]


def test_a_webhook_may_ask_for_some_types_only(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver, events="closed")
    log.add(2)
    log.add(1, type=EventType.CLOSED)
    deliver(engine, outlet, context)
    assert receiver.numbers == [3]


def test_thousands_of_unwanted_events_cost_one_commit_and_no_rows(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(3500, baseline=True)
    cursors: list[int] = []
    settle = deliveries.settle

    def counted(*args: Any, cursor: int, **named: Any) -> bool:
        cursors.append(cursor)
        return settle(*args, cursor=cursor, **named)

    monkeypatch.setattr(deliveries, "settle", counted)
    deliver(engine, outlet, context)
    assert cursor(engine, outlet) == 3500
    assert cursors == [3500]
    assert deliveries.status(engine)[0].sent == 0


def test_an_idle_outlet_writes_nothing(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(1)
    deliver(engine, outlet, context)
    monkeypatch.setattr(deliveries, "settle", lambda *args, **named: pytest.fail("wrote"))
    deliver(engine, outlet, context)


def test_a_secret_is_rotated_without_missing_an_event(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver, description="none")
    log.add(1)
    changed = outlets.change(engine, outlet, {"secret": [OTHER_SECRET, SECRET]})
    assert changed == stored_outlets.find(engine, "hook")
    assert changed.options["description"] == "none"
    deliver(engine, outlet, context)
    receiver.secret = OTHER_SECRET
    outlets.change(engine, changed, {"secret": [OTHER_SECRET]})
    log.add(1)
    deliver(engine, outlet, context)
    assert receiver.numbers == [1, 2]
    assert [len(request.headers["webhook-signature"].split()) for request in receiver.requests] == [2, 1]


# -- failures


def test_a_failed_send_holds_up_what_comes_after_it(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(3)
    receiver.script = [200, 500]
    settled = deliver(engine, outlet, context)
    assert (settled.sent, settled.parked) == (1, 0)
    assert settled.error == "127.0.0.1 answered 500"
    assert deliver(engine, outlet, context, later(4)).sent == 0
    assert len(receiver.requests) == 2
    assert deliver(engine, outlet, context, later(6)).sent == 2
    assert receiver.numbers == [1, 2, 3]


def test_every_attempt_has_the_same_id_and_a_signature_of_its_own(
    engine: Engine, log: EventLog, receiver: Receiver
) -> None:
    times = iter([datetime.now(UTC), datetime.now(UTC) + timedelta(seconds=60)])
    context = loopback_context(clock=lambda: next(times))
    outlet = add_webhook(engine, receiver)
    log.add(1)
    receiver.script = [503]
    deliver(engine, outlet, context)
    deliver(engine, outlet, context, later(6))
    first, second = receiver.requests
    assert first.id == second.id
    assert first.body == second.body
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) in (60, 61)
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_two_outlets_at_one_receiver_have_ids_of_their_own(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    add_webhook(engine, receiver, "one")
    add_webhook(engine, receiver, "two")
    log.add(2)
    deliver_all(engine, context, NOON, Random(1))
    assert len(set(receiver.accepted)) == 4


def test_retries_follow_the_schedule_and_end_parked_and_the_next_event_goes_out(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(2)
    receiver.script = [500] * schedule.ATTEMPTS
    now, waits = NOON, []
    for attempt in range(1, schedule.ATTEMPTS):
        settled = deliver(engine, outlet, context, now, seed=attempt)
        assert len(receiver.requests) == attempt
        assert settled.next_attempt_at is not None
        # a moment too early nothing happens
        deliver(engine, outlet, context, settled.next_attempt_at - timedelta(milliseconds=1))
        assert len(receiver.requests) == attempt
        waits.append(settled.next_attempt_at - now)
        now = settled.next_attempt_at
    for wait, standard in zip(waits, schedule.WAITS, strict=True):
        assert standard <= wait <= standard * (1 + schedule.JITTER)
    assert deliver(engine, outlet, context, now) == Settled(outlet="hook", sent=1, parked=1)
    assert receiver.numbers == [2]
    [parked] = deliveries.parked(engine, outlet.id)
    assert (parked.event, parked.attempts, parked.error) == (1, 10, "127.0.0.1 answered 500")


def test_what_was_parked_is_sent_again_when_a_person_asks_and_nothing_else(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(3)
    now = NOON
    receiver.script = [200] + [500] * schedule.ATTEMPTS
    while cursor(engine, outlet) < 3:
        now = deliver(engine, outlet, context, now).next_attempt_at or now
    assert receiver.numbers == [1, 3]
    assert stored_outlets.retry_parked(engine, outlet.id, NOON) == 1
    deliver(engine, outlet, context, now)
    assert receiver.numbers == [1, 3, 2]
    assert cursor(engine, outlet) == 3


def test_retry_after_is_honoured(engine: Engine, log: EventLog, receiver: Receiver, context: Context) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(1)
    receiver.script, receiver.headers = [429], {"Retry-After": "120"}
    assert deliver(engine, outlet, context).next_attempt_at == later(120)


def test_a_redirect_is_a_failure_and_is_not_followed(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(1)
    with receiving() as elsewhere:
        receiver.script, receiver.headers = [307], {"Location": elsewhere.url}
        settled = deliver(engine, outlet, context)
        assert elsewhere.requests == []
    assert settled.sent == 0
    assert "follows no redirect" in (settled.error or "")


def test_410_disables_the_outlet_and_loses_nothing(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(2)
    receiver.script = [410]
    assert deliver(engine, outlet, context).disabled
    row = stored_outlets.get(engine, outlet.id)
    assert row is not None
    assert row.disabled_at == NOON
    assert row.disabled_reason == "127.0.0.1 answered 410: it wants no more"
    assert deliver(engine, outlet, context, later(86_400)).sent == 0
    assert deliver_all(engine, context, later(86_400), Random(1)) == []
    assert len(receiver.requests) == 1
    stored_outlets.enable(engine, outlet.id, later(86_400))
    assert deliver(engine, outlet, context, later(86_400)).sent == 2
    assert receiver.numbers == [1, 2]


def test_a_receiver_that_is_not_there_is_tried_again(engine: Engine, log: EventLog, context: Context) -> None:
    with receiving() as receiver:
        outlet = add_webhook(engine, receiver)
    log.add(1)
    settled = deliver(engine, outlet, context)
    assert settled.next_attempt_at is not None
    assert "cannot be reached" in (settled.error or "")


def test_wrong_settings_use_up_no_attempt(engine: Engine, log: EventLog, context: Context) -> None:
    outlet = outlets.add(engine, name="me", address="mailto:me@example.org", options={}, now=NOON)
    log.add(1)
    settled = deliver(engine, outlet, context)
    assert "no mail server is set" in (settled.error or "")
    assert deliveries.pending(engine, outlet.id) is None


def test_a_fault_of_ours_costs_an_attempt_and_says_nothing_of_what_it_held(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    outlet = add_webhook(engine, receiver)
    log.add(1)

    def broken(*_: object) -> None:
        raise RuntimeError("canary-in-error")

    monkeypatch.setattr("delivery.outlets.webhook.WebhookOutlet._send", broken)
    settled = deliver(engine, outlet, context)
    assert settled.next_attempt_at is not None
    assert "unexpected RuntimeError" in (settled.error or "")
    assert "canary" not in f"{settled} {deliveries.pending(engine, outlet.id)} {caplog.text}"


def test_without_the_schedule_a_receiver_that_fails_would_be_asked_ten_times_at_once(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(1)
    receiver.script, receiver.headers = [429] * schedule.ATTEMPTS, {"Retry-After": "120"}
    monkeypatch.setattr(schedule, "next_attempt", lambda attempt, now, *_: now if attempt < schedule.ATTEMPTS else None)
    for _ in range(schedule.ATTEMPTS):
        deliver(engine, outlet, context)
    assert len(receiver.requests) == schedule.ATTEMPTS


def test_without_an_end_a_receiver_that_is_gone_would_be_asked_for_ever(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(1)
    monkeypatch.setattr("delivery.outlets.webhook.OutletGone", OutletUnavailable)
    receiver.script = [410] * 3
    now = NOON
    for _ in range(3):
        now = deliver(engine, outlet, context, now).next_attempt_at or now
    assert len(receiver.requests) == 3


# -- crashes and rivals


class Killed(BaseException):
    """The process died here."""


def test_a_crash_between_acceptance_and_settling_sends_the_same_id_again(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(3)

    def dies(*_: object, **__: object) -> bool:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(deliveries, "settle", dies)
        with pytest.raises(Killed):
            deliver(engine, outlet, context)
    assert deliver(engine, outlet, context).sent == 3
    assert receiver.numbers == [1, 1, 2, 3]
    assert len(set(receiver.accepted)) == 3


def test_a_full_disk_at_settling_sends_the_same_id_again(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(1)

    def full(*_: object, **__: object) -> bool:
        raise DatabaseError("cannot grow")

    with monkeypatch.context() as broken:
        broken.setattr(deliveries, "settle", full)
        with pytest.raises(DatabaseError):
            deliver(engine, outlet, context)
    deliver(engine, outlet, context)
    assert len(set(receiver.accepted)) == 1


def test_a_second_dispatcher_leaves_an_outlet_alone_that_is_being_told(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(1)
    rivals: list[Settled] = []
    receiver.before_answer = lambda request: rivals.append(deliver(engine, outlet, context))
    deliver(engine, outlet, context)
    assert rivals == [Settled(outlet="hook", busy=True)]
    assert receiver.numbers == [1]


def test_a_replay_during_a_send_wins(engine: Engine, log: EventLog, receiver: Receiver, context: Context) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(3)
    deliver(engine, outlet, context)
    log.add(2)

    def replay_once(request: Request) -> None:
        receiver.before_answer = lambda request: None
        stored_outlets.replay(engine, outlet.id, 1)

    receiver.before_answer = replay_once
    assert deliver(engine, outlet, context).sent == 0
    assert deliver(engine, outlet, context).sent == 4
    assert receiver.numbers == [1, 2, 3, 4, 2, 3, 4, 5]


def test_an_outlet_removed_during_a_send_leaves_no_rows(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = add_webhook(engine, receiver)
    log.add(2)
    receiver.before_answer = lambda request: stored_outlets.remove(engine, outlet.id)
    assert deliver(engine, outlet, context).sent == 0
    assert stored_outlets.all(engine) == []
    assert len(receiver.requests) == 1


ANSWERS = st.sampled_from([200, 200, 200, 204, 301, 400, 404, 429, 500, 503, HANG_UP, TAKE_AND_HANG_UP])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    script=st.lists(ANSWERS, max_size=40),
    kinds=st.lists(st.sampled_from(["opened", "closed", "baseline", "minor"]), min_size=1, max_size=8),
    seed=st.integers(0, 1000),
)
def test_whatever_a_receiver_answers_each_wanted_event_is_accepted_once_in_order_or_parked(
    empty_database: Path, script: list[int], kinds: list[str], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, receiving() as receiver:
        path = Path(folder) / "hirewatch.sqlite"
        shutil.copy(empty_database, path)
        engine = connect(f"sqlite:///{path}")
        log, rng, context = EventLog(engine), Random(seed), loopback_context()
        outlet = add_webhook(engine, receiver)
        expected = []
        for kind in kinds:
            [number] = log.add(
                1,
                type=EventType.CLOSED if kind == "closed" else EventType.OPENED,
                baseline=kind == "baseline",
                significance=Significance.MINOR if kind == "minor" else Significance.MATERIAL,
            )
            if kind in ("opened", "closed"):
                expected.append(number)
        receiver.script = list(script)
        now = NOON
        for _ in range(len(script) + 2):
            now = deliver_due(engine, outlet, context, now, rng).next_attempt_at or now
        parked = {delivery.event for delivery in deliveries.parked(engine, outlet.id)}
        settled = [
            number
            for number, delivery in sorted(deliveries.between(engine, outlet.id, 0, 100).items())
            if delivery.status is DeliveryStatus.SENT
        ]
        engine.dispose()
    # what the sender holds for sent was accepted once by an answer that it saw
    seen = [int(request.id.partition("-")[0][4:]) for request in receiver.requests if 200 <= request.answer < 300]
    assert seen == settled
    assert sorted({*settled, *parked}) == expected
    assert not {*settled} & parked
    tried = [int(request.id.partition("-")[0][4:]) for request in receiver.requests]
    assert tried == sorted(tried)
    assert len({request.id for request in receiver.requests}) == len(expected)


# -- several outlets


def test_a_dead_outlet_delays_no_other(engine: Engine, log: EventLog, receiver: Receiver, context: Context) -> None:
    with receiving() as dead:
        let_go = threading.Event()

        def hang(request: Request) -> None:
            let_go.wait(10)

        dead.before_answer = hang
        add_webhook(engine, dead, "dead")
        add_webhook(engine, receiver, "alive")
        log.add(3)
        dispatcher = Dispatcher(engine, context, Random(1))
        finished: list[Settled] = []
        while not finished:
            finished = dispatcher.tick(NOON)
        assert finished == [Settled(outlet="alive", sent=3)]
        log.add(1)
        finished = []
        while not finished:
            finished = dispatcher.tick(later(1))
        assert finished == [Settled(outlet="alive", sent=1)]
        assert len(dead.requests) == 1
        let_go.set()
        assert dispatcher.close(timedelta(seconds=10))


def test_with_one_sender_for_all_a_dead_outlet_would_delay_the_others(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    with receiving() as dead:
        asked, let_go = threading.Event(), threading.Event()

        def hang(request: Request) -> None:
            asked.set()
            let_go.wait(10)

        dead.before_answer = hang
        add_webhook(engine, receiver, "alive")
        add_webhook(engine, dead, "dead")
        log.add(1)
        dispatcher = Dispatcher(engine, context, Random(1), senders=1)
        dispatcher.tick(NOON)
        assert asked.wait(10)
        assert [dispatcher.tick(later(second)) for second in range(5)] == [[]] * 5
        assert receiver.requests == []
        let_go.set()
        told: set[str] = set()
        while told < {"alive", "dead"}:
            told |= {settled.outlet for settled in dispatcher.tick(later(10))}
        assert dispatcher.close(timedelta(seconds=10))
    assert receiver.numbers == [1]


def test_rounds_run_at_the_same_time_and_all_are_reported(engine: Engine, log: EventLog, context: Context) -> None:
    with receiving() as one, receiving() as other:
        both = threading.Barrier(2, timeout=10)

        def meet(request: Request) -> None:
            both.wait()

        for receiver, name in ((one, "one"), (other, "other")):
            receiver.before_answer = meet
            add_webhook(engine, receiver, name)
        log.add(1)
        settled = deliver_all(engine, context, NOON, Random(1))
    assert sorted((done.outlet, done.sent) for done in settled) == [("one", 1), ("other", 1)]


def test_a_tick_starts_no_more_senders_than_allowed_and_everybody_has_a_turn(
    engine: Engine, log: EventLog, context: Context
) -> None:
    with receiving() as receiver:
        for number in range(5):
            add_webhook(engine, receiver, f"hook {number}")
        log.add(1)
        dispatcher = Dispatcher(engine, context, Random(1), senders=1)
        told: set[str] = set()
        while len(told) < 5:
            told |= {settled.outlet for settled in dispatcher.tick(NOON) if settled.sent}
        assert dispatcher.close(timedelta(seconds=10))
    assert len(receiver.accepted) == 5


def ended_rounds(dispatcher: Dispatcher, how_many: int) -> list[Settled]:
    found: list[Settled] = []

    def enough() -> bool:
        found.extend(dispatcher.tick(later(1)))
        return len(found) >= how_many

    until(enough, "an outlet was never told")
    return found


@contextmanager
def no_further_thread() -> Iterator[None]:
    """No thread can be started meanwhile: none gets a stack as large as that."""
    before = threading.stack_size(1 << 46)
    try:
        yield
    finally:
        threading.stack_size(before)


def test_an_outlet_whose_thread_could_not_be_started_is_told_once_there_are_threads_again(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    add_webhook(engine, receiver)
    log.add(1)
    dispatcher = Dispatcher(engine, context, Random(1))
    with no_further_thread(), pytest.raises(HirewatchError, match="no further thread can be started"):
        dispatcher.tick(NOON)
    assert ended_rounds(dispatcher, 1) == [Settled(outlet="hook", sent=1)]
    assert dispatcher.close(timedelta(seconds=10))


def test_a_round_that_cannot_hand_its_thread_on_ends_in_order_and_the_next_outlet_keeps_its_turn(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    asked, let_go = threading.Event(), threading.Event()

    def hang(request: Request) -> None:
        asked.set()
        let_go.wait(10)

    receiver.before_answer = hang
    add_webhook(engine, receiver, "one")
    add_webhook(engine, receiver, "two")
    log.add(1)
    dispatcher = Dispatcher(engine, context, Random(1), senders=1)
    dispatcher.tick(NOON)
    assert asked.wait(10)
    (thread,) = dispatcher._running.values()
    with no_further_thread():
        let_go.set()
        # a thread that broke would fail this test
        thread.join(10)
    assert sorted(settled.outlet for settled in ended_rounds(dispatcher, 2)) == ["one", "two"]
    assert dispatcher.close(timedelta(seconds=10))


def test_closing_a_dispatcher_does_not_wait_for_a_receiver_that_hangs(engine: Engine, log: EventLog) -> None:
    with receiving() as receiver:
        asked, let_go = threading.Event(), threading.Event()

        def hang(request: Request) -> None:
            asked.set()
            let_go.wait(10)

        receiver.before_answer = hang
        outlet = add_webhook(engine, receiver)
        log.add(2)
        dispatcher = Dispatcher(engine, loopback_context(), Random(1))
        dispatcher.tick(NOON)
        asked.wait(10)
        assert not dispatcher.close(timedelta(0))
        let_go.set()
        assert dispatcher.close(timedelta(seconds=10))
        # the round ended between two sends, with the first one settled
        assert cursor(engine, outlet) == 1
        with sole_sender(engine, outlet.id) as free:
            assert free


# -- secrets


def test_no_secret_shows_in_errors_logs_or_rows(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    outlet = add_webhook(engine, receiver, headers={"Authorization": "Bearer canary-in-header"})
    log.add(1)
    receiver.script = [500, 302, HANG_UP, 410]
    shown = [repr(outlet), repr(context)]
    now = NOON
    for _ in range(4):
        settled = deliver(engine, outlet, context, now)
        now = settled.next_attempt_at or now
        shown += [repr(settled), repr(deliveries.status(engine)), repr(deliveries.pending(engine, outlet.id))]
    assert len(receiver.requests) == 4
    assert receiver.requests[0].headers["authorization"] == "Bearer canary-in-header"
    everything = caplog.text + "\n".join(shown)
    for secret in ("canary", SECRET, SECRET.removeprefix("whsec_")):
        assert secret not in everything
