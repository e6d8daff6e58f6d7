"""Files that pages load: where they are from, and how they are served."""

from __future__ import annotations

import hashlib
import re
import tomllib

import pytest

from dashboard import assets
from tests.dashboard.conftest import Board
from tests.dashboard.web import browsing
from tests.repository import ROOT

STATIC = ROOT / "dashboard" / "static"
VENDOR = STATIC / "vendor"


def vendored() -> list[dict[str, str]]:
    files: list[dict[str, str]] = tomllib.loads((VENDOR / "VENDORED.toml").read_text())["file"]
    return files


@pytest.mark.parametrize("file", vendored(), ids=lambda file: file["path"])
def test_a_vendored_file_is_what_its_maker_published(file: dict[str, str]) -> None:
    assert hashlib.sha256((VENDOR / file["path"]).read_bytes()).hexdigest() == file["sha256"]
    assert file["license"] in {"0BSD", "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC"}
    assert (VENDOR / file["license_file"]).read_text().strip()
    assert re.fullmatch(r"\d+\.\d+\.\d+", file["version"])
    assert file["version"] in file["source"]


def test_every_file_of_others_is_listed() -> None:
    told = {file["path"] for file in vendored()} | {file["license_file"] for file in vendored()}
    assert {path.name for path in VENDOR.iterdir()} - {"VENDORED.toml"} == told


def test_a_file_is_kept_for_good_under_an_address_that_changes_with_it(board: Board) -> None:
    address = assets.address("hirewatch.css")
    with browsing(board.app()) as web:
        answer = web.get(address)
        assert (answer.status_code, answer.content) == (200, (STATIC / "hirewatch.css").read_bytes())
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        # a page of an older version
        older = web.get("/static/0123456789abcdef/keys.js")
        assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")


def test_nothing_else_is_served(board: Board) -> None:
    with browsing(board.app()) as web:
        for path in ("nothing.css", "%2e%2e/app.py", "..%2fapp.py", "vendor/VENDORED.toml"):
            assert web.get(f"/static/0123456789abcdef/{path}").status_code == 404, path


def test_no_page_holds_script_style_or_an_address_of_another_host() -> None:
    for path in sorted((ROOT / "dashboard" / "templates").rglob("*.html")):
        text = path.read_text()
        where = path.name
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), where
        assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=", text), where
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text), where
        assert not re.search(r"hx-on|[\"']js:|javascript:", text), where
