"""The help page answers at once: no heavy library is loaded for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "scrapy",
    "twisted",
    "sqlalchemy",
    "alembic",
    "extruct",
    "lxml",
    "pydantic",
    "apscheduler",
    "httpx",
    "jinja2",
    "playwright",
    "fastapi",
    "uvicorn",
    "prometheus_client",
)

PROGRAM = f"""
import sys
from hirewatch.cli import cli
from hirewatch.cli.failures import run
code = run(cli, sys.argv[1:])
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["visit", "--help"], ["outlets", "--help"], ["version"], ["vist"]])
def test_help_loads_no_heavy_library(arguments: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stderr.splitlines()[-1] == "[]"
