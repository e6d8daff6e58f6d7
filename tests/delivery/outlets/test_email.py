"""Mails as a mail server takes them, read back with the standard library's parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from delivery import outlets, schedule
from delivery.attention import outlet_attention
from delivery.dispatch import Settled, deliver_due
from delivery.outlets import Context, OutletUnavailable, SmtpSettings
from delivery.outlets.email import EmailOutlet
from postings.errors import ConfigurationError
from postings.events import EventType
from storage import deliveries, searches
from storage import outlets as stored_outlets
from tests.delivery.eventlog import NOON, EventLog, event, later, posting_record, single
from tests.delivery.loopback import loopback_context
from tests.delivery.mailbox import Mailbox, mail_server

SENDER = "hirewatch <jobs@example.org>"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def context(mailbox: Mailbox) -> Context:
    return mail_context(mailbox.url)


def mail_context(url: str | None, sender: str | None = SENDER, **fields: Any) -> Context:
    return loopback_context(smtp=SmtpSettings(url=url, sender=sender), clock=lambda: NOON, **fields)


def add_mailbox(engine: Engine, address: str = "mailto:me@example.com", **options: Any) -> stored_outlets.Outlet:
    return outlets.add(engine, name="me", address=address, options=options, now=NOON)


def deliver(engine: Engine, outlet: stored_outlets.Outlet, context: Context, seconds: float = 0) -> Settled:
    return deliver_due(engine, outlet, context, later(seconds), Random(1))


def test_what_one_visit_found_is_one_mail(engine: Engine, log: EventLog, mailbox: Mailbox, context: Context) -> None:
    outlet = add_mailbox(engine)
    log.add(3, visit=log.visit())
    log.add(12, visit=log.visit("globex"), site="globex")
    assert deliver(engine, outlet, context) == Settled(outlet="me", sent=15)
    assert [mail["Subject"] for mail in mailbox.mails] == [
        "3 new at acme: Welder 1, Welder 2, Welder 3",
        "12 new at globex: Welder 4, Welder 5, Welder 6, Welder 7, Welder 8, Welder 9, Welder 10, Welder 11, Welder 12, Welder 13, Welder 14, Welder…",
    ]
    assert deliver(engine, outlet, context, 60) == Settled(outlet="me")


def test_one_posting_is_named_in_the_subject(engine: Engine, log: EventLog, mailbox: Mailbox, context: Context) -> None:
    outlet = add_mailbox(engine)
    log.add(1, visit=log.visit())
    deliver(engine, outlet, context)
    assert mailbox.mails[0]["Subject"] == "New at Acme: Welder 1 (Berlin, DE)"


def test_a_first_visit_of_thousands_postings_is_one_summary(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine)
    visit = log.visit(ended=False)
    log.add(2_500, visit=visit, baseline=True)
    assert deliver(engine, outlet, context, 3600).sent == 0
    assert mailbox.mails == []
    log.end(visit)
    assert deliver(engine, outlet, context, 3601).sent == 2_500
    [mail] = mailbox.mails
    assert mail["Subject"] == "Now watching acme: 2,500 open postings"
    assert "And 2,490 more" in text_of(mail)


def test_alerts_do_not_wait_for_the_first_visit_of_another_site(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine)
    visit = log.visit(ended=False)
    log.add(2, visit=visit, baseline=True)
    log.add(1, visit=log.visit("globex"), site="globex")
    log.add(1, visit=visit, baseline=True)
    assert deliver(engine, outlet, context).sent == 1
    log.end(visit)
    assert deliver(engine, outlet, context).sent == 3
    assert [mail["Subject"][:12] for mail in mailbox.mails] == ["New at Acme:", "Now watching"]
    assert deliveries.status(engine)[0].lag == 0


def test_closings_are_told_only_to_who_asks(engine: Engine, log: EventLog, mailbox: Mailbox, context: Context) -> None:
    outlet = add_mailbox(engine)
    log.add(1, type=EventType.CLOSED)
    assert deliver(engine, outlet, context).sent == 0
    stored_outlets.remove(engine, outlet.id)
    outlet = add_mailbox(engine, events="closed,changed")
    log.add(1, type=EventType.CLOSED)
    log.add(1, type=EventType.CHANGED, changes={"title": {"before": "Welder", "after": "Senior Welder"}})
    log.add(1)
    assert deliver(engine, outlet, context).sent == 2
    [mail] = mailbox.mails
    assert mail["Subject"].startswith("1 changed, 1 closed at acme")
    assert "Title: Welder → Senior Welder" in text_of(mail)


def test_a_job_in_five_languages_is_one_alert(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine)
    first, *others = log.add(5, visit=log.visit())
    for other in others:
        log.link(other, first, "translation")
    assert deliver(engine, outlet, context).sent == 1
    assert [mail["Subject"] for mail in mailbox.mails] == ["New at Acme: Welder 1 (Berlin, DE)"]
    assert deliveries.status(engine)[0].lag == 0


def test_the_end_of_a_posting_that_was_told_as_another_one_is_no_mail(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine, events="opened,closed")
    original, mirror = log.add(2, visit=log.visit())
    log.link(mirror, original, "same job")
    deliver(engine, outlet, context)
    log.add(1, of=mirror, type=EventType.CLOSED, visit=log.visit())
    deliver(engine, outlet, context, 60)
    log.add(1, of=original, type=EventType.CLOSED, visit=log.visit())
    deliver(engine, outlet, context, 120)
    assert [mail["Subject"].partition(":")[0] for mail in mailbox.mails] == ["New at Acme", "Re"]


def test_who_wants_every_posting_hears_of_all_languages(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine, every_posting="true")
    numbers = log.add(3, visit=log.visit())
    for number in numbers[1:]:
        log.link(number, numbers[0], "translation")
    deliver(engine, outlet, context)
    [mail] = mailbox.mails
    assert mail["Subject"].startswith("3 new at acme")


def test_a_mirror_on_another_site_is_no_alert_and_a_likely_one_is(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine)
    [first] = log.add(1, visit=log.visit())
    deliver(engine, outlet, context)
    certain, likely = log.add(2, visit=log.visit("board"), site="board")
    log.link(certain, first, "twin")
    log.link(likely, first, "likely repost")
    assert deliver(engine, outlet, context).sent == 1
    assert mailbox.mails[1]["Subject"] == f"New at Acme: Welder {likely} (Berlin, DE)"
    [mirror] = log.add(1, visit=log.visit("board"), site="board")
    log.link(mirror, certain, "twin")
    assert deliver(engine, outlet, context).sent == 0
    assert len(mailbox.mails) == 2


def text_of(mail: Any) -> str:
    text = mail.get_body(("plain",)).get_content()
    assert isinstance(text, str)
    return text


def test_a_mail_has_text_first_and_the_headers_of_an_automatic_one(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine)
    log.add(1, visit=log.visit())
    deliver(engine, outlet, context)
    [mail] = mailbox.mails
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert (mail["From"], mail["To"], mail["Auto-Submitted"]) == (SENDER, "me@example.com", "auto-generated")
    assert parsedate_to_datetime(mail["Date"]) == NOON
    assert mail["List-Id"].startswith(f'"me" <outlet-{outlet.id}.')
    assert mail["List-Unsubscribe"] is None
    assert mail["Message-ID"].endswith("@example.org>")
    assert "https://acme.example/jobs/1" in text_of(mail)
    assert mailbox.envelopes[0].mail_from == "jobs@example.org"


def add_search(engine: Engine, name: str, **options: Any) -> stored_outlets.Outlet:
    searches.add(engine, name=name, query="title:welder", grammar=1, now=NOON)
    return outlets.add(engine, name="me", address="mailto:me@example.com", options=options, now=NOON, search=name)


def test_mails_of_a_saved_search_are_named_after_it_and_stay_together(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_search(engine, "Köln, data")
    for _ in range(2):
        log.add(2, visit=log.visit())
    deliver(engine, outlet, context)
    first, second = mailbox.mails
    assert first["Subject"] == "2 new for “Köln, data”: Acme"
    assert first["List-Id"].startswith("Köln, data <outlet-")
    assert first["References"] == second["References"]
    assert first["References"].endswith("@example.org>")
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize("name", ['a "b" \\ <c>', "Köln " * 12, "x" * 200, "a, b; c"])
def test_whatever_a_search_is_called_its_mails_have_one_list_id(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context, name: str
) -> None:
    outlet = add_search(engine, name)
    log.add(1)
    deliver(engine, outlet, context)
    [mail] = mailbox.mails
    assert len(mail.get_all("List-Id", [])) == 1
    assert re.search(r" <outlet-\d+\.[0-9a-f]{8}\.example\.org>$", mail["List-Id"])
    assert mail["Subject"].startswith("New for “")


def test_a_mail_can_be_ended_by_one_click_where_people_reach_hirewatch(
    engine: Engine, log: EventLog, mailbox: Mailbox
) -> None:
    outlet = add_mailbox(engine)
    log.add(1)
    deliver(engine, outlet, mail_context(mailbox.url, public_url="https://jobs.example.org"))
    [mail] = mailbox.mails
    link = f"https://jobs.example.org/u/{outlet.token}"
    assert mail["List-Unsubscribe"] == f"<{link}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in text_of(mail)
    html = mail.get_body(("html",))
    assert html is not None
    assert f'href="{link}"' in html.get_content()
    ended = stored_outlets.disable_by_token(engine, outlet.token, NOON)
    assert ended is not None
    assert ended.disabled_reason == "its reader unsubscribed"
    assert stored_outlets.disable_by_token(engine, outlet.token, later(60)) == ended
    assert stored_outlets.disable_by_token(engine, "guessed", NOON) is None
    log.add(1)
    assert stored_outlets.due(engine, later(99_999)) == []


def test_without_tls_there_is_a_link_but_no_promise_of_one_click(
    engine: Engine, log: EventLog, mailbox: Mailbox
) -> None:
    outlet = add_mailbox(engine)
    log.add(1)
    deliver(engine, outlet, mail_context(mailbox.url, public_url="http://jobs.example.org"))
    [mail] = mailbox.mails
    assert mail["List-Unsubscribe"] is None
    assert f"http://jobs.example.org/u/{outlet.token}" in text_of(mail)


def test_a_closing_answers_the_mail_that_told_of_the_posting(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine, events="opened,closed")
    [alone] = log.add(1, visit=log.visit())
    deliver(engine, outlet, context)
    pair = log.add(2, visit=log.visit())
    deliver(engine, outlet, context, 30)
    log.add(1, of=alone, type=EventType.CLOSED, visit=log.visit())
    deliver(engine, outlet, context, 60)
    log.add(1, of=pair[0], type=EventType.CLOSED, visit=log.visit())
    deliver(engine, outlet, context, 120)
    told, _, closed, other = mailbox.mails
    assert closed["Subject"] == f"Re: {told['Subject']}"
    assert closed["References"] == told["References"]
    assert "Closed" in text_of(closed)
    assert other["Subject"].startswith("Closed at ")


def test_a_digest_is_laid_out_by_site(engine: Engine, log: EventLog, mailbox: Mailbox, context: Context) -> None:
    outlet = add_mailbox(engine, when="hourly", events="opened,closed")
    for site, count in (("acme", 2), ("globex", 1)):
        log.add(count, site=site, visit=log.visit(site))
    log.add(1, of=1, type=EventType.CLOSED, visit=log.visit())
    log.add(3, site="initech", visit=log.visit("initech"), baseline=True)
    deliver(engine, outlet, context, 3600)
    [mail] = mailbox.mails
    assert mail["Subject"].startswith("3 new, 1 closed at acme, globex, initech: Welder")
    lines = [line for line in text_of(mail).splitlines() if re.match(r"acme:|globex:|initech:", line)]
    assert lines == ["acme: 2 new, 1 closed", "globex: 1 new", "initech: now watched, 3 open postings"]


def test_a_summary_says_how_many_of_a_site_a_search_finds(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_search(engine, "metal")
    visit = log.visit()
    log.add(3, visit=visit, baseline=True)
    log.add(4, visit=visit, baseline=True, title="Nurse")
    deliver(engine, outlet, context)
    assert [mail["Subject"] for mail in mailbox.mails] == ["Now watching acme: 7 open postings, 3 match “metal”"]


def test_every_line_of_a_mail_is_short_and_ascii(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine)
    log.add(1, title="Schweißer 溶接工 " * 60)
    deliver(engine, outlet, context)
    content = mailbox.envelopes[0].content
    assert isinstance(content, bytes)
    assert content.isascii()
    assert max(len(line) for line in content.splitlines()) <= 998


def test_several_mailboxes_get_the_same_mail(engine: Engine, log: EventLog, mailbox: Mailbox, context: Context) -> None:
    outlet = add_mailbox(engine, "mailto:a@example.com,b@example.com")
    log.add(1)
    deliver(engine, outlet, context)
    assert mailbox.envelopes[0].rcpt_tos == ["a@example.com", "b@example.com"]
    assert mailbox.mails[0]["To"] == "a@example.com, b@example.com"


def test_a_retry_is_the_same_mail_without_newcomers(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine)
    visit = log.visit(ended=False)
    log.add(2, visit=visit)
    mailbox.script = ["451 try later"]
    settled = deliver(engine, outlet, context, 600)
    assert settled.error == "the mail server refused the mail (451 try later)"
    log.add(1, visit=visit, at=later(600))
    log.end(visit)
    deliver(engine, outlet, context, 700)
    assert [mail["Subject"][:5] for mail in mailbox.mails] == ["2 new", "New a"]


class Killed(BaseException):
    """The process died here."""


def test_a_crash_after_the_mail_was_taken_sends_the_same_mail_again(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = add_mailbox(engine)
    visit = log.visit(ended=False)
    log.add(2, visit=visit)
    settle = deliveries.settle

    def dies_at_the_end(*args: Any, rows: Any, **named: Any) -> bool:
        if rows[0].attempts:
            raise Killed
        return settle(*args, rows=rows, **named)

    with monkeypatch.context() as broken:
        broken.setattr(deliveries, "settle", dies_at_the_end)
        with pytest.raises(Killed):
            deliver(engine, outlet, context, 600)
    log.add(1, visit=visit)
    log.end(visit)
    deliver(engine, outlet, context, 601)
    first, again, rest = mailbox.mails
    assert first["Message-ID"] == again["Message-ID"] != rest["Message-ID"]
    assert first["Subject"] == again["Subject"]
    assert rest["Subject"].startswith("New at")


def test_a_mail_that_the_server_will_never_take_is_parked_and_the_next_goes_out(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine)
    log.add(1, visit=log.visit())
    log.add(1, visit=log.visit())
    mailbox.script = ["552 message too large"]
    assert deliver(engine, outlet, context) == Settled(outlet="me", sent=1, parked=1)
    [parked] = deliveries.parked(engine, outlet.id)
    assert parked.error == "the mail server refused the mail (552 message too large)"


def test_a_refused_recipient_is_tried_again_to_the_end_and_then_parked(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine)
    log.add(1)
    mailbox.recipient_script = ["550 no such mailbox"] * schedule.ATTEMPTS
    settled, now = deliver(engine, outlet, context), NOON
    assert "refused me@example.com (550 no such mailbox)" in (settled.error or "")
    while settled.next_attempt_at:
        now = settled.next_attempt_at
        settled = deliver_due(engine, outlet, context, now, Random(1))
    assert settled.parked == 1
    assert now - NOON > timedelta(hours=75)


def attention(engine: Engine) -> str | None:
    [stands] = deliveries.status(engine)
    return outlet_attention(stands)


def received(mailbox: Mailbox) -> list[list[str]]:
    return [envelope.rcpt_tos for envelope in mailbox.envelopes]


A, B = "a@example.com", "b@example.com"


def test_a_mailbox_that_is_gone_costs_the_others_no_mail_and_is_shown_until_it_gets_one(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine, f"mailto:{A},{B}")
    mailbox.refusals = {B: "550 5.1.1 no such user"}
    log.add(1)
    words = f"is told, but not {B} (550 5.1.1 no such user)"
    assert deliver(engine, outlet, context) == Settled(outlet="me", sent=1, left_out=words)
    # what it does not want and what waits for its time are no news of that
    log.add(1, type=EventType.CLOSED)
    log.add(1, visit=log.visit(ended=False))
    assert deliver(engine, outlet, context, 60) == Settled(outlet="me", held=True, left_out=words)
    assert attention(engine) == f"it {words}"
    mailbox.refusals = {}
    assert deliver(engine, outlet, context, 700) == Settled(outlet="me", sent=1)
    assert attention(engine) is None
    assert received(mailbox) == [[A], [A, B]]


def test_a_mailbox_that_takes_mails_later_has_each_once_as_all_others_do(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine, f"mailto:{A},{B}")
    mailbox.refusals = {B: "450 4.2.0 greylisted, try again in 300 seconds"}
    log.add(1)
    settled = deliver(engine, outlet, context)
    assert settled.error == f"127.0.0.1 refused {B} (450 4.2.0 greylisted, try again in 300 seconds)"
    again = deliver(engine, outlet, context, 6)
    assert again.next_attempt_at is not None
    assert again.next_attempt_at >= later(300)
    mailbox.refusals = {}
    assert deliver_due(engine, outlet, context, again.next_attempt_at, Random(1)) == Settled(outlet="me", sent=1)
    assert received(mailbox) == [[A, B]]


def test_a_mailbox_that_takes_no_mail_for_long_holds_the_others_up_for_minutes_only(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine, f"mailto:{A},{B}")
    mailbox.refusals = {B: "452 4.2.2 mailbox full"}
    log.add(1)
    deliver(engine, outlet, context)
    deliver(engine, outlet, context, 6)
    words = f"is told, but not {B} (452 4.2.2 mailbox full)"
    assert deliver(engine, outlet, context, 6 + 330) == Settled(outlet="me", sent=1, left_out=words)
    assert received(mailbox) == [[A]]


def test_without_patience_a_mailbox_would_lose_what_it_would_have_taken_a_moment_later(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.outlets.email._PATIENT", 0)
    outlet = add_mailbox(engine, f"mailto:{A},{B}")
    mailbox.refusals = {B: "450 4.2.0 greylisted"}
    log.add(1)
    deliver(engine, outlet, context)
    mailbox.refusals = {}
    deliver(engine, outlet, context, 400)
    assert received(mailbox) == [[A]]


def test_where_no_mailbox_is_taken_the_one_that_may_be_later_is_named(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine, f"mailto:{A},{B}")
    mailbox.refusals = {A: "550 no such user", B: "451 try later"}
    log.add(1)
    settled = deliver(engine, outlet, context)
    assert settled.error == f"127.0.0.1 refused {B} (451 try later)"
    assert received(mailbox) == []


def test_a_server_that_hangs_up_between_two_mailboxes_has_sent_nothing(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine, f"mailto:{A},{B}")
    mailbox.refusals = {B: "421 shutting down"}
    log.add(1)
    for seconds in (0, 6, 400):
        assert f"refused {B} (421 shutting down)" in (deliver(engine, outlet, context, seconds).error or "")
    assert received(mailbox) == []


def test_a_test_names_each_mailbox_that_did_not_get_it(engine: Engine, mailbox: Mailbox, context: Context) -> None:
    outlet = outlets.open_outlet(add_mailbox(engine, f"mailto:{A},{B},c@example.com"), context)
    mailbox.refusals = {A: "550 5.1.1 no such user", B: "451 try later"}
    with pytest.raises(OutletUnavailable) as refused:
        outlet.test()
    assert refused.value.problem == f"127.0.0.1 refused {A} (550 5.1.1 no such user), {B} (451 try later)"
    assert received(mailbox) == [["c@example.com"]]


def test_a_mailbox_that_is_named_twice_gets_one_mail(
    engine: Engine, log: EventLog, mailbox: Mailbox, context: Context
) -> None:
    outlet = add_mailbox(engine, f"mailto:{A}, {A}")
    log.add(1)
    deliver(engine, outlet, context)
    assert received(mailbox) == [[A]]
    assert mailbox.mails[0]["To"] == A


def test_a_server_that_is_not_there_is_a_failure_in_words(engine: Engine, log: EventLog) -> None:
    with mail_server() as mailbox:
        context = mail_context(mailbox.url)
    outlet = add_mailbox(engine)
    log.add(1)
    assert "127.0.0.1 cannot be reached" in (deliver(engine, outlet, context).error or "")


def test_name_and_password_are_used_and_a_refusal_does_not_repeat_them(
    engine: Engine, log: EventLog, mailbox: Mailbox
) -> None:
    outlet = add_mailbox(engine)
    log.add(1)
    wrong = mail_context(f"smtp://canary%40example.org:canary-2@127.0.0.1:{mailbox.port}")
    settled = deliver(engine, outlet, wrong)
    assert "refused the user name or the password" in (settled.error or "")
    right = mail_context(f"smtp://me:right@127.0.0.1:{mailbox.port}")
    assert deliver(engine, outlet, right, 60).sent == 1
    assert {*mailbox.logins} == {(b"canary@example.org", b"canary-2"), (b"me", b"right")}
    assert "canary" not in f"{settled!r}{wrong!r}{deliveries.status(engine)!r}"


@pytest.mark.parametrize("url", [None, "", "http://example.org", "smtp://", "smtp://host:port", "mail.example.org"])
def test_a_mail_server_that_is_none_is_a_matter_of_settings(engine: Engine, url: str | None) -> None:
    outlet = add_mailbox(engine)
    with pytest.raises(ConfigurationError, match=r"mail\.url"):
        outlets.open_outlet(outlet, mail_context(url))


@pytest.mark.parametrize("sender", [None, "", "nobody", "a@b\r\nBcc: c@d", "<>"])
def test_a_sender_that_is_none_is_a_matter_of_settings(engine: Engine, sender: str | None) -> None:
    outlet = add_mailbox(engine)
    with pytest.raises(ConfigurationError, match=r"mail\.sender"):
        outlets.open_outlet(outlet, mail_context("smtp://127.0.0.1", sender))


def test_a_user_name_that_is_an_address_will_do_for_a_sender(engine: Engine, mailbox: Mailbox) -> None:
    outlet = add_mailbox(engine)
    url = f"smtp://me%40example.net:right@127.0.0.1:{mailbox.port}"
    outlets.open_outlet(outlet, mail_context(url, sender=None)).test()
    assert mailbox.mails[0]["From"] == "hirewatch <me@example.net>"


def test_a_password_is_not_sent_to_another_machine_without_tls(
    engine: Engine, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.outlets.email._is_this_machine", lambda host: False)
    url = f"smtp://me:right@127.0.0.1:{mailbox.port}"
    with pytest.raises(OutletUnavailable, match="offers no TLS"):
        outlets.open_outlet(add_mailbox(engine), mail_context(url)).test()
    assert mailbox.logins == []


def test_a_check_sends_nothing_and_a_test_says_that_it_is_one(
    engine: Engine, mailbox: Mailbox, context: Context
) -> None:
    outlet = outlets.open_outlet(add_mailbox(engine), context)
    assert isinstance(outlet, EmailOutlet)
    outlet.check()
    assert mailbox.mails == []
    outlet.test()
    [mail] = mailbox.mails
    assert mail["Subject"] == "Test of the hirewatch outlet me"
    assert "This is a test" in text_of(mail)


def test_a_check_finds_out_that_the_password_is_wrong_and_does_not_repeat_it(engine: Engine, mailbox: Mailbox) -> None:
    server = mailbox.url.replace("//", "//me:canary@")
    context = loopback_context(smtp=SmtpSettings(url=server, sender="jobs@example.org"))
    outlet = outlets.open_outlet(add_mailbox(engine), context)
    with pytest.raises(OutletUnavailable, match="refused the user name or the password") as refused:
        outlet.check()
    assert "canary" not in str(refused.value)
    assert set(mailbox.logins) == {(b"me", b"canary")}


HOSTILE = [
    "a\r\nBcc: evil@example.org",
    "a\nb\x0bc\x0cd\x1ce\x85f\u2028g\u2029h",
    "\ud800 lone",
    "=?utf-8?q?a=0D=0ABcc:_evil@example.org?=",
    "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5vcmc=?=",
    "\u202egnp.exe\u202c",
    "\x00\x1b[31m",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "👩🏽‍🏭" * 100,
    "x" * 100_000,
    "=?" * 500,
    "",
    " \t ",
    '"><a href="javascript:alert(1)">',
    "\N{COMBINING ACUTE ACCENT}" * 300,
]


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_a_title_holds_the_mail_goes_out_and_has_no_header_more(
    engine: Engine, mailbox: Mailbox, context: Context, title: str
) -> None:
    outlet = outlets.open_outlet(add_mailbox(engine), context)
    happened = event(7, record=posting_record(7, title=title, organization={"name": title}), site=title[:50])
    assert outlet.deliver(single(happened)).sent == (7,)
    [mail] = mailbox.mails
    assert {name.lower() for name in mail} <= {
        "from", "to", "subject", "date", "message-id", "list-id", "auto-submitted", "mime-version", "content-type",
        "references", "x-peer", "x-mailfrom", "x-rcptto",
    }  # fmt: skip
    assert len(mail.keys()) == len(set(mail.keys()))
    assert mail["Subject"].isprintable() or "\u200d" in mail["Subject"]
    assert mailbox.envelopes[0].rcpt_tos == ["me@example.com"]
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    for vector in ("<script", "<img", 'javascript:alert(1)"'):
        assert vector not in html
