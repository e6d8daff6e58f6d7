"""What differs between two versions, as the page of a posting shows it."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import HTTPException

from dashboard.comparison import compare
from postings.events import EventType, Significance
from postings.versions import Version
from tests.delivery.eventlog import NOON, posting_record


def version(number: int, **fields: Any) -> Version:
    return Version(
        number=number,
        event=number,
        type=EventType.CHANGED,
        at=NOON,
        significance=Significance.MATERIAL,
        baseline=False,
        fields=tuple(fields),
        record=posting_record(1, **fields),
    )


KNOWN = (version(1, title="Welder"), version(2, title="Welder II"), version(3, title="Senior \x1b[31mWelder"))


def test_the_last_two_are_compared_where_nothing_is_said() -> None:
    found = compare(KNOWN, 0, 0)
    assert found is not None
    assert (found.before, found.after) == (2, 3)


def test_a_field_that_differs_is_shown_by_its_pieces_and_clean() -> None:
    found = compare(KNOWN, 1, 3)
    assert found is not None
    (title,) = found.fields
    (line,) = title.lines
    assert line is not None
    assert "".join(run.text for run in line if run.kind != "new").strip() == "Welder"
    assert "\x1b" not in "".join(run.text for run in line)


def test_of_a_number_the_whole_is_shown_and_not_its_digits() -> None:
    pay = [{"currency": "JPY", "min": amount, "max": amount, "unit": "YEAR", "text": None} for amount in (60, 70)]
    found = compare((version(1, salary=pay[0]), version(2, salary=pay[1])), 0, 0)
    assert found is not None
    (field,) = found.fields
    (line,) = field.lines
    assert line is not None
    assert [(run.kind, run.text.strip()) for run in line] == [
        ("gone", "60 JPY a year"),
        ("same", ""),
        ("new", "70 JPY a year"),
    ]


def test_one_version_is_compared_with_nothing() -> None:
    assert compare(KNOWN[:1], 0, 0) is None


def test_a_version_that_is_not_there_is_not_found() -> None:
    with pytest.raises(HTTPException, match="versions 1 to 3"):
        compare(KNOWN, 1, 4)
