"""Who may come in, as the service is set up, and which requests are not what they seem. Decides; asks nothing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

#: methods that change nothing (RFC 9110 §9.2.1)
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

#: passwords that may be tried in the time, from one address and from all together
_TRIES: Final = 10
_TRIES_OF_ALL: Final = 100
_TRIES_IN: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What the settings say of who may come in."""

    #: nothing but health, metrics and the links of mails is shown, to nobody
    only_health: bool = False
    #: where proxies are that are believed what they say of a request
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    #: the field in which they name who has logged in there; None = they do not
    user_header: str | None = None
    #: origin under which people reach the service, beside those that it is asked under: "https://jobs.example.org"
    public_origin: str | None = None

    def is_proxy(self, peer: str) -> bool:
        """Whether the connection comes from a proxy that is believed."""
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self.proxies)

    def is_vouched_for(self, peer: str, headers: Headers) -> bool:
        """Whether a proxy says that it has let somebody in."""
        if self.user_header is None or not self.is_proxy(peer):
            return False
        named = headers.getlist(self.user_header)
        return len(named) == 1 and bool(named[0].strip())

    def who_asks(self, peer: str, headers: Headers) -> str:
        """The address that a request comes from, as far as that can be believed."""
        if not self.is_proxy(peer):
            return peer
        # the last one is what the proxy saw, the others are what it was told
        return ",".join(headers.getlist("x-forwarded-for")).rpartition(",")[2].strip() or peer


def is_foreign(headers: Headers, public_origin: str | None = None) -> bool:
    """Whether a page of somebody else made the browser send this request.

    Browsers say so in Sec-Fetch-Site, where the connection is private (Fetch Metadata), and in Origin with everything
    that is not a GET or HEAD (Fetch standard). What carries neither comes from no browser.
    """
    sites, origins = headers.getlist("sec-fetch-site"), headers.getlist("origin")
    if sites:
        return [site.strip().lower() for site in sites] not in (["same-origin"], ["none"])
    if not origins:
        return False
    host = headers.get("host", "").lower()
    if len(origins) > 1 or not host:
        return True
    origin = origins[0].strip().lower()
    return origin not in (f"http://{host}", f"https://{host}", public_origin)


def origin_of(url: str) -> str | None:
    """The origin of an address, as browsers write it; None if it has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.scheme in ("http", "https") and parts.netloc else None


def within(address: str) -> str:
    """An address of this service to go on to: a path, and never another host."""
    # browsers leave out tabs and line breaks, and take \ for /
    plain = address.isascii() and address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/") and not address.startswith("//") else "/"


@dataclass
class Attempts:
    """The passwords that were tried of late; kept in memory, since only one process takes them."""

    _tries: dict[str, deque[datetime]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, address: str, now: datetime) -> timedelta | None:
        """Counts one more try from an address; how long it has to wait instead, if it has tried too often."""
        with self._lock:
            self._forget(now - _TRIES_IN)
            own = self._tries.get(_network(address), deque[datetime]())
            all_of_them = sorted(at for tries in self._tries.values() for at in tries)
            for tries, most in ((own, _TRIES), (all_of_them, _TRIES_OF_ALL)):
                if len(tries) >= most:
                    return tries[-most] + _TRIES_IN - now
            own.append(now)
            self._tries[_network(address)] = own
            return None

    def forgive(self, address: str) -> None:
        """The last one was right: what was tried from there before counts no more."""
        with self._lock:
            self._tries.pop(_network(address), None)

    def _forget(self, until: datetime) -> None:
        for network, tries in list(self._tries.items()):
            while tries and tries[0] <= until:
                tries.popleft()
            if not tries:
                del self._tries[network]


def _network(address: str) -> str:
    """Whoever has one address of IPv6 has 2^64 of them."""
    try:
        return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
    except ValueError:
        return address
