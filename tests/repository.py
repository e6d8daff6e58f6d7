"""Where the tests find the checkout, and what belongs to it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: where the programs of this environment are
PROGRAMS = Path(sys.executable).parent


@cache
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def packages() -> list[str]:
    """The packages that are shipped, from the folders: those with an `__init__.py`, less the tests."""
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    return sorted(found - {"tests", "benchmarks"})


def files() -> tuple[Path, ...]:
    """The files of the checkout, relative to it, less what `.gitignore` names; also where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = (Path(name) for name in listed.stdout.decode().split("\0") if name)
        return tuple(sorted(name for name in names if (ROOT / name).is_file()))
    passed = {".venv", ".git", "__pycache__", "build", "dist"}
    every = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return tuple(
        sorted(path for path in every if not passed & set(path.parts) and not path.parts[0].endswith("_cache"))
    )


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A finished program with its output, both streams in `stdout`."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )
