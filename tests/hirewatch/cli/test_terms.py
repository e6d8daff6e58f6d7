"""Queries that begin with a minus sign, beside options."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.storage.watching import Watch, a_job


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (["-berlin"], 9),
        (["-location:berlin", "-bonn", "--state", "open"], 8),
        (["--state", "all", "-ulm OR ulm", "-q"], 10),
        # a word that begins like an option of one letter
        (["-vue"], 10),
        (["-quality", "-v"], 10),
        (["--", "-berlin", "--json"], 0),
        (["--site", "acme", "-(berlin OR bonn)"], 8),
    ],
)
def test_what_a_query_leaves_out_is_no_option(
    watch: Watch, command_line: Callable[..., int], capsys: pytest.CaptureFixture[str], arguments: list[str], count: int
) -> None:
    assert command_line("postings", "--count", *arguments) == 0
    assert capsys.readouterr().out.strip() == str(count)


def test_an_option_that_does_not_exist_is_still_refused(
    watch: Watch, command_line: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line("postings", "berlin", "--limt", "3") == 2
    assert "--limit" in capsys.readouterr().err


def test_a_search_may_begin_with_what_it_leaves_out(
    watch: Watch, command_line: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    watch.pages["/jobs/200"] = a_job("Nurse", place="Ulm")
    watch.visit()
    assert command_line("searches", "preview", "-title:nurse", "--json") == 0
    assert json.loads(capsys.readouterr().out)["matches"] == 10
    assert command_line("searches", "add", "rest", "-title:nurse", "--json") == 0
    assert json.loads(capsys.readouterr().out)["query"] == "-title:nurse"
