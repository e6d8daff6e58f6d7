"""Who gets in: every route by every way, over real connections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from lxml import html

from dashboard.access import FEEDS, OPEN, admit
from dashboard.entrance import SAFE, Entrance
from storage import access, sites
from storage.access import Scope
from tests.dashboard.conftest import Board
from tests.dashboard.web import browsing

PASSWORD = "correct horse battery"
FOREIGN = {"Origin": "https://evil.example"}


def every_route(app: FastAPI) -> Iterator[tuple[str, str, str]]:
    """Method, an address, and name of each."""
    for route in app.routes:
        assert isinstance(route, APIRoute)
        path = re.sub(r"\{[^}]+\}", "x", route.path.replace("{format}", "atom"))
        for method in sorted(route.methods or ()):
            yield method, path, route.name


def log_in(client: httpx.Client, password: str = PASSWORD, **more: str) -> httpx.Response:
    return client.post("/login", data={"password": password, **more})


def the_form(page: httpx.Response) -> Any:
    [form] = html.fromstring(page.content).iter("form")
    return form


@pytest.fixture
def locked(board: Board) -> Board:
    access.set_password(board.engine, PASSWORD, board.now)
    return board


@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer hw_wrong"}, {"Cookie": "hirewatch=wrong"}])
def test_without_a_password_every_route_that_is_not_open_refuses_who_is_not_of_this_machine(
    board: Board, shown: dict[str, str]
) -> None:
    app = board.app(on_loopback=False)
    closed = [one for one in every_route(app) if one[2] not in OPEN]
    assert len(closed) > 50
    with browsing(app) as client:
        for method, path, name in closed:
            assert client.request(method, path, headers=shown).status_code == 401, (method, path, name)


def test_without_the_entrance_the_same_routes_would_answer_anybody(board: Board) -> None:
    app = board.app(on_loopback=False)
    app.dependency_overrides[admit] = lambda: None
    with browsing(app) as client:
        assert [client.get(path).status_code for path in ("/api/v1/sites", "/outlets")] == [200, 200]


def test_every_unsafe_route_refuses_a_page_of_somebody_else_also_on_loopback(board: Board) -> None:
    app = board.app()
    unsafe = [one for one in every_route(app) if one[0] not in SAFE]
    assert len(unsafe) > 15
    with browsing(app) as client:
        for method, path, _ in unsafe:
            for sent in (FOREIGN, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
                assert client.request(method, path, headers=sent).status_code == 403, (method, path)
    # without the guard it would have been done
    app = board.app()
    app.dependency_overrides[admit] = lambda: None
    with browsing(app) as client:
        assert client.post("/api/v1/sites", json={"url": "acme.example"}, headers=FOREIGN).status_code == 201


def test_a_page_of_somebody_else_changes_nothing_although_the_browser_is_logged_in(locked: Board) -> None:
    with browsing(locked.app()) as client:
        log_in(client)
        refused = client.post("/api/v1/sites", json={"url": "acme.example"}, headers=FOREIGN)
        assert refused.status_code == 403
        assert sites.watched(locked.engine) == []
        own = {"Origin": str(client.base_url).rstrip("/")}
        assert client.post("/api/v1/sites", json={"url": "acme.example"}, headers=own).status_code == 201


@pytest.mark.parametrize("on_loopback", [True, False])
def test_where_a_password_is_set_everybody_has_to_give_it(locked: Board, on_loopback: bool) -> None:
    with browsing(locked.app(on_loopback=on_loopback)) as client:
        assert client.get("/api/v1/sites").status_code == 401
        wrong = log_in(client, "wrong horse battery")
        assert wrong.status_code == 403
        assert not client.cookies
        right = log_in(client, next="/api/v1/sites")
        assert (right.status_code, right.headers["location"]) == (303, "/api/v1/sites")
        assert client.get("/api/v1/sites").status_code == 200


def test_a_person_is_led_to_the_login_and_back(locked: Board) -> None:
    with browsing(locked.app()) as client:
        led = client.get("/api/v1/postings?q=cook&limit=2", headers={"Accept": "text/html"})
        assert led.status_code == 303
        page = client.get(led.headers["location"])
        form = the_form(page)
        assert form.fields["next"] == "/api/v1/postings?q=cook&limit=2"
        back = client.post(form.action, data={**dict(form.fields), "password": PASSWORD})
        assert back.headers["location"] == "/api/v1/postings?q=cook&limit=2"
        # and who is in already is led on at once
        assert client.get("/login?next=//evil.example").headers["location"] == "/"


def test_a_wrong_password_is_not_repeated_and_the_page_is_no_way_in(locked: Board) -> None:
    with browsing(locked.app()) as client:
        answer = log_in(client, "wrong <b>horse</b>", next='"><script>alert(1)</script>')
    assert "horse" not in answer.text
    assert the_form(answer).fields["next"] == "/"


def test_the_cookie_is_read_by_no_script_and_sent_by_no_page_of_somebody_else(locked: Board) -> None:
    with browsing(locked.app()) as client:
        plain = log_in(client).headers["set-cookie"]
    with browsing(locked.app(names=("jobs.example",))) as client:
        private = client.post(
            "/login", data={"password": PASSWORD}, headers={"Host": "jobs.example", "Origin": "https://jobs.example"}
        ).headers["set-cookie"]
    for cookie in (plain, private):
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert plain.startswith("hirewatch=")
    assert "Secure" not in plain
    assert private.startswith("__Host-hirewatch=")
    assert "Secure" in private


def test_each_login_has_a_cookie_of_its_own_and_ends_the_one_before(locked: Board) -> None:
    with browsing(locked.app()) as client:
        log_in(client)
        first = client.cookies["hirewatch"]
        log_in(client)
        assert client.cookies["hirewatch"] != first
        assert len(access.logins(locked.engine, locked.now)) == 1
        client.cookies.clear()
        assert client.get("/api/v1/sites", headers={"Cookie": f"hirewatch={first}"}).status_code == 401


def log_out_here(client: httpx.Client, board: Board) -> None:
    client.post("/logout")


def log_out_elsewhere(client: httpx.Client, board: Board) -> None:
    access.log_out(board.engine, access.logins(board.engine, board.now)[0].id)


def new_password(client: httpx.Client, board: Board) -> None:
    access.set_password(board.engine, "another horse battery", board.now)


def stay_away(client: httpx.Client, board: Board) -> None:
    board.now += access.IDLE


@pytest.mark.parametrize("end", [log_out_here, log_out_elsewhere, new_password, stay_away])
def test_a_login_ends(locked: Board, end: Callable[[httpx.Client, Board], None]) -> None:
    with browsing(locked.app()) as client:
        log_in(client)
        held = {"Cookie": f"hirewatch={client.cookies['hirewatch']}"}
        assert client.get("/api/v1/sites", headers=held).status_code == 200
        end(client, locked)
        client.cookies.clear()
        assert client.get("/api/v1/sites", headers=held).status_code == 401


def test_who_guesses_has_to_wait_and_the_right_one_is_not_tried_then(locked: Board) -> None:
    with browsing(locked.app()) as client:
        # tries that cost no hash: what is too long is no password
        answers = [log_in(client, "x" * 2000).status_code for _ in range(10)]
        assert answers == [403] * 10
        refused = log_in(client)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "900")
        locked.now += timedelta(minutes=15)
        assert log_in(client).status_code == 303


@pytest.mark.parametrize(
    ("scope", "read", "write", "feed"), [("read", 200, 403, 200), ("write", 200, 201, 200), ("feeds", 403, 403, 200)]
)
def test_a_token_opens_what_it_is_for(board: Board, scope: str, read: int, write: int, feed: int) -> None:
    made = access.create_token(board.engine, "ci", Scope(scope), board.now)
    shown = {"Authorization": f"Bearer {made}"}
    with browsing(board.app(on_loopback=False)) as client:
        assert client.get("/api/v1/sites", headers=shown).status_code == read
        # programs say where they come from, or do not
        added = client.post("/api/v1/sites", json={"url": "acme.example"}, headers={**shown, **FOREIGN})
        assert added.status_code == write
        assert client.get("/feeds/all.atom", headers=shown).status_code == feed
        access.revoke_token(board.engine, "ci")
        assert client.get("/feeds/all.atom", headers=shown).status_code == 401


def test_a_token_is_refused_on_loopback_too_if_it_is_none(board: Board) -> None:
    with browsing(board.app()) as client:
        assert client.get("/api/v1/sites", headers={"Authorization": "bearer hw_x"}).status_code == 401
        assert client.get("/api/v1/sites").status_code == 200


def test_a_feed_is_opened_by_a_token_in_its_address_and_nothing_else_is(locked: Board) -> None:
    feeds = access.create_token(locked.engine, "reader", Scope.FEEDS, locked.now)
    write = access.create_token(locked.engine, "ci", Scope.WRITE, locked.now)
    app = locked.app(on_loopback=False)
    assert {name for _, _, name in every_route(app)} >= FEEDS
    with browsing(app) as client:
        assert client.get("/feeds/all.atom").status_code == 401
        assert client.get(f"/feeds/all.atom?token={feeds}").status_code == 200
        # what opens more must not stand in an address
        assert client.get(f"/feeds/all.atom?token={write}").status_code == 403
        assert client.get(f"/api/v1/sites?token={feeds}").status_code == 401
        listed = re.findall(r'xmlUrl="([^"]+)"', client.get(f"/feeds.opml?token={feeds}").text)
        assert [client.get(one).status_code for one in listed] == [200]


def test_a_proxy_that_is_trusted_lets_in_whom_it_names_and_on_loopback_nobody_else_gets_in_then(board: Board) -> None:
    board.entrance = Entrance(proxies=(ip_network("127.0.0.1/32"),), user_header="Remote-User")
    with browsing(board.app()) as client:
        assert client.get("/api/v1/sites", headers={"Remote-User": "ana"}).status_code == 200
        assert client.get("/api/v1/sites").status_code == 401
    board.entrance = Entrance(proxies=(ip_network("10.0.0.0/8"),), user_header="Remote-User")
    with browsing(board.app(on_loopback=False)) as client:
        assert client.get("/api/v1/sites", headers={"Remote-User": "ana"}).status_code == 401


def test_where_only_health_is_shown_nothing_else_is_to_nobody(locked: Board) -> None:
    locked.entrance = Entrance(only_health=True)
    token = access.create_token(locked.engine, "ci", Scope.WRITE, locked.now)
    with browsing(locked.app()) as client:
        assert client.get("/health/live").status_code == 200
        assert client.get("/api/v1/sites", headers={"Authorization": f"Bearer {token}"}).status_code == 403
        assert log_in(client).status_code == 403


def test_htmx_is_told_where_the_login_is(locked: Board) -> None:
    with browsing(locked.app()) as client:
        answer = client.get("/api/v1/sites", headers={"HX-Request": "true", "Accept": "text/html"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


def test_a_body_that_is_too_large_is_refused_before_anybody_has_logged_in(board: Board) -> None:
    with browsing(board.app(on_loopback=False)) as client:
        answer = client.post("/api/v1/sites", content=b" " * 1_000_001, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
