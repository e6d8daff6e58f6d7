"""Prints the table of verdicts: `python -m tests.crawler.hostile > verdicts.txt` after a look at what has changed."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from storage.engine import connect
from storage.schema import upgrade
from tests.crawler.hostile.cases import CASES
from tests.crawler.hostile.certificates import Authority
from tests.crawler.hostile.verdicts import Trying
from tests.crawler.hostile.watching import Watching


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        authority = Authority(Path(name))
        database = f"sqlite:///{name}/hirewatch.sqlite"
        engine = connect(database)
        upgrade(engine)
        watching = Watching(database, authority.path)
        trying = Trying(engine, watching, authority)
        try:
            for case in sys.argv[1:] or CASES:
                began = time.monotonic()
                tried = trying.try_out(case)
                print(f"{case} | {tried.verdict}", flush=True)
                print(
                    f"{time.monotonic() - began:5.1f} s, visit {tried.during.seconds:4.1f} s, "
                    f"{tried.during.megabytes:3} MB, reader {tried.during.reader_megabytes:4} MB, {tried.requests} requests, "
                    f"{dict(tried.events)}, then {tried.after.outcome} {tried.after.reason or ''}: {case}",
                    file=sys.stderr, flush=True,
                )  # fmt: skip
        finally:
            watching.close()
            engine.dispose()


if __name__ == "__main__":
    main()
