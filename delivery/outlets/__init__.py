"""The kinds of outlets there are, and how one is chosen, made and opened. The command line and the dispatcher ask.

A kind is a module here that offers `prepare`, `selection` and a class; its libraries load when it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from delivery.outlets.outlet import (
    Batch,
    Context,
    Delivered,
    Limits,
    Outlet,
    OutletGone,
    OutletUnavailable,
    SmtpSettings,
    single,
)
from delivery.selection import Selection
from postings.errors import ConfigurationError, UsageError
from storage import outlets

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

__all__ = [
    "Batch",
    "Context",
    "Delivered",
    "Limits",
    "Outlet",
    "OutletGone",
    "OutletUnavailable",
    "SmtpSettings",
    "add",
    "change",
    "kind_of",
    "open_outlet",
    "prepare",
    "selection_of",
    "shown_address",
    "single",
]

#: kind -> the class that it opens as
KINDS = {"webhook": "WebhookOutlet", "email": "EmailOutlet"}

_SCHEMES = {"http": "webhook", "https": "webhook", "mailto": "email"}


def kind_of(address: str) -> str:
    """The kind of outlet that an address belongs to. Raises UsageError for a scheme that none knows."""
    scheme, colon, _ = address.partition(":")
    kind = _SCHEMES.get(scheme.strip().lower()) if colon else None
    if kind is None:
        raise UsageError(
            "is nothing that hirewatch can tell",
            subject=f"{scheme[:20]}:" if colon else "the address",
            remedy="give a webhook like https://example.org/hook or a mailbox like mailto:me@example.org",
        )
    return kind


def prepare(kind: str, address: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Address and options as they are stored, checked and completed (a webhook gets its secret). Raises UsageError."""
    stored: tuple[str, dict[str, Any]] = _module(kind).prepare(address, options)
    return stored


def add(engine: Engine, *, name: str, address: str, options: Mapping[str, Any], now: datetime) -> outlets.Outlet:
    """A new outlet that is told of everything from now on. Raises UsageError.

    A webhook's secret is in the `secret` option of what comes back: the only time to show it to a person.
    """
    kind = kind_of(address)
    usable, complete = prepare(kind, address, options)
    return outlets.add(engine, name=name, kind=kind, address=usable, options=complete, now=now)


def change(engine: Engine, row: outlets.Outlet, options: Mapping[str, Any]) -> outlets.Outlet:
    """The outlet with these options changed; those that are not named stay. Raises UsageError.

    `{"secret": [new, old]}` begins the rotation of a webhook's secret, `{"secret": [new]}` ends it.
    """
    _, complete = prepare(row.kind, row.address, {**row.options, **options})
    outlets.change(engine, row.id, complete)
    return replace(row, options=complete)


def open_outlet(row: outlets.Outlet, context: Context) -> Outlet:
    """The outlet, ready to be told. Raises ConfigurationError or UsageError if it cannot work as it is set up."""
    outlet: Outlet = getattr(_module(row.kind), KINDS[row.kind])(row, context)
    return outlet


def selection_of(row: outlets.Outlet) -> Selection:
    """Which events the outlet wants. Raises ConfigurationError or UsageError."""
    chosen: Selection = _module(row.kind).selection(row.options)
    return chosen


def shown_address(row: outlets.Outlet) -> str:
    """The address as it may be shown: of a webhook only the host, since the rest often is a secret."""
    if row.kind == "email":
        return row.address
    scheme, _, rest = row.address.partition("://")
    host = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    return f"{scheme}://{host}/…"


def _module(kind: str) -> Any:
    if kind not in KINDS:
        raise ConfigurationError(
            "is a kind of outlet that this version does not know", subject=kind, remedy="update hirewatch"
        )
    return import_module(f"delivery.outlets.{kind}")
