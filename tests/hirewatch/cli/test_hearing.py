from __future__ import annotations

import pytest

from hirewatch.cli import hearing
from postings.errors import UsageError


def test_local_times_are_those_of_this_machine_unless_a_zone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":Europe/Berlin")
    assert hearing.zoned({"when": "daily 08:00"})["zone"] == "Europe/Berlin"
    assert hearing.zoned({"quiet": "22:00-07:00"})["zone"] == "Europe/Berlin"
    assert hearing.zoned({"when": "weekly", "zone": "Asia/Tokyo"})["zone"] == "Asia/Tokyo"


def test_what_needs_no_zone_gets_none() -> None:
    assert hearing.zoned({"when": "hourly", "only": "nurse"}) == {"when": "hourly", "only": "nurse"}
    assert hearing.zoned({"when": "", "quiet": ""}) == {"when": "", "quiet": ""}


@pytest.mark.parametrize("named", ["Mars/Olympus", "../../etc/passwd", ""])
def test_a_zone_that_nobody_knows_is_not_kept(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    from zoneinfo import ZoneInfo

    monkeypatch.setenv("TZ", named)
    assert ZoneInfo(hearing.local_zone()).key != named


def test_an_option_of_a_kind_has_a_name_and_a_value_and_no_error_repeats_it() -> None:
    assert hearing.pair("--set", "token = a=b ") == ("token", "a=b")
    for text in ("canary", "=canary", " = canary"):
        with pytest.raises(UsageError) as error:
            hearing.pair("--set", text)
        assert "canary" not in str(error.value)
