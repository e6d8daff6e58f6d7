"""The API is as it describes itself, whatever is sent to it."""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, cast

import httpx
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup, ServerError
from schemathesis.specs.openapi.checks import positive_data_acceptance

from dashboard.api.openapi import describe
from dashboard.api.routes import ROOT, ROUTES
from delivery import outlets
from storage import searches
from tests.dashboard.conftest import Board
from tests.dashboard.test_feeds import watched
from tests.dashboard.web import browsing
from tests.repository import ROOT as ROOT_FOLDER

#: one never ends, one fetches pages
_LEFT_OUT = {"stream_events", "inspect"}
#: names that are there, in place of most of those that are not
_NAMES = {"sites": "acme", "searches": "remote", "outlets": "phone"}


def description(board: Board) -> dict[str, Any]:
    return json.loads(json.dumps(describe(board.app())))  # type: ignore[no-any-return]


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_route_is_described_with_what_it_takes_and_what_it_answers(board: Board) -> None:
    described = description(board)
    found = dict(operations(described))
    assert described["openapi"] == "3.1.0"
    assert len(found) == len(ROUTES)
    for route in ROUTES:
        operation = found[f"{route.method} {ROOT}{route.path.replace(':path', '')}"]
        assert operation["operationId"] == route.name
        assert operation["description"].endswith(".")
        assert "application/problem+json" in operation["responses"]["default"]["content"]
        assert ("content" in operation["responses"][str(route.status)]) is (route.status != 204)
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description") or parameter["schema"].get("description"), (route, parameter)


def test_records_are_described_by_the_schemas_that_are_shipped(board: Board) -> None:
    schemas = description(board)["components"]["schemas"]
    for name in ("posting", "event"):
        assert schemas[name.title()] == json.loads((files("postings") / "schemas" / f"{name}-1.json").read_text())
    assert schemas["PostingsPage"]["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Posting"}


def test_every_reference_leads_somewhere(board: Board) -> None:
    described = description(board)
    for name, schema in described["components"]["schemas"].items():
        if "$id" not in schema:
            jsonschema.Draft202012Validator.check_schema(schema)
        for reference in references(schema):
            if "$id" not in schema:
                assert reference.removeprefix("#/components/schemas/") in described["components"]["schemas"], name
    for _, operation in operations(described):
        for reference in references(operation):
            assert reference.removeprefix("#/components/schemas/") in described["components"]["schemas"]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "$ref":
                yield one
            else:
                yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_no_other_host_is_named(board: Board) -> None:
    with browsing(board.app()) as web:
        answer = web.get(f"{ROOT}/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == description(board)
    assert "servers" not in answer.json()


def test_the_page_of_the_documents_is_as_the_api_is() -> None:
    page = (ROOT_FOLDER / "docs/api.md").read_text()
    made = runpy.run_path(str(ROOT_FOLDER / "docs/api_reference.py"))
    assert page.partition(made["MARK"])[2] == f"\n{made['reference']()}", "run: python docs/api_reference.py"


def filled(board: Board) -> None:
    """One of everything."""
    watched(board)
    searches.add(board.engine, name="remote", query="remote:yes", grammar=1, now=board.now)
    outlets.add(board.engine, name="phone", address="https://hooks.example/x", options={}, now=board.now)


def attack(board: Board, web: httpx.Client, examples: int) -> set[tuple[str, int]]:
    """Sends what the description allows and what it does not to every operation; which statuses each answered with."""
    answered: set[tuple[str, int]] = set()
    found = schemathesis.openapi.from_dict(web.get(f"{ROOT}/openapi.json").json())
    wanted: list[Any] = [cast(Any, result).ok() for result in found.get_all_operations()]
    # what removes comes last
    for operation in sorted(wanted, key=lambda one: one.method == "delete"):
        if operation.definition.raw["operationId"] not in _LEFT_OUT:
            for mode in GenerationMode:
                answered |= strike(operation, mode, str(web.base_url).rstrip("/"), examples)
    return answered


def strike(operation: Any, mode: GenerationMode, address: str, examples: int) -> set[tuple[str, int]]:
    """The same for one operation, with what is allowed or with what is not."""
    answered: set[tuple[str, int]] = set()

    @settings(
        settings.get_profile("default"),
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def send(case: Case[Any]) -> None:
        if mode is GenerationMode.POSITIVE and "name" in case.path_parameters:
            case.path_parameters["name"] = _NAMES[case.path.split("/")[3]]
        answer = case.call(base_url=address)
        answered.add((operation.definition.raw["operationId"], answer.status_code))
        # a query, a cursor, a cron line: what they may say no schema tells
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])

    send()
    return answered


def assert_done(answered: set[tuple[str, int]]) -> None:
    """It was not all refused."""
    good = {name for name, status in answered if status < 300}
    assert good >= {
        "list_postings", "list_sites", "one_site", "list_visits", "change_site", "pause_site", "resume_site",
        "list_events", "list_searches", "one_search", "preview_search", "list_outlets", "one_outlet", "enable_outlet",
        "test_outlet", "remove_site", "remove_search", "remove_outlet",
    }  # fmt: skip


@pytest.mark.slow
def test_whatever_is_sent_the_answer_is_as_described_and_never_a_fault_of_ours(board: Board) -> None:
    filled(board)
    with browsing(board.app()) as web:
        assert_done(attack(board, web, examples=3))


def test_a_fault_of_ours_would_be_seen(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.sites.listed", lambda *_, **__: 1 // 0)
    with browsing(board.app()) as web:
        found = schemathesis.openapi.from_dict(web.get(f"{ROOT}/openapi.json").json())
        operation = found[f"{ROOT}/sites"]["GET"]
        with pytest.raises(FailureGroup) as seen:
            operation.Case().call_and_validate(base_url=str(web.base_url).rstrip("/"))
    assert any(isinstance(one, ServerError) for one in seen.value.exceptions)


@pytest.mark.chaos
@pytest.mark.timeout(1800)
def test_the_same_with_much_more(board: Board) -> None:
    filled(board)
    with browsing(board.app()) as web:
        assert_done(attack(board, web, examples=100))
