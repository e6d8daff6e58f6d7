"""The service: whether it runs and may, and what visits need of a person."""

from __future__ import annotations

import errno
import socket
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hirewatch import wiring
from hirewatch.checks.finding import NAMED, Finding, listed, of_error
from postings import wording
from postings.errors import ConfigurationError, HirewatchError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from hirewatch.settings import Settings

#: visits that begin so much later than they are due: nobody makes them
_OVERDUE = timedelta(hours=1)
#: seconds that Chromium may take to say its version, and the web server to answer
_PATIENCE = 10.0
_SOON = 2.0


def user_agent(settings: Settings) -> Iterator[Finding]:
    """Whether a site can reach whoever visits it."""
    named = wiring.user_agent(settings)
    if settings.crawl.user_agent_contact:
        yield Finding("user agent", "ok", named)
    else:
        yield Finding(
            "user agent",
            "warning",
            f"{named} says nobody whom a site could write to instead of blocking it",
            "set crawl.user_agent_contact to a page or a mail address of yours",
        )


def addresses(settings: Settings) -> Iterator[Finding]:
    """Addresses that may be contacted although they are not public; nothing is said where there are none."""
    if settings.network.allow_addresses:
        networks = ", ".join(settings.network.allow_addresses)
        yield Finding(
            "addresses",
            "warning",
            f"{networks} may be contacted although not public",
            "take out of network.allow_addresses what no watched site needs",
        )


def sites(engine: Engine) -> Iterator[Finding]:
    """Sites that a person has to look at."""
    from storage import site_standings

    needing = site_standings.totals(engine).needing
    if not needing:
        yield Finding("sites", "ok", "none needs you")
        return
    named = [one.site.name for one in site_standings.of(engine, needing[:NAMED])]
    yield Finding(
        "sites",
        "warning",
        f"{len(needing):,} need{'s' if len(needing) == 1 else ''} you: {listed(named, of=len(needing))}",
        "`hirewatch status` says why",
    )


def visits(engine: Engine, now: datetime) -> Iterator[Finding]:
    """Whether somebody makes the visits that are due."""
    from storage import site_standings

    late = site_standings.overdue(engine, now)
    if late > _OVERDUE:
        yield Finding(
            "visits",
            "warning",
            f"one has been due for {wording.span(late)}: no service runs, or it cannot keep up",
            "start `hirewatch serve`; if it runs, its log says what it waits for, and more serve.workers make more visits",
        )
    else:
        yield Finding("visits", "ok", "those that are due are made")


def browser(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """What runs the scripts of pages, where a site wants that; nothing is said where none does."""
    from crawler.chromium import chromium
    from storage import sites

    rendered = sites.rendered(engine)
    if not rendered:
        return
    try:
        path = chromium(settings.crawl.browser)
    except ConfigurationError as error:
        yield Finding("browser", "error", f"{error.problem}, which {listed(rendered)} needs", error.remedy)
        return
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=_PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        yield Finding(
            "browser",
            "error",
            f"{path} does not start ({error})",
            "install Chromium anew (on Debian: apt install --reinstall chromium), or name another in crawl.browser",
        )
    else:
        yield Finding("browser", "ok", " ".join(asked.stdout.split()) or path)


def cadence(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """Whether the budgets of requests suffice for the visits that were asked for."""
    from scheduler import budget
    from scheduler.cadence import is_short
    from storage import budget as kept
    from storage import sites

    bounds, requests = wiring.bounds(settings), settings.cadence.requests_a_day
    short = [site.name for site in sites.limited(engine) if is_short(site, bounds)]
    if short:
        yield Finding(
            "cadence",
            "warning",
            f"the requests a day of {listed(short)} are too few for the intervals of their visits",
            f"raise them: hirewatch sites set {short[0]} --requests-a-day N",
        )
    if requests is not None and (said := budget.said(kept.current(engine), requests, bounds)):
        yield Finding("cadence", "warning", said, "raise cadence.requests_a_day, or cadence.longest")
    elif not short:
        yield Finding("cadence", "ok", "visits keep within their budgets of requests")


def web_server(engine: Engine, settings: Settings) -> Iterator[Finding]:
    """The address on which the service answers: whether it may be listened on, and who answers there now."""
    from hirewatch.serving import entrance_of, require_entrance
    from hirewatch.web_server import host_and_port, is_on_loopback, listen

    serve = settings.serve
    try:
        # any port: the one of the settings belongs to the service, which may start this moment
        listening = listen(serve.host, 0)
        with listening:
            on_loopback = is_on_loopback(listening)
            address = listening.getsockname()[0]
        require_entrance(entrance_of(settings), engine, on_loopback=on_loopback)
    except HirewatchError as error:
        yield of_error("web server", error, before="`hirewatch serve` refuses to start: ")
        return
    public = urlsplit(serve.public_url or "")
    if public.scheme == "http" and not _is_this_machine(public.hostname or ""):
        yield Finding(
            "public url",
            "warning",
            f"people reach {serve.public_url} without encryption: passwords and tokens can be read on the way",
            "put a proxy with a certificate before it, and write https:// in serve.public_url",
        )
    yield _answering(settings, address, host_and_port(serve.host, serve.port))


def _answering(settings: Settings, address: str, shown: str) -> Finding:
    if not settings.serve.port:
        return Finding("web server", "ok", f"{shown}: a free port is picked")
    ip = ip_address(address)
    asked = str(ip_address("127.0.0.1" if ip.version == 4 else "::1") if ip.is_unspecified else ip)
    try:
        socket.create_connection((asked, settings.serve.port), timeout=_SOON).close()
    except OSError as error:
        why = "" if error.errno == errno.ECONNREFUSED else f" ({error})"
        return Finding("web server", "ok", f"nobody answers at {shown}{why}")
    ready = _ask(asked, settings)
    if ready is None:
        return Finding(
            "web server",
            "error",
            f"another program answers at {shown}",
            "end it, or choose another address with serve.host and serve.port",
        )
    if ready:
        problems = ", ".join(f"the {part} {problem}" for part, problem in ready.items())
        return Finding("web server", "error", f"the service at {shown} is not ready: {problems}", "look at its log")
    return Finding("web server", "ok", f"the service at {shown} runs and is ready")


def _ask(address: str, settings: Settings) -> dict[str, str] | None:
    """What a service says is wrong with it, by its parts; None if the one that answers is none."""
    from hirewatch.web_server import host_and_port
    from network import client as clients
    from network.addresses import AddressPolicy, parse_networks

    policy = AddressPolicy(allow=parse_networks(address))
    url = f"http://{host_and_port(address, settings.serve.port)}/health/ready"
    try:
        with clients.client(policy, timeout=_SOON * 2, user_agent=wiring.user_agent(settings)) as client:
            answer = client.get(url).json()
            return {str(part): str(problem) for part, problem in answer["problems"].items()}
    except (HirewatchError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
