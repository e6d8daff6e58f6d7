"""docs/queries.md: its examples can be read, it names every field, and its limits are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from postings.query import parse
from postings.query.fields import FIELDS
from postings.query.refusals import MOST_CHARACTERS, MOST_NESTING, MOST_TERMS

PAGE = (Path(__file__).parents[3] / "docs" / "queries.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The cells of the table with that first heading."""
    lines = PAGE.partition(f"| {heading} |")[2].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


EXAMPLES = [
    *(line for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()),
    *(code for row in table("written") for code in codes(row[0]) if code not in {"-( … )"}),
    *(code for row in table("field") for code in codes(row[1])),
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_can_be_read(example: str) -> None:
    assert parse(example).in_words() != "everything"


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 40


def test_every_field_is_named() -> None:
    assert [name for row in table("field") for name in codes(row[0])] == list(FIELDS)


def test_the_limits_are_named() -> None:
    said = PAGE.partition("A query has at most")[2].replace("\n", " ")
    assert [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", said)[:3]] == [
        MOST_CHARACTERS, MOST_TERMS, MOST_NESTING,
    ]  # fmt: skip
