"""Name resolution for Scrapy that passes on only addresses which the policy allows.

Twisted's HostnameEndpoint connects to nothing but what its reactor's name resolver gave it, for names and for
literals of every spelling, so what is refused here cannot be contacted and no second look-up can differ. The
resolver is process-wide: the setting counts where the reactor is made, not in a spider.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer

from network.addresses import AddressPolicy, parse_networks

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.interfaces import IAddress, IHostResolution

#: Scrapy setting: list of CIDRs that are allowed although they are not public
ALLOW_ADDRESSES = "HIREWATCH_ALLOW_ADDRESSES"

_REMEMBERED = 1000


@implementer(IHostnameResolver)
class PolicyResolver:
    """Wraps the reactor's own resolver (IPv4 and IPv6) and judges each of its answers."""

    def __init__(self, reactor: Any, policy: AddressPolicy, inner: Any = None) -> None:
        """`inner` is the IHostnameResolver that is asked; the one of `reactor` unless given."""
        self._reactor = reactor
        self._inner = reactor.nameResolver if inner is None else inner
        self.policy = policy
        self._refused: OrderedDict[str, str] = OrderedDict()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """As Scrapy's TWISTED_DNS_RESOLVER is made."""
        return cls(reactor, policy_of(crawler.settings))

    def install_on_reactor(self) -> None:
        """Makes this the resolver of everything that the process contacts by Twisted."""
        self._reactor.installNameResolver(self)

    def refused(self, host: str) -> str | None:
        """The address of `host` that was refused when it was last looked up; None if none was."""
        return self._refused.get(host.lower().strip("[]"))

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """IHostnameResolver: the same answer as the inner resolver's, less what the policy refuses."""
        self._refused.pop(hostName.lower(), None)
        judge = _Judge(resolutionReceiver, self, hostName)
        resolution: IHostResolution = self._inner.resolveHostName(
            judge, hostName, portNumber, addressTypes, transportSemantics
        )
        return resolution

    def note_refusal(self, host: str, address: str) -> None:
        """Remembers for the message that `host` led to a refused `address`."""
        self._refused[host.lower()] = address
        while len(self._refused) > _REMEMBERED:
            self._refused.popitem(last=False)


@implementer(IResolutionReceiver)
class _Judge:
    def __init__(self, receiver: Any, resolver: PolicyResolver, host: str) -> None:
        self._receiver = receiver
        self._resolver = resolver
        self._host = host

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        host = str(getattr(address, "host", ""))
        if self._resolver.policy.allows(host):
            self._receiver.addressResolved(address)
        else:
            self._resolver.note_refusal(self._host, host)

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()


def policy_of(settings: Any) -> AddressPolicy:
    """The policy that Scrapy settings describe. Raises ConfigurationError if a network is none."""
    return AddressPolicy(parse_networks(",".join(settings.getlist(ALLOW_ADDRESSES))))


def refused_address(host: str) -> str | None:
    """The address of `host` that this process refused when it was last looked up; None if it refused none."""
    # At the head of the module it would choose the reactor before Scrapy does.
    from twisted.internet import reactor

    resolver = getattr(reactor, "nameResolver", None)
    return resolver.refused(host) if isinstance(resolver, PolicyResolver) else None


def guard(reactor: Any, settings: Any) -> PolicyResolver:
    """The policy resolver of `reactor`, installed now if it is not there yet.

    Scrapy installs TWISTED_DNS_RESOLVER only in a CrawlerProcess; whoever makes connections calls this first, so
    that a crawl under a mere CrawlerRunner cannot go out unjudged.
    """
    resolver = reactor.nameResolver
    if not isinstance(resolver, PolicyResolver):
        resolver = PolicyResolver(reactor, policy_of(settings))
        resolver.install_on_reactor()
    return resolver
