"""Outlets as storage gives them, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage.outlets import Outlet
from tests.delivery.eventlog import NOON


def outlet_row(kind: str, address: str, options: Mapping[str, Any] | None = None, **fields: Any) -> Outlet:
    """An outlet of that kind and address that has heard of nothing yet."""
    values: dict[str, Any] = {
        "id": 3, "name": "phone", "cursor": 0, "since": 0, "released_at": NOON, "released": 0, "token": "t",
        "created_at": NOON,
    } | fields  # fmt: skip
    return Outlet(kind=kind, address=address, options=dict(options or {}), **values)
