"""Who may come in: what is decided of a request before anything is looked up."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from dashboard.entrance import Attempts, Entrance, is_foreign, origin_of, within
from tests.storage.rows import NOW


def fields(*pairs: tuple[str, str]) -> Headers:
    return Headers(raw=[(name.lower().encode(), value.encode("latin-1")) for name, value in pairs])


HOST = ("Host", "127.0.0.1:8777")


@pytest.mark.parametrize(
    "sent",
    [
        (HOST,),
        (HOST, ("Origin", "http://127.0.0.1:8777")),
        (HOST, ("Origin", "https://127.0.0.1:8777")),
        (HOST, ("Origin", "https://jobs.example.org")),
        (("Host", "Jobs.example.org"), ("Origin", "https://jobs.example.ORG")),
        (HOST, ("Sec-Fetch-Site", "same-origin"), ("Origin", "https://behind-a-proxy.example")),
        (HOST, ("Sec-Fetch-Site", "none")),
    ],
)
def test_what_our_own_pages_and_programs_send_is_not_foreign(sent: tuple[tuple[str, str], ...]) -> None:
    assert not is_foreign(fields(*sent), "https://jobs.example.org")


@pytest.mark.parametrize(
    "sent",
    [
        (HOST, ("Origin", "https://evil.example")),
        (HOST, ("Origin", "null")),
        (HOST, ("Origin", "")),
        (("Origin", "null"),),
        (HOST, ("Origin", "http://127.0.0.1:3000")),
        (HOST, ("Origin", "http://127.0.0.1:8777.evil.example")),
        (HOST, ("Origin", "http://127.0.0.1:8777@evil.example")),
        (HOST, ("Origin", "file://127.0.0.1:8777")),
        (HOST, ("Origin", "http://127.0.0.1:8777"), ("Origin", "https://evil.example")),
        (HOST, ("Sec-Fetch-Site", "cross-site")),
        (HOST, ("Sec-Fetch-Site", "same-site"), ("Origin", "http://127.0.0.1:8777")),
        (HOST, ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")),
        (HOST, ("Sec-Fetch-Site", "")),
    ],
)
def test_what_a_page_of_somebody_else_sends_is_foreign(sent: tuple[tuple[str, str], ...]) -> None:
    assert is_foreign(fields(*sent), "https://jobs.example.org")


@pytest.mark.parametrize("address", ["/", "/postings?q=a&b", "/sites/acme#visits"])
def test_a_path_of_ours_is_gone_on_to(address: str) -> None:
    assert within(address) == address


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "javascript:alert(1)", "", "evil",
     "/\t/evil.example", "/\n/evil.example", " //evil.example"],
)  # fmt: skip
def test_no_other_host_is_gone_on_to(address: str) -> None:
    assert within(address) == "/"


@given(st.text(alphabet="/\\:@.#?&%\t\n\r\0 aé", max_size=12))
def test_wherever_one_goes_on_to_is_a_path(address: str) -> None:
    found = within(address)
    # as browsers read it: without tabs and line breaks, with / for \
    read = urlsplit("".join(found.split("\t")).replace("\n", "").replace("\r", "").replace("\\", "/"))
    assert (read.scheme, read.netloc) == ("", "")
    assert found.startswith("/")


def test_a_proxy_is_believed_and_nobody_else() -> None:
    entrance = Entrance(proxies=(ip_network("10.0.0.7/32"),), user_header="Remote-User")
    named = fields(("Remote-User", "ana"))
    assert entrance.is_vouched_for("10.0.0.7", named)
    assert entrance.is_vouched_for("::ffff:10.0.0.7", named)
    assert not entrance.is_vouched_for("10.0.0.8", named)
    assert not entrance.is_vouched_for("", named)
    assert not entrance.is_vouched_for("10.0.0.7", fields())
    assert not entrance.is_vouched_for("10.0.0.7", fields(("Remote-User", " ")))
    assert not entrance.is_vouched_for("10.0.0.7", fields(("Remote-User", "ana"), ("Remote-User", "eve")))
    assert not Entrance(proxies=entrance.proxies).is_vouched_for("10.0.0.7", named)


def test_only_a_proxy_says_who_asks_and_of_what_it_was_told_only_what_it_saw() -> None:
    entrance = Entrance(proxies=(ip_network("10.0.0.0/24"),))
    told = fields(("X-Forwarded-For", "1.1.1.1, 2.2.2.2"), ("X-Forwarded-For", "3.3.3.3"))
    assert entrance.who_asks("10.0.0.7", told) == "3.3.3.3"
    assert entrance.who_asks("10.0.1.7", told) == "10.0.1.7"
    assert entrance.who_asks("10.0.0.7", fields()) == "10.0.0.7"


def test_an_address_that_has_tried_ten_times_waits_and_others_do_not() -> None:
    attempts = Attempts()
    for _ in range(10):
        assert attempts.wait("2001:db8::1", NOW) is None
    # the same house, another room
    assert attempts.wait("2001:db8::2", NOW + timedelta(minutes=5)) == timedelta(minutes=10)
    assert attempts.wait("2001:db8:0:1::1", NOW) is None
    assert attempts.wait("2001:db8::1", NOW + timedelta(minutes=15)) is None


def test_all_addresses_together_may_try_a_hundred_times() -> None:
    attempts = Attempts()
    for number in range(100):
        assert attempts.wait(f"10.0.0.{number}", NOW) is None
    assert attempts.wait("10.0.1.1", NOW) == timedelta(minutes=15)
    assert attempts.wait("10.0.1.1", NOW + timedelta(minutes=15)) is None
    assert len(attempts._tries) == 1


def test_who_was_right_may_try_again() -> None:
    attempts = Attempts()
    for _ in range(30):
        assert attempts.wait("10.0.0.1", NOW) is None
        attempts.forgive("10.0.0.1")


@pytest.mark.parametrize(
    ("url", "origin"),
    [("https://Jobs.example.org/x?y", "https://jobs.example.org"), ("http://a:81", "http://a:81"), ("mailto:a", None)],
)
def test_an_address_has_the_origin_that_browsers_write(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin
