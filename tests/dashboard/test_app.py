"""What holds for every answer, whichever action gives it."""

from __future__ import annotations

import httpx
import pytest
from fastapi.routing import APIRoute

from dashboard.access import OPEN, admit
from postings.errors import DatabaseError, NotFoundError
from tests.dashboard.conftest import Board
from tests.dashboard.web import browsing


def test_every_route_is_closed_unless_it_is_named_as_open(board: Board) -> None:
    routes = board.app().routes
    assert routes
    for route in routes:
        # any other kind of route would pass by the gate
        assert isinstance(route, APIRoute), route
        assert admit in [dependency.call for dependency in route.dependant.dependencies], route.path
    assert {route.name for route in routes if isinstance(route, APIRoute)} >= OPEN
    assert {
        "live", "ready", "metrics", "ask_to_unsubscribe", "unsubscribe", "ask_to_log_in", "log_in", "asset",
    } == OPEN  # fmt: skip


def test_no_other_route_has_the_name_of_one_that_is_open(board: Board) -> None:
    paths = {(route.name, route.path) for route in board.app().routes if isinstance(route, APIRoute)}
    for name in OPEN:
        assert len([path for named, path in paths if named == name]) == 1, name


@pytest.mark.parametrize(("on_loopback", "status"), [(True, 200), (False, 401)])
def test_a_route_that_is_not_open_answers_on_loopback_only(board: Board, on_loopback: bool, status: int) -> None:
    app = board.app(on_loopback=on_loopback)
    app.add_api_route("/secret", lambda: {"all": "of it"}, name="secret")
    with browsing(app) as client:
        answer = client.get("/secret")
        assert client.get("/health/live").status_code == 200
    assert answer.status_code == status
    assert ("all" in answer.text) is on_loopback


def test_an_answer_carries_no_more_rights_than_it_needs_and_does_not_name_the_server(board: Board) -> None:
    with browsing(board.app()) as client:
        for answer in (
            client.get("/health/live"),
            client.get("/nowhere"),
            client.get("/", headers={"Host": "evil.example"}),
        ):
            assert "default-src 'self'" in answer.headers["content-security-policy"]
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "same-origin"
            assert answer.headers["cache-control"] == "no-store"
            assert "server" not in answer.headers


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_there_is_no_page_that_loads_scripts_from_elsewhere(board: Board, path: str) -> None:
    with browsing(board.app()) as client:
        assert client.get(path).status_code == 404


def test_an_error_is_a_problem(board: Board) -> None:
    with browsing(board.app()) as client:
        missing, wrong = client.get("/nowhere"), client.post("/health/live")
    _is_problem(missing, 404, "Not Found")
    _is_problem(wrong, 405, "Method Not Allowed")
    assert "GET" in wrong.headers["allow"]


def test_what_cannot_be_used_is_named_and_not_repeated(board: Board) -> None:
    app = board.app()

    def count(number: int) -> int:
        return number

    app.add_api_route("/count", count)
    with browsing(app) as client:
        answer = client.get("/count", params={"number": "s3cret"})
    _is_problem(answer, 422, "Unprocessable Entity")
    assert answer.json()["errors"][0]["parameter"] == "number"
    assert "s3cret" not in answer.text


def test_our_errors_have_a_status_and_a_broken_database_does_not_say_where_it_is(board: Board) -> None:
    app = board.app()
    where = "postgresql://db.internal/jobs"

    def missing() -> None:
        raise NotFoundError("there is no such posting", subject="p_1")

    def broken() -> None:
        raise DatabaseError(f"cannot be reached ({where})", subject=where)

    app.add_api_route("/missing", missing)
    app.add_api_route("/broken", broken)
    with browsing(app) as client:
        _is_problem(client.get("/missing"), 404, "Not Found")
        answer = client.get("/broken")
    _is_problem(answer, 503, "Service Unavailable")
    assert "db.internal" not in answer.text


def test_a_fault_of_ours_says_nothing_of_itself_and_the_next_request_is_answered(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    app = board.app()

    def crash() -> None:
        raise ValueError("s3cret")

    app.add_api_route("/crash", crash)
    with browsing(app) as client:
        answer = client.get("/crash")
        assert client.get("/health/live").status_code == 200
    _is_problem(answer, 500, "Internal Server Error")
    assert "s3cret" not in answer.text
    assert "nosniff" in answer.headers["x-content-type-options"]
    assert "request.crashed" in caplog.text


def _is_problem(answer: httpx.Response, status: int, title: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() | {"type": "about:blank", "title": title, "status": status} == answer.json()
