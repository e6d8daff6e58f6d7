"""The event log over HTTP, as a program that keeps a copy of it reads it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from postings.events import cloudevent
from storage import events
from tests.dashboard.conftest import Board
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.repository import ROOT


def read_all(web: httpx.Client, **parameters: Any) -> list[dict[str, Any]]:
    """Everything, by following the links."""
    found: list[dict[str, Any]] = []
    answer = web.get("/api/v1/events", params=parameters)
    while True:
        assert answer.status_code == 200
        found += answer.json()["items"]
        if "next" not in answer.links:
            assert answer.json()["next"] is None
            return found
        answer = web.get(answer.links["next"]["url"])


def test_events_are_the_same_as_everywhere(board: Board) -> None:
    watched(board)
    with browsing(board.app()) as web:
        said = web.get("/api/v1/events").json()
    assert said["items"] == [cloudevent(event, "0" * 32) for event in events.after(board.engine, 0, 99)]
    assert (said["next"], said["last"]) == (None, 4)


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_links_lead_through_the_whole_log_and_no_event_comes_twice(board: Board, limit: int) -> None:
    watched(board)
    with browsing(board.app()) as web:
        assert [one["id"] for one in read_all(web, limit=limit)] == ["evt_1", "evt_2", "evt_3", "evt_4"]
        assert [one["id"] for one in read_all(web, limit=limit, after=2)] == ["evt_3", "evt_4"]
        assert [one["data"]["posting"]["title"] for one in read_all(web, limit=limit, q="title:nurse")] == ["Nurse"]


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", f"after={2**63}", "limit=0", "limit=1001", "q=(", "q=titel:x"]
)
def test_what_cannot_be_asked_is_said(board: Board, query: str) -> None:
    with browsing(board.app()) as web:
        answer = web.get(f"/api/v1/events?{query}")
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def recipe() -> str:
    """The program that the documents give."""
    document = (ROOT / "docs/stores.md").read_text()
    return document.partition("```python\n# events.py\n")[2].partition("```")[0]


@pytest.mark.slow
def test_the_recipe_of_the_documents_loads_every_event_once_into_duckdb(board: Board, tmp_path: Path) -> None:
    watched(board)
    (tmp_path / "events.py").write_text(recipe())
    environment = {
        **os.environ,
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "HOME": str(tmp_path),
        "DLT_DATA_DIR": str(tmp_path),
    }
    with browsing(board.app()) as web:
        for _ in range(2):
            run = subprocess.run(
                [sys.executable, "events.py", str(web.base_url).rstrip("/")], cwd=tmp_path, env=environment, capture_output=True,
                text=True, timeout=100,
            )  # fmt: skip
            assert run.returncode == 0, run.stderr
    with duckdb.connect(str(tmp_path / "jobs.duckdb"), read_only=True) as copy:
        assert copy.sql("SELECT id FROM hirewatch.events ORDER BY sequence").fetchall() == [
            ("evt_1",),
            ("evt_2",),
            ("evt_3",),
            ("evt_4",),
        ]
        titles = copy.sql("SELECT data__posting__title FROM hirewatch.events WHERE id = 'evt_2'").fetchall()
    assert titles in ([("Welder",)], [("Baker",)])
