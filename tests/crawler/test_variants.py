"""Addresses that show a page once more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.variants import plain_form
from postings import urls

PLAIN = "https://acme.example/jobs/17-cook"


@pytest.mark.parametrize(
    "url",
    [
        f"{PLAIN}?print=1",
        f"{PLAIN}?print",
        f"{PLAIN}?amp=true",
        f"{PLAIN}?tmpl=component&print=1",
        f"{PLAIN}?view=print",
        f"{PLAIN}/print",
        f"{PLAIN}/amp/",
        "https://acme.example/amp/jobs/17-cook",
        "https://acme.example/Jobs/17-Cook",
    ],
)
def test_print_amp_and_capitals_are_versions_of_the_plain_page(url: str) -> None:
    assert plain_form(urls.key(url)) == urls.key(PLAIN)


@pytest.mark.parametrize(
    "url",
    [
        PLAIN,
        "https://acme.example/amp",
        "https://acme.example/jobs/amp-designer",
        "https://acme.example/jobs/print-operator",
        "https://acme.example/jobs?print=17",
        "https://acme.example/jobs?tmpl=component&id=4",
    ],
)
def test_other_addresses_are_no_versions(url: str) -> None:
    assert plain_form(urls.key(url)) == urls.key(url)


@given(st.text(alphabet="aAmMpP/?=1&.printxyz", max_size=40))
def test_the_plain_form_of_a_plain_form_is_on_the_same_host(rest: str) -> None:
    key = urls.key(f"https://acme.example/{rest}")
    assert plain_form(key).startswith("acme.example")
