"""The way to other machines; asked for with `--online`."""

from __future__ import annotations

import email.utils
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hirewatch import wiring
from hirewatch.checks.finding import Finding
from postings.errors import HirewatchError

if TYPE_CHECKING:
    from hirewatch.settings import Settings

#: the domain that RFC 2606 keeps for examples
EXAMPLE = "example.org"
#: how far the clock of a server may be apart from ours
_APART = timedelta(minutes=5)


def internet(settings: Settings, now: datetime) -> Iterator[Finding]:
    """A name can be looked up, a page fetched over HTTPS with a valid certificate, and its server has our time."""
    try:
        socket.getaddrinfo(EXAMPLE, 443, type=socket.SOCK_STREAM)
    except OSError as error:
        yield Finding(
            "dns", "error", f"{EXAMPLE} cannot be looked up: {error}", "check the network and the name server"
        )
        return
    yield Finding("dns", "ok", f"{EXAMPLE} was found")
    from network import client as clients

    try:
        with clients.client(
            wiring.address_policy(settings), timeout=settings.crawl.timeout, user_agent=wiring.user_agent(settings)
        ) as client:
            answer = client.get(f"https://{EXAMPLE}/")
    except HirewatchError as error:
        yield Finding("https", "error", str(error), error.remedy or "check the network, a proxy, the certificates")
        return
    yield Finding("https", "ok", f"https://{EXAMPLE}/ answered {answer.status_code}")
    yield from compare_clocks(answer.headers.get("Date"), now)


def compare_clocks(date: str | None, now: datetime) -> Iterator[Finding]:
    """Whether the Date of an answer (RFC 9110 §6.6.1) is far from `now`; nothing is said where it is not, or none
    came."""
    try:
        theirs = email.utils.parsedate_to_datetime(date or "")
    except ValueError:
        return
    if theirs.tzinfo is not None and abs(theirs - now) > _APART:
        yield Finding(
            "clock",
            "warning",
            f"this machine shows {now:%Y-%m-%d %H:%M}Z, {EXAMPLE} {theirs:%Y-%m-%d %H:%M}Z",
            "set the clock; use NTP",
        )
