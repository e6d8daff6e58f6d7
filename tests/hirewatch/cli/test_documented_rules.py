"""docs/inspect.md lists the rules as they are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_lists_every_rule_with_its_source() -> None:
    spec = importlib.util.spec_from_file_location("inspection", DOCS / "inspection.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert (DOCS / "inspect.md").read_text().partition(made.MARK)[2] == f"\n{made.rules()}", (
        "run: python docs/inspection.py"
    )
