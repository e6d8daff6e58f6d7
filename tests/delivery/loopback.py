"""What outlets need to tell receivers on loopback."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from delivery.outlets import Context, SmtpSettings
from network.addresses import AddressPolicy


def loopback_context(**fields: Any) -> Context:
    """A context that may contact loopback, and in which a round takes no time."""
    values: dict[str, Any] = {
        "policy": AddressPolicy(allow=(ip_network("127.0.0.0/8"),)),
        "instance": "0123456789abcdef0123456789abcdef",
        "smtp": SmtpSettings(),
        "user_agent": "hirewatch/test",
        "timeout": 5.0,
        "monotonic": lambda: 0.0,
    } | fields
    return Context(**values)
