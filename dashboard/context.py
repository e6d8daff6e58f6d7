"""What the actions of the dashboard are given; made once, when the service starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry
from sqlalchemy.engine import Engine

from dashboard.gauges import Gauges
from dashboard.readiness import Readiness


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the actions need to answer."""

    engine: Engine
    #: the id of this installation
    instance: str
    #: the time, aware
    clock: Callable[[], datetime]
    readiness: Readiness
    gauges: Gauges
    registry: CollectorRegistry


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


#: the parameter by which an action asks for it
Given = Annotated[Context, Depends(_context)]
