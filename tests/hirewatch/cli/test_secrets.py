"""Thirteen secrets, everything done with them that fails and that works, and none of them in anything that is said."""

from __future__ import annotations

import base64
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest

from delivery.outlets import Context
from hirewatch.cli import cli
from hirewatch.cli.failures import run
from storage import sites
from tests.scheduler.processes import children
from tests.sites.scripted import ScriptedSite
from tests.storage.watching import Watch, a_job

#: nothing listens there
NOWHERE = "127.0.0.1:9"


def canary(number: int) -> str:
    return f"canary{number:02}q7"


SIGNING_KEY = "whsec_" + base64.b64encode(f"{canary(3)}-of-a-webhook-".encode()).decode()

#: what each outlet is given: its address and options, with a secret in each
OUTLETS = {
    "hook": [f"http://{NOWHERE}/hooks/{canary(1)}", "--secret", SIGNING_KEY, "--header", f"X-Key={canary(2)}"],
    "phone": [f"ntfy://{NOWHERE}/{canary(4)}"],
    "index": [f"opensearch+http://user:{canary(5)}@{NOWHERE}/jobs"],
    "words": [f"meilisearch+http://{NOWHERE}/jobs", "--set", f"api_key={canary(6)}"],
    "warehouse": [f"postgresql://etl:{canary(7)}@{NOWHERE}/jobs"],
    "bus": [f"redis://:{canary(8)}@{NOWHERE}/0/jobs"],
    "log": [f"kafka+tls://etl:{canary(11)}@{NOWHERE}/jobs"],
    "lake": [
        "s3://jobs/events",
        "--set",
        f"endpoint=http://{NOWHERE}",
        "--set",
        "access_key_id=me",
        "--set",
        f"secret_access_key={canary(12)}",
    ],
    "news": [f"nats+tls://etl:{canary(13)}@{NOWHERE}/jobs"],
    "mail": ["mailto:me@example.org"],
}
MAIL_SERVER = f"smtp://me:{canary(9)}@{NOWHERE}"
DATABASE = f"postgresql://me:{canary(10)}@{NOWHERE}/hirewatch"
#: every spelling of each one
SPELLINGS = [
    *(canary(number) for number in range(1, 14)),
    SIGNING_KEY.removeprefix("whsec_"),
    *(
        base64.b64encode(f"{user}:{canary(number)}".encode()).decode()
        for user, number in (("user", 5), ("me", 9), ("etl", 11))
    ),
]

SETTINGS = {
    "MAIL__URL": MAIL_SERVER,
    "NETWORK__ALLOW_ADDRESSES": "127.0.0.0/8",
    "SERVE__PORT": "0",
    "CRAWL__DELAY": "0",
}
COMMANDS = [["status"], ["sites", "list"], ["outlets", "list"], ["config", "show"], ["doctor"]]


class Listening:
    """Everything that anybody was told."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self.heard: dict[str, str] = {}
        self._capfd = capfd

    def run(self, *command: str, codes: tuple[int, ...] = (0, 1, 5), hidden: str = "") -> None:
        """Runs a command, which may say what is `hidden`."""
        code = run(cli, command)
        said = "".join(self._capfd.readouterr())
        assert code in codes, (command, said)
        assert "Traceback" not in said
        self.hear(" ".join(command[:3]), said.replace(hidden, "") if hidden else said)

    def hear(self, where: str, what: str) -> None:
        self.heard[where] = self.heard.get(where, "") + what

    def last(self) -> str:
        """What was said last, to nobody else."""
        return self._capfd.readouterr().out

    def leaks(self, *more: str) -> list[tuple[str, str]]:
        """Where a secret stood, and which."""
        return [
            (where, secret) for where, what in self.heard.items() for secret in (*SPELLINGS, *more) if secret in what
        ]


@pytest.fixture
def listening(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Listening:
    # Kafka's library tries as long as it may
    monkeypatch.setattr("delivery.outlets.Context", partial(Context, timeout=1.0))
    for name, value in SETTINGS.items():
        monkeypatch.setenv(f"HIREWATCH_{name}", value)
    return Listening(capfd)


def processes(pid: int) -> Iterator[str]:
    """The command lines of a process and of all that it started: what `ps` shows to everybody."""
    for one in (pid, *children(pid)):
        yield Path(f"/proc/{one}/cmdline").read_text()
        if one != pid:
            yield from processes(one)


@pytest.mark.slow
def test_no_secret_is_in_anything_that_is_said(watch: Watch, listening: Listening, tmp_path: Path) -> None:
    for name, arguments in OUTLETS.items():
        # it shows its signing key once, to who adds it
        listening.run("outlets", "add", name, *arguments, codes=(0,), hidden=SIGNING_KEY)
        for verb in ("check", "test"):
            listening.run("outlets", verb, name, codes=(3, 5))
    watch.pages["/jobs/new"] = a_job("Turner")
    watch.later(days=1).visit()
    listening.run("deliver", codes=(1,))
    for command in COMMANDS:
        listening.run(*command)
        listening.run(*command, "--json")
    listening.run("events", "--json")
    run(cli, ["tokens", "create", "reader", "--read", "--json"])
    token = json.loads(listening.last())["secret"]
    listening.run("tokens", "list")
    with ScriptedSite(3) as site:
        # the service visits it
        sites.add(watch.engine, name="scripted", start_url=site.url, every=None, now=datetime.now(UTC))
        serve(listening, token, tmp_path)
    assert "scripted: complete" in listening.heard["log of the service"]
    assert len(listening.heard) > 40
    assert listening.leaks(token) == []


def serve(listening: Listening, token: str, folder: Path) -> None:
    """Has the service say what it says, to a log, to the list of processes and to who asks it."""
    log = folder / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "hirewatch", "-vv", "serve"], stdout=file, stderr=file, stdin=subprocess.DEVNULL
        )
    try:
        end = time.monotonic() + 60
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        while "scripted: complete" not in log.read_text():
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        with httpx.Client(base_url=found[0], headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
            paths = ["/", "/outlets", *(f"/outlets/{name}" for name in OUTLETS), "/settings", "/metrics", "/health"]
            paths += ["/api/v1/outlets", *(f"/api/v1/outlets/{name}" for name in OUTLETS), "/api/v1/status"]
            answers = {path: client.get(path) for path in paths}
        assert {path for path, answer in answers.items() if answer.status_code == 200} >= {
            "/outlets",
            "/api/v1/outlets",
        }
        for path, answer in answers.items():
            listening.hear(path, answer.text + str(answer.headers))
        for line in processes(process.pid):
            listening.hear("processes", line)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    listening.hear("log of the service", log.read_text())


def test_a_database_that_cannot_be_reached_is_said_without_its_password(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIREWATCH_DATABASE", DATABASE)
    for command in (["status"], ["doctor"], ["db", "check"], ["serve"]):
        listening.run(*command, codes=(1, 6))
    listening.run("config", "show")
    assert "cannot be reached" in listening.heard["status"]
    assert listening.leaks() == []


def test_a_secret_that_was_said_would_be_found(listening: Listening) -> None:
    listening.hear("status", f"connection to http://user:{canary(5)}@search.example failed")
    assert listening.leaks() == [("status", canary(5))]
