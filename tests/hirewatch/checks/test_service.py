"""The service and its sites: each fault is made, and found with what to do about it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from hirewatch.checks import service
from storage import access, site_settings
from tests.hirewatch.checks.conftest import Setting
from tests.storage.watching import Watch

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Answering(BaseHTTPRequestHandler):
    """Says of everything what the server was told to say."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.answer)  # type: ignore[attr-defined]

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def other_program() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    server.answer = b"<h1>My notes</h1>"  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_user_agent_without_a_contact_is_found(setting: Setting) -> None:
    (found,) = service.user_agent(setting())
    assert found.verdict == "warning"
    assert "crawl.user_agent_contact" in str(found.remedy)
    assert [one.verdict for one in service.user_agent(setting(CRAWL__USER_AGENT_CONTACT="me@example.org"))] == ["ok"]


def test_a_site_that_needs_a_person_is_named(suspect: Watch) -> None:
    (found,) = service.sites(suspect.engine)
    assert found.verdict == "warning"
    assert found.found == "1 needs you: acme"
    assert found.remedy == "`hirewatch status` says why"


def test_sites_that_need_nobody_are_fit(watch: Watch) -> None:
    assert [one.verdict for one in service.sites(watch.engine)] == ["ok"]


def test_many_sites_that_need_a_person_are_counted(engine: Engine) -> None:
    assert service.listed(["a", "b", "c", "d", "e"], of=1234) == "a, b, c, d, e and 1,229 more"
    assert service.listed(["a", "b"]) == "a, b"


def test_visits_that_nobody_makes_are_found(watch: Watch) -> None:
    due = watch.current().next_visit_at
    assert due is not None
    assert [one.verdict for one in service.visits(watch.engine, due + timedelta(minutes=59))] == ["ok"]
    (found,) = service.visits(watch.engine, due + timedelta(hours=3))
    assert found.verdict == "warning"
    assert "due for 3 h" in found.found
    assert "start `hirewatch serve`" in str(found.remedy)


class TestBrowser:
    def test_where_no_site_needs_one_none_is_looked_for(self, watch: Watch, setting: Setting) -> None:
        assert list(service.browser(watch.engine, setting(CRAWL__BROWSER="/no/such/chromium"))) == []

    def test_one_that_a_site_needs_and_that_is_missing_is_found(self, watch: Watch, setting: Setting) -> None:
        with site_settings.changing(watch.engine, watch.site.id) as change:
            change.set_render(True)
        (found,) = service.browser(watch.engine, setting(CRAWL__BROWSER="/no/such/chromium"))
        assert found.verdict == "error"
        assert "/no/such/chromium" in found.found
        assert "acme needs" in found.found
        assert "install Chromium" in str(found.remedy)

    def test_one_that_does_not_start_is_found(self, watch: Watch, setting: Setting, tmp_path: Path) -> None:
        with site_settings.changing(watch.engine, watch.site.id) as change:
            change.set_render(True)
        broken = tmp_path / "chromium"
        broken.write_text("#!/bin/sh\nexit 127\n")
        broken.chmod(0o755)
        (found,) = service.browser(watch.engine, setting(CRAWL__BROWSER=str(broken)))
        assert found.verdict == "error"
        assert "does not start" in found.found

    def test_one_that_starts_says_its_version(self, watch: Watch, setting: Setting, tmp_path: Path) -> None:
        with site_settings.changing(watch.engine, watch.site.id) as change:
            change.set_render(True)
        there = tmp_path / "chromium"
        there.write_text("#!/bin/sh\necho Chromium 150.0\n")
        there.chmod(0o755)
        (found,) = service.browser(watch.engine, setting(CRAWL__BROWSER=str(there)))
        assert (found.verdict, found.found) == ("ok", "Chromium 150.0")


class TestWebServer:
    def test_an_address_for_strangers_without_a_password_is_found(self, engine: Engine, setting: Setting) -> None:
        values = setting(SERVE__HOST="0.0.0.0", SERVE__PORT="0")
        (found,) = service.web_server(engine, values)
        assert found.verdict == "error"
        assert "refuses to start" in found.found
        assert "hirewatch password set" in str(found.remedy)
        access.set_password(engine, "correct horse battery staple", NOW)
        assert [one.verdict for one in service.web_server(engine, values)] == ["ok"]

    def test_an_address_that_is_none_of_this_machine_is_found(self, engine: Engine, setting: Setting) -> None:
        (found,) = service.web_server(engine, setting(SERVE__HOST="192.0.2.7"))
        assert found.verdict == "error"
        assert "serve.host" in str(found.remedy)

    @pytest.mark.parametrize(
        ("url", "verdicts"),
        [
            ("http://jobs.example.org", ["warning", "ok"]),
            ("https://jobs.example.org", ["ok"]),
            ("http://localhost:8777", ["ok"]),
            ("http://127.0.0.1:8777", ["ok"]),
        ],
    )
    def test_a_public_address_without_encryption_is_found(
        self, engine: Engine, setting: Setting, url: str, verdicts: list[str]
    ) -> None:
        found = list(service.web_server(engine, setting(SERVE__PUBLIC_URL=url, SERVE__PORT="0")))
        assert [one.verdict for one in found] == verdicts

    def test_a_port_where_nobody_answers_is_free(self, engine: Engine, setting: Setting) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        (found,) = service.web_server(engine, setting(SERVE__PORT=str(port)))
        assert (found.verdict, found.found) == ("ok", f"nobody answers at 127.0.0.1:{port}")

    def test_a_port_that_another_program_has_is_found(
        self, engine: Engine, setting: Setting, other_program: HTTPServer
    ) -> None:
        (found,) = service.web_server(engine, setting(SERVE__PORT=str(other_program.server_port)))
        assert found.verdict == "error"
        assert "another program answers" in found.found
        assert "serve.port" in str(found.remedy)

    @pytest.mark.parametrize(
        ("problems", "verdict"), [({}, "ok"), ({"scheduler": "has not done its work for 41 s"}, "error")]
    )
    def test_a_service_that_answers_says_how_it_is(
        self, engine: Engine, setting: Setting, other_program: HTTPServer, problems: dict[str, str], verdict: str
    ) -> None:
        answer = {"ready": not problems, "problems": problems}
        other_program.answer = json.dumps(answer).encode()  # type: ignore[attr-defined]
        (found,) = service.web_server(engine, setting(SERVE__PORT=str(other_program.server_port)))
        assert found.verdict == verdict
        assert all(f"the {part} {problem}" in found.found for part, problem in problems.items())
