from __future__ import annotations

from pathlib import Path

import pytest

from hirewatch import config
from postings.errors import ConfigurationError
from tests.hirewatch.settings_file import write


@pytest.fixture(autouse=True)
def alone(home: Path) -> None:
    """No file and no environment but what a test writes."""


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


@pytest.mark.parametrize("url", ["postgres://me@db/x", "postgresql://db/x", "sqlite:////tmp/x.db"])
def test_a_database_is_taken_as_its_hoster_names_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIREWATCH_DATABASE", url)
    assert config.load().database_url == url


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("HIREWATCH_CRAWL__DELAY", "-1", "HIREWATCH_CRAWL__DELAY"),
        ("HIREWATCH_CRAWL__DELAY", "inf", "HIREWATCH_CRAWL__DELAY"),
        # a visit over a day would be taken for dead
        ("HIREWATCH_CRAWL__SECONDS", "86400", "HIREWATCH_CRAWL__SECONDS"),
        ("HIREWATCH_CRAWL__DELAY", "soon", "HIREWATCH_CRAWL__DELAY"),
        ("HIREWATCH_CRAWL__CONCURRENCY_PER_HOST", "0", "HIREWATCH_CRAWL__CONCURRENCY_PER_HOST"),
        ("HIREWATCH_NETWORK__ALLOW_ADDRESSES", "127.0.0.1/8", "127.0.0.1/8"),
        ("HIREWATCH_NETWORK__ALLOW_ADDRESSES", "localhost", "localhost"),
        ("HIREWATCH_DATABASE", "mysql://db/x", "sqlite:/// or postgresql://"),
        ("HIREWATCH_DATABSE", "sqlite:///x", "did you mean HIREWATCH_DATABASE?"),
        ("HIREWATCH_CRAWL__DELY", "1", "did you mean HIREWATCH_CRAWL__DELAY?"),
        ("HIREWATCH_CRAWL__USER_AGENT_CONTACT", "a\nb", "HIREWATCH_CRAWL__USER_AGENT_CONTACT"),
        ("HIREWATCH_CRAWL", "slow", "HIREWATCH_CRAWL__DELAY"),
        ("HIREWATCH_MAIL__URL", "http://mail.example", "must begin with smtp:// or smtps://"),
        ("HIREWATCH_MAIL__SENDER", "nobody", "must hold a mail address"),
        ("HIREWATCH_SERVE__PUBLIC_URL", "jobs", "must be where people reach it"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        config.load()
    assert said in caught.value.problem


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
