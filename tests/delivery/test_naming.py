"""What searches and outlets may be called: only what has a page, and what can be typed."""

from __future__ import annotations

import pytest

from delivery.naming import free_name, require_name
from postings.errors import UsageError


@pytest.mark.parametrize("name", ["alerts", " two words ", "a/b", "json", "ä.json.b", "x" * 200])
def test_a_name_is_what_people_write(name: str) -> None:
    assert require_name(name, "an outlet") == name.strip()


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201, "-x", " --help"])
def test_what_can_neither_be_shown_nor_typed_is_no_name(name: str) -> None:
    with pytest.raises(UsageError, match="is no name for a search"):
        require_name(name, "a search")


@pytest.mark.parametrize("name", ["jobs.json", "a/b.csv"])
def test_what_would_have_no_page_is_no_name(name: str) -> None:
    with pytest.raises(UsageError, match=r"does not end in \.json or \.csv"):
        require_name(name, "an outlet")


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert free_name("alerts", {"alerts", "alerts-2"}) == "alerts-3"
    assert free_name("alerts", {"others"}) == "alerts"
