"""Prepares a release in the checkout: `python docs/release.py VERSION`. Nothing is committed, tagged or uploaded.

The version goes into pyproject.toml, what is unreleased in CHANGELOG.md becomes that version's, and databases as this
version makes them are kept for the tests of all later upgrades. See docs/releasing.md.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNRELEASED = "## [Unreleased]\n"

#: kind of database -> ending of the file that keeps one
DATABASES = {"sqlite": "sql", "postgresql": "pgsql"}


def with_version(pyproject: str, version: str) -> str:
    """The text of pyproject.toml with this version in place of the one it has."""
    changed, count = re.subn(r'(?m)^version = ".*"$', f'version = "{version}"', pyproject)
    if count != 1:
        raise ValueError("pyproject.toml has not exactly one line with the version")
    return changed


def with_release(changelog: str, version: str, day: date) -> str:
    """The text of CHANGELOG.md in which what was unreleased is this version's, of that day."""
    if f"\n## [{version}]" in changelog:
        raise ValueError(f"CHANGELOG.md has {version} already")
    before, found, rest = changelog.partition(UNRELEASED)
    if not found or not rest.partition("\n## ")[0].strip():
        raise ValueError("CHANGELOG.md has nothing unreleased")
    return f"{before}{UNRELEASED}\n## [{version}] - {day.isoformat()}\n{rest}"


def prepare(root: Path, version: str, day: date, databases: Mapping[str, str]) -> list[Path]:
    """Writes all of it under `root`, or nothing; `databases` are the dumps to keep, by kind. Returns what was written.

    Raises ValueError in words.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ValueError(f"{version} is no version such as 0.1.0")
    if f"\n## {version}\n" not in (root / "UPGRADING.md").read_text():
        raise ValueError(f"UPGRADING.md says nothing of {version}")
    released = root / "tests/storage/released"
    kept = {released / f"{version}.{DATABASES[kind]}": text for kind, text in databases.items()}
    for path in kept:
        if path.exists():
            raise ValueError(f"{path} is there: a database of a release never changes")
    texts = {
        root / "pyproject.toml": with_version((root / "pyproject.toml").read_text(), version),
        root / "CHANGELOG.md": with_release((root / "CHANGELOG.md").read_text(), version, day),
        **kept,
    }
    released.mkdir(exist_ok=True)
    for path, text in texts.items():
        path.write_text(text)
    return list(texts)


def main() -> None:
    """Prepares the release that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", help="such as 0.1.0")
    parser.add_argument("--date", type=date.fromisoformat, default=datetime.now(UTC).date(), help="default: today")
    asked = parser.parse_args()
    try:
        for path in prepare(ROOT, asked.version, asked.date, {kind: _database(kind) for kind in DATABASES}):
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    except ValueError as error:
        sys.exit(f"Error: {error}")


def _database(kind: str) -> str:
    """A database of this version, as SQL."""
    made = [sys.executable, "-m", "tests.storage.releases", kind]
    return subprocess.run(made, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
