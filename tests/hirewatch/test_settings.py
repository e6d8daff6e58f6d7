from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hirewatch import config, settings, settings_in_force
from postings.errors import ConfigurationError
from tests.hirewatch.settings_file import write


@pytest.fixture(autouse=True)
def alone(home: Path) -> None:
    """No file and no environment but what a test writes."""


def test_nothing_has_to_be_set(home: Path) -> None:
    settings = config.load()
    assert settings.crawl.delay == 1
    assert settings.crawl.concurrency_per_host == 1
    assert settings.network.allow_addresses == ()
    assert settings.database_url == f"sqlite:///{home}/hirewatch.db"


@pytest.mark.parametrize(
    ("section", "line", "said"),
    [
        (
            "cadence",
            'shortest = "1s"',
            'cadence.shortest in {file}: must be a time like "15m", "12h", "30d" or "2w" (it is',
        ),
        (
            "cadence",
            "shortest = 15",
            'has no unit: write "15d" for days, "15h" for hours or "15m" for minutes (it is 15)',
        ),
        ("cadence", 'shortest = "0"', 'must lie between "1m" and "30d" (it is'),
        ("cadence", 'longest = "99d"', 'must lie between "1m" and "30d"'),
        ("cadence", "requests_a_day = 99999999999999999999", "should be less than or equal to 10000000000"),
        (
            "keep",
            "visits = 30",
            'has no unit: write "30d" for days, "30h" for hours or "30m" for minutes, or "forever"',
        ),
        ("keep", 'visits = "soon"', 'must be a time like "15m", "12h", "30d" or "2w", or "forever" (it is'),
        ("keep", "visits = true", "keep.visits in {file}: must not be true or false (it is True)"),
        ("crawl", 'keep_responses = "soon"', 'must be a time like "15m", "12h", "30d" or "2w", or "0" for none (it is'),
        ("crawl", "delay = true", "crawl.delay in {file}: must not be true or false (it is True)"),
        ("serve", "visits = true", "serve.visits in {file}: must not be true or false (it is True)"),
        ("serve", "port = false", "serve.port in {file}: must not be true or false (it is False)"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(section: str, line: str, said: str) -> None:
    file = Path.cwd() / write(f"[{section}]\n{line}\n")
    with pytest.raises(ConfigurationError) as caught:
        config.load()
    assert said.format(file=file) in caught.value.problem
    assert ('or "0"' in caught.value.problem) == (section == "crawl" and "keep" in line)


def test_a_switch_may_be_true() -> None:
    write("[serve]\nonly_health = true\n")
    assert config.load().serve.only_health


@pytest.mark.parametrize("none", ['"0"', '"off"', "0"])
def test_answers_are_not_kept_where_a_person_says_so(none: str) -> None:
    write(f"[crawl]\nkeep_responses = {none}\n")
    assert not config.load().crawl.keep_responses


def test_what_is_kept_can_be_kept_for_ever_but_not_for_less_than_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIREWATCH_KEEP__VISITS", "forever")
    monkeypatch.setenv("HIREWATCH_KEEP__EVIDENCE", "2w")
    loaded = config.load()
    assert (loaded.keep.visits, loaded.keep.evidence) == (None, timedelta(days=14))
    told = {setting.name: setting.value for setting in settings_in_force.describe(loaded)}
    assert [told[f"keep.{name}"] for name in ("visits", "evidence", "deliveries")] == ["forever", "14d", "90d"]
    monkeypatch.setenv("HIREWATCH_KEEP__DELIVERIES", "0")
    with pytest.raises(ConfigurationError, match="at least a day"):
        config.load()


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    for name in settings.meanings():
        variable = "HIREWATCH_" + name.upper().replace(".", "__")
        assert f"| `{name}` | `{variable}` |" in page
