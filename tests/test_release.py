"""A release is prepared whole or not at all."""

from __future__ import annotations

import importlib.util
import shutil
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from tests.repository import ROOT

DAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def release() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release", ROOT / "docs" / "release.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that a release changes, as if something was unreleased."""
    for name in ("pyproject.toml", "UPGRADING.md"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- All of it.\n")
    (tmp_path / "tests" / "storage").mkdir(parents=True)
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_release_has_its_version_its_changes_and_its_databases(release: ModuleType, checkout: Path) -> None:
    release.prepare(checkout, "0.1.0", DAY, {"sqlite": "CREATE TABLE x;\n", "postgresql": "CREATE TABLE y;\n"})
    after = contents(checkout)
    assert '\nversion = "0.1.0"\n' in after["pyproject.toml"]
    assert after["CHANGELOG.md"] == (
        "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-12-01\n\n### Added\n\n- All of it.\n"
    )
    assert after["tests/storage/released/0.1.0.sql"] == "CREATE TABLE x;\n"
    assert after["tests/storage/released/0.1.0.pgsql"] == "CREATE TABLE y;\n"


@pytest.mark.parametrize(
    ("version", "words"), [("1.0", "is no version"), ("9.9.9", r"UPGRADING\.md says nothing"), ("0.1.0", "is there")]
)
def test_what_cannot_be_released_changes_nothing(release: ModuleType, checkout: Path, version: str, words: str) -> None:
    kept = checkout / "tests/storage/released/0.1.0.sql"
    kept.parent.mkdir()
    kept.write_text("of the release\n")
    before = contents(checkout)
    with pytest.raises(ValueError, match=words):
        release.prepare(checkout, version, DAY, {"sqlite": "", "postgresql": ""})
    assert contents(checkout) == before


def test_a_release_without_changes_is_refused(release: ModuleType, checkout: Path) -> None:
    release.prepare(checkout, "0.1.0", DAY, {"sqlite": ""})
    (checkout / "tests/storage/released/0.1.0.sql").unlink()
    with pytest.raises(ValueError, match=r"has 0\.1\.0 already"):
        release.prepare(checkout, "0.1.0", DAY, {"sqlite": ""})
    (checkout / "UPGRADING.md").write_text("# Upgrading\n\n## 0.1.1\n")
    with pytest.raises(ValueError, match="nothing unreleased"):
        release.prepare(checkout, "0.1.1", DAY, {"sqlite": ""})


def test_the_next_version_can_be_released_from_this_checkout(release: ModuleType, tmp_path: Path) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert changelog.count(release.UNRELEASED) == 1
    assert release.with_version((ROOT / "pyproject.toml").read_text(), "9.9.9").count("9.9.9") == 1
