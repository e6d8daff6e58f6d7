"""Connections for libraries that speak a protocol of their own: only to addresses that the policy allows.

Outlets hand the socket, or the judged address, to the driver of a database or a stream.
"""

from __future__ import annotations

import socket

from network.addresses import AddressPolicy
from network.client import Resolve, judge
from postings.errors import NetworkError


def connect(
    policy: AddressPolicy, host: str, port: int, *, timeout: float, resolve: Resolve | None = None
) -> socket.socket:
    """A TCP connection to the first address of `host` that may be contacted and answers.

    `timeout` is in seconds, for each address. Raises AddressRefused if none may be contacted, NetworkError if none
    answers.
    """
    failure = OSError()
    for address in judge(policy, host, port, resolve):
        try:
            connection = socket.create_connection((address, port), timeout)
        except OSError as error:
            failure = error
            continue
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return connection
    why = failure.strerror or "it does not answer in time"
    raise NetworkError(f"cannot be reached ({why})", subject=f"{host}:{port}")
