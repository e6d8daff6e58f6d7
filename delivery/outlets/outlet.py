"""What every kind of outlet offers the dispatcher, and what it is given to do it with."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Protocol

from network.addresses import AddressPolicy
from postings.errors import NetworkError
from postings.events import Event, EventType
from storage import outlets


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """The mail server of this installation."""

    #: smtp://user:password@host:587 (STARTTLS where it is offered) or smtps://…:465; None if mail is not set up
    url: str | None = field(default=None, repr=False)
    #: the address in From
    sender: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What outlets need to reach the world."""

    policy: AddressPolicy
    #: the id of this installation
    instance: str
    smtp: SmtpSettings
    user_agent: str
    #: where people reach this installation, without a slash at its end; None if nowhere
    public_url: str | None = None
    #: seconds for one send as a whole
    timeout: float = 20.0
    #: the time in signatures and Date headers; aware, UTC
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    #: seconds, for durations within one round of sending
    monotonic: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How an outlet wants its events."""

    #: everything that one visit has to say goes out together, once the visit has ended
    by_visit: bool = False
    #: events of one message where it is not so
    most: int = 1
    #: each event of a message counts on its own: a message that is sent again may hold others. Where it is not so, what
    #: goes out together is written down before it goes
    each_alone: bool = False
    #: a job of which it has heard under another posting is not news (only where events go out by visit)
    once_per_job: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a message has to say of one site."""

    site: str
    #: it is what stood there before anyone watched
    baseline: bool
    counts: Mapping[EventType, int]
    #: changes among them by which a posting matches for the first time
    arrived: int = 0
    #: what stood there in all, where a query took some of it; None if it took nothing away
    stood: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What goes out in one message."""

    #: in the order of the log, never empty; of a visit with many events, or of a digest, only some
    events: tuple[Event, ...]
    #: numbers of all events that the message stands for
    numbers: tuple[int, ...]
    #: how many of them there are of each type
    counts: Mapping[EventType, int]
    #: all of them by site, news before what stood there; empty where nobody counted
    parts: tuple[Part, ...] = ()
    #: numbers of changes by which a posting matches the outlet's query: news, whatever their type
    arrived: frozenset[int] = frozenset()
    #: name of the saved search that the outlet hears of
    search: str | None = None
    #: the only posting of it was told before in a message of its own
    follows: bool = False
    #: how often it is sent, with this time
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of a batch. Every event of the batch is in one of the two."""

    #: numbers of the events that were accepted
    sent: tuple[int, ...] = ()
    #: events that this receiver will never take, with the reason
    refused: tuple[tuple[int, str], ...] = ()
    #: where several stand behind the outlet: who of them will never have what was sent, with the reason
    left_out: tuple[tuple[str, str], ...] = ()


class OutletUnavailable(NetworkError):
    """The receiver did not take the batch now; it may later."""

    def __init__(self, problem: str, *, subject: str, remedy: str | None = None, retry_after: timedelta | None = None):
        """`retry_after` is what the receiver asked for, if it did."""
        super().__init__(problem, subject=subject, remedy=remedy)
        self.retry_after = retry_after


class OutletGone(NetworkError):
    """The receiver wants no more, ever (HTTP 410)."""


class Outlet(Protocol):
    """A place that can be told about events."""

    limits: Limits

    def check(self) -> None:
        """Whether it could be told: as far as can be seen without telling it anything.

        Raises ConfigurationError if something is set that cannot work, NetworkError if it cannot be reached.
        """

    def deliver(self, batch: Batch) -> Delivered:
        """Tells the receiver.

        May be called again with the same batch, and then sends the same message under the same id. Raises
        OutletUnavailable or OutletGone.
        """

    def test(self) -> None:
        """Sends a sample that says that it is a test. Raises OutletUnavailable or OutletGone."""

    def close(self) -> None:
        """Ends what is open."""


def tag(row: outlets.Outlet, instance: str) -> str:
    """Eight hex digits that stand for an outlet of an installation, the same for as long as it lives."""
    return blake2b(f"{instance}/{row.id}/{row.created_at.isoformat()}".encode(), digest_size=4).hexdigest()
