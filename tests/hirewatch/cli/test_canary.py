"""A canary that no part may contact: it hears nothing of any outlet or site, and all of them without the policy.

What a visit asks for, request by request, is in `tests/crawler/test_policy.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from delivery.outlets import Context
from hirewatch.cli import cli
from hirewatch.cli.failures import run
from hirewatch.inspecting import Inspections
from hirewatch.settings import Crawl, Network, Settings
from postings.errors import NetworkError
from tests.crawler.hostile.server import Hostile, hang_up_hard
from tests.end_to_end.house import House
from tests.storage.watching import Watch, a_job

CANARY = "127.99.9.9"
#: where the sites are that may be visited
SITES = "127.98.0.0/16"
EVERYTHING = "127.0.0.0/8"

KEYS = ["--set", "access_key_id=me", "--set", "secret_access_key=secret"]
#: an outlet of each kind and each protocol: its address (`#` is the canary) and its options
OUTLETS: dict[str, list[str]] = {
    "webhook": ["http://#/hook"],
    "channel": ["ntfy://#/topic"],
    "opensearch": ["opensearch+http://#/jobs"],
    "meilisearch": ["meilisearch+http://#/jobs"],
    "typesense": ["typesense+http://#/jobs", "--set", "api_key=key"],
    "postgresql": ["postgresql://me:secret@#/jobs"],
    "mysql": ["mysql://me:secret@#/jobs"],
    "redis": ["redis://#/0/jobs"],
    "nats": ["nats://#/jobs"],
    "kafka": ["kafka://#/jobs"],
    "s3": ["s3://jobs/events", "--set", "endpoint=http://#", *KEYS],
}


@contextlib.contextmanager
def listening(port: int = 0) -> Iterator[Hostile]:
    """On an address that nobody may contact; hangs up on who comes."""

    def hang_up(connection: socket.socket) -> None:
        hang_up_hard(connection)

    server = Hostile(lambda connection, path: None, host=CANARY, port=port)
    server.greet = hang_up
    with server:
        yield server


def heard_by(server: Hostile) -> int:
    """How many connections it has had; those that still wait to be let in are counted."""
    with (
        contextlib.suppress(ConnectionError),
        socket.create_connection((server.host, server.port), timeout=60) as last,
    ):
        last.recv(1)
    server.connections -= 1
    return server.connections


# outlets, as the command line checks, tests and tells them


def told(watch: Watch, monkeypatch: pytest.MonkeyPatch, allowed: str) -> dict[str, int]:
    """How often the canary was contacted about each outlet by each command."""
    monkeypatch.setenv("HIREWATCH_NETWORK__ALLOW_ADDRESSES", allowed)
    # Kafka's library tries as long as it may
    monkeypatch.setattr("delivery.outlets.Context", partial(Context, timeout=1.0))
    heard: dict[str, int] = {}
    with contextlib.ExitStack() as stack:
        canaries = {name: stack.enter_context(listening()) for name in OUTLETS}

        def listen(verb: str, name: str, *command: str) -> None:
            before = heard_by(canaries[name])
            run(cli, command)
            heard[f"{verb} {name}"] = heard_by(canaries[name]) - before

        for name, arguments in OUTLETS.items():
            place = f"{CANARY}:{canaries[name].port}"
            given = [argument.replace("#", place) for argument in arguments]
            assert run(cli, ["outlets", "add", name, *given]) == 0
            for verb in ("check", "test"):
                listen(verb, name, "outlets", verb, name)
        watch.pages["/jobs/new"] = a_job("Turner")
        watch.later(days=1).visit()
        before = {name: heard_by(canaries[name]) for name in OUTLETS}
        run(cli, ["deliver"])
        heard |= {f"deliver {name}": heard_by(canaries[name]) - before[name] for name in OUTLETS}
    return heard


def test_no_outlet_contacts_what_the_policy_refuses(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = told(watch, monkeypatch, SITES)
    assert heard == dict.fromkeys(heard, 0)


def test_without_the_policy_the_canary_hears_each_outlet(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = told(watch, monkeypatch, EVERYTHING)
    assert len(heard) == 3 * len(OUTLETS)
    assert [what for what, times in heard.items() if not times] == []


# sites, as they are added and inspected


@pytest.mark.parametrize(("allowed", "heard"), [(SITES, False), (EVERYTHING, True)])
def test_a_site_is_added_and_inspected_only_where_the_policy_allows(tmp_path: Path, allowed: str, heard: bool) -> None:
    house = House(tmp_path / "home", NETWORK__ALLOW_ADDRESSES=allowed)
    settings = Settings(network=Network(allow_addresses=(allowed,)), crawl=Crawl(delay=0))
    with listening() as canary:
        url = f"http://{CANARY}:{canary.port}/"
        assert house.run("add", url).code != 0
        assert (heard_by(canary) > 0) is heard
        before = heard_by(canary)
        with contextlib.suppress(NetworkError):
            asyncio.run(Inspections(settings)(url))
        assert (heard_by(canary) > before) is heard
