"""Sites, searches and outlets over HTTP: what is added, changed and removed, by the rules of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from delivery import outlets as kinds
from storage import outlets, searches, sites
from tests.dashboard.api.test_postings import pages
from tests.dashboard.conftest import Board
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.storage.watching import Watch


@pytest.fixture
def web(board: Board) -> Iterator[httpx.Client]:
    with browsing(board.app()) as web:
        yield web


def added(web: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    """What was said of what was added; its address in Location leads to the same."""
    answer = web.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    there = web.get(answer.headers["location"]).json()
    assert {**said, **there} == said
    return said


def refused(answer: httpx.Response, status: int = 400) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == status, answer.text
    return str(answer.json()["detail"])


def test_a_site_is_watched_paused_visited_and_removed(board: Board, web: httpx.Client) -> None:
    said = added(web, "sites", url="careers.acme.example/jobs", every="6h")
    assert (said["site"], said["url"], said["every"]) == ("acme", "https://careers.acme.example/jobs", 21600)
    board.now += timedelta(hours=1)
    assert web.post("/api/v1/sites/acme/visit").json()["next_visit_at"] == "2026-11-24T13:00:00Z"
    assert web.post("/api/v1/sites/acme/pause").json()["next_visit_at"] is None
    assert "resume it first" in refused(web.post("/api/v1/sites/acme/visit"))
    assert web.post("/api/v1/sites/acme/resume").json()["paused_at"] is None
    assert web.delete("/api/v1/sites/acme").status_code == 204
    refused(web.get("/api/v1/sites/acme"), 404)
    assert sites.watched(board.engine) == []


def test_when_a_site_is_visited_is_changed_and_what_is_not_named_stays(board: Board, web: httpx.Client) -> None:
    added(web, "sites", url="https://acme.example", every="6h")

    def change(**body: Any) -> dict[str, Any]:
        answer = web.patch("/api/v1/sites/acme", json=body)
        assert answer.status_code == 200, answer.text
        return {name: answer.json()[name] for name in ("every", "cron", "zone", "requests_a_day")}

    line = {"cron": "0 7 * * 1-5", "zone": "Europe/Berlin"}
    nothing = {"every": None, "cron": None, "zone": None, "requests_a_day": None}
    assert change(requests_a_day=500) == {**nothing, "every": 21600, "requests_a_day": 500}
    assert change(cron="0  7 * * 1-5", zone="Europe/Berlin") == {**nothing, **line, "requests_a_day": 500}
    assert sites.find(board.engine, "acme").next_visit_at == board.now.replace(day=25, hour=6)
    assert change(zone="Asia/Tokyo", requests_a_day=0) == {**nothing, **line, "zone": "Asia/Tokyo"}
    assert change() == {**nothing, **line, "zone": "Asia/Tokyo"}
    assert change(every="auto") == nothing


@pytest.mark.parametrize(
    "body",
    [{"every": "6h", "cron": "* * * * *"}, {"every": "1s"}, {"cron": "x"}, {"cron": "0 7 * * *", "zone": "Mars/Base"},
     {"zone": "UTC"}, {"cron": "0 0 30 2 *"}],
)  # fmt: skip
def test_a_schedule_that_cannot_be_kept_changes_nothing(board: Board, web: httpx.Client, body: dict[str, str]) -> None:
    added(web, "sites", url="https://acme.example", every="6h")
    before = sites.find(board.engine, "acme")
    refused(web.patch("/api/v1/sites/acme", json={**body, "requests_a_day": 7}))
    assert sites.find(board.engine, "acme") == before
    refused(web.post("/api/v1/sites", json={"url": "other.example", **body}))


@pytest.mark.parametrize("body", [{"cron": "0 7 * * *", "zone": ""}, {"requests_a_day": 10_000_001}])
def test_a_schedule_of_another_form_changes_nothing(board: Board, web: httpx.Client, body: dict[str, object]) -> None:
    added(web, "sites", url="https://acme.example", every="6h")
    before = sites.find(board.engine, "acme")
    refused(web.patch("/api/v1/sites/acme", json=body), 422)
    assert sites.find(board.engine, "acme") == before


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "javascript:alert(1)", "https://user:pass@acme.example", "/x", " "]
)
def test_what_is_no_web_address_is_not_watched(web: httpx.Client, url: str) -> None:
    refused(web.post("/api/v1/sites", json={"url": url}))


def test_the_part_of_the_host_that_a_site_is_is_chosen_and_said(board: Board, web: httpx.Client) -> None:
    said = added(web, "sites", url="https://jobs.example/acme/", name="acme", scope="/acme/")
    assert said["scope"] == {"set": "/acme", "path": None, "led": False}

    def change(scope: str | None) -> Any:
        answer = web.patch("/api/v1/sites/acme", json={} if scope is None else {"scope": scope})
        assert answer.status_code == 200, answer.text
        return answer.json()["scope"]["set"]

    assert (change("host"), change(None), change("auto")) == ("", "", None)
    assert "is no part of a host" in refused(web.patch("/api/v1/sites/acme", json={"scope": "acme", "render": False}))


def test_lists_are_read_on_by_name(board: Board, web: httpx.Client) -> None:
    for name in ("b", "a.1", "c-2"):
        added(web, "sites", url=f"https://{name}.example", name=name)
        added(web, "searches", name=name, query="title:cook")
        added(web, "outlets", name=name, url="https://hooks.example/in")
    for path, key in (("sites", "site"), ("searches", "search"), ("outlets", "outlet")):
        found = [one[key] for page in pages(web, f"/api/v1/{path}", limit=2) for one in page["items"]]
        assert found == ["a.1", "b", "c-2"]


def test_visits_are_read_on_from_the_newest(board: Board, web: httpx.Client) -> None:
    watch = Watch(board.engine, now=board.now)
    made = [watch.later(hours=hours).visit().id for hours in (0, 0, 1, 1)]
    found = [one for page in pages(web, "/api/v1/sites/acme/visits", limit=1) for one in page["items"]]
    assert sorted(one["id"] for one in found) == sorted(made)
    assert [one["started_at"] for one in found] == sorted((one["started_at"] for one in found), reverse=True)
    assert {one["outcome"] for one in found} <= {"complete", "suspect", "partial"}


def test_a_search_may_be_called_anything_and_says_what_it_finds(board: Board, web: httpx.Client) -> None:
    watched(board)
    said = added(web, "searches", name="a/b ?#%é", query="title:nurse location:oslo")
    assert said["in_words"]
    found = web.get("/api/v1/searches/a%2Fb%20%3F%23%25%C3%A9/preview").json()
    assert [one["title"] for one in found["newest"]] == ["Nurse"]
    assert found["matches"] == 1
    tried = web.get("/api/v1/preview", params={"q": "title:nurse location:berlin"}).json()
    assert tried["matches"] == 0
    assert {"term": "location:berlin", "posting": found["newest"][0]} in tried["misses"]
    refused(web.post("/api/v1/searches", json={"name": "a/b ?#%é", "query": "x"}))
    refused(web.post("/api/v1/searches", json={"name": "c", "query": "titel:x"}))
    assert web.delete("/api/v1/searches/a%2Fb%20%3F%23%25%C3%A9").status_code == 204
    assert searches.all(board.engine) == []


def test_a_webhook_shows_its_secret_once_and_its_address_never(board: Board, web: httpx.Client) -> None:
    added(web, "searches", name="cooks", query="title:cook")
    said = added(
        web, "outlets", name="hook", url="https://hooks.example/in/s3cret", search="cooks", options={"when": "hourly"}
    )
    assert said["secret"].startswith("whsec_")
    assert (said["search"], said["when"], said["kind"]) == ("cooks", "hourly", "webhook")
    for answer in (
        web.get("/api/v1/outlets"),
        web.get("/api/v1/outlets/hook"),
        web.post("/api/v1/outlets/hook/enable"),
    ):
        assert answer.status_code == 200
        assert "s3cret" not in answer.text
        assert said["secret"] not in answer.text


def test_an_outlet_is_tried_and_says_why_it_fails(web: httpx.Client) -> None:
    added(web, "outlets", name="hook", url="https://127.0.0.1:9/in")
    for action in ("check", "test"):
        said = web.post(f"/api/v1/outlets/hook/{action}").json()
        assert said["ok"] is False
        assert "127.0.0.1" in said["problem"]


def test_an_outlet_is_disabled_replayed_and_removed(board: Board, web: httpx.Client) -> None:
    watched(board)
    added(web, "outlets", name="hook", url="https://hooks.example/in")
    assert web.get("/api/v1/outlets/hook").json()["behind"] == 0
    assert web.post("/api/v1/outlets/hook/disable").json()["disabled_reason"] == outlets.BY_A_PERSON
    assert web.post("/api/v1/outlets/hook/enable").json()["disabled_at"] is None
    assert web.post("/api/v1/outlets/hook/replay", json={"first": 2}).json()["after"] == 1
    assert web.get("/api/v1/outlets/hook").json()["behind"] == 3
    assert web.post("/api/v1/outlets/hook/replay", json={"given_up": True}).json()["events"] == 0
    for body in ({}, {"after": 1, "first": 1}, {"after": 1, "given_up": True}):
        refused(web.post("/api/v1/outlets/hook/replay", json=body))
    assert web.delete("/api/v1/outlets/hook").status_code == 204
    assert outlets.all(board.engine) == []


@pytest.mark.parametrize("url", ["file:///etc/cron.d", " FILE:///tmp", "sqlite:////tmp/x.db", "sqlite+pysqlite:///x"])
def test_no_file_of_this_machine_is_written_by_whoever_may_ask(board: Board, web: httpx.Client, url: str) -> None:
    assert "hirewatch outlets add" in refused(web.post("/api/v1/outlets", json={"name": "f", "url": url}))
    assert outlets.all(board.engine) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "x", "url": "https://x.example", "cursor": 0}, "#/cursor"),
        ({"name": "", "url": "https://x.example"}, "#/name"),
        ({"name": "x", "url": "https://x.example", "options": []}, "#/options"),
        ({"name": "x", "url": ["a"]}, "#/url"),
        ([], "#"),
    ],
)
def test_what_is_wrong_in_a_body_is_pointed_at(web: httpx.Client, body: Any, pointer: str) -> None:
    answer = web.post("/api/v1/outlets", json=body)
    refused(answer, 422)
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


def test_a_body_that_is_not_said_to_be_json_is_refused_with_how_to_say_it(web: httpx.Client) -> None:
    answer = web.post(
        "/api/v1/sites", content='{"url": "https://acme.example/"}', headers={"Content-Type": "text/plain"}
    )
    refused(answer, 422)
    assert "Content-Type: application/json" in answer.json()["errors"][0]["detail"]


def test_a_sign_that_no_text_has_is_refused_wherever_it_stands(web: httpx.Client) -> None:
    for text in ('"\\u0000"', '"\\ud800"'):
        for body in (
            f'{{"name": {text}, "url": "https://x.example"}}',
            f'{{"name": "x", "url": "https://x.example", "search": {text}}}',
            f'{{"name": "x", "url": "https://x.example", "options": {{"only": {text}}}}}',
            f'{{"name": "x", "url": "https://x.example", "options": {{{text}: 1}}}}',
        ):
            answer = web.post("/api/v1/outlets", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in (400, 422), body
    for path in ("sites", "searches", "outlets"):
        refused(web.get(f"/api/v1/{path}/%00"), 404)


def test_an_address_is_looked_at_before_it_is_watched(board: Board, web: httpx.Client) -> None:
    refused(web.post("/api/v1/inspect", json={"url": "file:///etc/passwd"}))
    refused(web.post("/api/v1/inspect", json={"url": "https://x.example", "explain": True}), 422)


def test_kinds_of_this_machine_are_the_only_ones_that_are_refused() -> None:
    from dashboard.api.outlets import require_remote

    for address in ("https://x.example", "mailto:a@b.example", "postgresql://db/x", "s3://bucket/x", "kafka://k:1/t"):
        kinds.kind_of(address)
        require_remote(address)


def test_what_an_outlet_hears_and_when_is_changed_and_what_is_not_named_stays(board: Board, web: httpx.Client) -> None:
    said = added(web, "outlets", name="hook", url="https://hooks.example/in", options={"when": "hourly"})
    secret = outlets.find(board.engine, "hook").options["secret"]

    def change(**body: Any) -> dict[str, Any]:
        answer = web.patch("/api/v1/outlets/hook", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["secret"] is None
        return {name: answer.json()[name] for name in ("only", "when", "quiet", "cursor")}

    stays = {"cursor": said["cursor"], "when": "hourly", "quiet": None}
    assert change(options={"only": "remote:yes"}) == {**stays, "only": "remote:yes"}
    assert change() == {**stays, "only": "remote:yes"}
    assert change(options={"only": "", "quiet": "22:00-07:00"}) == {**stays, "only": None, "quiet": "22:00-07:00"}
    assert change(url="https://hooks.example/in") == {**stays, "only": None, "quiet": "22:00-07:00"}
    assert outlets.find(board.engine, "hook").options["secret"] == secret


def test_another_address_gets_a_secret_of_its_own_and_nothing_that_was_meant_for_the_old_one(
    board: Board, web: httpx.Client
) -> None:
    options = {"headers": {"Authorization": "Bearer s3cret"}, "when": "hourly"}
    old = added(web, "outlets", name="hook", url="https://hooks.example/in", options=options)
    moved = web.patch("/api/v1/outlets/hook", json={"url": "https://other.example/in"}).json()
    there = outlets.find(board.engine, "hook")
    assert moved["secret"].startswith("whsec_")
    assert moved["secret"] != old["secret"]
    assert (moved["address"], moved["when"]) == ("https://other.example/…", "hourly")
    assert there.address == "https://other.example/in"
    assert list(there.options["secret"]) == [moved["secret"]]
    assert "s3cret" not in repr(dict(there.options))


@pytest.mark.parametrize(
    "body",
    [{"url": "mailto:me@example.org"}, {"url": "file:///etc/x"}, {"options": {"when": "sometimes"}},
     {"options": {"onyl": "x"}}, {"options": {"only": "titel:x"}}],
)  # fmt: skip
def test_what_cannot_be_leaves_an_outlet_as_it_is(board: Board, web: httpx.Client, body: dict[str, Any]) -> None:
    added(web, "outlets", name="hook", url="https://hooks.example/in")
    before = outlets.find(board.engine, "hook")
    refused(web.patch("/api/v1/outlets/hook", json=body))
    assert outlets.find(board.engine, "hook") == before


def test_a_search_asks_something_else_under_the_same_name(web: httpx.Client) -> None:
    added(web, "searches", name="cooks", query="title:cook")
    said = web.patch("/api/v1/searches/cooks", json={"query": "title:baker"}).json()
    assert (said["search"], said["query"]) == ("cooks", "title:baker")
    refused(web.patch("/api/v1/searches/cooks", json={"query": "titel:x"}))
    assert web.get("/api/v1/searches/cooks").json() == said
