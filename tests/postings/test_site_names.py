from __future__ import annotations

import pytest

from postings.errors import UsageError
from postings.site_names import free_name, require_name, scope_path, start_url


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://acme.example/careers", "acme"),
        ("https://www.acme.example/", "acme"),
        ("https://careers.acme.example/jobs", "acme"),
        ("https://acme.jobs.example/", "acme"),
        ("http://127.0.0.1:8080/careers", "127.0.0.1-8080"),
        ("http://[::1]:8080/", "1-8080"),
        ("https://jobs/", "jobs"),
    ],
)
def test_a_site_is_named_after_whose_it_is(address: str, name: str) -> None:
    assert free_name(address, set()) == name


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_name("https://acme.example/", {"acme", "acme-2"}) == "acme-3"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://acme.example/careers", "https://acme.example/careers"),
        ("acme.example/careers", "https://acme.example/careers"),
        ("  HTTP://ACME.example  ", "http://acme.example/"),
        ("my_jobs.acme.example.", "https://my_jobs.acme.example./"),
        ("jobs.müller.example", "https://jobs.xn--mller-kva.example/"),
        ("http://[::1]:8080/a,b", "http://[::1]:8080/a,b"),
    ],
)
def test_an_address_is_taken_as_people_type_it(typed: str, address: str) -> None:
    assert start_url(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "ftp://acme.example/", "https://me:secret@acme.example/", "", "./jobs.html", "file:///etc",
        "a,b", "1;2", "https://'acme'.example/", "acme..example",
    ],
)  # fmt: skip
def test_what_cannot_be_watched_is_refused(typed: str) -> None:
    with pytest.raises(UsageError):
        start_url(typed)


@pytest.mark.parametrize("name", ["acme", "a.b-c_9", "x" * 64, "json", "a.json.b"])
def test_a_name_is_a_word_for_the_command_line(name: str) -> None:
    require_name(name)


@pytest.mark.parametrize(
    "name", ["", "Acme", "-acme", "a b", "a/b", "../x", "x" * 65, "acme\n", "ä", "jobs.json", "a.csv"]
)
def test_what_is_no_such_word_is_no_name(name: str) -> None:
    with pytest.raises(UsageError):
        require_name(name)


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("/acme/", "/acme"),
        ("/jobs?company=acme", "/jobs?company=acme"),
        ("https://jobs.example/acme/index.html", "/acme"),
        ("host", ""),
        ("/", ""),
        ("auto", None),
    ],
)
def test_a_part_of_a_host_is_a_path(typed: str, path: str | None) -> None:
    assert scope_path(typed) == path


@pytest.mark.parametrize("typed", ["acme", "", "https://jobs.example/", "mailto:a@b.example"])
def test_what_is_no_path_is_no_part_of_a_host(typed: str) -> None:
    with pytest.raises(UsageError):
        scope_path(typed)
