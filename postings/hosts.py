"""How a web host stands with us over visits and processes: when it may be asked next, and whether it rests.

Pure. `crawler.gate` asks before each request, `storage.hosts` keeps what must outlive a process.

A host that gave no good answer in three visits in a row rests, each time for longer. The first request after a rest is
alone: what comes of it ends the rest or begins the next one. Only what says something of the host itself counts (5xx,
429, time-outs, failed connections): a 404 or 403 is one site's affair, and hundreds of sites can share a host.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: visits in a row without a good answer after which a host rests
REST_AFTER = 3
#: the first rest; doubled each time, up to the second figure
RESTS = (timedelta(minutes=10), timedelta(hours=6))
#: a Retry-After that asks for more is a mistake, or asks never to come back
LONGEST_WISH = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What is remembered of a host. Times are aware."""

    #: no request before this
    next_at: datetime | None = None
    #: seconds between two requests that its robots.txt asked for last
    delay: float = 0.0
    #: visits in a row in which it gave no good answer, and when the last of them was counted
    failures: int = 0
    failed_at: datetime | None = None
    #: not asked at all until then, and why
    rests_until: datetime | None = None
    reason: str | None = None
    #: the host itself asked for the rest (Retry-After)
    wished: bool = False

    @property
    def on_trial(self) -> bool:
        """It has failed so often that one request has to go well before others follow."""
        return self.failures >= REST_AFTER


def rests(host: Host, now: datetime, *, insist: bool = False) -> bool:
    """Whether nothing may be asked now. Who insists is kept off only where the host itself asked for the rest."""
    return host.rests_until is not None and now < host.rests_until and (host.wished or not insist)


def answered(host: Host) -> Host:
    """The host after a good answer: what it failed before is forgotten; what it wished for is not."""
    if not host.failures:
        return host
    host = replace(host, failures=0, failed_at=None)
    return host if host.wished else replace(host, rests_until=None, reason=None)


def failed(host: Host, reason: str, *, began: datetime, now: datetime) -> Host:
    """The host after a visit that it gave no good answer; `began` is when that visit first asked it.

    Visits that ran at the same time met the same failure: of those, one counts.
    """
    if host.failed_at is not None and began <= host.failed_at:
        return host
    host = replace(host, failures=host.failures + 1, failed_at=now)
    if not host.on_trial:
        return host
    first, longest = RESTS
    rest = min(first * float(2 ** min(host.failures - REST_AFTER, 10)), longest)
    if host.rests_until is not None and host.rests_until >= now + rest:
        return host
    words = f"it gave no good answer in {host.failures} visits in a row, lastly: {reason}"
    return replace(host, rests_until=now + rest, reason=words, wished=False)


def wished(host: Host, seconds: float, reason: str, *, now: datetime) -> Host:
    """The host after it asked to be left alone for `seconds` (RFC 9110 §10.2.3)."""
    until = now + timedelta(seconds=min(seconds, LONGEST_WISH.total_seconds()))
    if host.wished and host.rests_until is not None and host.rests_until >= until:
        return host
    return replace(host, rests_until=until, reason=reason, wished=True)


def told(name: str, host: Host) -> str:
    """Why nothing is asked of a host that rests, in words."""
    until = f"{host.rests_until:%Y-%m-%d %H:%M} UTC" if host.rests_until else "later"
    return f"host {name} rests until {until}: {host.reason}"
