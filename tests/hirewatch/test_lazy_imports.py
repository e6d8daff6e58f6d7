"""The help page answers at once: no heavy library is loaded for it."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from hirewatch.cli import PANELS, cli

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


def test_the_help_page_says_of_each_command_what_the_command_says_of_itself() -> None:
    context = click.Context(cli)
    said = {name: line for lines in PANELS.values() for name, line in lines.items()}
    own = {name: cli.get_command(context, name) for name in said}
    assert said == {name: command.get_short_help_str(limit=1_000) for name, command in own.items() if command}


def test_the_help_page_imports_no_command() -> None:
    program = (
        "import sys; from hirewatch.cli import cli\n"
        + "cli.main(['--help'], standalone_mode=False)\n"
        + "print([name for name in sys.modules if name in {'hirewatch.cli.status', 'hirewatch.cli.visit'}], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert "status" in ran.stdout
    assert ran.stderr.splitlines()[-1] == "[]"
