"""What the actions of the dashboard are given; made once, when the service starts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry
from sqlalchemy.engine import Engine

from dashboard.entrance import Attempts, Entrance
from dashboard.gauges import Gauges
from dashboard.readiness import Readiness
from dashboard.steering import Steering
from delivery import outlets


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting as people are shown it."""

    name: str
    #: secrets are masked
    value: Any
    #: "default", or what says otherwise: the name of a variable, the path of a file, an option
    origin: str
    meaning: str


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
    #: what is set, in the order of docs/configuration.md
    settings: tuple[Setting, ...] = ()
    #: who may come in, and the passwords that were tried
    entrance: Entrance = field(default_factory=Entrance)
    attempts: Attempts = field(default_factory=Attempts)
    #: when sites are visited: the rules of the scheduler
    steering: Steering
    #: looks at an address as `hirewatch inspect --json --explain` does, in a process of its own, and answers as it
    #: does; cancelling ends the process. Raises HirewatchError
    inspect: Callable[[str], Awaitable[dict[str, Any]]]
    #: what outlets need to reach the world
    delivery: outlets.Context


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


#: the parameter by which an action asks for it
Given = Annotated[Context, Depends(_context)]
