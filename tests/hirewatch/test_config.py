from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from hirewatch import config
from postings.errors import ConfigurationError


@pytest.fixture(autouse=True)
def alone(home: Path) -> None:
    """No file and no environment but what a test writes."""


def write(text: str) -> Path:
    path = Path("hirewatch.toml")
    path.write_text(text)
    return path


def test_nothing_has_to_be_set(home: Path) -> None:
    settings = config.load()
    assert settings.crawl.delay == 1
    assert settings.crawl.concurrency_per_host == 1
    assert settings.network.allow_addresses == ()
    assert settings.database_url == f"sqlite:///{home}/hirewatch.db"


def test_the_file_in_the_current_folder_is_read() -> None:
    write("[crawl]\ndelay = 2.5\n")
    assert config.load().crawl.delay == 2.5


def test_the_file_in_the_configuration_folder_is_read_where_the_current_one_has_none(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "hirewatch"
    folder.mkdir(parents=True)
    (folder / "hirewatch.toml").write_text("[crawl]\ndelay = 3\n")
    assert config.load().crawl.delay == 3


def test_a_named_file_goes_before_the_one_in_the_current_folder(tmp_path: Path) -> None:
    write("[crawl]\ndelay = 2\n")
    other = tmp_path / "other.toml"
    other.write_text("[crawl]\ndelay = 4\n")
    assert config.load(other).crawl.delay == 4


def test_the_environment_goes_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write("[crawl]\ndelay = 2\npages = 7\n")
    monkeypatch.setenv("HIREWATCH_CRAWL__DELAY", "0.5")
    settings = config.load()
    assert (settings.crawl.delay, settings.crawl.pages) == (0.5, 7)


def test_addresses_stand_with_commas_in_the_environment_and_as_a_list_in_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write('[network]\nallow_addresses = ["10.0.0.0/8", "fd00::/8"]\n')
    assert config.load().network.allow_addresses == ("10.0.0.0/8", "fd00::/8")
    monkeypatch.setenv("HIREWATCH_NETWORK__ALLOW_ADDRESSES", "127.0.0.0/8, 192.168.1.0/24")
    assert config.load().network.allow_addresses == ("127.0.0.0/8", "192.168.1.0/24")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("HIREWATCH_CRAWL__DELAY", "-1", "HIREWATCH_CRAWL__DELAY"),
        ("HIREWATCH_CRAWL__DELAY", "inf", "HIREWATCH_CRAWL__DELAY"),
        ("HIREWATCH_CRAWL__DELAY", "soon", "HIREWATCH_CRAWL__DELAY"),
        ("HIREWATCH_CRAWL__CONCURRENCY_PER_HOST", "0", "HIREWATCH_CRAWL__CONCURRENCY_PER_HOST"),
        ("HIREWATCH_NETWORK__ALLOW_ADDRESSES", "127.0.0.1/8", "127.0.0.1/8"),
        ("HIREWATCH_NETWORK__ALLOW_ADDRESSES", "localhost", "localhost"),
        ("HIREWATCH_DATABASE", "mysql://db/x", "sqlite:/// or postgresql://"),
        ("HIREWATCH_DATABSE", "sqlite:///x", "did you mean HIREWATCH_DATABASE?"),
        ("HIREWATCH_CRAWL__DELY", "1", "did you mean HIREWATCH_CRAWL__DELAY?"),
        ("HIREWATCH_CRAWL__USER_AGENT_CONTACT", "a\nb", "HIREWATCH_CRAWL__USER_AGENT_CONTACT"),
        ("HIREWATCH_CRAWL", "slow", "HIREWATCH_CRAWL__DELAY"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        config.load()
    assert said in caught.value.problem


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


def test_a_variable_that_is_no_setting_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIREWATCH_SOMETHING_ELSE_ENTIRELY", "1")
    assert config.load().crawl.delay == 1


def test_all_errors_are_told_at_once_with_the_nearest_name() -> None:
    write('colour = "red"\n[crawl]\ndely = 1\npages = 0\n[nework]\nallow_addresses = []\n')
    with pytest.raises(ConfigurationError) as caught:
        config.load()
    for said in ("colour in", "did you mean crawl.delay?", "crawl.pages in", "did you mean network?"):
        assert said in caught.value.problem


def test_a_file_that_is_no_toml_names_the_line() -> None:
    write("[crawl\n")
    with pytest.raises(ConfigurationError, match="line 1"):
        config.load()


def test_a_named_file_has_to_exist() -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        config.load(Path("missing.toml"))


def test_no_error_repeats_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIREWATCH_DATABASE", "mysql://me:hunter2@db/x")
    with pytest.raises(ConfigurationError) as caught:
        config.load()
    assert "hunter2" not in str(caught.value)


def test_every_setting_is_described_with_its_origin_and_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write('[crawl]\ndelay = 2\n[mail]\nurl = "smtp://me:hunter2@mail.example:587"\n')
    monkeypatch.setenv("HIREWATCH_DATABASE", "postgresql://me:hunter2@db/x")
    told = {setting.name: setting for setting in config.describe(config.load())}
    assert set(told) == set(config.names())
    assert told["crawl.delay"].origin == str(path.resolve())
    assert told["database"].origin == "HIREWATCH_DATABASE"
    assert told["crawl.pages"].origin == "default"
    assert "hunter2" not in repr(told)


def test_what_is_kept_can_be_kept_for_ever_but_not_for_less_than_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIREWATCH_KEEP__VISITS", "forever")
    monkeypatch.setenv("HIREWATCH_KEEP__EVIDENCE", "2w")
    loaded = config.load()
    assert (loaded.keep.visits, loaded.keep.evidence) == (None, timedelta(days=14))
    told = {setting.name: setting.value for setting in config.describe(loaded)}
    assert [told[f"keep.{name}"] for name in ("visits", "evidence", "deliveries")] == ["forever", "14d", "90d"]
    monkeypatch.setenv("HIREWATCH_KEEP__DELIVERIES", "0")
    with pytest.raises(ConfigurationError, match="at least a day"):
        config.load()


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    for name in config.names():
        variable = "HIREWATCH_" + name.upper().replace(".", "__")
        assert f"| `{name}` | `{variable}` |" in page


def test_what_is_exported_says_the_same_again(
    monkeypatch: pytest.MonkeyPatch, command_line: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HIREWATCH_NETWORK__ALLOW_ADDRESSES", "10.0.0.0/8, 127.0.0.0/8")
    write('[crawl]\ndelay = 2\nkeep_responses = "30d"\n[keep]\nvisits = "forever"\n[log]\nformat = "json"\n')
    before = config.load()
    assert command_line("config", "export") == 0
    written = capsys.readouterr().out
    monkeypatch.delenv("HIREWATCH_NETWORK__ALLOW_ADDRESSES")
    write(written)
    assert config.load() == before


def test_an_export_keeps_passwords_to_itself(
    monkeypatch: pytest.MonkeyPatch, command_line: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HIREWATCH_MAIL__URL", "smtp://me:hunter2@mail.example:587")
    assert command_line("config", "export") == 0
    written = capsys.readouterr().out
    assert "hunter2" not in written
    assert "\n# url = " in written
