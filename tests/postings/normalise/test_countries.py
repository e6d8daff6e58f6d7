from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.normalise.countries import read_country, read_country_behind_comma


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("276", "DE"),
        ("UK", "GB"),
        ("U.S.A.", "US"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("  the Netherlands ", "NL"),
        ("ČESKÁ REPUBLIKA", "CZ"),
        ("Česko", "CZ"),
        ("日本", "JP"),
        ("Россия", "RU"),
        ("Türkiye", "TR"),
        ("Côte d’Ivoire", "CI"),
        ("Korea, Republic of", "KR"),
        ("Georgia", "GE"),
        ("한국", "KR"),
        ("EE. UU.", "US"),
        ("Kingdom of Saudi Arabia", "SA"),
        ("Republic of South Africa", "ZA"),
        ("Republic of China", "TW"),
        ("Deutschland (DE)", "DE"),
        ("DE - Germany", "DE"),
        ("Germany (Deutschland)", "DE"),
    ],
)
def test_a_code_or_a_name_in_some_language_is_its_country(said: str, code: str) -> None:
    assert read_country(said) == code


@pytest.mark.parametrize(
    "said",
    ["", None, "Worldwide", "Earth", "Anywhere", "0", "-", "AN", "EU", "ZZ", "x" * 500, "Belgium (Brussels)", "DE/AT"],
)
def test_what_is_no_country_is_none(said: str | None) -> None:
    assert read_country(said) is None


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("United Kingdom", "GB"),
        ("UK", "GB"),
        ("FR", "FR"),
        ("CA", None),
        ("DE", None),
        ("Georgia", None),
        ("Ohio", None),
        ("304", None),
        ("中国", "CN"),
        *((code, None) for code in ("CT", "KY", "MI", "NH", "YT")),
    ],
)
def test_behind_a_comma_a_state_is_not_taken_for_a_country(part: str, code: str | None) -> None:
    assert read_country_behind_comma(part) == code


@given(st.text(max_size=90))
def test_no_text_makes_reading_fail(text: str) -> None:
    code = read_country(text)
    assert code is None or (len(code) == 2 and code.isupper())
