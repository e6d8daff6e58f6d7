"""docs/records.md says what the schemas are, and they say what every field means."""

from __future__ import annotations

import runpy
from typing import Any

from tests.repository import ROOT

PAGE = ROOT / "docs/records.md"


def made() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs/record_reference.py"))


def test_the_page_is_as_the_schemas_are() -> None:
    reference = made()
    told = PAGE.read_text().partition(reference["MARK"])[2]
    assert told == f"\n{reference['reference']()}", "run: python docs/record_reference.py"


def test_every_field_says_what_it_means() -> None:
    silent = [line for line in PAGE.read_text().splitlines() if line.startswith("| `") and line.endswith("|  |")]
    assert silent == []
