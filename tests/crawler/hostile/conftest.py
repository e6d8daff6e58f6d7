"""The worker and the database that the cases share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.engine import connect
from storage.schema import upgrade
from tests.crawler.hostile.certificates import Authority
from tests.crawler.hostile.verdicts import Trying
from tests.crawler.hostile.watching import Watching


@pytest.fixture(scope="package")
def trying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trying]:
    folder = tmp_path_factory.mktemp("hostile")
    authority = Authority(folder)
    database = f"sqlite:///{folder / 'hirewatch.sqlite'}"
    engine = connect(database)
    upgrade(engine)
    watching = Watching(database, authority.path)
    yield Trying(engine, watching, authority)
    watching.close()
    engine.dispose()
