"""The interface of `requests` on our own client: a library that uses it contacts nothing that the policy refuses."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from ipaddress import ip_network
from types import ModuleType
from typing import Any

import httpx
import pytest
import requests as real  # noqa: TID251  # what the library would use by itself

from network import client as http
from network import requests
from network.addresses import AddressPolicy
from postings.errors import AddressRefused
from tests.delivery.services import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def library() -> Iterator[ModuleType]:
    """A library with a module of its own that calls `requests`."""
    library, module = ModuleType("borrowed"), ModuleType("borrowed.plugin")
    vars(module)["requests"] = real
    sys.modules |= {"borrowed": library, "borrowed.plugin": module}
    requests.divert("borrowed")
    yield module
    del sys.modules["borrowed"], sys.modules["borrowed.plugin"]


def client(*allowed: str) -> httpx.Client:
    policy = AddressPolicy(allow=tuple(ip_network(one) for one in allowed))
    return http.client(policy, timeout=5, user_agent="hirewatch/test")


def test_a_library_gets_its_answers(library: Any, server: Server) -> None:
    server.body = b'{"ok": true}'
    server.headers = {"X-Limit": "3"}
    with client("127.0.0.0/8") as ours, requests.through(ours) as exchanges:
        answer = library.requests.post(f"http://{server.address}/a", json={"x": 1}, params={"q": "ä"}, timeout=99)
        assert answer.status_code == library.requests.codes.ok
        assert (answer.json(), answer.content, answer.text) == ({"ok": True}, server.body, '{"ok": true}')
        assert answer.headers["x-limit"] == "3"
        library.requests.get(f"http://{server.address}/b", {"r": "1"}, auth=("me", "pw"))
        library.requests.request("PUT", f"http://{server.address}/c", data="text")
        library.requests.post(f"http://{server.address}/d", {"form": "1"})
    first, second, third, fourth = server.requests
    assert (first.method, first.path, json.loads(first.body)) == ("POST", "/a?q=%C3%A4", {"x": 1})
    assert (second.path, second.headers["authorization"]) == ("/b?r=1", "Basic bWU6cHc=")
    assert (third.method, third.body) == ("PUT", b"text")
    assert fourth.body == b"form=1"
    assert [reply.status for _, reply in exchanges.answers] == [200] * 4


def test_a_library_contacts_nothing_that_the_policy_refuses(library: Any, server: Server) -> None:
    with client() as ours, requests.through(ours) as exchanges:
        with pytest.raises(library.requests.RequestException):
            library.requests.get(f"http://{server.address}/")
        assert isinstance(exchanges.failure, AddressRefused)
    assert server.connections == 0
    # the control: what the library would do by itself
    assert real.get(f"http://{server.address}/", timeout=5).status_code == 200


def test_a_library_follows_no_redirect_whatever_it_asks_for(library: Any, server: Server) -> None:
    with serving("127.0.0.2") as inner:
        server.status, server.headers = 302, {"Location": f"http://{inner.address}/"}
        with client("127.0.0.0/8") as ours, requests.through(ours):
            answer = library.requests.get(f"http://{server.address}/", allow_redirects=True)
        assert (answer.status_code, inner.connections) == (302, 0)


def test_a_library_sends_nothing_but_when_it_is_asked_to(library: Any, server: Server) -> None:
    failures: list[Exception] = []

    def elsewhere() -> None:
        try:
            library.requests.get(f"http://{server.address}/")
        except library.requests.ConnectionError as error:
            failures.append(error)

    with client("127.0.0.0/8") as ours:
        with requests.through(ours):
            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()
        elsewhere()
    assert len(failures) == 2
    assert server.connections == 0


@pytest.mark.parametrize("name", ["Session", "session", "adapters", "sessions", "api", "options"])
def test_there_is_no_other_way_out(library: Any, name: str) -> None:
    assert not hasattr(library.requests, name)


def test_only_the_library_is_diverted(library: Any) -> None:
    assert library.requests is not real
    assert sys.modules["requests"] is real
    assert real.get is sys.modules["requests.api"].get


def test_a_proxy_in_the_environment_is_not_used(library: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "")
        with client("127.0.0.0/8") as ours, requests.through(ours):
            assert library.requests.get(f"http://{server.address}/").status_code == 200


def test_an_answer_without_an_end_is_not_read_for_ever(library: Any, server: Server) -> None:
    server.body = b"x" * 2_000_000
    with client("127.0.0.0/8") as ours, requests.through(ours) as exchanges:
        with pytest.raises(library.requests.RequestException):
            library.requests.get(f"http://{server.address}/")
        assert "more than 1,048,576 bytes" in str(exchanges.failure)


def test_a_packed_answer_is_not_unpacked(library: Any, server: Server) -> None:
    server.headers = {"Content-Encoding": "gzip"}
    with client("127.0.0.0/8") as ours, requests.through(ours) as exchanges:
        with pytest.raises(library.requests.RequestException):
            library.requests.get(f"http://{server.address}/", headers={"Accept-Encoding": "gzip"})
        assert "packed" in str(exchanges.failure)
    assert server.requests[0].headers["accept-encoding"] == "identity"
