"""Which addresses hirewatch may contact: the public internet, and what the operator allows beside it.

Asked by the crawler's resolver and by the delivery client for every address, at the moment of connecting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from postings.errors import ConfigurationError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: not public although `ipaddress` calls them global, or called so only by newer versions of it
_REFUSED_V4 = (
    ip_network("100.64.0.0/10"),  # carrier-grade NAT, RFC 6598
    ip_network("192.0.0.0/24"),  # protocol assignments, RFC 6890
    ip_network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
)
_REFUSED_V6 = (
    ip_network("2001::/23"),  # protocol assignments, RFC 2928
    ip_network("2001:db8::/32"),  # documentation, RFC 3849
    ip_network("3fff::/20"),  # documentation, RFC 9637
)
#: the only IPv6 space that is given to the public, RFC 4291 §2.4
_UNICAST_V6 = ip_network("2000::/3")

_COMPATIBLE = ip_network("::/96")
_NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Lets through what is public, and what lies in `allow`."""

    allow: tuple[Network, ...] = ()

    def allows(self, address: str | Address) -> bool:
        """Whether `address` may be contacted; text that is no address may not.

        An IPv6 address that carries an IPv4 one (mapped, compatible, 6to4, Teredo, NAT64) is judged by what it
        carries, since that is where the packets end.
        """
        try:
            parsed = ip_address(address) if isinstance(address, str) else address
        except ValueError:
            return False
        if isinstance(parsed, IPv6Address) and parsed.scope_id is not None:
            return False
        if _within(parsed, self.allow):
            return True
        return all(_within(inner, self.allow) or _is_public(inner) for inner in _carried(parsed) or (parsed,))


def parse_networks(text: str) -> tuple[Network, ...]:
    """The networks of a comma-separated list of CIDRs; empty text is none. Raises ConfigurationError."""
    networks: list[Network] = []
    for part in (part.strip() for part in text.split(",")):
        if not part:
            continue
        try:
            networks.append(ip_network(part))
        except ValueError as error:
            raise ConfigurationError(
                f"{part!r} is no network: {error}",
                subject="network.allow_addresses",
                remedy="write CIDRs separated by commas, for example 127.0.0.0/8, 10.1.0.0/16",
            ) from None
    return tuple(networks)


def _carried(address: Address) -> tuple[Address, ...]:
    """The IPv4 addresses inside an IPv6 address; empty if it carries none."""
    if isinstance(address, IPv4Address):
        return ()
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    if address in _NAT64[0] or (address in _COMPATIBLE and int(address) > 1):
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    if address in _NAT64[1]:
        return _nat64_local(address)
    return ()


def _nat64_local(address: IPv6Address) -> tuple[Address, ...]:
    """Every IPv4 address that a prefix within 64:ff9b:1::/48 can mean (RFC 6052 §2.2: /48, /56, /64, /96)."""
    packed = address.packed
    layouts = ((6, 7, 9, 10), (7, 9, 10, 11), (9, 10, 11, 12), (12, 13, 14, 15))
    return tuple(IPv4Address(bytes(packed[place] for place in layout)) for layout in layouts)


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if isinstance(address, IPv4Address):
        return not _within(address, _REFUSED_V4)
    return address in _UNICAST_V6 and not _within(address, _REFUSED_V6)
