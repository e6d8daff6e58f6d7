"""What `inspect` prints: pages with the text that belongs to them, as files side by side in `pages/`.

`python -m tests.hirewatch.cli.test_inspect` writes the texts anew; look at what it changed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.extraction import file_page, read_page
from hirewatch.cli.inspect import told
from hirewatch.inspection import Inspection
from hirewatch.inspector import is_address, require_files
from postings.errors import UsageError
from postings.rules import RULES
from postings.sites import Source, SourceKind
from postings.visits import Listing, VisitReport

Run = Callable[..., int]

PAGES = Path(__file__).with_name("pages")
NAMES = sorted(path.name for path in PAGES.iterdir() if path.suffix != ".txt")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def inspection(name: str) -> Inspection:
    page = file_page(PAGES / name, (PAGES / name).read_bytes())
    reading = read_page(page, links=True, problems=True)
    return Inspection(name, reading.canonical, reading, NOW)


def rendered(name: str) -> str:
    plain, explained = (list(told(inspection(name), explain=explain)) for explain in (False, True))
    return "\n".join([*plain, "", "---- with --explain", "", *explained, ""])


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_told_as_its_text_says(name: str) -> None:
    assert rendered(name) == (PAGES / name).with_suffix(".txt").read_text()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_many_pages_are_told_in_their_order_a_line_each(
    command_line: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = []
    for number in range(40):
        files.append(tmp_path / f"{number}.html")
        shutil.copy(PAGES / NAMES[number % len(NAMES)], files[-1])
    assert command_line("inspect", *map(str, files), "--json") == 0
    told_of = lines(capsys.readouterr().out)
    assert [one["file"] for one in told_of] == [str(file) for file in files]


def test_the_object_has_its_keys_and_more_only_where_it_was_asked_for(
    command_line: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = ["file", "url", "kind", "postings", "problems", "unreadable", "withdrawn", "fields", "source"]
    page = str(PAGES / "troubled.html")
    assert command_line("inspect", page, "--json") == 0
    (plain,) = lines(capsys.readouterr().out)
    assert list(plain) == keys
    assert command_line("inspect", page, "--json", "--explain") == 0
    (explained,) = lines(capsys.readouterr().out)
    assert list(explained) == [*keys, "explanation"]
    assert {key: explained[key] for key in keys} == plain


def test_every_problem_has_a_rule_with_its_source_and_every_field_its_place() -> None:
    found = inspection("troubled.html").as_json()
    for problem in found["problems"]:
        rule = RULES[problem["rule"]]
        assert (problem["level"], problem["source"]) == (rule.level, rule.source)
    pay = next(field for field in found["fields"] if field["field"] == "salary")
    assert pay["raw"]["value"]["value"] == "3.200,00"
    assert pay["value"]["min"] == 3200
    assert pay["at"] == {"script": 1, "pointer": "/@graph/1/baseSalary", "line": 6}
    (wrong,) = (problem for problem in found["problems"] if problem["rule"] == "pay-amount-is-text")
    assert wrong["at"] == pay["at"]


def test_a_withdrawn_page_is_named_so_and_its_posting_still_told() -> None:
    found = inspection("withdrawn.html").as_json()
    assert found["withdrawn"]
    assert "withdrawn" in [problem["rule"] for problem in found["problems"]]
    assert [posting["title"] for posting in found["postings"]] == ["Schweißer"]


@pytest.mark.parametrize(("page", "code"), [("clean.html", 0), ("troubled.html", 1), ("list.html", 0)])
def test_strict_exits_with_1_where_an_error_is_found(page: str, code: int, command_line: Run) -> None:
    assert command_line("inspect", str(PAGES / page)) == 0
    assert command_line("inspect", str(PAGES / page), "--strict") == code


def test_a_hostile_page_costs_its_deadline_and_not_the_others(
    command_line: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = tmp_path / "deep.html"
    deep.write_text('<script type="application/ld+json">' + '{"@type":["JobPosting"],"a":' * 90_000 + "</script>")
    assert command_line("inspect", str(deep), str(PAGES / "clean.html"), "--json") == 0
    first, second = lines(capsys.readouterr().out)
    assert first["postings"] == []
    assert [problem["rule"] for problem in first["problems"]] == ["json-invalid"]
    assert len(second["postings"]) == 1


def test_nothing_that_a_page_says_reaches_the_terminal_as_it_is() -> None:
    assert not set("\x1b\x07\u202e") & set(rendered("troubled.html"))


if __name__ == "__main__":
    for each in NAMES:
        (PAGES / each).with_suffix(".txt").write_text(rendered(each))


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        ("https://acme.example/x", True), ("acme.example", True), ("www.acme.example:8080/jobs/", True),
        ("127.0.0.1:8000", True), ("page.html", False), ("public/jobs/page.html", False), ("acme", False),
        ("data.jsonld", False), ("./acme.example", False),
    ],
)  # fmt: skip
def test_a_bare_domain_is_an_address_and_a_file_name_is_none(argument: str, address: bool) -> None:
    assert is_address(argument) is address


def test_a_file_that_is_called_like_a_domain_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme.example").write_text("<html></html>")
    monkeypatch.chdir(tmp_path)
    assert not is_address("acme.example")


@pytest.mark.parametrize("argument", ["ftp://acme.example/jobs", "file:///tmp/page.html"])
def test_an_address_that_is_not_of_the_web_is_not_taken_for_a_file(argument: str) -> None:
    with pytest.raises(UsageError, match="is no web address; only http and https are read"):
        require_files([argument])


SURVEY = VisitReport(
    started_at=NOW,
    ended_at=NOW,
    source=Source(
        kind=SourceKind.SITEMAP,
        urls=("https://acme.example/sitemap.xml",),
        checks=("https://acme.example/jobs",),
        rejected=("acme.example/blog/*",),
        reason="the sitemap names 2 addresses of postings and all 2 that the list pages link to",
    ),
    listing=Listing(addresses=frozenset({"acme.example/jobs/1", "acme.example/jobs/2\x1b[31m"}), whole=True),
    problems=("robots.txt forbids /jobs/3",),
)


def test_the_source_of_a_site_is_told_in_words_with_examples() -> None:
    reading = inspection("other.html").reading
    found = Inspection("acme.example", "https://acme.example/", reading, NOW, 200, survey=SURVEY)
    text = "\n".join(told(found))
    assert "Source (sitemap): the sitemap names 2 addresses of postings and all 2" in text
    for line in (
        "    read from     https://acme.example/sitemap.xml",
        "    checked with  https://acme.example/jobs",
        "    postings      2 like acme.example/jobs/*",
        "    no posting    on pages like acme.example/blog/*",
        "    ⚠ robots.txt forbids /jobs/3",
        "Watch it:  hirewatch add acme.example",
    ):
        assert line in text
    assert "\x1b" not in text


def test_a_saved_answer_of_a_board_is_read_as_such(
    command_line: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = tmp_path / "jobs.json"
    job = {
        "id": 5100000001,
        "title": "Welder",
        "absolute_url": "https://boards.greenhouse.io/northmill/jobs/5100000001",
        "location": {"name": "Berlin, Germany"},
        "first_published": "2026-11-01T08:00:00-05:00",
        "updated_at": "2026-11-20T08:00:00-05:00",
        "content": "&lt;p&gt;Weld things.&lt;/p&gt;",
    }
    answer.write_text(json.dumps({"jobs": [job], "meta": {"total": 1}}))
    assert command_line("inspect", str(answer), "--json") == 0
    (told_of,) = lines(capsys.readouterr().out)
    assert told_of["kind"] == "board"
    (posting,) = told_of["postings"]
    assert (posting["title"], posting["syntax"]) == ("Welder", "board")
    assert posting["date_posted"].startswith("2026-11-01")
