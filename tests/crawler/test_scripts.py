from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.scripts import read_script

WELDER = {"@context": "https://schema.org", "@type": "JobPosting", "title": "Welder"}
TEXT = json.dumps(WELDER)


@pytest.mark.parametrize(
    "script",
    [
        TEXT,
        "\ufeff\xa0" + TEXT,
        TEXT + ";",
        f"<!--\n{TEXT}\n-->",
        f"<!--\n{TEXT}\n//-->",
        f"//<![CDATA[\n{TEXT}\n//]]>",
        f"<![CDATA[{TEXT}]]>",
        f"/*<![CDATA[*/{TEXT}/*]]>*/",
        f"/* a job */\n{TEXT}\n// the end",
        TEXT.replace('"', "&quot;"),
        json.dumps(TEXT),
        TEXT.replace("}", ",}"),
        TEXT.replace('"', "'"),
        TEXT[:-1],
    ],
    ids=[
        "strict",
        "bom",
        "semicolon",
        "comment",
        "comment, script style",
        "cdata, line comments",
        "cdata",
        "cdata, block comments",
        "js comments",
        "entities",
        "encoded twice",
        "trailing comma",
        "single quotes",
        "cut",
    ],
)
def test_a_posting_is_read_out_of_its_frame(script: str) -> None:
    assert list(read_script(script).documents) == [WELDER]


def test_raw_control_characters_inside_strings_are_let_through() -> None:
    (document,) = read_script('{"@type": "JobPosting", "title": "Wel\tder\nand\x01 more"}').documents
    assert document["title"] == "Wel\tder\nand\x01 more"


def test_two_documents_in_one_script_are_both_read() -> None:
    assert list(read_script(f'{TEXT}\n{{"@type": "Organization"}}').documents) == [WELDER, {"@type": "Organization"}]


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "JobPosting", ,,, "description": }',
        "JobPosting",
        '{"@type": "JobPosting", "title": "", "a": [}',
        '{"@type": "JobPosting", "title": "x", "a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_what_repair_makes_up_does_not_count_without_a_title(script: str) -> None:
    found = read_script(script)
    assert found.documents == ()
    assert found.broken


def test_a_broken_script_about_something_else_is_not_repaired() -> None:
    assert read_script('{"@type": "WebSite", "name": }').documents == ()


def test_numbers_that_python_cannot_hold_do_not_break_the_script() -> None:
    (document,) = read_script(
        '{"title": "x", "a": ' + "9" * 5_000 + ', "b": NaN, "c": -Infinity, "d": 1e999}'
    ).documents
    assert document["title"] == "x"
    assert document["b"] is None


@pytest.mark.parametrize("unit", ["[{", '"a": [1,,],', "/*", "//\n", "<!--", '"a "b" ', "\\", "{'a':"])
def test_a_hostile_script_of_a_quarter_megabyte_is_read_in_bounded_time(unit: str) -> None:
    script = '{"@type": "JobPosting", "title": "x", ' + unit * (250_000 // len(unit))
    started = time.process_time()
    read_script(script)
    assert time.process_time() - started < 8


@given(st.text(max_size=300) | st.text("{}[]\"',:/*<!->;&quot t", max_size=120))
def test_no_text_makes_reading_fail(text: str) -> None:
    read_script(text)
