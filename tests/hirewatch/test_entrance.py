"""Who may come in to the service, as the settings say it, and where it refuses to begin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from hirewatch import config
from hirewatch.serving import entrance_of, require_entrance
from hirewatch.settings import Serve, Settings
from postings.errors import ConfigurationError
from storage import access
from storage.engine import connect
from storage.schema import upgrade
from tests.storage.rows import NOW


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path}/hirewatch.db")
    upgrade(engine)
    yield engine
    engine.dispose()


def test_an_address_that_others_reach_is_not_listened_on_while_nothing_asks_who_they_are(
    home: Path, command_line: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line("serve", "--host", "0.0.0.0", "--port", "0") == 3
    said = capsys.readouterr().err
    assert "hirewatch password set" in said
    assert "serve.user_header" in said
    assert "serve.only_health" in said


def test_what_asks_who_they_are_or_shows_nothing_is_enough(engine: Engine) -> None:
    for serve in (
        Serve(only_health=True),
        Serve(trusted_proxies=("10.0.0.7",), user_header="Remote-User"),
    ):
        require_entrance(entrance_of(Settings(serve=serve)), engine, on_loopback=False)
    entrance = entrance_of(Settings())
    assert not require_entrance(entrance, engine, on_loopback=True)
    with pytest.raises(ConfigurationError):
        require_entrance(entrance, engine, on_loopback=False)
    # that a proxy is believed where a request comes from lets nobody in
    with pytest.raises(ConfigurationError):
        require_entrance(entrance_of(Settings(serve=Serve(trusted_proxies=("10.0.0.7",)))), engine, on_loopback=False)
    access.set_password(engine, "correct horse battery", NOW)
    assert require_entrance(entrance, engine, on_loopback=False)


def test_the_settings_say_who_may_come_in() -> None:
    serve = Serve(
        trusted_proxies=("10.0.0.7", "fd00::/8"), user_header="Remote-User", public_url="https://Jobs.example.org/x"
    )
    entrance = entrance_of(Settings(serve=serve))
    assert entrance.proxies == (ip_network("10.0.0.7"), ip_network("fd00::/8"))
    assert (entrance.user_header, entrance.public_origin) == ("Remote-User", "https://jobs.example.org")


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"USER_HEADER": "Remote-User"}, "everybody can send a field"),
        ({"USER_HEADER": "Remote_User", "TRUSTED_PROXIES": "10.0.0.7"}, "must be the field"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "not everybody"),
        ({"TRUSTED_PROXIES": "10.0.0.7,proxy"}, "TRUSTED_PROXIES"),
    ],
)
def test_a_proxy_that_could_be_anybody_is_no_setting(
    home: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], problem: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"HIREWATCH_SERVE__{name}", value)
    with pytest.raises(ConfigurationError, match=problem):
        config.load()
