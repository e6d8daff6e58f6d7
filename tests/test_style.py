"""The code is in the house style: what `make lint` says, as part of the tests."""

from __future__ import annotations

import ast
import io
import tokenize

import pytest

from tests.repository import PROGRAMS, ROOT, files, run

#: as the formatter has it
LONGEST = 120


def prose(text: str) -> set[int]:
    """The numbers of the lines that are comments or docstrings."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found = {one.start[0] for one in tokens if one.type == tokenize.COMMENT and not one.line[: one.start[1]].strip()}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found |= set(range(first.lineno, (first.end_lineno or 0) + 1))
    return found


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=["rules", "format"])
def test_ruff_has_nothing_to_say(arguments: list[str]) -> None:
    done = run(PROGRAMS / "ruff", *arguments, ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.timeout(600)
def test_types_hold() -> None:
    # a cache of its own: runs with other options leave in the shared one what misleads this one
    done = run(PROGRAMS / "mypy", "--cache-dir", ".mypy_cache/whole")
    assert done.returncode == 0, done.stdout


def test_comments_and_docstrings_fit_into_the_line() -> None:
    """The formatter wraps code and leaves them; an address may stay whole."""
    long = []
    for path in files():
        if path.suffix == ".py":
            text = (ROOT / path).read_text()
            lines = text.splitlines()
            long += [
                f"{path}:{number}"
                for number in prose(text)
                if len(lines[number - 1]) > LONGEST and "://" not in lines[number - 1]
            ]
    assert long == []
