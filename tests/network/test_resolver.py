from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address

from network.addresses import AddressPolicy, parse_networks
from network.resolver import PolicyResolver


class Table:
    """A resolver beneath: answers from a table."""

    def __init__(self, **answers: list[str]) -> None:
        self._answers = answers

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *_: Any) -> object:
        resolution = object()
        receiver.resolutionBegan(resolution)
        for address in self._answers.get(host, []):
            receiver.addressResolved((IPv6Address if ":" in address else IPv4Address)("TCP", address, port))
        receiver.resolutionComplete()
        return resolution


class Receiver:
    def __init__(self) -> None:
        self.began: object = None
        self.addresses: list[str] = []
        self.complete = False

    def resolutionBegan(self, resolution: object) -> None:
        self.began = resolution

    def addressResolved(self, address: Any) -> None:
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:
        self.complete = True


def resolve(resolver: PolicyResolver, host: str) -> list[str]:
    receiver = Receiver()
    resolution = resolver.resolveHostName(receiver, host, 80)
    assert receiver.complete
    assert receiver.began is resolution
    return receiver.addresses


def resolver(allow: str = "", **answers: list[str]) -> PolicyResolver:
    return PolicyResolver(None, AddressPolicy(parse_networks(allow)), inner=Table(**answers))


def test_public_addresses_are_passed_on() -> None:
    assert resolve(resolver(public=["1.1.1.1", "2606:4700::1111"]), "public") == ["1.1.1.1", "2606:4700::1111"]


def test_a_refused_address_is_held_back_and_remembered_for_the_message() -> None:
    one = resolver(inner=["10.0.0.1"])
    assert resolve(one, "inner") == []
    assert one.refused("INNER") == "10.0.0.1"


def test_only_the_public_ones_of_mixed_answers_are_passed_on() -> None:
    assert resolve(resolver(mixed=["127.0.0.1", "1.1.1.1", "::ffff:10.0.0.1"]), "mixed") == ["1.1.1.1"]


def test_what_the_operator_allows_is_passed_on() -> None:
    assert resolve(resolver("127.0.1.0/24", here=["127.0.1.1", "127.0.2.1"]), "here") == ["127.0.1.1"]


def test_a_name_that_turns_public_is_not_called_refused_any_more() -> None:
    table = Table(name=["10.0.0.1"])
    one = PolicyResolver(None, AddressPolicy(), inner=table)
    resolve(one, "name")
    table._answers["name"] = ["1.1.1.1"]
    resolve(one, "name")
    assert one.refused("name") is None


def test_a_name_without_an_address_is_no_refusal() -> None:
    one = resolver()
    assert resolve(one, "nowhere") == []
    assert one.refused("nowhere") is None
