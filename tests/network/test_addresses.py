from __future__ import annotations

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.addresses import AddressPolicy, parse_networks
from postings.errors import ConfigurationError

NOBODY = AddressPolicy()

#: IANA special-purpose registries (RFC 6890 and its updates), multicast and reserved space: first and last address
SPECIAL = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24
192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 255.255.255.255/32
::/128 ::1/128 100::/64 2001:2::/48 2001:10::/28 2001:20::/28 2001:db8::/32 3fff::/20 5f00::/16 fc00::/7 fe80::/10
fec0::/10 ff00::/8 4000::/3 8000::/1
""".split()

PRIVATE = ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "192.168.0.1", "0.0.0.0", "224.0.0.1"]


def embeddings(inner: str) -> list[str]:
    """The IPv6 addresses whose packets end at an IPv4 address: mapped, compatible, 6to4, Teredo, NAT64."""
    number = int(IPv4Address(inner))
    high, low = number >> 16, number & 0xFFFF
    turned = number ^ 0xFFFFFFFF
    return [
        f"::ffff:{inner}",
        f"::{inner}",
        f"2002:{high:x}:{low:x}::1",
        f"2001:0:5db8:d822:8000:63bf:{turned >> 16:x}:{turned & 0xFFFF:x}",
        f"64:ff9b::{inner}",
        f"64:ff9b:1::{inner}",
    ]


@pytest.mark.parametrize("network", SPECIAL)
def test_no_special_purpose_address_may_be_contacted(network: str) -> None:
    whole = ip_network(network)
    assert not NOBODY.allows(whole[0])
    assert not NOBODY.allows(whole[-1])


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:80f::200e"])
def test_public_addresses_may_be_contacted(address: str) -> None:
    assert NOBODY.allows(address)


@pytest.mark.parametrize("inner", PRIVATE)
def test_an_address_inside_another_is_judged(inner: str) -> None:
    assert [spelling for spelling in embeddings(inner) if NOBODY.allows(spelling)] == []


def test_a_public_address_inside_another_may_be_contacted() -> None:
    assert NOBODY.allows("::ffff:1.1.1.1")
    assert NOBODY.allows("64:ff9b::1.1.1.1")


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0x7f.1", "2130706433", "1.1.1.1/32", "1.1.1.1 ", "fe80::1%1"]
)
def test_what_is_no_address_may_not_be_contacted(text: str) -> None:
    assert not AddressPolicy(parse_networks("0.0.0.0/0, ::/0")).allows(text)


def test_a_scope_id_is_refused_even_where_the_network_is_allowed() -> None:
    assert not AddressPolicy(parse_networks("fe80::/10")).allows("fe80::1%eth0")


def test_what_the_operator_allows_may_be_contacted_and_nothing_beside_it() -> None:
    policy = AddressPolicy(parse_networks("127.0.1.0/24"))
    assert policy.allows("127.0.1.9")
    assert policy.allows("::ffff:127.0.1.9")
    assert not policy.allows("127.0.2.9")
    assert not policy.allows("::ffff:127.0.2.9")


@given(st.ip_addresses(v=4).filter(lambda address: not NOBODY.allows(address)))
def test_no_spelling_of_a_refused_address_passes(address: IPv4Address) -> None:
    assert not any(NOBODY.allows(spelling) for spelling in embeddings(str(address)))


@given(st.ip_addresses())
def test_an_address_is_judged_alike_as_text_and_as_a_value(address: object) -> None:
    assert NOBODY.allows(str(address)) == NOBODY.allows(ip_address(str(address)))


def test_networks_are_read_from_a_comma_separated_list() -> None:
    assert [str(network) for network in parse_networks(" 127.0.0.0/8, ,::1/128,")] == ["127.0.0.0/8", "::1/128"]


@pytest.mark.parametrize("part", ["10.0.0.1/8", "example.org", "10.0.0.0/33"])
def test_a_part_that_is_no_network_is_named(part: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse_networks(f"127.0.0.0/8,{part}")
    assert part in raised.value.problem
    assert raised.value.remedy
