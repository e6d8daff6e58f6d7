"""People's channels: what a service gets, what fits, and that nothing is contacted which may not be."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from delivery.outlets import Batch, Context, Delivered, OutletUnavailable, apprise, kind_of, shown_address
from delivery.outlets.apprise import AppriseOutlet
from delivery.outlets.services import OTHER_NAMES, SERVICES
from network import client as http
from network.addresses import AddressPolicy
from postings.errors import AddressRefused, UsageError
from postings.events import EventType
from tests.delivery.eventlog import event, posting_record, single
from tests.delivery.loopback import loopback_context
from tests.delivery.outlet_rows import outlet_row
from tests.delivery.services import Server, serving

#: an address of each scheme, as its users write it
ADDRESSES = {
    "bark": "bark://bark.example/CANARY-KEY",
    "barks": "barks://bark.example/CANARY-KEY",
    "discord": "discord://417421629812345678/CANARY-TOKEN_of_a_webhook",
    "gchat": "gchat://CANARY-SPACE/CANARY-KEY/CANARY-TOKEN",
    "gotify": "gotify://gotify.example/CANARYTOKEN1234",
    "gotifys": "gotifys://gotify.example/CANARYTOKEN1234",
    "hassio": "hassio://home.example/CANARY.LONG.TOKEN",
    "hassios": "hassios://home.example/CANARY.LONG.TOKEN",
    "matrix": "matrix://me:CANARY@matrix.example/#jobs",
    "matrixs": "matrixs://me:CANARY@matrix.example/#jobs",
    "mmost": "mmost://mm.example/CANARY3474722377935511fc85",
    "mmosts": "mmosts://mm.example/CANARY3474722377935511fc85",
    "ntfy": "ntfy://ntfy.example/CANARY-topic",
    "ntfys": "ntfys://CANARY-topic",
    "pbul": "pbul://o.CANARYCANARYCANARYCANARYCANARYCA",
    "pover": "pover://CANARYCANARYCANARYCANARYCANARY@tokentokentokentokentokentoken",
    "prowl": "prowl://CANARYCANARYCANARYCANARYCANARYCANARYCANA",
    "rocket": "rocket://me:CANARY@rocket.example/#jobs",
    "rockets": "rockets://me:CANARY@rocket.example/#jobs",
    "signal": "signal://me:CANARY@signal.example/+15551234567/+15557654321",
    "signals": "signals://me:CANARY@signal.example/+15551234567/+15557654321",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/CANARYnlazkcOXrIdevi7FQ1/#jobs",
    "tgram": "tgram://123456789:CANARY_hijklmnop_qrstuvwxyz/12315544/",
    "threema": "threema://*GATEWAY@CANARYCANARY1234/ABCDEFGH",
    "workflows": "workflows://prod.example:443/643e69f83c8944/CANARY",
    "wxteams": "wxteams://CANARYxMWMtYmNjMy00NTE0LWJkYmYtMjdkNGFjMTVkMTQwMDAwZDIwYzYxMWMtYmNjMy00NTE0LWJkYmYtMjdk",
    "zulip": "zulip://bot@organisation/CANARY3k0k1k2k3k4k5k6k7k8k9k0k1a",
}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def opened(address: str, context: Context | None = None, **options: Any) -> AppriseOutlet:
    usable, stored = apprise.prepare(address, options)
    return AppriseOutlet(outlet_row("apprise", usable, stored), context or loopback_context())


def send(address: str, batch: Batch, context: Context | None = None) -> Delivered:
    outlet = opened(address, context)
    try:
        return outlet.deliver(batch)
    finally:
        outlet.close()


def batch(count: int, *, shown: int | None = None, **fields: Any) -> Batch:
    events = [event(number, record=posting_record(number, **fields)) for number in range(1, (shown or count) + 1)]
    return Batch(events=tuple(events), numbers=tuple(range(1, count + 1)), counts={EventType.OPENED: count})


def test_ntfy_gets_title_text_and_the_posting_behind_a_tap(server: Server) -> None:
    assert send(f"ntfy://{server.address}/jobs", single(event(7))) == Delivered(sent=(7,))
    [request] = server.requests
    assert request.json == {
        "topic": "jobs",
        "title": "New at Acme: Welder 7 (Berlin, DE)",
        "message": "New: Welder 7\nAcme · Berlin, DE · full time\nhttps://acme.example/jobs/7",
    }
    assert request.headers["x-click"] == "https://acme.example/jobs/7"
    assert request.headers["user-agent"] == "hirewatch"


def test_a_message_about_several_postings_opens_none_of_them(server: Server) -> None:
    send(f"ntfy://{server.address}/jobs", batch(3))
    [request] = server.requests
    assert "x-click" not in request.headers
    assert request.json["message"].count("https://acme.example/jobs/") == 3


@pytest.mark.parametrize("url", ["https://acme.example/a%20b?x=%C3%A9", "https://acme.example/jobs/1?a=b&c=d#e"])
def test_a_tap_opens_the_very_address(server: Server, url: str) -> None:
    send(f"ntfy://{server.address}/jobs", single(event(7, record=posting_record(7, url=url))))
    assert server.requests[0].headers["x-click"] == url


def test_an_address_that_apprise_would_change_is_behind_no_tap(server: Server) -> None:
    url = "https://acme.example/a+b%2Fc"
    send(f"ntfy://{server.address}/jobs", single(event(7, record=posting_record(7, url=url))))
    assert "x-click" not in server.requests[0].headers
    assert url in server.requests[0].json["message"]


def test_gotify_gets_a_message(server: Server) -> None:
    assert send(f"gotify://{server.address}/ATOKEN123456789", batch(2)).sent == (1, 2)
    [request] = server.requests
    assert (request.path, request.headers["x-gotify-key"]) == ("/message", "ATOKEN123456789")
    assert request.json["title"] == "2 new at acme: Welder 1, Welder 2"
    assert "Welder 2" in request.json["message"]


def test_of_three_services_the_one_that_fails_is_told_apart(server: Server) -> None:
    with serving() as failing:
        failing.status = 503
        failing.headers = {"Retry-After": "120"}
        assert send(f"ntfy://{server.address}/jobs", batch(1)).sent == (1,)
        assert send(f"gotify://{server.address}/ATOKEN123456789", batch(1)).sent == (1,)
        with pytest.raises(OutletUnavailable, match="answered 503") as caught:
            send(f"ntfy://{failing.address}/jobs", batch(1))
    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 120
    assert [request.path for request in server.requests] == ["/", "/message"]


def test_a_message_that_would_be_too_long_ends_with_a_whole_posting_and_a_count(server: Server) -> None:
    send(f"ntfy://{server.address}/jobs", batch(200, shown=50, title="Schweißer" * 12))
    [request] = server.requests
    text = request.json["message"]
    assert 2000 < len(text.encode()) <= 4096
    shown = text.count("https://acme.example/jobs/")
    assert text.endswith(f"\n\nAnd {200 - shown} more: hirewatch postings")


@pytest.mark.parametrize("scheme", SERVICES)
def test_what_a_service_gets_always_fits(scheme: str) -> None:
    outlet = opened(ADDRESSES[scheme])
    changes = {f"field_{number}": {"before": "x" * 500, "after": "y*" * 500} for number in range(20)}
    huge = event(1, EventType.CHANGED, record=posting_record(1, title="*_<&" * 100), changes=changes)
    one = Batch(events=(huge,), numbers=(1,), counts={EventType.CHANGED: 1})
    for many in (batch(999, shown=50), one):
        note = _note(outlet, many)
        assert outlet._fits(note.body)
        assert note.body
    outlet.close()


def _note(outlet: AppriseOutlet, many: Batch) -> Any:
    from delivery import messages

    return messages.note(many, "phone", outlet._form, titled=outlet._service.titled, fits=outlet._fits)


def test_a_first_visit_is_one_message(server: Server) -> None:
    events = tuple(event(number, baseline=True) for number in range(1, 13))
    send(
        f"gotify://{server.address}/ATOKEN123456789",
        Batch(events=events, numbers=tuple(range(1, 44)), counts={EventType.OPENED: 43}),
    )
    [request] = server.requests
    assert request.json["title"] == "Now watching acme: 43 open postings"
    assert request.json["message"].endswith("And 33 more: hirewatch postings")


def test_a_title_of_a_page_is_no_markup_and_calls_nobody(server: Server) -> None:
    title = "[Login](https://evil.example) @all <!channel> **b** ![i](http://x/y.png)"
    send(f"mmost://{server.address}/3ccdd113474722377935511fc85d3dd4", batch(1, title=title))
    [request] = server.requests
    text = request.json["text"]
    assert "\\[Login\\](https://evil.example) @\u200ball \\<!channel\\> ∗∗b∗∗ !\\[i\\](http://x/y.png)" in text
    assert text.count("](https://acme.example/jobs/1)") == 1
    assert "@all" not in text


@pytest.mark.parametrize(
    ("scheme", "said"),
    [
        ("tgram", '<b><a href="https://acme.example/jobs/1">&lt;b&gt;*in &amp; [x](http://e) @all _a_</a></b>'),
        ("discord", "[\\<b\\>∗in & \\[x\\](http://e) @\u200ball \\_a\\_](https://acme.example/jobs/1)"),
        ("slack", "<https://acme.example/jobs/1|&lt;b&gt;∗in &amp; [x](http://e) @\u200ball \\_a\\_>"),
    ],
)
def test_a_hosted_service_gets_its_own_markup(scheme: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # their servers cannot be had: what would leave for them is looked at instead
    sent: list[Any] = []

    def exchange(client: Any, method: str, url: str, *, content: bytes, headers: Any, most: int) -> http.Reply:
        sent.append(json.loads(content))
        return http.Reply(status=200, headers={}, body=b"ok" if scheme == "slack" else b'{"ok": true, "result": {}}')

    monkeypatch.setattr(http, "exchange", exchange)
    assert send(ADDRESSES[scheme], batch(1, title="<b>*in & [x](http://e) @all _a_")).sent == (1,)
    text = json.dumps(sent, ensure_ascii=False)
    assert json.dumps(said, ensure_ascii=False)[1:-1] in text
    assert "github" not in text


def test_a_sample_says_that_it_is_a_test(server: Server) -> None:
    outlet = opened(f"ntfy://{server.address}/jobs")
    outlet.test()
    outlet.close()
    assert server.requests[0].json["title"] == "Test of the hirewatch outlet phone"
    assert "This is a test" in server.requests[0].json["message"]


def test_an_event_that_cannot_be_written_is_refused_for_good(server: Server) -> None:
    delivered = send(f"ntfy://{server.address}/jobs", single(event(7, record={"title": "x", "locations": 7})))
    assert delivered.refused == ((7, "cannot be written as a message (TypeError)"),)
    assert server.requests == []


@pytest.mark.parametrize(
    ("status", "words"), [(302, "follows no redirect"), (401, "keys and names"), (500, "answered 500")]
)
def test_any_other_answer_says_which(server: Server, status: int, words: str) -> None:
    server.status = status
    server.headers = {"Location": f"http://{server.address}/elsewhere"}
    with pytest.raises(OutletUnavailable, match=words):
        send(f"gotify://{server.address}/ATOKEN123456789", batch(1))
    assert len(server.requests) == 1


def test_a_redirect_leads_nowhere(server: Server) -> None:
    with serving("127.0.0.2") as inner:
        server.status = 307
        server.headers = {"Location": f"http://{inner.address}/latest/meta-data"}
        with pytest.raises(OutletUnavailable):
            send(f"ntfy://{server.address}/jobs", batch(1))
        assert inner.connections == 0


def test_the_address_policy_holds_for_the_server_that_a_user_names(server: Server) -> None:
    with pytest.raises(OutletUnavailable, match="not public"):
        send(f"ntfy://{server.address}/jobs", batch(1), loopback_context(policy=AddressPolicy()))
    assert server.connections == 0
    # the control: without the policy's no, the same message arrives
    send(f"ntfy://{server.address}/jobs", batch(1))
    assert server.connections == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254"])
@pytest.mark.parametrize("scheme", SERVICES)
def test_no_service_contacts_an_address_that_its_name_must_not_lead_to(
    scheme: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, to: connected.append(to))
    monkeypatch.setattr(http, "addresses_of", lambda host, port: [address])
    outlet = opened(ADDRESSES[scheme], loopback_context(policy=AddressPolicy()))
    with pytest.raises(OutletUnavailable, match="not public"):
        outlet.deliver(batch(1))
    outlet.close()
    assert connected == []


def test_a_name_is_looked_up_once_for_judging_and_connecting(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    # a name that answers with a public address first and a private one later
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), 2) - 1]

    monkeypatch.setattr(http, "addresses_of", rebinding)
    assert send(f"ntfy://rebinding.example:{server.port}/jobs", batch(1)).sent == (1,)
    assert asked == ["rebinding.example"]


def test_a_check_judges_the_server_and_sends_nothing(server: Server) -> None:
    outlet = opened(f"gotify://{server.address}/ATOKEN123456789")
    outlet.check()
    outlet.close()
    outlet = opened(f"gotify://{server.address}/ATOKEN123456789", loopback_context(policy=AddressPolicy()))
    with pytest.raises(AddressRefused):
        outlet.check()
    outlet.close()
    assert server.connections == 1
    assert server.requests == []


@pytest.mark.parametrize("scheme", SERVICES)
def test_no_secret_of_an_address_is_shown(scheme: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        outlet = opened(ADDRESSES[scheme], loopback_context(policy=AddressPolicy()))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(http, "addresses_of", lambda host, port: ["10.0.0.1"])
            with pytest.raises(OutletUnavailable) as caught:
                outlet.deliver(batch(1))
            outlet.close()
    for text in (shown_address(outlet_row("apprise", ADDRESSES[scheme])), str(caught.value), caplog.text):
        assert "canary" not in unquote(text).lower()


def test_the_server_is_shown_where_the_address_names_one() -> None:
    def shown(address: str) -> str:
        return apprise.shown(address)

    assert shown("ntfys://ntfy.example/secret-topic") == "ntfys://ntfy.example/…"
    assert shown("matrixs://me:secret@matrix.example/#room") == "matrixs://matrix.example/…"
    assert shown("ntfy://secret-topic") == "ntfy://…"
    assert shown("tgram://123:secret/1") == "tgram://…"


def test_a_topic_does_not_travel_in_the_clear_to_a_server_that_has_a_certificate() -> None:
    assert apprise.prepare("ntfy://ntfy.sh/jobs", {})[0] == "ntfys://ntfy.sh/jobs"
    assert apprise.prepare("ntfy://ntfy.example/jobs", {})[0] == "ntfy://ntfy.example/jobs"


def test_an_address_with_several_receivers_is_refused() -> None:
    with pytest.raises(UsageError, match="2 receivers"):
        apprise.prepare("ntfy://ntfy.example/one/two", {})


@pytest.mark.parametrize("option", ["verify=no", "template=/etc/passwd", "attach=file:///etc/passwd"])
def test_an_address_may_not_ask_for_less_safety(option: str) -> None:
    with pytest.raises(UsageError, match="is not taken"):
        apprise.prepare(f"ntfys://ntfy.example/jobs?{option}", {})


@pytest.mark.parametrize(
    "address", ["ntfy://", "ntfys://ntfy.sh", "ntfys://ntfy.sh/?priority=high", "ntfy://localhost:8080", "barks://host"]
)
def test_an_address_that_names_a_server_and_nobody_there_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="names nobody"):
        apprise.prepare(address, {})


@pytest.mark.parametrize("address", ["ntfy://topic", "ntfys://ntfy.sh/topic", "ntfy://me:secret@localhost:8080/topic"])
def test_an_address_of_a_topic_is_taken(address: str) -> None:
    assert apprise.prepare(address, {})[0].partition("://")[2] == address.partition("://")[2]


@pytest.mark.parametrize("address", ["slack://nothing", "tgram://x", "discord://[", "gotify://host"])
def test_an_address_that_is_incomplete_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(UsageError, match="the address is none of") as caught:
        apprise.prepare(address, {})
    assert "nothing" not in str(caught.value)


@pytest.mark.parametrize(
    ("scheme", "near"),
    [
        ("ntfyy", "ntfy"), ("telegram", "tgram"), ("mattermost", "mmost"), ("msteams", "workflows"), ("slak", "slack"),
    ],
)  # fmt: skip
def test_an_unknown_scheme_names_the_nearest(scheme: str, near: str) -> None:
    with pytest.raises(UsageError, match=f"did you mean {near}://"):
        kind_of(f"{scheme}://example/x")


@pytest.mark.parametrize(
    "scheme",
    ["dbus", "glib", "qt", "gnome", "syslog", "windows", "macosx", "json", "jsons", "xml", "form", "apprise", "rsyslog",
     "blink1", "vapid", "exec"],
)  # fmt: skip
def test_what_acts_on_this_machine_or_on_any_address_is_no_outlet(scheme: str) -> None:
    with pytest.raises(UsageError, match="nothing that hirewatch can tell"):
        kind_of(f"{scheme}://localhost/x")


def test_every_service_is_reached_by_its_schemes() -> None:
    assert set(ADDRESSES) == set(SERVICES)
    for scheme, address in ADDRESSES.items():
        assert kind_of(address) == "apprise", scheme
    assert set(OTHER_NAMES.values()) <= set(SERVICES)


@pytest.mark.parametrize("options", [{"events": "opened,vanished"}, {"retries": 3}])
def test_options_that_mean_nothing_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        apprise.prepare("ntfys://ntfy.example/jobs", options)
