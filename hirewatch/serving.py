"""Runs the service and its web server side by side in one loop; `hirewatch serve` calls it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, ProcessCollector
from sqlalchemy.engine import Engine
from starlette.types import ASGIApp

from dashboard.app import make_app
from dashboard.context import Context, Setting
from dashboard.counters import Counters
from dashboard.entrance import Entrance, origin_of
from dashboard.gauges import Gauges
from dashboard.readiness import Readiness
from hirewatch import settings_in_force, wiring
from hirewatch.inspecting import Inspections
from hirewatch.settings import Settings
from hirewatch.steering import Steering
from hirewatch.web_server import WebServer, host_and_port, is_on_loopback, listen
from network.addresses import parse_networks
from postings.errors import ConfigurationError
from scheduler import service
from scheduler.threads import utc_now
from storage import access
from storage.engine import connect

log = logging.getLogger(__name__)

#: seconds after which a service that was asked to end does so, whatever still runs in it
_LAST_CALL = 9.5


def serve(
    settings: Settings,
    *,
    verbose: int,
    say: Callable[[str], None],
    http: bool = True,
    described: Sequence[settings_in_force.Setting] = (),
) -> int:
    """Serves until SIGTERM or SIGINT and returns the exit code. The database has this version's schema.
    `described` is what is set, as people are shown it.

    The process is the service's: if something in it does not end in time, the process does. Raises ConfigurationError
    if the address cannot be listened on.
    """
    # before anything else begins: an address that is taken ends the command
    listening = listen(settings.serve.host, settings.serve.port) if http else None
    engine = connect(settings.database_url)
    try:
        id_ = wiring.instance(engine)
        registry = CollectorRegistry()
        counters = Counters(registry)
        server = None
        if listening is not None:
            on_loopback = is_on_loopback(listening)
            entrance = entrance_of(settings)
            protected = require_entrance(entrance, engine, on_loopback=on_loopback)
            app = _app(
                settings, engine, id_, registry, counters,
                on_loopback=on_loopback, entrance=entrance, described=described,
            )  # fmt: skip
            server = WebServer(app, listening, say=say)
            say(_address(settings.serve.host, listening))
            if entrance.only_health:
                say("Only health, metrics and the links of mails are shown there (serve.only_health).")
            elif settings.serve.public_url and not protected:
                say(
                    f"Whoever comes through a proxy from {settings.serve.public_url} gets in without a login, unless the "
                    "proxy asks for one: `hirewatch password set` has everybody log in."
                )
        return service.serve(
            wiring.service_settings(settings, verbose=verbose),
            context=wiring.outlet_context(settings, id_),
            say=say,
            workers=settings.serve.workers,
            observer=counters,
            keep=wiring.keep(settings),
            beside=lambda stop: run_beside(server, stop),
        )
    finally:
        if listening is not None:
            listening.close()
        engine.dispose()


def entrance_of(settings: Settings) -> Entrance:
    """Who may come in to the web server."""
    serve = settings.serve
    return Entrance(
        only_health=serve.only_health,
        proxies=tuple(parse_networks(",".join(serve.trusted_proxies))),
        user_header=serve.user_header,
        public_origin=origin_of(serve.public_url) if serve.public_url else None,
    )


def require_entrance(entrance: Entrance, engine: Engine, *, on_loopback: bool) -> bool:
    """Whether people have to log in. Raises ConfigurationError if strangers can reach the service and they need not."""
    protected = entrance.user_header is not None or access.has_password(engine)
    if not (on_loopback or protected or entrance.only_health):
        raise ConfigurationError(
            "others than programs of this machine can reach this address, and nothing asks them who they are",
            subject="serve.host",
            remedy="set a password with `hirewatch password set`, have a proxy ask (serve.user_header and "
            "serve.trusted_proxies), or show health only (serve.only_health)",
        )
    return protected


async def run_beside(server: WebServer | None, stop: asyncio.Event, *, last_call: float = _LAST_CALL) -> None:
    """Runs the web server until `stop` is set; `last_call` seconds after that, the process ends if it still is
    there."""
    serving = asyncio.ensure_future(server.run(stop)) if server else None
    await stop.wait()
    # nothing in the process can be trusted with it: a thread that waits for a database keeps loop and interpreter alive
    ending = threading.Timer(last_call, _cut_off)
    ending.daemon = True
    ending.start()
    if serving is not None:
        await serving


def _cut_off() -> None:
    log.warning("service.cut-off: something did not end in time; nothing that was recorded is lost")
    sys.stderr.flush()
    os._exit(0)


def _app(
    settings: Settings,
    engine: Engine,
    instance_id: str,
    registry: CollectorRegistry,
    counters: Counters,
    *,
    on_loopback: bool,
    entrance: Entrance,
    described: Sequence[settings_in_force.Setting],
) -> ASGIApp:
    ProcessCollector(registry=registry)
    gauges = Gauges(engine, clock=utc_now)
    registry.register(gauges)
    context = Context(
        engine=engine,
        instance=instance_id,
        clock=utc_now,
        readiness=Readiness(engine, since_beat=counters.since_beat, unstaffed=counters.unstaffed),
        gauges=gauges,
        registry=registry,
        settings=tuple(
            Setting(name=one.name, value=one.value, origin=one.origin, meaning=one.meaning) for one in described
        ),
        entrance=entrance,
        steering=Steering(settings),
        inspect=Inspections(settings),
        delivery=wiring.outlet_context(settings, instance_id),
    )
    return make_app(context, names=_names(settings), on_loopback=on_loopback)


def _names(settings: Settings) -> list[str]:
    """Host names under which the web server may be asked for."""
    public = urlsplit(settings.serve.public_url or "").hostname
    return [settings.serve.host, *settings.serve.names, *([public] if public else [])]


def _address(host: str, listening: socket.socket) -> str:
    return f"http://{host_and_port(host, listening.getsockname()[1])}/"
