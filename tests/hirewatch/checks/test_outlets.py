"""Outlets: each fault is made, and found with what to do about it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from delivery.attention import left_out
from hirewatch.checks import outlets as checks
from storage import outlets
from storage.deliveries import Delivery, DeliveryStatus, settle
from tests.hirewatch.checks.conftest import Setting
from tests.storage.watching import Watch, a_job

Run = Callable[..., int]

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def outlet(watch: Watch) -> outlets.Outlet:
    return outlets.add(watch.engine, name="hook", kind="webhook", address="https://hook.example/", options={}, now=NOW)


def try_event(watch: Watch, outlet: outlets.Outlet, status: str, attempts: int) -> None:
    """One event after the outlet's cursor that has been tried so often."""
    watch.pages["/jobs/new"] = a_job("Turner")
    watch.later(days=1).visit()
    number = watch.events()[-1].number
    for attempt in range(1, attempts + 1):
        given_up = status == "parked" and attempt == attempts
        row = Delivery(
            outlet_id=outlet.id,
            event=number,
            status=DeliveryStatus.PARKED if given_up else DeliveryStatus.RETRY,
            attempts=attempt,
            first_attempt_at=NOW,
            last_attempt_at=NOW,
            next_attempt_at=None if given_up else NOW,
            error="answered 500",
        )
        assert settle(watch.engine, outlet.id, seen=outlet.cursor, cursor=outlet.cursor, rows=[row], now=NOW)


def test_events_that_were_given_up_are_found(watch: Watch, outlet: outlets.Outlet) -> None:
    assert list(checks.deliveries(watch.engine)) == []
    try_event(watch, outlet, "parked", 1)
    (found,) = checks.deliveries(watch.engine)
    assert (found.name, found.verdict) == ("outlet hook", "warning")
    assert "1 event was given up" in found.found
    assert "outlets" in str(found.remedy)


def test_a_mailbox_that_is_left_out_is_found(watch: Watch, outlet: outlets.Outlet) -> None:
    trouble = left_out([("gone@example.org", "550 no such user")])
    settle(watch.engine, outlet.id, seen=outlet.cursor, cursor=outlet.cursor, trouble=trouble, now=NOW)
    (found,) = checks.deliveries(watch.engine)
    assert (found.verdict, found.found) == ("warning", "is told, but not gone@example.org (550 no such user)")


@pytest.mark.parametrize(("attempts", "told"), [(1, 0), (3, 1)])
def test_an_outlet_that_lags_because_its_receiver_fails_is_found(
    watch: Watch, outlet: outlets.Outlet, attempts: int, told: int
) -> None:
    try_event(watch, outlet, "retry", attempts)
    found = list(checks.deliveries(watch.engine))
    assert len(found) == told
    for one in found:
        assert one.verdict == "warning"
        assert "3 attempts failed" in one.found
        assert "answered 500" in one.found
        assert one.remedy == "hirewatch outlets check hook"


@pytest.mark.parametrize(
    ("address", "module", "words"),
    [("kafka://broker.example/jobs", "confluent_kafka", "kafka"), ("mysql://u:p@db.example/jobs", "pymysql", "mysql")],
)
def test_an_outlet_whose_driver_is_missing_is_found(
    address: str,
    module: str,
    words: str,
    watch: Watch,
    command_line: Run,
    setting: Setting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert command_line("outlets", "add", "far", address) == 0
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    (found,) = checks.ready(watch.engine, setting())
    assert found.verdict == "error"
    assert f"'.[{words}]'" in str(found.remedy), found


def test_a_mail_server_without_a_sender_is_found(watch: Watch, command_line: Run, setting: Setting) -> None:
    assert command_line("outlets", "add", "mail", "mailto:me@example.org") == 0
    (found,) = checks.ready(watch.engine, setting(MAIL__URL="smtp://mail.example:25"))
    assert found.verdict == "error"
    assert "mail.sender" in f"{found.found} {found.remedy}"
