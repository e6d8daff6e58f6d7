from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from delivery import zones


def test_local_times_are_those_of_this_machine_unless_a_zone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":Europe/Berlin")
    assert zones.zoned({"when": "daily 08:00"})["zone"] == "Europe/Berlin"
    assert zones.zoned({"quiet": "22:00-07:00"})["zone"] == "Europe/Berlin"
    assert zones.zoned({"when": "weekly", "zone": "Asia/Tokyo"})["zone"] == "Asia/Tokyo"


def test_what_needs_no_zone_gets_none() -> None:
    assert zones.zoned({"when": "hourly", "only": "nurse"}) == {"when": "hourly", "only": "nurse"}
    assert zones.zoned({"when": "", "quiet": ""}) == {"when": "", "quiet": ""}


@pytest.mark.parametrize("named", ["Mars/Olympus", "../../etc/passwd", ""])
def test_a_zone_that_nobody_knows_is_not_kept(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("TZ", named)
    assert ZoneInfo(zones.local_zone()).key != named
