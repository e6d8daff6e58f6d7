from __future__ import annotations

from typing import Any

import pytest

from delivery import outlets
from delivery.outlets import email, webhook
from delivery.outlets import options as read
from postings.errors import ConfigurationError, UsageError
from postings.events import EventType


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://example.org/hook", "webhook"),
        ("http://127.0.0.1:9/", "webhook"),
        ("HTTPS://example.org", "webhook"),
        ("mailto:me@example.org", "email"),
    ],
)
def test_the_scheme_says_which_kind_an_address_is(address: str, kind: str) -> None:
    assert outlets.kind_of(address) == kind


@pytest.mark.parametrize("address", ["nope://token-canary", "me@example.org", "", "ftp://example.org"])
def test_an_unknown_scheme_is_answered_with_those_that_are_known(address: str) -> None:
    with pytest.raises(UsageError, match=r"mailto:me@example\.org") as error:
        outlets.kind_of(address)
    assert "canary" not in str(error.value)


def test_an_outlet_of_a_kind_from_the_future_is_refused_in_words() -> None:
    with pytest.raises(ConfigurationError, match="update hirewatch"):
        outlets.prepare("kafka", "kafka://", {})


@pytest.mark.parametrize("value", ["closed,opened", "closed opened", ["closed", "opened"], "posting.closed, opened"])
def test_types_of_events_are_read_in_every_spelling(value: Any) -> None:
    assert read.event_types("events", value) == {EventType.CLOSED, EventType.OPENED}


@pytest.mark.parametrize("value", ["", [], "vanished", 5, ["opened", 5]])
def test_types_that_do_not_exist_are_refused(value: Any) -> None:
    with pytest.raises(UsageError):
        read.event_types("events", value)


@pytest.mark.parametrize(
    ("value", "flag"), [(True, True), ("yes", True), ("ON", True), ("false", False), (False, False), ("0", False)]
)
def test_flags_are_read_as_people_write_them(value: Any, flag: bool) -> None:
    assert read.flag("with_baseline", value) is flag


@pytest.mark.parametrize("value", ["maybe", 2, None])
def test_what_is_neither_true_nor_false_is_refused(value: Any) -> None:
    with pytest.raises(UsageError):
        read.flag("with_baseline", value)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Key": "a\r\nEvil: 1"}, {"X-Key": "a\nb"}, {"X Key": "a"}, {"": "a"}, {"X-Key": "ü"}, {"X-Key": 5},
        {"Webhook-Id": "a"}, {"content-type": "a"}, {"Host": "a"}, {"Transfer-Encoding": "chunked"}, "X-Key: a",
    ],
)  # fmt: skip
def test_headers_that_would_break_or_forge_a_request_are_refused(headers: Any) -> None:
    with pytest.raises(UsageError):
        webhook.prepare("https://example.org/", {"headers": headers})


def test_fixed_headers_are_kept() -> None:
    _, options = webhook.prepare("https://example.org/", {"headers": {"Authorization": "Bearer abc"}})
    assert options["headers"] == {"Authorization": "Bearer abc"}


@pytest.mark.parametrize(
    "address",
    [
        "https://",
        "https:///path",
        "http://exa mple.org/",
        "http://example.org:99999/",
        "http://[::1",
        "http://a\x00b/",
        "http://a/\n",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        webhook.prepare(address, {})


def test_an_option_that_does_not_exist_is_answered_with_those_that_do() -> None:
    with pytest.raises(UsageError, match="with_baseline"):
        webhook.prepare("https://example.org/", {"baseline": True})
    with pytest.raises(UsageError, match="events"):
        email.prepare("mailto:me@example.org", {"secret": "x"})


@pytest.mark.parametrize(
    "address",
    [
        "mailto:", "mailto:me", "mailto:me@", "mailto:@example.org", "mailto:a@b\r\nBcc: c@d", "mailto:a@b%0d%0aBcc:c@d",
        "mailto:a b@example.org", "mailto:a@example.org,,", "mailto:<a@example.org>", "me@example.org",
        "mailto:a@example.org%2Cb@example.org", "mailto:a@exa mple.org",
    ],
)  # fmt: skip
def test_a_mail_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        email.prepare(address, {})


def test_several_mailboxes_may_share_an_outlet() -> None:
    assert email.prepare("mailto:a@example.org, b@example.org", {})[0] == "mailto:a@example.org,b@example.org"


def test_of_a_webhook_only_the_host_is_shown() -> None:
    from storage.outlets import Outlet
    from tests.delivery.eventlog import NOON

    row = Outlet(
        id=1,
        name="a",
        kind="webhook",
        address="https://u:canary@hooks.example:8443/canary?canary",
        cursor=0,
        created_at=NOON,
    )
    assert outlets.shown_address(row) == "https://hooks.example:8443/…"
