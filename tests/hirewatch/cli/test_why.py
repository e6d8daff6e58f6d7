"""Why a posting is as it is, and what is awaited."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from postings.posting import Identifier
from postings.visits import Absence
from storage import deliveries, outlets
from storage.deliveries import Delivery, DeliveryStatus
from storage.engine import writing
from storage.tables import raw_postings
from tests.storage.watching import Watch, a_job

Run = Callable[..., int]
Said = pytest.CaptureFixture[str]


def told(command_line: Run, capsys: Said, posting: str) -> str:
    capsys.readouterr()
    assert command_line("why", posting) == 0
    return capsys.readouterr().out


def document(command_line: Run, capsys: Said, posting: str) -> dict[str, Any]:
    capsys.readouterr()
    assert command_line("why", posting, "--json") == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def of(watch: Watch, town: str) -> str:
    return next(event.posting_id for event in watch.events() if event.record["locations"][0]["locality"] == town)


def test_what_a_posting_is_known_by_is_told_with_what_it_counts(watch: Watch, command_line: Run, capsys: Said) -> None:
    shown = told(command_line, capsys, of(watch, "Berlin"))
    assert "address    acme.example/jobs/100  (always counts)" in shown
    assert "identifier acme | r-welder-berlin  (believed here)" in shown
    assert "token      path:-1=100  (believed here)" in shown
    command_line("sites", "set", "acme", "--trust", "identifier=off", "--trust", "address-token=query:id")
    shown = told(command_line, capsys, of(watch, "Berlin"))
    assert "identifier acme | r-welder-berlin  (not believed here)" in shown
    assert "token      path:-1=100  (not used: the id of this site stands at query:id)" in shown


@pytest.mark.parametrize(
    ("absence", "words", "at_once"),
    [(Absence.REDIRECTED, "its page leads elsewhere", False), (Absence.GONE, "its page says 410", True)],
)
def test_what_a_missing_posting_waits_for_is_told(
    absence: Absence, words: str, at_once: bool, watch: Watch, command_line: Run, capsys: Said
) -> None:
    page = watch.pages.pop("/jobs/100")
    # its page says so, the list still names it
    watch.later(hours=6).visit(looks={"/jobs/100": absence}, listed=["/jobs/100"])
    posting, since = of(watch, "Berlin"), watch.now
    shown = told(command_line, capsys, posting)
    assert f"Missing since 2026-11-01 14:00:00Z: {words} (1 look so far, C.5)." in shown
    assert "It closes if the next look says so too, not before 2026-11-01 1" in shown
    assert ("It closes earlier if a list that is proven whole lacks it too." in shown) is at_once
    found = document(command_line, capsys, posting)["awaited"]
    assert (found["looks"], found["list_settles"]) == (1, at_once)
    closing = {"/jobs/100": absence}
    watch.now = since + timedelta(minutes=5)
    assert watch.visit(looks=closing, listed=["/jobs/100"]).closed == 0
    watch.later(hours=2)
    assert watch.visit(looks=closing, listed=["/jobs/100"]).closed == 1
    assert document(command_line, capsys, posting)["awaited"] is None
    watch.pages["/jobs/100"] = page


def test_when_a_posting_expires_is_told(watch: Watch, command_line: Run, capsys: Said) -> None:
    watch.pages["/jobs/100"] = a_job(place="Berlin", valid_through=date(2026, 12, 31))
    watch.later(hours=6).visit()
    shown = told(command_line, capsys, of(watch, "Berlin"))
    assert "It closes at 2027-01-01 12:00:00Z, when its validThrough has passed everywhere (C.5)." in shown


def test_a_repost_and_what_it_repeats_tell_of_each_other(watch: Watch, command_line: Run, capsys: Said) -> None:
    old = watch.pages.pop("/jobs/100")
    again = replace(old, date_posted=date(2026, 11, 2), identifier=Identifier(value="R-2", name="Acme"))
    watch.pages["/jobs/777"] = again
    watch.later(hours=6).visit(looks={"/jobs/100": Absence.NOT_FOUND})
    first, second = of(watch, "Berlin"), watch.events()[-1].posting_id
    ids = {event.posting_id for event in watch.events() if event.record["locations"][0]["locality"] == "Berlin"}
    second = next(iter(ids - {first}))
    assert f"The same job as {first}: repost" in told(command_line, capsys, second)
    assert f"Later came {second}: repost of this one" in told(command_line, capsys, first)
    assert document(command_line, capsys, first)["duplicate_of_it"][0]["id"] == second


def test_who_was_told_is_told(watch: Watch, command_line: Run, capsys: Said) -> None:
    event = watch.events()[0]
    for name, status, attempts, error in (
        ("hook", DeliveryStatus.SENT, 2, None),
        ("mail", DeliveryStatus.RETRY, 3, "421 later"),
        ("old", DeliveryStatus.PARKED, 9, "410 gone"),
    ):
        outlet = outlets.add(watch.engine, name=name, kind="email", address="x", options={}, now=watch.now)
        delivery = Delivery(
            outlet_id=outlet.id,
            event=event.number,
            status=status,
            attempts=1,
            first_attempt_at=watch.now,
            last_attempt_at=watch.now,
            next_attempt_at=watch.now if status is DeliveryStatus.RETRY else None,
            error=error,
        )
        tries = [
            replace(delivery, status=DeliveryStatus.RETRY, next_attempt_at=watch.now, attempts=number)
            for number in range(1, attempts)
        ]
        for row in (*tries, replace(delivery, attempts=attempts)):
            cursor = outlet.cursor
            assert deliveries.settle(watch.engine, outlet.id, seen=cursor, cursor=cursor, rows=[row], now=watch.now)
    shown = told(command_line, capsys, event.posting_id)
    assert "told      hook: accepted 2026-11-01 08:00:00Z at the 2nd attempt" in shown
    assert "told      mail: not yet, tried again 2026-11-01 08:00:00Z: 421 later" in shown
    assert "told      old: given up after 9 attempts: 410 gone" in shown
    found = document(command_line, capsys, event.posting_id)["deliveries"]
    assert [(one["outlet"], one["status"]) for one in found] == [("hook", "sent"), ("mail", "retry"), ("old", "parked")]


def test_the_markup_is_shown_as_long_as_it_is_kept(watch: Watch, command_line: Run, capsys: Said) -> None:
    posting = of(watch, "Berlin")
    assert command_line("why", posting, "--raw") == 0
    assert "The JobPosting as it stood in the page:" in capsys.readouterr().out
    with writing(watch.engine) as connection:
        connection.execute(delete(raw_postings))
    assert command_line("why", posting, "--raw") == 0
    said = capsys.readouterr()
    assert "The JobPosting" not in said.out
    assert "is kept no longer: evidence is dropped after 365 days (keep.evidence)." in said.err
