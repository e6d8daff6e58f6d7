"""The kinds of outlets there are, and how one is chosen, made and opened. The command line and the dispatcher ask.

A kind is a module here that offers `prepare`, `selection` and a class, `shown(address)` where more of an address
than its host may be shown, and `place(address, options)` where only one outlet may write; its libraries load when it
is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from delivery.outlets import wishes
from delivery.outlets.outlet import (
    Batch,
    Context,
    Delivered,
    Limits,
    Outlet,
    OutletGone,
    OutletUnavailable,
    Part,
    SmtpSettings,
)
from delivery.outlets.services import OTHER_NAMES, SERVICES
from delivery.outlets.wishes import Wishes
from delivery.selection import Selection
from postings.errors import ConfigurationError, HirewatchError, UsageError
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
    "Part",
    "SmtpSettings",
    "add",
    "attempt",
    "change",
    "kind_of",
    "open_outlet",
    "prepare",
    "selection_of",
    "shown_address",
    "wishes_of",
]

#: kind -> the class that it opens as
KINDS = {
    "webhook": "WebhookOutlet",
    "email": "EmailOutlet",
    "apprise": "AppriseOutlet",
    "sql": "SqlOutlet",
    "files": "FilesOutlet",
    "stream": "StreamOutlet",
    "search": "SearchOutlet",
}

#: kind -> schemes of its addresses; what follows a `+` (postgresql+psycopg, opensearch+https) is the kind's own matter
_SCHEMES_OF = {
    "webhook": ("http", "https"),
    "email": ("mailto",),
    "apprise": tuple(SERVICES),
    "sql": ("postgresql", "postgres", "mysql", "mariadb", "sqlite"),
    "files": ("file", "s3", "gs", "az"),
    "stream": ("kafka", "nats", "redis", "rediss"),
    "search": ("opensearch", "elasticsearch", "meilisearch", "typesense"),
}

_SCHEMES = {scheme: kind for kind, schemes in _SCHEMES_OF.items() for scheme in schemes}


def kind_of(address: str) -> str:
    """The kind of outlet that an address belongs to. Raises UsageError for a scheme that none knows."""
    scheme, colon, _ = address.partition(":")
    kind = _SCHEMES.get(scheme.strip().lower().partition("+")[0]) if colon else None
    if kind is None:
        raise UsageError(
            "is nothing that hirewatch can tell",
            subject=f"{scheme[:20]}://" if colon else "the address",
            remedy=_remedy(scheme) if colon else _EXAMPLES,
        )
    return kind


_EXAMPLES = "give one like https://example.org/hook, mailto:me@example.org or ntfys://ntfy.sh/TOPIC"


def _remedy(scheme: str) -> str:
    name = scheme.strip().lower().partition("+")[0]
    near = get_close_matches(name, [*_SCHEMES, *OTHER_NAMES], n=1)
    return f"did you mean {OTHER_NAMES.get(near[0], near[0])}://…?" if near else _EXAMPLES


def prepare(kind: str, address: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Address and options as they are stored, checked and completed (a webhook gets its secret). Raises UsageError."""
    ours, own = wishes.split(options)
    stored = wishes.prepare(ours)
    usable, complete = _module(kind).prepare(address, own)
    return usable, complete | stored


def add(
    engine: Engine,
    *,
    name: str,
    address: str,
    options: Mapping[str, Any],
    now: datetime,
    search: str | None = None,
    backfill: Sequence[int] = (),
) -> outlets.Outlet:
    """A new outlet that is told of everything from now on, and of the events in `backfill`. Raises UsageError.

    `search` is the name of a saved search: it hears only of what that finds. A webhook's secret is in the `secret`
    option of what comes back: the only time to show it to a person.
    """
    kind = kind_of(address)
    usable, complete = prepare(kind, address, options)
    _require_alone(engine, kind, usable, complete)
    return outlets.add(
        engine, name=name, kind=kind, address=usable, options=complete, now=now, search=search, backfill=backfill
    )


def change(
    engine: Engine, row: outlets.Outlet, options: Mapping[str, Any], *, address: str | None = None
) -> outlets.Outlet:
    """The outlet with these options changed; those that are not named stay, an empty text takes one away.

    `{"secret": [new, old]}` begins the rotation of a webhook's secret, `{"secret": [new]}` ends it. Another `address`
    of the same kind is another receiver: what the kind was told for the old one, its secret and headers, does not go
    there. Raises UsageError.
    """
    moved = address is not None and address != row.address
    if address is not None and moved and kind_of(address) != row.kind:
        raise UsageError(f"is no address of the kind {row.kind}", subject=row.name, remedy="add another outlet for it")
    kept = wishes.split(row.options)[0] if moved else row.options
    merged = {name: value for name, value in {**kept, **options}.items() if value != ""}
    usable, complete = prepare(row.kind, address if address is not None and moved else row.address, merged)
    if _place(row.kind, usable, complete) != _place(row.kind, row.address, row.options):
        _require_alone(engine, row.kind, usable, complete)
    outlets.change(engine, row.id, complete, address=usable if moved else None)
    return replace(row, options=complete, address=usable if moved else row.address)


def _place(kind: str, address: str, options: Mapping[str, Any]) -> str | None:
    place_of = getattr(_module(kind), "place", None)
    return None if place_of is None else str(place_of(address, options))


def _require_alone(engine: Engine, kind: str, address: str, options: Mapping[str, Any]) -> None:
    """Raises UsageError if another outlet writes there, and only one may."""
    place = _place(kind, address, options)
    if place is None:
        return
    for other in outlets.all(engine):
        if other.kind == kind and _place(kind, other.address, other.options) == place:
            raise UsageError(
                f"is where the outlet {other.name} writes already",
                subject=shown_address(other),
                remedy="give each outlet a folder of its own",
            )


def open_outlet(row: outlets.Outlet, context: Context) -> Outlet:
    """The outlet, ready to be told. Raises ConfigurationError or UsageError if it cannot work as it is set up."""
    _, own = wishes.split(row.options)
    outlet: Outlet = getattr(_module(row.kind), KINDS[row.kind])(replace(row, options=own), context)
    return outlet


def attempt(row: outlets.Outlet, context: Context, what: Literal["test", "check"]) -> HirewatchError | None:
    """Tests or checks an outlet; what went wrong, if anything did."""
    try:
        opened = open_outlet(row, context)
        try:
            opened.test() if what == "test" else opened.check()
        finally:
            opened.close()
    except HirewatchError as error:
        return error
    return None


def wishes_of(row: outlets.Outlet) -> Wishes:
    """What the outlet hears whatever its kind, and when. Raises UsageError."""
    return wishes.read_wishes(row.options, row.query)


def selection_of(row: outlets.Outlet) -> Selection:
    """Which events the outlet wants. Raises ConfigurationError or UsageError."""
    _, own = wishes.split(row.options)
    chosen: Selection = _module(row.kind).selection(own)
    return replace(chosen, queries=wishes_of(row).queries)


def shown_address(row: outlets.Outlet) -> str:
    """The address as it may be shown, without any secret: only the host, unless its kind knows what else is none."""
    shown = getattr(_module(row.kind), "shown", None) if row.kind in KINDS else None
    if shown is not None:
        return str(shown(row.address))
    scheme, _, rest = row.address.partition("://")
    host = rest.partition("/")[0].partition("?")[0].partition("#")[0].rpartition("@")[2]
    return f"{scheme}://{host}/…"


def _module(kind: str) -> Any:
    if kind not in KINDS:
        raise ConfigurationError(
            "is a kind of outlet that this version does not know", subject=kind, remedy="update hirewatch"
        )
    return import_module(f"delivery.outlets.{kind}")
