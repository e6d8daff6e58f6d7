"""Which part of a host a site is, as addresses and employers' names tell it."""

from __future__ import annotations

import pytest

from crawler.scope import WHOLE, Scope, are_strangers, names_an_employer, paths
from postings import urls


@pytest.mark.parametrize(
    ("start", "possible"),
    [
        ("https://jobs.example/", []),
        ("https://jobs.example/index.html", []),
        ("https://jobs.example/acme/", ["/acme"]),
        ("https://jobs.example/acme/index.html", ["/acme"]),
        ("https://jobs.example/acme/jobs.html", ["/acme"]),
        ("https://jobs.example/careers/acme", ["/careers/acme", "/careers"]),
        ("https://jobs.example/jobs?company=acme&utm_source=x", ["/jobs?company=acme", "/jobs"]),
    ],
)
def test_a_start_address_stands_for_its_folder_and_those_above_it(start: str, possible: list[str]) -> None:
    assert paths(start) == possible


@pytest.mark.parametrize(
    ("url", "covered"),
    [
        ("https://jobs.example/acme/", True),
        ("https://jobs.example/acme/job/1", True),
        ("https://www.jobs.example/ACME/job/1", True),
        ("https://jobs.example/acme-labs/job/1", False),
        ("https://jobs.example/globex/job/1", False),
        ("https://jobs.example/", False),
    ],
)
def test_a_path_covers_what_lies_below_it(url: str, covered: bool) -> None:
    assert Scope("/acme").covers(urls.key(url)) is covered
    assert WHOLE.covers(urls.key(url))


@pytest.mark.parametrize(
    ("url", "covered"),
    [
        ("https://jobs.example/jobs?page=2&company=acme", True),
        ("https://jobs.example/jobs?company=globex", False),
        ("https://jobs.example/jobs/1", False),
    ],
)
def test_a_parameter_of_the_start_address_is_part_of_the_path(url: str, covered: bool) -> None:
    assert Scope("/jobs?company=acme", led=True).covers(urls.key(url)) is covered


@pytest.mark.parametrize(
    ("own", "others", "strange"),
    [
        (["acme", "acme"], ["globex", "initech"], True),
        (["acme", "acme"], ["acme", "acme"], False),
        (["acme"], ["acme", "globex", "initech"], True),
        (["acme", "acme gmbh", "acme"], ["globex"], True),
        # a job board's own pages name many employers
        (["one", "two", "three"], ["four"], False),
        (["", ""], ["globex"], None),
        (["acme"], ["", ""], None),
        (["acme"], [], None),
    ],
)
def test_other_employers_are_told_by_their_names(own: list[str], others: list[str], strange: bool | None) -> None:
    assert are_strangers(own, others) is strange


@pytest.mark.parametrize(
    ("path", "may_be"),
    [("/acme", True), ("/en", False), ("/de-AT", False), ("/careers", False), ("/careers/acme", True)],
)
def test_a_language_or_a_word_for_jobs_is_no_employer(path: str, may_be: bool) -> None:
    assert names_an_employer(path) is may_be
