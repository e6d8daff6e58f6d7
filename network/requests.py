"""The interface of `requests` on our own client, for libraries that bring such calls with them.

`divert` puts it in the place of `requests` in a library's modules; `through` says which client carries what this
thread sends. So the address policy, the deadline and "no redirects" hold for their calls as they do for ours, and
a call at any other moment fails before anything is sent.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import httpx
import requests  # noqa: TID251  # for its types and errors: what it would send goes through network.client
from requests.structures import CaseInsensitiveDict  # noqa: TID251

from network import client as http
from postings.errors import NetworkError

#: bytes of an answer that a library may read
_MOST = 1024 * 1024

#: what a library may use of `requests` that sends nothing
_PASSED_ON = (
    "ConnectionError", "HTTPError", "RequestException", "Response", "Timeout", "TooManyRedirects", "auth", "codes",
    "exceptions",
)  # fmt: skip


@dataclass(slots=True)
class Exchanges:
    """What a library sent and how that ended."""

    #: host and answer of each request that was answered, in order
    answers: list[tuple[str, http.Reply]] = field(default_factory=list)
    #: why the last request that was not answered was not
    failure: NetworkError | None = None


class _Current(threading.local):
    client: httpx.Client | None = None
    exchanges: Exchanges | None = None


_current = _Current()


@contextmanager
def through(client: httpx.Client) -> Iterator[Exchanges]:
    """Carries what this thread sends within the block; the exchanges are what became of it."""
    outer = _current.client, _current.exchanges
    exchanges = Exchanges()
    _current.client, _current.exchanges = client, exchanges
    try:
        yield exchanges
    finally:
        _current.client, _current.exchanges = outer


def divert(package: str) -> None:
    """Gives every loaded module of `package` this interface instead of `requests`; safe to repeat."""
    for name, module in list(sys.modules.items()):
        if (name == package or name.startswith(f"{package}.")) and vars(module).get("requests") is requests:
            vars(module)["requests"] = _MODULE


def _request(method: str, url: str, **options: Any) -> requests.Response:
    client, exchanges = _current.client, _current.exchanges
    if client is None or exchanges is None:
        raise requests.ConnectionError("nothing may be sent now")
    # how long to wait, whom to trust and what to follow is not for the library to say
    described = {name: value for name, value in options.items() if name in _DESCRIPTION}
    prepared = requests.Request(method.upper(), url, **described).prepare()
    content = prepared.body
    if isinstance(content, str):
        content = content.encode()
    if content is not None and not isinstance(content, bytes):
        raise requests.RequestException("a body that is not in memory is not sent")
    headers = {name: value for name, value in prepared.headers.items() if name.lower() != "content-length"}
    try:
        reply = http.exchange(
            client, method.upper(), prepared.url or "", content=content, headers=_as_text(headers), most=_MOST
        )
    except NetworkError as error:
        exchanges.failure = error
        raise requests.ConnectionError(error.problem) from None
    exchanges.answers.append((httpx.URL(prepared.url or "").host, reply))
    answer = requests.Response()
    answer.status_code = reply.status
    answer.headers = CaseInsensitiveDict(reply.headers)
    answer.url = prepared.url or ""
    answer.request = prepared
    answer.encoding = "utf-8"
    answer.raw = io.BytesIO(reply.body)
    return answer


#: what describes a request in `requests.request`; its other arguments say how to send it
_DESCRIPTION = frozenset({"params", "data", "json", "headers", "cookies", "files", "auth"})


def _as_text(headers: dict[str, Any]) -> dict[str, str]:
    return {
        name: value.decode("latin-1") if isinstance(value, bytes) else str(value) for name, value in headers.items()
    }


def _verb(method: str) -> Any:
    def send(url: str, *positional: Any, **options: Any) -> requests.Response:
        if positional:
            # `requests.get(url, params)` and `requests.post(url, data, json)`
            names = ("params",) if method == "GET" else ("data", "json")
            options |= dict(zip(names, positional, strict=False))
        return _request(method, url, **options)

    return send


def _made() -> ModuleType:
    module = ModuleType("requests")
    for name in _PASSED_ON:
        setattr(module, name, getattr(requests, name))
    for method in ("get", "post", "put", "patch", "delete", "head"):
        setattr(module, method, _verb(method.upper()))
    vars(module)["request"] = _request
    return module


#: anything else that a library looks for in it is not there
_MODULE = _made()
