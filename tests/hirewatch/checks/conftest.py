"""Settings, and a database without a site, for checks that are asked one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hirewatch import config, wiring
from hirewatch.settings import Settings
from tests.hirewatch.cli.conftest import suspect, watch

__all__ = ["engine", "setting", "suspect", "watch"]

#: sets some, as environment variables without their prefix, and reads all
Setting = Callable[..., Settings]


@pytest.fixture
def setting(home: Path, monkeypatch: pytest.MonkeyPatch) -> Setting:
    def read(**values: str) -> Settings:
        for name, value in values.items():
            monkeypatch.setenv(f"HIREWATCH_{name}", value)
        return config.load()

    return read


@pytest.fixture
def engine(setting: Setting) -> Iterator[Engine]:
    engine = wiring.open_database(setting())
    yield engine
    engine.dispose()
