"""What an outlet hears, and when, through the whole of a round: queries, searches, digests, quiet hours."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from delivery import outlets
from delivery.dispatch import Dispatcher, Settled, deliver_all, deliver_due
from delivery.outlets import Context, SmtpSettings
from postings.errors import UsageError
from postings.events import EventType, Significance
from storage import deliveries, searches
from storage import outlets as stored
from storage.deliveries import DeliveryStatus
from tests.delivery.eventlog import NOON, EventLog, later
from tests.delivery.loopback import loopback_context
from tests.delivery.mailbox import Mailbox, mail_server
from tests.delivery.receiver import SECRET, Receiver

DAY = timedelta(days=1)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def context(mailbox: Mailbox) -> Context:
    return loopback_context(smtp=SmtpSettings(url=mailbox.url, sender="hirewatch <jobs@example.org>"))


def hook(engine: Engine, receiver: Receiver, name: str = "hook", **options: Any) -> stored.Outlet:
    return outlets.add(engine, name=name, address=receiver.url, options={"secret": SECRET} | options, now=NOON)


def mail(engine: Engine, name: str = "me", search: str | None = None, **options: Any) -> stored.Outlet:
    return outlets.add(engine, name=name, address="mailto:me@example.org", options=options, now=NOON, search=search)


def tell(engine: Engine, outlet: stored.Outlet, context: Context, now: datetime = NOON) -> Settled:
    return deliver_due(engine, outlet, context, now, Random(1))


# -- queries


def test_only_what_a_query_asks_is_told(engine: Engine, log: EventLog, receiver: Receiver, context: Context) -> None:
    outlet = hook(engine, receiver, only="title:nurse")
    log.add(1)
    [wanted] = log.add(1, title="Nurse")
    log.add(3)
    assert tell(engine, outlet, context).sent == 1
    assert receiver.numbers == [wanted]
    assert deliveries.status(engine)[0].lag == 0


def test_a_query_and_a_saved_search_both_have_to_match(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    searches.add(engine, name="nurses", query="title:nurse", grammar=1, now=NOON)
    outlet = outlets.add(
        engine,
        name="hook",
        address=receiver.url,
        options={"secret": SECRET, "only": "-night"},
        now=NOON,
        search="nurses",
    )
    log.add(1, title="Nurse at night")
    [wanted] = log.add(1, title="Nurse")
    log.add(1, title="Cook")
    tell(engine, outlet, context)
    assert receiver.numbers == [wanted]


def test_a_query_that_cannot_be_read_is_refused_before_anything_is_kept(engine: Engine, receiver: Receiver) -> None:
    with pytest.raises(UsageError, match="did you mean `title`"):
        hook(engine, receiver, only="titel:nurse")
    assert stored.all(engine) == []


def test_a_closing_is_told_of_what_matched(engine: Engine, log: EventLog, receiver: Receiver, context: Context) -> None:
    outlet = hook(engine, receiver, only="title:nurse is:open")
    [nurse] = log.add(1, title="Nurse")
    [cook] = log.add(1, title="Cook")
    [closed] = log.add(1, of=nurse, type=EventType.CLOSED, title="Nurse", state="closed")
    log.add(1, of=cook, type=EventType.CLOSED, title="Cook", state="closed")
    tell(engine, outlet, context)
    assert receiver.numbers == [nurse, closed]


def test_who_was_told_of_a_posting_hears_of_its_end_although_it_matches_no_more(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = hook(engine, receiver, only="title:nurse")
    [nurse] = log.add(1, title="Nurse")
    tell(engine, outlet, context)
    renamed = {"title": {"before": "Nurse", "after": "Carer"}}
    [left] = log.add(1, of=nurse, type=EventType.CHANGED, title="Carer", changes=renamed)
    pay = {"salary": {"before": None, "after": None}}
    [again] = log.add(1, of=nurse, type=EventType.CHANGED, title="Carer", changes=pay)
    [closed] = log.add(1, of=nurse, type=EventType.CLOSED, title="Carer", state="closed")
    [reopened] = log.add(1, of=nurse, type=EventType.REOPENED, title="Carer")
    tell(engine, outlet, context)
    assert receiver.numbers == [nurse, left, again, closed, reopened]


def test_a_change_that_makes_a_posting_match_is_news_for_who_hears_only_of_new_ones(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = mail(engine, only="title:nurse")
    [carer] = log.add(1, title="Carer")
    changes = {"title": {"before": "Carer", "after": "Nurse"}}
    log.add(1, of=carer, type=EventType.CHANGED, title="Nurse", changes=changes)
    again = {"title": {"before": "Nurse", "after": "Nurse (night)"}}
    log.add(1, of=carer, type=EventType.CHANGED, title="Nurse (night)", changes=again)
    assert tell(engine, outlet, context).sent == 1
    assert [sent["Subject"] for sent in mailbox.mails] == ["New at Acme: Nurse (Berlin, DE)"]


def test_a_change_that_does_not_matter_makes_no_news(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = mail(engine, only="title:nurse")
    [carer] = log.add(1, title="Carer")
    changes = {"title": {"before": "Carer", "after": "Nurse"}}
    for significance in (Significance.MINOR, Significance.SITE_WIDE):
        log.add(1, of=carer, type=EventType.CHANGED, title="Nurse", changes=changes, significance=significance)
    assert tell(engine, outlet, context).sent == 0


def test_a_new_search_never_tells_what_was_there(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    log.add(5, title="Nurse")
    outlet = mail(engine, only="title:nurse")
    assert tell(engine, outlet, context).sent == 0
    log.add(1, title="Nurse")
    assert tell(engine, outlet, context).sent == 1
    assert len(mailbox.mails) == 1


def test_of_the_past_a_backfill_tells_exactly_what_was_asked_for(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    log.add(5)
    outlet = outlets.add(
        engine, name="hook", address=receiver.url, options={"secret": SECRET}, now=NOON, backfill=[2, 4]
    )
    log.add(1)
    receiver.script = [500]
    again = tell(engine, outlet, context).next_attempt_at
    assert again is not None
    tell(engine, outlet, context, again)
    assert receiver.numbers == [2, 4, 6]
    assert tell(engine, outlet, context, again).sent == 0


def test_a_backfill_that_was_given_up_can_be_asked_for_again(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    log.add(2)
    outlet = outlets.add(engine, name="hook", address=receiver.url, options={"secret": SECRET}, now=NOON, backfill=[1])
    receiver.script = [500] * 10
    now = NOON
    for _ in range(10):
        now = tell(engine, outlet, context, now).next_attempt_at or now
    assert deliveries.status(engine)[0].parked == 1
    assert stored.retry_parked(engine, outlet.id, now) == 1
    tell(engine, outlet, context, now)
    assert receiver.numbers == [1]


# -- rhythm


def test_a_digest_holds_what_gathered_over_sites_and_visits_and_leaves_once(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = mail(engine, when="daily 18:00")
    for site in ("acme", "globex"):
        visit = log.visit(site)
        log.add(2, site=site, visit=visit)
    held = tell(engine, outlet, context, later(60))
    assert held.held_until == NOON + timedelta(hours=6)
    assert mailbox.mails == []
    assert stored.due(engine, NOON + timedelta(hours=5)) == []
    assert tell(engine, outlet, context, NOON + timedelta(hours=6)).sent == 4
    assert len(mailbox.mails) == 1
    # what comes later waits for the next day
    log.add(1, at=NOON + timedelta(hours=6, minutes=1))
    settled = tell(engine, outlet, context, NOON + timedelta(hours=6, minutes=2))
    assert settled.held_until == NOON + DAY + timedelta(hours=6)
    assert tell(engine, outlet, context, NOON + DAY + timedelta(hours=6)).sent == 1
    assert len(mailbox.mails) == 2


def test_digests_missed_while_nothing_ran_go_out_as_one(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = mail(engine, when="daily 18:00")
    for day in range(3):
        log.add(1, at=NOON + day * DAY, visit=log.visit())
    assert tell(engine, outlet, context, NOON + 10 * DAY).sent == 3
    assert len(mailbox.mails) == 1


def test_an_event_recorded_before_a_digest_and_seen_after_it_makes_no_second_one(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = mail(engine, when="daily 18:00")
    evening = NOON + timedelta(hours=6)
    log.add(1, at=later(60))
    tell(engine, outlet, context, evening)
    log.add(1, at=evening - timedelta(seconds=1))
    assert tell(engine, outlet, context, evening + timedelta(seconds=5)).sent == 0
    assert tell(engine, outlet, context, evening + DAY).sent == 1
    assert len(mailbox.mails) == 2


def test_quiet_hours_hold_what_happens_and_end_with_one_digest(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = mail(engine, quiet="22:00-07:00")
    night = NOON + timedelta(hours=11)
    for minute in range(3):
        log.add(1, at=night + timedelta(minutes=minute), visit=log.visit())
    morning = NOON + timedelta(hours=19)
    assert tell(engine, outlet, context, night + timedelta(minutes=5)).held_until == morning
    assert tell(engine, outlet, context, morning).sent == 3
    assert len(mailbox.mails) == 1
    for _ in range(2):
        log.add(1, at=morning + timedelta(minutes=1), visit=log.visit())
    tell(engine, outlet, context, morning + timedelta(minutes=1))
    # by day, a mail a visit
    assert len(mailbox.mails) == 3


def test_a_retry_waits_for_the_end_of_quiet_hours(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = hook(engine, receiver, quiet="12:01-13:00")
    log.add(1)
    receiver.script = [500]
    again = tell(engine, outlet, context).next_attempt_at
    assert again is not None
    settled = tell(engine, outlet, context, NOON + timedelta(minutes=10))
    assert settled.next_attempt_at == NOON + timedelta(hours=1)
    assert tell(engine, outlet, context, NOON + timedelta(hours=1)).sent == 1
    assert len({request.id for request in receiver.requests}) == 1


def test_a_digest_that_failed_is_tried_again_as_it_was(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = mail(engine, when="daily 18:00")
    evening = NOON + timedelta(hours=6)
    log.add(2)
    mailbox.script = ["451 later"]
    again = tell(engine, outlet, context, evening).next_attempt_at
    assert again is not None
    log.add(1, at=evening + timedelta(seconds=1))
    assert tell(engine, outlet, context, again).sent == 2
    assert len(mailbox.mails) == 1


def test_a_change_of_rhythm_counts_at_once(engine: Engine, log: EventLog, mailbox: Mailbox, context: Context) -> None:
    outlet = mail(engine, when="weekly mon 08:00")
    log.add(1)
    tell(engine, outlet, context)
    outlets.change(engine, outlet, {"when": ""})
    [due] = stored.due(engine, NOON)
    assert tell(engine, due, context).sent == 1


def test_a_first_visit_that_runs_is_not_in_a_digest_and_follows_when_it_has_ended(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = mail(engine, when="hourly")
    visit = log.visit("globex", ended=False)
    log.add(3, site="globex", visit=visit, baseline=True)
    log.add(1, visit=log.visit())
    assert tell(engine, outlet, context, NOON + timedelta(hours=1)).held
    assert [sent["Subject"] for sent in mailbox.mails] == ["New at Acme: Welder 4 (Berlin, DE)"]
    log.end(visit)
    tell(engine, outlet, context, NOON + timedelta(hours=1, minutes=1))
    assert [sent["Subject"] for sent in mailbox.mails][1:] == ["Now watching globex: 3 open postings"]


def files(engine: Engine, folder: Path, **options: Any) -> stored.Outlet:
    return outlets.add(engine, name="files", address=folder.as_uri(), options=options, now=NOON)


def test_a_daily_outlet_of_files_gives_one_file_a_day(
    engine: Engine, log: EventLog, context: Context, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    outlet = files(engine, folder, when="daily 18:00")
    evening = NOON + timedelta(hours=6)
    for day in range(2):
        for _ in range(3):
            log.add(2, at=NOON + day * DAY, visit=log.visit())
            tell(engine, outlet, context, NOON + day * DAY)
        assert tell(engine, outlet, context, evening + day * DAY).sent == 6
    assert sorted(path.name for path in folder.iterdir()) == [
        f"events-{1:020d}-{6:020d}.jsonl",
        f"events-{7:020d}-{12:020d}.jsonl",
    ]


def test_what_was_about_to_go_out_together_goes_together_after_a_crash(
    engine: Engine, log: EventLog, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    outlet = files(engine, folder)
    log.add(3)
    settle = deliveries.settle

    def crash_once_sent(*args: Any, rows: Any = (), **named: Any) -> bool:
        if any(row.status is DeliveryStatus.SENT for row in rows):
            raise KeyboardInterrupt
        return settle(*args, rows=rows, **named)

    with monkeypatch.context() as patched:
        patched.setattr(deliveries, "settle", crash_once_sent)
        with pytest.raises(KeyboardInterrupt):
            tell(engine, outlet, context)
    log.add(2)
    assert tell(engine, outlet, context, later(60)).sent == 5
    assert sorted(path.name for path in folder.iterdir()) == [
        f"events-{1:020d}-{3:020d}.jsonl",
        f"events-{4:020d}-{5:020d}.jsonl",
    ]


# -- many outlets


def test_outlets_that_want_nothing_are_moved_on_without_a_round(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        hook(engine, receiver, f"cook{number}", only="title:cook")
    hook(engine, receiver, "nurse", only="title:nurse")
    log.add(3, title="Nurse")
    settled = deliver_all(engine, context, NOON, Random(1))
    assert [(one.outlet, one.sent) for one in settled] == [("nurse", 3)]
    assert {one.outlet.name: one.lag for one in deliveries.status(engine)} == dict.fromkeys(
        ["cook0", "cook1", "cook2", "cook3", "cook4", "nurse"], 0
    )


def test_an_outlet_whose_query_cannot_be_read_any_more_is_not_silent(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    outlet = hook(engine, receiver)
    stored.change(engine, outlet.id, {**outlet.options, "only": "gone:field"})
    log.add(1)
    [settled] = deliver_all(engine, context, NOON, Random(1))
    assert settled.error is not None
    assert "gone" in settled.error
    assert deliveries.status(engine)[0].lag == 1


def test_more_outlets_than_senders_are_all_told_from_one_tick(
    engine: Engine, log: EventLog, receiver: Receiver, context: Context
) -> None:
    for number in range(6):
        hook(engine, receiver, f"hook{number}")
    log.add(1)
    all_there = threading.Event()
    receiver.before_answer = lambda request: all_there.set() if len(receiver.requests) == 6 else None
    dispatcher = Dispatcher(engine, context, Random(1), senders=2)
    dispatcher.tick(NOON)
    assert all_there.wait(30)
    assert dispatcher.close(timedelta(seconds=30))
    assert len(set(receiver.accepted)) == 6
