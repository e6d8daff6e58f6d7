"""Reads a collection of real pages that lies beside some checkouts, and is scored by its own script."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.extraction import file_page, read_page
from postings.record import body, record

PAGES = Path(__file__).parents[2].parent / "shared" / "corpus"
#: per cent of the values
FLOOR = 99.5

pytestmark = [
    pytest.mark.real_pages,
    pytest.mark.skipif(not (PAGES / "score.py").exists(), reason=f"there is no collection of pages at {PAGES}"),
]


def test_real_pages_are_read_as_they_are_meant() -> None:
    lines = []
    for file in sorted([*PAGES.glob("pages/*"), *PAGES.glob("jsonld/*"), *PAGES.glob("mutated/*")]):
        reading = read_page(file_page(file, file.read_bytes()), links=False)
        postings = [record(body(one.posting), None) for one in reading.postings]
        lines.append(json.dumps({"file": str(file), "postings": postings}))
    scored = subprocess.run(
        [sys.executable, str(PAGES / "score.py")], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    share = re.search(r"^all\s.*?([\d.]+) %$", scored.stdout, re.MULTILINE)
    assert share is not None, scored.stderr
    assert float(share[1]) >= FLOOR, scored.stdout
