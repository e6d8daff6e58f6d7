from __future__ import annotations

import pytest

from postings.normalise.organizations import read_identifier, read_organization, read_url
from postings.posting import Identifier, Organization


def test_an_organisation_is_a_name_or_an_object() -> None:
    assert read_organization("Acme &amp; Co.") == Organization(name="Acme & Co.")
    assert read_organization(
        [
            {
                "@type": "Organization",
                "name": "Acme",
                "sameAs": ["https://acme.example"],
                "logo": {"url": "https://acme.example/l.png"},
            }
        ]
    ) == Organization(name="Acme", url="https://acme.example/", logo="https://acme.example/l.png")


@pytest.mark.parametrize("nothing", [None, "", {}, {"@type": "Organization", "name": ""}, {"name": "N/A"}, 7.5j])
def test_an_organisation_without_name_and_address_is_none(nothing: object) -> None:
    assert read_organization(nothing) is None


@pytest.mark.parametrize(
    ("said", "identifier"),
    [
        ("R-1", Identifier(value="R-1")),
        (5000, Identifier(value="5000")),
        ({"@type": "PropertyValue", "name": "Acme", "value": 7}, Identifier(value="7", name="Acme")),
        ([{"value": None}, {"value": "8"}], Identifier(value="8")),
        ("https://acme.example/?p=1&amp;#038;q=2", Identifier(value="https://acme.example/?p=1&q=2")),
    ],
)
def test_an_identifier_is_its_value_as_text(said: object, identifier: Identifier) -> None:
    assert read_identifier(said) == identifier


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "N/A",
        {"name": "Acme", "value": ""},
        {"name": "Acme"},
        "https://acme.example/",
        "https://acme.example/#organization",
        "#job",
        "_:b0",
        "x" * 9_000,
    ],
)
def test_what_names_no_posting_is_no_identifier(said: object) -> None:
    assert read_identifier(said) is None


@pytest.mark.parametrize(
    "said", ["javascript:alert(1)", "file:///etc/passwd", "not a url", "https://user@acme.example/"]
)
def test_an_address_that_must_not_be_used_is_none(said: str) -> None:
    assert read_url(said) is None
