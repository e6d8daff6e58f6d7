"""`hirewatch serve` with its web server: what it prints, what it answers, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from hirewatch import web_server
from postings.errors import ConfigurationError
from storage import sites
from storage.engine import connect
from storage.schema import upgrade
from tests.dashboard.web import Running
from tests.scheduler.processes import children, until
from tests.sites.scripted import ScriptedSite


class Serving:
    """`hirewatch serve` as a process; what it says is in `said`."""

    def __init__(self, home: Path, *arguments: str, said_to: TextIO | None = None, **settings: str) -> None:
        self.said = home / "said"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HIREWATCH_")}
        with self.said.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hirewatch", "serve", *arguments],
                stdout=output, stderr=said_to or output, start_new_session=True, cwd=home,
                env={**environment, "HIREWATCH_HOME": str(home), **settings},
            )  # fmt: skip

    def address(self) -> str:
        """Where it listens; waits until it has said so."""
        until(lambda: self._address() is not None or self.process.poll() is not None, "it never said where it listens")
        found = self._address()
        assert found, self.said.read_text()
        return found[0]

    def _address(self) -> re.Match[str] | None:
        return re.search(r"http://[0-9.]+:\d+", self.said.read_text())

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.said.read_text().splitlines()]

    def close(self) -> None:
        for child in [*children(self.process.pid), self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        self.process.wait(30)


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with ScriptedSite() as site:
        yield site


def test_a_service_that_nobody_listens_to_goes_on_and_replaces_a_worker_that_died(tmp_path: Path) -> None:
    nobody, said = os.pipe()
    os.close(nobody)
    with os.fdopen(said, "w") as closed:
        served = Serving(tmp_path, "--no-http", said_to=closed)
    try:
        until(lambda: bool(children(served.process.pid)) or served.process.poll() is not None, "it began no worker")
        (worker,) = children(served.process.pid)
        os.kill(worker, signal.SIGKILL)
        until(lambda: set(children(served.process.pid)) - {worker} != set(), "the worker was not replaced")
        served.process.terminate()
        assert served.process.wait(30) == 0
    finally:
        served.close()


def test_a_service_visits_answers_logs_each_step_and_ends_in_time_with_clients_that_hang(
    tmp_path: Path, site: ScriptedSite
) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'hirewatch.db'}")
    upgrade(engine)
    sites.add(engine, name="acme", start_url=site.url, every=None, now=datetime.now(UTC))
    engine.dispose()
    served = Serving(
        tmp_path, "--port", "0",
        HIREWATCH_LOG__FORMAT="json", HIREWATCH_LOG__LEVEL="info",
        HIREWATCH_CRAWL__DELAY="0", HIREWATCH_NETWORK__ALLOW_ADDRESSES="127.0.0.0/8",
    )  # fmt: skip
    try:
        address = served.address()
        until(lambda: "visit.concluded" in served.said.read_text(), "the visit never ended")
        with httpx.Client(base_url=address, timeout=30) as client:
            assert client.get("/health/ready").json() == {"ready": True, "problems": {}}
            families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}
        port = int(address.rpartition(":")[2])
        # one says nothing, one stops in the middle of its request
        with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)) as half:
            half.sendall(b"GET /metrics HTTP/1.1\r\nHost: loc")
            served.process.terminate()
            began = time.monotonic()
            assert served.process.wait(30) == 0
            assert time.monotonic() - began < 10
        steps = served.events()
    finally:
        served.close()
    visits = {sample.labels["outcome"]: sample.value for sample in families["hirewatch_visits"].samples}
    assert visits == {"complete": 1, "partial": 0, "suspect": 0, "failed": 0}
    answers = {sample.labels["answer"]: sample.value for sample in families["hirewatch_requests"].samples}
    # it has no robots.txt
    assert answers["2xx"] > len(site.open_jobs())
    assert answers["5xx"] == answers["none"] == 0
    by_event: dict[str, list[dict[str, Any]]] = {}
    for step in steps:
        by_event.setdefault(step.get("event", step.get("message", "")), []).append(step)
    (concluded,) = by_event["visit.concluded"]
    assert concluded["outcome"] == "complete"
    assert concluded["opened"] == len(site.open_jobs())
    assert concluded["seconds"] > 0
    for event in ("visit.ordered", "visit.begun", "batch.recorded"):
        assert {step["site"] for step in by_event[event]} == {"acme"}
    assert {step["visit"] for step in by_event["batch.recorded"]} == {concluded["visit"]}
    assert sum(step["opened"] for step in by_event["batch.recorded"]) == concluded["opened"]
    assert max(step["last_event"] for step in by_event["batch.recorded"]) == concluded["opened"]
    titles = [site.job(handle).title for handle in site.open_jobs()]
    assert titles
    assert not [title for title in titles if title in served.said.read_text()]


def test_a_service_ends_in_time_although_an_answer_is_stuck_in_a_thread(tmp_path: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.hirewatch.stuck"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert program.stdout
        port = int(program.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert program.stdout.readline() == "stuck\n"
            program.terminate()
            assert program.wait(30) == 0
        assert program.stderr
        assert "service.cut-off" in program.stderr.read()
    finally:
        program.kill()
        program.communicate()


def test_an_address_that_is_taken_is_said_before_anything_begins(
    command_line: Callable[..., int], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert command_line("serve", "--port", str(port)) == 3
    said = capsys.readouterr().err
    assert f"127.0.0.1:{port}: cannot be listened on (Address already in use)" in said
    assert "--port" in said


def test_a_host_that_is_not_this_machine_cannot_be_listened_on() -> None:
    with pytest.raises(ConfigurationError, match=r"192\.0\.2\.1:8777"):
        web_server.listen("192.0.2.1", 8777)
    with pytest.raises(ConfigurationError, match=r"no\.such\.name\.invalid"):
        web_server.listen("no.such.name.invalid", 8777)


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False)])
def test_only_an_address_of_loopback_is_taken_for_one(host: str, loopback: bool) -> None:
    with web_server.listen(host, 0) as listening:
        assert web_server.is_on_loopback(listening) is loopback


def test_the_web_server_ends_although_an_answer_never_does() -> None:
    app, asked = FastAPI(), threading.Event()

    @app.get("/endless")
    async def endless() -> None:
        asked.set()
        await asyncio.sleep(3600)

    with Running(app) as running, socket.create_connection(("127.0.0.1", running.port)) as client:
        client.sendall(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert asked.wait(10)
        began = time.monotonic()
        assert running.stop()
        assert time.monotonic() - began < 8


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: loc"])
def test_a_client_that_does_not_say_what_it_wants_is_not_waited_for(said: bytes) -> None:
    with Running(FastAPI(), patience=0.2) as running, socket.create_connection(("127.0.0.1", running.port)) as client:
        client.sendall(said)
        client.settimeout(10)
        assert client.recv(1) == b""


def test_a_client_that_comes_back_slowly_is_not_waited_for_either() -> None:
    with Running(FastAPI(), patience=0.2) as running, socket.create_connection(("127.0.0.1", running.port)) as client:
        client.settimeout(10)
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /")
        assert client.recv(4) == b"HTTP"
        while client.recv(1000):
            pass


def test_an_answer_that_takes_its_time_is_waited_for() -> None:
    app = FastAPI()

    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(0.5)
        return "done"

    with Running(app, patience=0.1) as running:
        assert httpx.get(f"http://127.0.0.1:{running.port}/slow", timeout=30).json() == "done"


def test_further_connections_are_closed_at_once() -> None:
    with Running(FastAPI(), most=2) as running, contextlib.ExitStack() as open_ones:
        clients = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=10)) for _ in range(3)
        ]
        with contextlib.suppress(ConnectionResetError):
            assert clients[2].recv(1) == b""
        clients[0].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert clients[0].recv(12) == b"HTTP/1.1 404"


def test_a_web_server_that_breaks_says_so_and_raises_nothing(caplog: pytest.LogCaptureFixture) -> None:
    running = Running(FastAPI())
    running.break_it()
    with running:
        until(lambda: bool(running.said), "it said nothing")
    assert running.said == ["the web server has ended; visits and deliveries go on"]
    assert "http.crashed" in caplog.text


def test_the_service_loads_neither_the_crawler_nor_its_readers() -> None:
    program = (
        "import sys, hirewatch.serving; print(sorted({'scrapy', 'twisted', 'extruct', 'lxml'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"
