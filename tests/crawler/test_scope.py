"""Which part of a host a site is, as addresses and employers' names tell it."""

from __future__ import annotations

import pytest

from crawler.scope import WHOLE, Scope, are_strangers, chooses, employer, is_of, paths
from postings import urls
from postings.comparison import fold


@pytest.mark.parametrize(
    ("start", "possible"),
    [
        ("https://jobs.example/", []),
        ("https://jobs.example/index.html", []),
        ("https://jobs.example/acme/", ["/acme"]),
        ("https://jobs.example/acme/index.html", ["/acme"]),
        ("https://jobs.example/acme/jobs.html", ["/acme"]),
        ("https://jobs.example/careers/acme", ["/careers/acme"]),
        ("https://jobs.example/group/acme/de/jobs/", ["/group/acme", "/group"]),
        ("https://jobs.example/jobs?company=acme&lang=de&utm_source=x", ["/jobs?company=acme"]),
        # a language or a word for jobs is no employer
        ("https://acme.example/careers", []),
        ("https://www.acme.example/de-AT/stellenangebote/?lang=en", []),
        ("https://www.acme.example/uk/", []),
        # two letters that are neither a language nor a country
        ("https://jobs.example/hp/", ["/hp"]),
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
    ("names", "one"),
    [
        (["acme", "acme"], "acme"),
        (["acme gmbh", "acme", "acme logistics gmbh", ""], "acme"),
        (["acme"] * 6 + ["a client", "another client"], "acme"),
        # a job board's own pages name many employers, an agency's its clients
        (["one", "two", "three"], None),
        (["acme", "acme", "a client"], None),
        (["", ""], None),
        ([], None),
    ],
)
def test_pages_name_one_employer_if_nearly_all_do(names: list[str], one: str | None) -> None:
    name = employer(names)
    assert (name and name.split()[0]) == one


@pytest.mark.parametrize(
    ("own", "others", "strange"),
    [
        ("acme", ["globex", "initech"], True),
        ("acme", ["acme", "globex", "initech"], True),
        ("acme", ["acme", "globex"], False),
        ("acme gmbh", ["acme logistics gmbh", "acme ag"], False),
        ("acme gmbh", ["globex gmbh"], True),
        ("acme", ["", ""], False),
        ("acme", [], False),
    ],
)
def test_other_employers_are_told_by_their_names(own: str, others: list[str], strange: bool) -> None:
    assert are_strangers(own, others) is strange


@pytest.mark.parametrize(
    ("host", "name", "own"),
    [
        ("acme.example", "Acme GmbH", True),
        ("jobs.acme-group.example:8080", "Acme Holding AG", True),
        ("acmelogistics.example", "Acme Logistics GmbH & Co. KG", True),
        ("mueller.example", "Müller & Söhne", True),
        ("jobs.example", "Acme GmbH", False),
        ("acme.example", "Globex", False),
        ("127.0.0.1", "Acme", False),
        ("host.acme", "Acme", False),
    ],
)
def test_a_host_that_is_called_like_an_employer_is_theirs(host: str, name: str, own: bool) -> None:
    assert is_of(host, fold(name)) is own


@pytest.mark.parametrize(
    ("path", "name", "chosen"),
    [
        ("/company/acme", "Acme GmbH", True),
        ("/jobs?company=acme&region=north", "Acme GmbH", True),
        ("/company/acme%20logistics", "Acme Logistics", True),
        ("/company/4711", "Acme GmbH", False),
        ("/candidates", "Acme GmbH", False),
    ],
)
def test_a_path_or_a_parameter_may_be_called_like_an_employer(path: str, name: str, chosen: bool) -> None:
    assert chooses(path, fold(name)) is chosen
