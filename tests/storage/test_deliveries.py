from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy.engine import Engine

from postings.errors import NotFoundError, UsageError
from postings.events import EventType, Significance
from storage import deliveries, outlets
from storage.deliveries import Delivery, DeliveryStatus
from storage.outlet_locks import sole_sender
from storage.outlets import Outlet
from tests.delivery.eventlog import NOON, EventLog, later


@pytest.fixture
def log(engine: Engine) -> EventLog:
    return EventLog(engine)


def add(engine: Engine, name: str = "hook") -> Outlet:
    return outlets.add(
        engine, name=name, kind="webhook", address="https://a.example/canary", options={"secret": "canary"}, now=NOON
    )


def row(outlet: Outlet, event: int, attempts: int = 1, status: str = "sent", *, after: float = 0) -> Delivery:
    return Delivery(
        outlet_id=outlet.id,
        event=event,
        status=DeliveryStatus(status),
        attempts=attempts,
        first_attempt_at=NOON,
        last_attempt_at=NOON,
        next_attempt_at=later(after) if status == "retry" else None,
        error=None if status == "sent" else "answered 500",
    )


def cursor(engine: Engine, outlet: Outlet) -> int:
    found = outlets.get(engine, outlet.id)
    assert found is not None
    return found.cursor


def test_an_outlet_comes_back_as_it_was_added(engine: Engine) -> None:
    outlet = add(engine)
    assert outlets.find(engine, "hook") == outlet
    assert outlets.get(engine, outlet.id) == outlet
    assert (outlet.address, outlet.options, outlet.created_at) == (
        "https://a.example/canary",
        {"secret": "canary"},
        NOON,
    )


def test_a_new_outlet_stands_at_the_head_of_the_log(engine: Engine, log: EventLog) -> None:
    log.add(7)
    assert add(engine).cursor == 7


def test_two_outlets_cannot_have_one_name(engine: Engine) -> None:
    add(engine)
    with pytest.raises(UsageError, match="name of another outlet"):
        add(engine)


def test_a_mistyped_name_is_answered_with_the_nearest(engine: Engine) -> None:
    add(engine, "welders")
    with pytest.raises(NotFoundError, match="did you mean welders"):
        outlets.find(engine, "weldrs")


def test_outlets_are_listed_by_name(engine: Engine) -> None:
    add(engine, "b")
    add(engine, "a")
    assert [outlet.name for outlet in outlets.all(engine)] == ["a", "b"]


def test_neither_address_nor_options_show_in_a_repr(engine: Engine) -> None:
    add(engine)
    assert "canary" not in repr(outlets.all(engine)) + repr(deliveries.status(engine))


def test_removing_forgets_the_outlet_and_its_deliveries(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    log.add(1)
    deliveries.settle(engine, outlet.id, seen=0, cursor=1, rows=[row(outlet, 1)], now=NOON)
    outlets.remove(engine, outlet.id)
    outlets.remove(engine, outlet.id)
    assert outlets.all(engine) == []
    assert deliveries.status(engine) == []


def test_settling_moves_cursor_and_rows_together(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    log.add(3)
    assert deliveries.settle(engine, outlet.id, seen=0, cursor=2, rows=[row(outlet, 1), row(outlet, 2)], now=NOON)
    assert cursor(engine, outlet) == 2
    [status] = deliveries.status(engine)
    assert (status.lag, status.sent, status.parked, status.pending) == (1, 2, 0, None)


def test_settling_counts_only_from_the_cursor_that_the_sender_saw(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    log.add(2)
    assert deliveries.settle(engine, outlet.id, seen=0, cursor=1, rows=[row(outlet, 1)], now=NOON)
    assert not deliveries.settle(engine, outlet.id, seen=0, cursor=1, rows=[row(outlet, 2)], now=NOON)
    assert cursor(engine, outlet) == 1
    assert deliveries.status(engine)[0].sent == 1


@pytest.mark.parametrize(
    ("stored", "reported", "counts"),
    [
        (None, 1, True), (None, 2, False), (("retry", 0), 1, True), (("retry", 1), 2, True), (("retry", 1), 1, False),
        (("retry", 2), 2, False), (("retry", 1), 3, False), (("sent", 1), 2, False), (("parked", 10), 11, False),
    ],
)  # fmt: skip
def test_an_attempt_counts_only_after_the_one_before_it(
    engine: Engine, log: EventLog, stored: tuple[str, int] | None, reported: int, counts: bool
) -> None:
    outlet = add(engine)
    log.add(1)
    if stored:
        status, attempts = stored
        for attempt in range(attempts):
            assert deliveries.settle(
                engine, outlet.id, seen=0, cursor=0, rows=[row(outlet, 1, attempt, "retry")], now=NOON
            )
        assert deliveries.settle(engine, outlet.id, seen=0, cursor=0, rows=[row(outlet, 1, attempts, status)], now=NOON)
    done = deliveries.settle(engine, outlet.id, seen=0, cursor=1, rows=[row(outlet, 1, reported)], now=NOON)
    assert done is counts
    assert cursor(engine, outlet) == (1 if counts else 0)


def test_of_many_senders_that_settle_at_once_one_counts(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    log.add(1)
    start, won = Barrier(4), []

    def race() -> None:
        start.wait(10)
        if deliveries.settle(engine, outlet.id, seen=0, cursor=1, rows=[row(outlet, 1)], now=NOON):
            won.append(1)

    threads = [Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [1]


def test_a_large_batch_is_settled_whole(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    numbers = log.add(2100, baseline=True)
    begun = [row(outlet, number, 0, "retry") for number in numbers]
    assert deliveries.settle(engine, outlet.id, seen=0, cursor=0, rows=begun, now=NOON)
    assert deliveries.settle(engine, outlet.id, seen=0, cursor=2100, rows=[row(outlet, n) for n in numbers], now=NOON)
    assert deliveries.status(engine)[0].sent == 2100


def test_gone_disables_in_the_same_transaction(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    log.add(1)
    rows = [row(outlet, 1, 1, "retry")]
    assert deliveries.settle(engine, outlet.id, seen=0, cursor=0, rows=rows, gone="answered 410", now=NOON)
    found = outlets.find(engine, "hook")
    assert (found.disabled_at, found.disabled_reason) == (NOON, "answered 410")


def test_enabling_makes_what_waits_due_at_once(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    log.add(1)
    deliveries.settle(engine, outlet.id, seen=0, cursor=0, rows=[row(outlet, 1, 1, "retry", after=9999)], now=NOON)
    outlets.disable(engine, outlet.id, "by hand", NOON)
    assert outlets.due(engine, later(99_999)) == []
    outlets.enable(engine, outlet.id, later(10))
    assert [due.id for due in outlets.due(engine, later(10))] == [outlet.id]


def test_an_outlet_is_due_when_events_stand_after_its_cursor_and_no_retry_waits(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    assert outlets.due(engine, NOON) == []
    log.add(1)
    assert [due.id for due in outlets.due(engine, NOON)] == [outlet.id]
    deliveries.settle(engine, outlet.id, seen=0, cursor=0, rows=[row(outlet, 1, 1, "retry", after=5)], now=NOON)
    assert outlets.due(engine, later(4)) == []
    assert [due.id for due in outlets.due(engine, later(5))] == [outlet.id]


def test_pending_is_the_first_that_waits(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    log.add(2)
    assert deliveries.pending(engine, outlet.id) is None
    first = row(outlet, 1, 1, "retry", after=5)
    deliveries.settle(engine, outlet.id, seen=0, cursor=0, rows=[row(outlet, 2, 1, "retry", after=5), first], now=NOON)
    assert deliveries.pending(engine, outlet.id) == first
    assert deliveries.status(engine)[0].pending == first


def test_heads_tell_what_the_choice_needs(engine: Engine, log: EventLog) -> None:
    outlet, other = add(engine), add(engine, "other")
    running, ended = log.visit(ended=False), log.visit()
    log.add(1, visit=running, baseline=True)
    log.add(1, visit=ended, type=EventType.CHANGED, significance=Significance.MINOR)
    log.add(1, visit=None, type=EventType.CLOSED)
    sent = row(outlet, 2)
    deliveries.settle(engine, outlet.id, seen=0, cursor=0, rows=[sent], now=NOON)
    heads, newest = deliveries.heads(engine, 0, 10)
    assert newest == 3
    assert [(h.number, str(h.type), h.visit, h.running, h.baseline, str(h.significance)) for h in heads] == [
        (1, "opened", running, True, True, "material"),
        (2, "changed", ended, False, False, "minor"),
        (3, "closed", None, False, False, "material"),
    ]
    assert deliveries.between(engine, outlet.id, 0, 10) == {2: sent}
    assert deliveries.between(engine, outlet.id, 2, 10) == {}
    assert deliveries.between(engine, other.id, 0, 10) == {}


def test_a_replay_goes_back_and_forgets_what_was_sent_since(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    log.add(3)
    rows = [row(outlet, number) for number in (1, 2, 3)]
    deliveries.settle(engine, outlet.id, seen=0, cursor=3, rows=rows, now=NOON)
    outlets.replay(engine, outlet.id, 1)
    assert cursor(engine, outlet) == 1
    assert list(deliveries.between(engine, outlet.id, 0, 9)) == [1]


@pytest.mark.parametrize(("asked", "stands_at"), [(-5, 0), (99, 2)])
def test_a_replay_stays_within_the_log(engine: Engine, log: EventLog, asked: int, stands_at: int) -> None:
    outlet = add(engine)
    log.add(2)
    outlets.replay(engine, outlet.id, asked)
    assert cursor(engine, outlet) == stands_at


def test_parked_events_are_put_back_without_those_that_were_sent(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    log.add(3)
    rows = [row(outlet, 1), row(outlet, 2, 1, "parked"), row(outlet, 3)]
    deliveries.settle(engine, outlet.id, seen=0, cursor=3, rows=rows, now=NOON)
    assert [delivery.event for delivery in deliveries.parked(engine, outlet.id)] == [2]
    assert outlets.retry_parked(engine, outlet.id, NOON) == 1
    assert outlets.retry_parked(engine, outlet.id, NOON) == 0
    assert cursor(engine, outlet) == 1
    assert list(deliveries.between(engine, outlet.id, 1, 9)) == [3]


def test_what_was_given_up_is_forgotten_and_not_sent_again_but_what_the_cursor_has_not_passed_stays(
    engine: Engine, log: EventLog
) -> None:
    outlet = add(engine)
    log.add(4)
    rows = [row(outlet, 1), row(outlet, 2, 1, "parked"), row(outlet, 3, 1, "retry"), row(outlet, 4, 1, "parked")]
    deliveries.settle(engine, outlet.id, seen=0, cursor=2, rows=rows, now=NOON)
    assert outlets.forget_parked(engine, outlet.id) == 1
    assert outlets.forget_parked(engine, outlet.id) == 0
    assert cursor(engine, outlet) == 2
    assert list(deliveries.between(engine, outlet.id, 0, 9)) == [1, 3, 4]
    assert outlets.forget_parked(engine, 99) == 0


def test_one_sender_at_a_time_tells_an_outlet(engine: Engine) -> None:
    with sole_sender(engine, 1) as first, sole_sender(engine, 1) as second, sole_sender(engine, 2) as other:
        assert (first, second, other) == (True, False, True)
    with sole_sender(engine, 1) as again:
        assert again


HOLD = """
import sys, time
from storage.engine import connect
from storage.outlet_locks import sole_sender
with sole_sender(connect(sys.argv[1]), 1) as alone:
    print(alone, flush=True)
    time.sleep(60)
"""


def test_a_sender_that_is_killed_leaves_the_outlet_free_at_once(engine: Engine, url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "True"
        with sole_sender(engine, 1) as alone:
            assert not alone
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        # a PostgreSQL server needs a moment to notice the end of a session
        assert any(is_free(engine) for _ in range(1000))


def is_free(engine: Engine) -> bool:
    with sole_sender(engine, 1) as alone:
        return alone


def test_times_are_aware_and_in_utc(engine: Engine, log: EventLog) -> None:
    outlet = add(engine)
    log.add(1)
    deliveries.settle(engine, outlet.id, seen=0, cursor=1, rows=[row(outlet, 1)], now=NOON)
    [delivery] = deliveries.between(engine, outlet.id, 0, 1).values()
    assert delivery.last_attempt_at.utcoffset() == timedelta(0)
