"""Feeds one reader with mutations that reach ever more of its code, until the time is over or it breaks its word.

    python -m tests.fuzzing TARGET [--seconds 600] [--corpus FOLDER]

Needs Atheris. What breaks a reader is written to `crash-…` in the current folder; once it is mended it
becomes a case in `tests/fuzzing/cases/TARGET`, which every test run reads.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

PACKAGES = [
    "postings",
    "crawler",
    "hirewatch.config",
    "hirewatch.settings",
    "hirewatch.timing",
    "hirewatch.cli",
    "scheduler.cron",
    "msgspec",
    "protego",
    "lark",
]


def main() -> None:
    """Runs libFuzzer; ends with its exit code."""
    try:
        import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        sys.exit("Atheris is missing: install it with `.venv/bin/python -m pip install 'atheris>=3'`")
    with atheris.instrument_imports(include=PACKAGES):
        from tests.fuzzing.targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=600, help="how long (default: 600)")
    parser.add_argument("--corpus", type=Path, help="what it has learnt, to go on with; a folder of its own otherwise")
    asked = parser.parse_args()
    target = TARGETS[asked.target]
    corpus = asked.corpus or Path(tempfile.mkdtemp(prefix=f"fuzzing-{target.name}-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    cases = Path(__file__).parent / "cases" / target.name
    for case in cases.glob("*") if cases.is_dir() else ():
        shutil.copy(case, corpus / f"case-{case.name}")
    limits = [
        f"-max_total_time={asked.seconds}",
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-max_len=20000",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *limits, str(corpus)], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
