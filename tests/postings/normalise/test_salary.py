from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.normalise.salary import AMOUNT_LIMIT, read_amount, read_currency, read_salary
from postings.posting import Salary


def amount(currency: object = "EUR", **value: object) -> dict[str, object]:
    return {"@type": "MonetaryAmount", "currency": currency, "value": {"@type": "QuantitativeValue", **value}}


def test_a_range_is_read_as_it_stands() -> None:
    assert read_salary(amount(minValue=60000, maxValue="75000", unitText="YEAR")) == Salary(
        currency="EUR", min=60000, max=75000, unit="YEAR"
    )


def test_one_amount_is_minimum_and_maximum() -> None:
    assert read_salary(amount(value=32000, unitText="YEAR")) == Salary(
        currency="EUR", min=32000, max=32000, unit="YEAR"
    )


def test_a_minimum_alone_leaves_the_maximum_open() -> None:
    assert read_salary(amount("RUR", minValue=20000, unitText="MONTH")) == Salary(
        currency="RUB", min=20000, unit="MONTH"
    )


@pytest.mark.parametrize(
    "value",
    [
        {"currency": "USD", "value": "55000", "unitCode": "ANN"},
        {"currency": "USD", "minValue": 55000, "maxValue": 55000, "unitText": "yearly"},
        {"currency": "$US", "priceCurrency": "USD", "price": 55000, "unitText": "per year"},
        [None, {"currency": {"@value": "usd"}, "value": {"value": [55000.0], "unitText": ["Year"]}}],
    ],
)
def test_pay_is_read_in_the_shapes_that_occur(value: object) -> None:
    assert read_salary(value) == Salary(currency="USD", min=55000, max=55000, unit="YEAR")


def test_a_bare_amount_takes_the_currency_beside_it() -> None:
    assert read_salary("100000", "USD") == Salary(currency="USD", min=100000, max=100000)


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        "",
        0,
        "0",
        "0,00 €",
        amount(value=0),
        amount(minValue=0, maxValue=0),
        amount(unitText="HOUR"),
        "per hour",
        "an hour",
        "per annum",
        {"value": "pro Stunde"},
        {"minValue": "per year"},
        {},
        [],
        -5,
        "-5",
        float("nan"),
        float("inf"),
        True,
        10**4_000,
        amount(value=1e15),
    ],
)
def test_no_positive_amount_is_no_pay(nothing: object) -> None:
    assert read_salary(nothing) is None


@pytest.mark.parametrize(
    "words", ["55,000 - 75,000 USD", "up to 100k", "According to collective agreement", "E13 TV-L"]
)
def test_a_range_or_words_stay_in_words(words: str) -> None:
    assert read_salary(words) == Salary(text=words)
    assert read_salary(amount(value=words, unitText="MONTH")) == Salary(currency="EUR", unit="MONTH", text=words)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1.400,50", 1400.5),
        ("1,400.50", 1400.5),
        ("1.234.567,8", 1234567.8),
        ("12.500", 12500),
        ("12,500", 12500),
        ("15.50", 15.5),
        ("15,5", 15.5),
        ("45 000 €", 45000),
        ("45\u202f000", 45000),
        ("1'200 CHF", 1200),
        ("€ 55k", 55000),
        ("60K", 60000),
        ("1,23,456", 123456),
        ("50.000,-", 50000),
        (41000.0, 41000),
        ("1.2.3,4.5", None),
        ("Level 5", None),
        ("5 to 6", None),
    ],
)
def test_one_amount_is_read_with_the_marks_of_its_country(said: object, meant: float | None) -> None:
    assert read_amount(said) == meant


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("EUR", "EUR"),
        ("eur", "EUR"),
        ("€", "EUR"),
        ("£", "GBP"),
        ("$", None),
        ("Euro", "EUR"),
        ("RUR", "RUB"),
        ("RMB", "CNY"),
        ("円", "JPY"),
        ("元", None),
        ("XYZ", None),
    ],
)
def test_a_currency_is_known_by_code_name_or_a_sign_that_is_its_own(said: str, code: str | None) -> None:
    assert read_currency(said) == code


def test_ft_is_forints_only_with_an_amount_that_can_be_pay_in_them() -> None:
    assert read_salary("450 000 Ft") == Salary(currency="HUF", min=450000, max=450000)
    assert read_salary("450000", "Ft") == Salary(currency="HUF", min=450000, max=450000)
    for words in ("40 FT", "1.0 FT", "100 ft"):
        assert read_salary(words) == Salary(text=words)


def test_a_range_the_wrong_way_round_is_turned() -> None:
    assert read_salary(amount(minValue=5, maxValue=3)) == Salary(currency="EUR", min=3, max=5)


@given(
    st.recursive(
        st.none() | st.floats() | st.integers() | st.text(max_size=15),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["value", "minValue", "maxValue", "currency", "unitText"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_is_read_is_a_positive_amount_or_words(value: object) -> None:
    pay = read_salary(value)
    if pay is not None:
        assert pay.text or pay.min or pay.max
        for one in (pay.min, pay.max):
            assert one is None or 0 < one <= AMOUNT_LIMIT


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        ("per hour", "HOUR"),
        ("pro Stunde", "HOUR"),
        ("por hora", "HOUR"),
        ("za godzinę", "HOUR"),
        ("時給", "HOUR"),
        ("시급", "HOUR"),
        ("al mes", "MONTH"),
        ("per måned", "MONTH"),
        ("1 month", "MONTH"),
        ("月給", "MONTH"),
        ("P1M", "MONTH"),
        ("all'anno", "YEAR"),
        ("al año", "YEAR"),
        ("Jahresgehalt", "YEAR"),
        ("p.a.", "YEAR"),
        ("yıllık", "YEAR"),
        ("https://schema.org/YEAR", "YEAR"),
        ("per", None),
        ("fortnight", None),
        ("per project", None),
    ],
)
def test_the_time_that_pay_is_for_is_known_in_many_languages(said: str, unit: str | None) -> None:
    assert read_salary({"currency": "EUR", "value": {"value": 10, "unitText": said}}) == Salary(
        currency="EUR", min=10, max=10, unit=unit
    )


def test_the_prices_of_a_price_specification_are_its_range() -> None:
    assert read_salary({"priceCurrency": "GBP", "minPrice": 20, "maxPrice": "30", "unitText": "HOUR"}) == Salary(
        currency="GBP", min=20, max=30, unit="HOUR"
    )
