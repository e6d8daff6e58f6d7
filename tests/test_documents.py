"""What the documents say is so: commands, targets and links that they name exist."""

from __future__ import annotations

import importlib
import re
import shlex
from datetime import date
from itertools import pairwise
from pathlib import Path

import click
import pytest
from lxml import etree

from hirewatch.cli import cli
from tests.repository import ROOT, files, packages, pyproject

DOCUMENTS = [path for path in files() if path.suffix == ".md"]

#: where package indexes live, put together here so that this file does not name them either
INDEX_HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("pypi", "python", "org"), ("pythonhosted", "org"))]


def commands() -> set[str]:
    return set(cli.list_commands(cli.make_context("hirewatch", [], resilient_parsing=True)))


def code(text: str) -> str:
    """What stands in code blocks and between backticks."""
    found = re.findall(r"```\w*\n(.*?)```|`([^`\n]+)`", text, re.S)
    return "\n".join(block or inline for block, inline in found)


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_every_command_a_document_names_exists(path: Path) -> None:
    named = set(re.findall(r"(?:^|[\s/$])hirewatch ([a-z]+)\b", code((ROOT / path).read_text()), re.M))
    assert named <= commands()


def command_lines(text: str) -> list[str]:
    """The calls of hirewatch in code blocks, without the remark behind them."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.S)
    lines = (re.sub(r"\s+#.*|\s{3,}.*", "", line) for block in blocks for line in block.splitlines())
    return [line for line in lines if line.startswith("hirewatch ")]


@pytest.mark.parametrize("line", command_lines((ROOT / "README.md").read_text()))
def test_the_command_line_takes_what_the_readme_types(line: str) -> None:
    command: click.Command = cli
    name, *words = shlex.split(line)
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words[0])
        assert found, words[0]
        command, name, words = found, words[0], words[1:]
    with command.make_context(name, words) as context:
        assert context.command is command


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_every_target_a_document_names_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"(?:^|[\s$])make ([a-z]+)\b", code((ROOT / path).read_text()), re.M))
    assert named <= targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_every_link_within_the_repository_leads_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / path).read_text(), flags=re.S)
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)
    assert [link for link in links if not (ROOT / path.parent / link).exists()] == []


def resolve(name: str) -> object:
    """The module, class, function or method of a dotted name."""
    parts = name.split(".")
    thing: object = importlib.import_module(parts[0])
    path = parts[0]
    for part in parts[1:]:
        path += f".{part}"
        thing = getattr(thing, part) if hasattr(thing, part) else importlib.import_module(path)
    return thing


def dotted_names() -> list[str]:
    text = (ROOT / "docs/architecture.md").read_text()
    return sorted(set(re.findall(rf"`((?:{'|'.join(packages())})(?:\.\w+)+)`", text)))


@pytest.mark.parametrize("name", dotted_names())
def test_what_the_architecture_names_is_there(name: str) -> None:
    assert resolve(name)


def test_what_code_cites_of_the_documents_stands_there() -> None:
    """A document by its file, one of its sections by its heading in quotes, a rule by its number."""
    known = set(re.findall(r"^## (C\.\d+) ", (ROOT / "docs/rules.md").read_text(), re.M))
    wrong = []
    for path in files():
        if path.suffix not in {".py", ".html"} or path.parts[0] not in packages():
            continue
        text = re.sub(r"\s+(?:#:? )?", " ", (ROOT / path).read_text())
        for name, heading in re.findall(r"\b(docs/[\w-]+\.md)\b(?:: \"([^\"]+)\")?", text):
            document = ROOT / name
            if not document.exists() or (heading and f"## {heading}\n" not in document.read_text()):
                wrong.append((str(path), name, heading))
        cited = set(re.findall(r"\bC\.\d+\b|(?<=docs/rules\.md, )\w[\w.]*", text))
        wrong += [(str(path), "docs/rules.md", number) for number in cited - known]
    assert wrong == []


def test_the_readme_has_the_two_commands_and_the_five_things_people_do() -> None:
    text = code((ROOT / "README.md").read_text())
    assert {"make demo", "make test"} <= set(re.findall(r"make \w+", text))
    assert {"inspect", "add", "status", "outlets", "why"} <= set(re.findall(r"hirewatch (\w+)", text))


def test_the_picture_is_drawn_without_anything_from_elsewhere() -> None:
    tree = etree.parse(ROOT / "docs/demo.svg")
    assert len(tree.findall("{*}g/{*}text")) > 20
    assert not re.search(r"href|url\(|@import|<script", (ROOT / "docs/demo.svg").read_text())


def test_the_changelog_is_kept_newest_first_and_knows_this_version() -> None:
    heads = re.findall(r"^## \[(.+?)\](?: - (\S+))?$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert heads[0] == ("Unreleased", "")
    released = [(version, date.fromisoformat(day)) for version, day in heads[1:]]
    assert all(newer[1] >= older[1] for newer, older in pairwise(released))
    assert not released or released[0][0] == pyproject()["project"]["version"]


def test_the_changelog_uses_the_usual_kinds_of_change() -> None:
    kinds = set(re.findall(r"^### (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.M))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_no_file_names_a_package_index() -> None:
    found = []
    for path in files():
        body = (ROOT / path).read_bytes()
        found += [(str(path), host) for host in INDEX_HOSTS if host.encode() in body]
    assert found == []


def test_every_pin_has_a_hash_and_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text().replace("\\\n", " ")
        for line in text.splitlines():
            assert re.fullmatch(r"[\w.\[\]-]+==\S+(?: ;[^#]*?)?(?:\s+--hash=sha256:[0-9a-f]{64})+\s*", line), line


#: the extras whose needs each file of pins holds too
PINNED = {"main": (), "server": ("files", "kafka", "mysql", "nats", "parquet", "postgres", "redis"), "test": ("test",)}


@pytest.mark.parametrize("name", PINNED)
def test_every_requirement_is_pinned(name: str) -> None:
    def normal(requirement: str) -> str:
        found = re.match(r"[\w.-]+", requirement)
        assert found
        return re.sub(r"[-_.]+", "-", found[0]).lower()

    project = pyproject()["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(one for extra in PINNED[name] for one in extras[extra])]
    pinned = set(re.findall(r"^([\w.-]+)(?=(?:\[.*\])?==)", (ROOT / f"requirements/{name}.txt").read_text(), re.M))
    missing = {normal(one) for one in wanted} - {normal(one) for one in pinned} - {"hirewatch"}
    assert missing == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_a_document_begins_with_its_title(path: Path) -> None:
    assert re.match(r"# \S", (ROOT / path).read_text())


@pytest.mark.parametrize(
    "row", re.findall(r"^\| \d+ .*$", (ROOT / "docs/promises.md").read_text(), re.M), ids=lambda row: row[2:4]
)
def test_every_promise_names_tests_that_are_there(row: str) -> None:
    paths = re.findall(r"`((?:tests|benchmarks)/\S+\.py)`", row)
    assert paths
    texts = [(ROOT / path).read_text() for path in paths]
    missing = [
        name
        for name in re.findall(r"`(test_\w+)`", row)
        if not any(re.search(rf"^\s*(?:async )?def {name}\(", text, re.M) for text in texts)
    ]
    assert missing == []


def test_there_are_thirty_promises() -> None:
    numbers = re.findall(r"^\| (\d+) \|", (ROOT / "docs/promises.md").read_text(), re.M)
    assert sorted(map(int, numbers)) == list(range(1, 31))
