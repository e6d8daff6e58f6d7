from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from postings.normalise import names
from postings.normalise.names import from_babel


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return from_babel.tables()


@pytest.mark.parametrize("table", ["countries", "country_codes", "languages", "currencies", "months"])
def test_each_table_is_what_babel_says(table: str, written: dict[str, str]) -> None:
    kept = Path(names.__file__).with_name(f"{table}.txt").read_text(encoding="utf-8")
    assert kept == written[table], "write them anew: make names"


def test_a_month_whose_name_means_two_is_left_out() -> None:
    # November in Polish and Czech, October in Croatian
    assert "listopad" not in names.by_name("months")


def test_english_names_stand_as_they_are_written_and_are_compared_folded() -> None:
    assert names.english("countries")["CI"] == "Côte d’Ivoire"
    assert names.by_name("countries")["cote divoire"] == "CI"


def test_places_languages_pay_and_dates_are_read_without_babel() -> None:
    program = """
import sys
from postings.normalise.countries import read_country
from postings.normalise.dates import read_moment
from postings.normalise.languages import read_language
from postings.normalise.salary import read_currency
print(read_country("Deutschland"), read_country("Atlantis"), read_language("Englisch"), read_currency("Swiss Franc"))
print(read_moment("3 März 2026"), "babel" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "DE None en CHF\n2026-03-03 False\n"
