"""The log: one line a step, with fields, and nothing in it that a page said."""

from __future__ import annotations

import ast
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.errors import NetworkError
from scheduler.logs import TEMPLATE, Formatter, is_ours_or_grave

ROOT = Path(__file__).parents[2]
PACKAGES = ("postings", "network", "crawler", "storage", "delivery", "scheduler", "dashboard", "hirewatch")


def line(form: str, message: str, *values: Any, error: BaseException | None = None) -> str:
    exception = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("scheduler.visits", logging.INFO, "visits.py", 1, message, values, exception)
    record.created = 1_764_000_000.5
    return Formatter(form).format(record)


def test_a_step_is_an_event_with_fields() -> None:
    told = "visit.concluded site=%s visit=%s read=%s seconds=%s"
    values = ("acme", "v_1", 118, 12.34567)
    assert line("text", told, *values) == (
        "2025-11-24T16:00:00.500000Z INFO scheduler.visits visit.concluded site=acme visit=v_1 read=118 seconds=12.346"
    )
    assert json.loads(line("json", told, *values)) == {
        "time": "2025-11-24T16:00:00.500000Z",
        "level": "info",
        "logger": "scheduler.visits",
        "event": "visit.concluded",
        "site": "acme",
        "visit": "v_1",
        "read": 118,
        "seconds": 12.346,
    }


def test_what_is_not_known_is_left_out() -> None:
    assert line("text", "visit.concluded site=%s reason=%s", "acme", None).endswith("visit.concluded site=acme")
    assert "reason" not in json.loads(line("json", "visit.concluded site=%s reason=%s", "acme", None))


def test_words_after_the_fields_are_a_note() -> None:
    told = json.loads(line("json", "worker.killed pid=%s: it did not end within %s s", 7, 6.0))
    assert (told["event"], told["pid"], told["note"]) == ("worker.killed", 7, "it did not end within 6.0 s")


def test_what_a_library_says_is_a_message() -> None:
    assert json.loads(line("json", "Retrying in %d seconds", 3))["message"] == "Retrying in 3 seconds"
    assert line("text", "Retrying in %d seconds", 3).endswith("scheduler.visits Retrying in 3 seconds")
    # one that was made wrongly does not end the program
    assert json.loads(line("json", "Retrying in %d seconds", "x"))["message"] == "Retrying in %d seconds"


@pytest.mark.parametrize("form", ["text", "json"])
@given(value=st.text())
def test_no_value_breaks_its_line_or_steers_a_terminal(form: str, value: str) -> None:
    for message in ("visit.begun site=%s visit=%s", "lease.lost site=%s: %s", "a library says %s of %s"):
        written = line(form, message, value, "v_1")
        assert written.isascii()
        assert written.isprintable()
        if form == "json" and "site=" in message:
            assert json.loads(written)["site"] == value[:300]


@pytest.mark.parametrize(
    "forged",
    ["x visit=v_2", "x\n2025-11-24T16:00:00Z INFO scheduler.visits visit.begun site=y", 'x" visit="v_2', "\x1b[2J"],
)
def test_a_value_cannot_look_like_another_field_or_line(forged: str) -> None:
    written = line("text", "visit.begun site=%s visit=%s", forged, "v_1")
    assert written.endswith(" visit=v_1")
    start = written.index("site=") + len("site=")
    quoted, end = json.JSONDecoder().raw_decode(written[start:])
    assert quoted == forged
    assert written[start + end :] == " visit=v_1"


def test_of_an_exception_the_kind_and_the_place_are_told_but_not_what_it_says() -> None:
    def read_page() -> None:
        try:
            int("text of a page")
        except ValueError as error:
            raise RuntimeError("more text of a page") from error

    with pytest.raises(RuntimeError) as caught:
        read_page()
    for form in ("text", "json"):
        written = line(form, "visit.crashed site=%s error=%s", "acme", caught.value, error=caught.value)
        assert "text of a page" not in written
        assert "RuntimeError, from ValueError" in written
        assert "read_page" in written


def test_our_own_errors_are_told_in_full() -> None:
    error = NetworkError("answered 503", subject="https://acme.example/")
    assert json.loads(line("json", "visit.unable error=%s", error))["error"] == "https://acme.example/: answered 503"


def test_the_daily_work_of_libraries_is_left_out() -> None:
    def told(name: str, level: int) -> bool:
        return is_ours_or_grave(logging.LogRecord(name, level, "x.py", 1, "x", (), None))

    assert told("scheduler.visits", logging.INFO)
    assert told("dashboard", logging.INFO)
    assert told("apscheduler.scheduler", logging.WARNING)
    assert not told("apscheduler.scheduler", logging.INFO)
    assert not told("schedulers", logging.INFO)


def messages() -> Iterator[tuple[str, ast.Call]]:
    """Every call of a module's `log`, with the place where it stands."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id in ("log", "logger")
                    and node.func.attr in ("debug", "info", "warning", "error", "exception")
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


#: names that a line of JSON has for itself
_RESERVED = {"time", "level", "logger", "event", "message", "trace", "note"}


def test_every_message_of_ours_is_an_event_with_fields() -> None:
    found = dict(messages())
    assert len(found) > 20
    wrong = [place for place, call in found.items() if not is_well_made(call)]
    assert wrong == []


def is_well_made(call: ast.Call) -> bool:
    message = call.args[0]
    if not isinstance(message, ast.Constant) or not isinstance(message.value, str):
        return False
    match = TEMPLATE.fullmatch(message.value)
    if match is None or message.value.count("%") != len(call.args) - 1:
        return False
    names = [field.partition("=")[0] for field in match["fields"].split()]
    return len(set(names)) == len(names) and not _RESERVED & set(names)


def test_the_page_on_operating_tells_the_fields_of_each_event_that_it_names() -> None:
    logged: dict[str, list[str]] = {}
    for _place, call in messages():
        assert isinstance(call.args[0], ast.Constant)
        match = TEMPLATE.fullmatch(str(call.args[0].value))
        assert match
        fields = [field.partition("=")[0] for field in match["fields"].split()]
        logged.setdefault(match["event"], []).extend(fields)
    page = (ROOT / "docs" / "operate.md").read_text()
    told = re.findall(r"^\| `([a-z.-]+)` \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)
    assert len(told) >= 8
    for event, fields in told:
        names = re.sub(r"\([^)]*\)", "", fields).replace(" ", "").split(",")
        assert set(names) == set(logged[event]), event


@pytest.mark.parametrize(
    ("call", "good"),
    [
        ('log.info("visit.begun site=%s", site)', True),
        ('log.info("visit.begun site=%s: %s", site, error)', True),
        ('log.info("visit begun site=%s", site)', False),
        ('log.info("visit.begun site=%s")', False),
        ('log.info("visit.begun time=%s", now)', False),
        ('log.info(f"visit.begun site={site}")', False),
        ('log.info("visit.begun %s", site)', False),
    ],
)
def test_a_message_that_is_no_event_would_be_found(call: str, good: bool) -> None:
    statement = ast.parse(call).body[0]
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    assert is_well_made(statement.value) is good
