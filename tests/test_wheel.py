"""What is built can be installed and runs where no checkout is."""

from __future__ import annotations

import email
import json
import os
import site
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.repository import ROOT, files, packages, pyproject, run

PAGE = """<!doctype html><html lang="en"><title>Welder</title><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "JobPosting", "title": "Welder", "datePosted": "2026-11-01",
 "description": "Weld steel.", "hiringOrganization": {"@type": "Organization", "name": "Acme"},
 "jobLocation": {"@type": "Place", "address": {"addressLocality": "Berlin", "addressCountry": "DE"}}}
</script></html>"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the archive of the sources, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("built")
    done = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel in it.

    The pinned requirements come from the environment of this run: a line of a `.pth` file brings the packages of a
    folder, but not what its own `.pth` files bring, and so not the checkout.
    """
    folder = tmp_path_factory.mktemp("installed")
    made = run(sys.executable, "-m", "venv", folder)
    assert made.returncode == 0, made.stdout
    programs = folder / "bin"
    done = run(programs / "python", "-m", "pip", "install", "--no-index", "--no-deps", wheel, cwd=folder)
    assert done.returncode == 0, done.stdout
    own = next(folder.glob("lib/python*/site-packages"))
    (own / "requirements.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return programs


def elsewhere(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HIREWATCH"))}
    return kept | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == {str(path) for path in files() if path.parts[0] in packages()}


def test_the_archive_of_the_sources_holds_the_whole_checkout(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        held = {str(Path(*Path(one.name).parts[1:])) for one in archive.getmembers() if one.isfile()}
    assert held == {str(path) for path in files()} | {"PKG-INFO"}


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    said = {Path(name).name: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name}
    about = email.message_from_string(said["METADATA"])
    assert about["License-Expression"] == "Apache-2.0"
    assert said["LICENSE"] == (ROOT / "LICENSE").read_text()
    assert about.get_payload() == (ROOT / "README.md").read_text()
    assert all(about[what] for what in ("Summary", "Requires-Python", "Keywords", "Classifier"))
    assert set(about.get_all("Provides-Extra", [])) == set(pyproject()["project"]["optional-dependencies"])
    assert "hirewatch = hirewatch.__main__:main" in said["entry_points.txt"]


def test_nothing_is_installed_beside_our_packages(installed: Path) -> None:
    record = next(installed.parent.glob("lib/python*/site-packages/hirewatch-*.dist-info/RECORD")).read_text()
    tops = {line.split("/")[0] for line in record.splitlines()}
    assert {top for top in tops if not top.startswith(("hirewatch-", ".."))} == set(packages())


def test_the_installed_packages_are_not_those_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    for name in packages():
        program = f"import {name}; print({name}.__file__)"
        done = run(installed / "python", "-c", program, cwd=tmp_path, env=elsewhere(tmp_path))
        assert done.stdout.startswith(str(installed.parent)), done.stdout


def test_the_installed_command_tells_its_version(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "hirewatch", "--version", cwd=tmp_path, env=elsewhere(tmp_path))
    assert (done.returncode, done.stdout) == (0, f"hirewatch {pyproject()['project']['version']}\n")


def test_the_installed_command_reads_a_posting_beside_a_foreign_scrapy_project(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = nowhere.settings\n")
    (tmp_path / "page.html").write_text(PAGE)
    done = run(installed / "hirewatch", "inspect", "page.html", "--json", cwd=tmp_path, env=elsewhere(tmp_path))
    assert done.returncode == 0, done.stdout
    assert [one["title"] for one in json.loads(done.stdout)["postings"]] == ["Welder"]
