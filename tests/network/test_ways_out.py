"""No part of hirewatch connects to anything but through `network`, or through a library whose connections are judged
there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.repository import ROOT, packages

#: modules that connect by themselves
CLIENTS = (
    "aiohttp", "apprise", "boto3", "botocore", "confluent_kafka", "dns", "ftplib", "http.client", "httpcore", "httpx",
    "imaplib", "nats", "nntplib", "paramiko", "poplib", "pycurl", "pymysql", "redis", "requests", "scrapy", "smtplib",
    "telnetlib", "treq", "urllib.request", "urllib3", "webbrowser", "websocket", "websockets", "xmlrpc",
)  # fmt: skip
#: calls that connect
CALLS = (
    "create_connection",
    "open_connection",
    "open_unix_connection",
    "sock_connect",
    "connect_ex",
    "urlopen",
    "urlretrieve",
)

#: who uses which of them all the same, and what judges its connections
JUDGED = {
    "crawler": {"scrapy"},  # network.resolver, the only resolver of the process
    "hirewatch/inspector.py": {"scrapy"},
    "scheduler/visits.py": {"scrapy"},
    "scheduler/worker.py": {"scrapy"},
    "hirewatch/checks/service.py": {"create_connection"},  # the address at which `serve` itself listens
    "delivery/outlets/apprise.py": {"apprise"},  # network.requests stands in its place of `requests`
    "delivery/outlets/email.py": {"smtplib"},  # the mail server is a setting of the operator
    "delivery/outlets/stream_kafka.py": {"confluent_kafka"},  # network.hosts, before each connection
    "delivery/outlets/stream_nats.py": {"nats"},
    "delivery/outlets/stream_redis.py": {"redis", "create_connection"},
}


def connecting(source: str) -> set[str]:
    """The clients that a module imports and the calls in it that connect."""
    return {name for node in ast.walk(ast.parse(source)) for name in _named(node)}


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    elif isinstance(node, ast.Attribute | ast.Name):
        name = node.attr if isinstance(node, ast.Attribute) else node.id
        if name in CALLS:
            yield name
        return
    else:
        return
    for name in names:
        yield from (client for client in CLIENTS if name == client or name.startswith(f"{client}."))


@cache
def connecting_in(path: Path) -> set[str]:
    return connecting((ROOT / path).read_text())


@cache
def modules() -> list[Path]:
    return [
        path.relative_to(ROOT)
        for package in packages()
        if package != "network"
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def test_nothing_connects_but_what_is_judged() -> None:
    found = {}
    for path in modules():
        allowed = JUDGED.get(path.parts[0], set()) | JUDGED.get(str(path), set())
        if more := connecting_in(path) - allowed:
            found[str(path)] = more
    assert found == {}


def test_every_exception_is_made_use_of() -> None:
    for place, allowed in JUDGED.items():
        paths = [path for path in modules() if place in (str(path), path.parts[0])]
        used = set().union(*(connecting_in(path) for path in paths))
        assert allowed <= used, place


@pytest.mark.parametrize(
    "line",
    [
        "import urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import http.client as plain",
        "def later():\n    import requests",
        "from httpx import AsyncClient",
        "import socket; socket.create_connection(('acme.example', 80))",
        "async def go(): await asyncio.open_connection('acme.example', 80)",
    ],
)
def test_another_way_out_would_be_found(line: str) -> None:
    assert connecting(line)


@pytest.mark.parametrize("line", ["from urllib.parse import urlsplit", "import http", "engine.connect()"])
def test_what_does_not_connect_is_let_alone(line: str) -> None:
    assert connecting(line) == set()
