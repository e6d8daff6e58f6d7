from __future__ import annotations

import pytest

from hirewatch.cli import hearing
from postings.errors import UsageError


def test_an_option_of_a_kind_has_a_name_and_a_value_and_no_error_repeats_it() -> None:
    assert hearing.pair("--set", "token = a=b ") == ("token", "a=b")
    for text in ("canary", "=canary", " = canary"):
        with pytest.raises(UsageError) as error:
            hearing.pair("--set", text)
        assert "canary" not in str(error.value)
