"""The house is built as the plan says: which packages there are, who imports whom, where tests stand."""

from __future__ import annotations

import ast
import importlib
import os
import re
import shutil
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.repository import PROGRAMS, ROOT, files, packages, pyproject, run


def test_there_are_eight_packages() -> None:
    assert packages() == [
        "crawler", "dashboard", "delivery", "hirewatch", "network", "postings", "scheduler", "storage",
    ]  # fmt: skip


def test_the_wheel_ships_every_package() -> None:
    assert sorted(pyproject()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == packages()


def test_types_are_checked_in_every_package() -> None:
    assert sorted(pyproject()["tool"]["mypy"]["packages"]) == packages()


def test_the_direction_of_imports_is_checked_in_every_package() -> None:
    settings = pyproject()["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in settings["contracts"] if contract["type"] == "layers")
    assert sorted(settings["root_packages"]) == packages()
    assert sorted(name for layer in layers for name in re.split(r"\s*\|\s*", layer)) == packages()


@pytest.mark.parametrize("name", packages())
def test_a_package_is_not_taken_for_the_folder_of_its_tests(name: str) -> None:
    found = importlib.import_module(name).__file__
    assert found is not None
    assert Path(found).parent.name == name
    assert "tests" not in Path(found).parts


def imported(package: str) -> set[str]:
    """Top-level names that a package imports, the standard library's and our own left out."""
    found = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    # `compression` is in the standard library from Python 3.14 on, `backports` is what stands in for it
    own = {*sys.stdlib_module_names, *packages(), "compression", "backports"}
    return {name.split(".")[0] for name in found} - own


def test_what_is_imported_is_required_by_name() -> None:
    project = pyproject()["project"]
    extras = project["optional-dependencies"]
    required = project["dependencies"] + [one for name in extras if name != "test" for one in extras[name]]
    declared = {canonical(re.split(r"[\[<>=;~! ]", one)[0]) for one in required}
    owners = packages_distributions()
    undeclared = {
        name
        for package in packages()
        for name in imported(package)
        if not declared & {canonical(owner) for owner in owners.get(name, [])}
    }
    assert undeclared == set()


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in files() if path.parts[0] == "tests" and path.suffix == ".py"}
    assert [folder for folder in sorted(folders) if not (ROOT / folder / "__init__.py").exists()] == []


def test_tests_mirror_the_packages() -> None:
    folders = {path.parts[1] for path in files() if path.parts[0] == "tests" and len(path.parts) > 2}
    assert folders <= {*packages(), "benchmarks", "chaos", "end_to_end", "fuzzing", "sites", "worlds"}


def test_modules_are_named_for_what_they_hold() -> None:
    nameless = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [path for path in files() if path.suffix == ".py" and nameless & {path.stem, *path.parts}] == []


def lint_imports(folder: Path) -> str:
    done = run(
        PROGRAMS / "lint-imports", "--no-logo", "--no-cache", cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}
    )
    return done.stdout if done.returncode else ""


def test_imports_run_one_way() -> None:
    assert lint_imports(ROOT) == ""


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("crawler", "import storage.tables", "The crawler knows no table"),
        ("postings", "import network", "Imports run one way"),
        ("storage", "import delivery", "Imports run one way"),
        ("dashboard", "import scheduler", "Imports run one way"),
        ("delivery", "import httpx", "The only ways out are network and Scrapy"),
        ("postings", "import socket", "Postings are pure: no network, no database, no scheduler"),
    ],
)
def test_an_import_the_other_way_is_found(tmp_path: Path, module: str, line: str, contract: str) -> None:
    for name in packages():
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / module / "intruder.py").write_text(f"{line}\n")
    assert f"{contract} BROKEN" in lint_imports(tmp_path)
