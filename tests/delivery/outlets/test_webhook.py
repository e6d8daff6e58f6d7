"""What a receiver gets, checked by the receiver's own means: the Standard Webhooks SDK and the wire."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from standardwebhooks import Webhook, WebhookVerificationError

from delivery import outlets
from delivery.outlets import Context, Delivered, OutletGone, OutletUnavailable, webhook
from delivery.outlets.webhook import WebhookOutlet, read_retry_after
from network.addresses import AddressPolicy
from postings.errors import AddressRefused, ConfigurationError, NetworkError, UsageError
from postings.events import Event, EventType, cloudevent
from storage.outlets import Outlet
from tests.daemons import free_port
from tests.delivery.eventlog import NOON, event, posting_record, single
from tests.delivery.loopback import loopback_context
from tests.delivery.receiver import HANG_UP, SECRET, Receiver

OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of 32 bytes, yes!").decode()


def row(receiver: Receiver, **options: Any) -> Outlet:
    address, complete = webhook.prepare(receiver.url, {"secret": SECRET} | options)
    return Outlet(id=3, name="hook", kind="webhook", address=address, options=complete, cursor=0, created_at=NOON)


def send(receiver: Receiver, context: Context, happened: Event | None = None, **options: Any) -> Delivered:
    outlet = WebhookOutlet(row(receiver, **options), context)
    try:
        return outlet.deliver(single(happened or event(7)))
    finally:
        outlet.close()


def test_one_request_carries_one_cloudevent(receiver: Receiver, context: Context) -> None:
    happened = event(7, EventType.CLOSED, reason="gone")
    assert send(receiver, context, happened, description="html") == Delivered(sent=(7,))
    [request] = receiver.requests
    expected = cloudevent(happened, context.instance)
    expected["data"]["posting"]["description_text"] = None
    assert request.event == expected
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert request.headers["user-agent"] == "hirewatch/test"
    assert request.id.startswith("evt_7-")
    assert request.path == "/hook?key=canary-in-url"


def test_a_forged_body_or_another_secret_does_not_verify(receiver: Receiver, context: Context) -> None:
    send(receiver, context)
    [request] = receiver.requests
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body + b" ", request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER_SECRET).verify(request.body, request.headers)


def test_during_a_rotation_both_secrets_verify(receiver: Receiver, context: Context) -> None:
    send(receiver, context, secret=[OTHER_SECRET, SECRET])
    [request] = receiver.requests
    assert len(request.headers["webhook-signature"].split()) == 2
    for secret in (SECRET, OTHER_SECRET):
        assert Webhook(secret).verify(request.body, request.headers)["id"] == "evt_7"


def test_a_clock_in_another_zone_signs_the_right_second(receiver: Receiver) -> None:
    east = timezone(timedelta(hours=9))
    send(receiver, loopback_context(clock=lambda: datetime.now(UTC).astimezone(east)))
    assert len(receiver.accepted) == 1


def test_letters_of_all_scripts_arrive_as_they_are(receiver: Receiver, context: Context) -> None:
    title = 'Schweißer*in – 溶接工 👩🏽‍🏭 "\\\u2028'
    send(receiver, context, event(7, record=posting_record(7, title=title)))
    assert receiver.requests[0].event["data"]["posting"]["title"] == title
    assert title[:11].encode() in receiver.requests[0].body


def test_a_lone_surrogate_stops_nothing(receiver: Receiver, context: Context) -> None:
    send(receiver, context, event(7, record=posting_record(7, title="a\ud800b")))
    assert receiver.requests[0].event["data"]["posting"]["title"] == "a?b"


def test_an_event_that_is_no_json_is_refused_for_good(receiver: Receiver, context: Context) -> None:
    delivered = send(receiver, context, event(7, record=posting_record(7, salary=float("nan"))))
    assert delivered == Delivered(refused=((7, "cannot be written as JSON (ValueError)"),))
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("option", "text", "html"),
    [
        ("none", None, None),
        ("text", "Weld things.", None),
        ("html", None, "<p>Weld things.</p>"),
        (None, "Weld things.", None),
    ],
)
def test_the_description_comes_in_the_form_that_was_asked_for(
    receiver: Receiver, context: Context, option: str | None, text: str | None, html: str | None
) -> None:
    changes = {name: {"before": "a", "after": "b"} for name in ("title", "description_text", "description_html")}
    options = {"description": option} if option else {}
    send(receiver, context, event(7, EventType.CHANGED, changes=changes), **options)
    data = receiver.requests[0].event["data"]
    assert (data["posting"]["description_text"], data["posting"]["description_html"]) == (text, html)
    assert data["changes"]["title"] == {"before": "a", "after": "b"}
    assert data["changes"]["description_text"]["after"] == ("b" if text else None)
    assert data["changes"]["description_html"]["after"] == ("b" if html else None)


def test_fixed_headers_are_sent_and_do_not_replace_ours(receiver: Receiver, context: Context) -> None:
    send(receiver, context, headers={"X-Api-Key": "abc", "User-Agent": "mine"})
    assert receiver.requests[0].headers["x-api-key"] == "abc"
    assert receiver.requests[0].headers["user-agent"] == "mine"


@pytest.mark.parametrize("status", [201, 202, 204, 299])
def test_every_2xx_is_an_acceptance(receiver: Receiver, context: Context, status: int) -> None:
    receiver.script = [status]
    assert send(receiver, context).sent == (7,)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 401, 403, 404, 413, 422, 429, 500, 502, 503, 504])
def test_everything_else_is_a_failure(receiver: Receiver, context: Context, status: int) -> None:
    receiver.script = [status]
    with pytest.raises(OutletUnavailable, match=f"answered {status}"):
        send(receiver, context)


def test_410_means_no_more(receiver: Receiver, context: Context) -> None:
    receiver.script = [410]
    with pytest.raises(OutletGone):
        send(receiver, context)


def test_hanging_up_is_a_failure(receiver: Receiver, context: Context) -> None:
    receiver.script = [HANG_UP]
    with pytest.raises(OutletUnavailable, match="hung up"):
        send(receiver, context)


def test_what_a_receiver_says_in_its_body_is_not_repeated(receiver: Receiver, context: Context) -> None:
    receiver.script, receiver.body = [500], b"your secret is canary"
    with pytest.raises(OutletUnavailable) as failure:
        send(receiver, context)
    assert "canary" not in str(failure.value)


def test_a_forbidden_address_gets_nothing_and_the_control_does(receiver: Receiver) -> None:
    with pytest.raises(OutletUnavailable, match="not public"):
        send(receiver, loopback_context(policy=AddressPolicy()))
    assert receiver.requests == []
    send(receiver, loopback_context())
    assert len(receiver.requests) == 1


def test_a_check_judges_the_address_and_sends_nothing(receiver: Receiver, context: Context) -> None:
    WebhookOutlet(row(receiver), context).check()
    with pytest.raises(AddressRefused):
        WebhookOutlet(row(receiver), loopback_context(policy=AddressPolicy())).check()
    assert receiver.requests == []


def test_a_check_finds_out_that_nobody_listens(engine: Engine, context: Context) -> None:
    for kind, address in (
        ("webhook", f"http://127.0.0.1:{free_port()}/hook"),
        ("redis", f"redis://127.0.0.1:{free_port()}/0/jobs"),
        ("search", f"meilisearch+http://127.0.0.1:{free_port()}/jobs"),
    ):
        outlet = outlets.open_outlet(outlets.add(engine, name=kind, address=address, options={}, now=NOON), context)
        with pytest.raises(NetworkError, match="cannot be reached"):
            outlet.check()
        outlet.close()


def test_a_test_is_signed_and_says_that_it_is_one(receiver: Receiver, context: Context) -> None:
    outlet = WebhookOutlet(row(receiver), context)
    outlet.test()
    outlet.test()
    outlet.close()
    first, second = receiver.requests
    assert first.event["type"] == "hirewatch.test"
    assert "This is a test" in first.event["data"]["message"]
    assert first.id == first.event["id"] != second.id


def test_one_connection_serves_many_events(receiver: Receiver, context: Context) -> None:
    outlet = WebhookOutlet(row(receiver), context)
    for number in range(1, 6):
        outlet.deliver(single(event(number)))
    outlet.close()
    assert len({request.port for request in receiver.requests}) == 1


def test_a_secret_is_made_where_none_is_given() -> None:
    secrets = [webhook.prepare("https://example.org/", {})[1]["secret"] for _ in range(2)]
    assert secrets[0] != secrets[1]
    [made] = secrets[0]
    assert made.startswith("whsec_")
    assert len(base64.b64decode(made.removeprefix("whsec_"))) == 32


@pytest.mark.parametrize(
    "secret", ["whsec_", "canary", "whsec_" + "A" * 20, "whsec_" + "A" * 200, "whsec_%%%%" + "A" * 40]
)
def test_a_secret_that_cannot_be_used_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(UsageError) as error:
        webhook.prepare("https://example.org/", {"secret": secret})
    assert "canary" not in str(error.value)
    assert "AAAA" not in str(error.value)


def test_an_outlet_without_a_secret_does_not_sign_with_one_that_nobody_knows(context: Context) -> None:
    bare = Outlet(id=1, name="hook", kind="webhook", address="https://example.org/", cursor=0, created_at=NOON)
    with pytest.raises(ConfigurationError, match="no secret"):
        WebhookOutlet(bare, context)


def test_a_large_posting_without_description_stays_small(receiver: Receiver, context: Context) -> None:
    long = posting_record(7, description_text="x" * 50_000, description_html="<p>" + "x" * 50_000)
    send(receiver, context, event(7, record=long), description="none")
    assert len(receiver.requests[0].body) < 20_000
    json.loads(receiver.requests[0].body)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120), (" 7 ", 7), ("0", 0), ("Wed, 25 Nov 2026 12:02:00 GMT", 120), ("Wed, 25 Nov 2026 11:00:00 GMT", None),
        ("soon", None), ("-5", None), ("1.5", None), ("²", None), ("", None), (None, None),
        ("Wed, 99 Nov 2026 12:02:00 GMT", None), ("9" * 400, 999_999_999),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_a_date(value: str | None, seconds: int | None) -> None:
    wait = read_retry_after(value, NOON)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))
