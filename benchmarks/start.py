"""What a command costs before it does anything: `python -m benchmarks.start`.

Each command runs as a process of its own, in turns, beside `scrapy list` in a project of one empty spider. CPU is user
and system time of the process; ratios are medians of paired ratios. The commands that read do so in a new, empty
database, which is made first. Prints a table and writes nothing.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

#: where the programs of this environment are
PROGRAMS = Path(sys.executable).parent

_SPIDER = "import scrapy\n\n\nclass Empty(scrapy.Spider):\n    name = 'empty'\n"
_PROJECT = {
    "scrapy.cfg": "[settings]\ndefault = project.settings\n",
    "project/__init__.py": "",
    "project/settings.py": "SPIDER_MODULES = ['project.spiders']\n",
    "project/spiders/__init__.py": "",
    "project/spiders/empty.py": _SPIDER,
}

#: what everything is compared with
SCRAPY = "scrapy list"
COMMANDS = (
    "hirewatch --help",
    "hirewatch version",
    "hirewatch visit --help",
    "hirewatch status",
    "hirewatch events",
    "hirewatch postings",
    "hirewatch sites list",
)


def ratios(rounds: int, commands: Sequence[str] = COMMANDS) -> dict[str, float]:
    """The CPU of each command in that of `scrapy list`: the median of the rounds."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, content in _PROJECT.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(content)
        environment = {**os.environ, "HIREWATCH_DATABASE": f"sqlite:///{place}/hirewatch.sqlite", "NO_COLOR": "1"}
        # the first time makes the database, and the byte code of modules
        for command in (SCRAPY, "hirewatch status", *commands):
            seconds(command, place, environment)
        taken: dict[str, list[float]] = {command: [] for command in commands}
        for _ in range(rounds):
            floor = seconds(SCRAPY, place, environment)
            for command in commands:
                taken[command].append(seconds(command, place, environment) / floor)
    return {command: median(found) for command, found in taken.items()}


def seconds(command: str, folder: Path, environment: Mapping[str, str]) -> float:
    """CPU of one run. Raises CalledProcessError if it fails."""
    program, *arguments = command.split()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [PROGRAMS / program, *arguments], cwd=folder, env=dict(environment), check=True, capture_output=True, timeout=60
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measures and prints."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    print("| command | of `scrapy list` |\n| --- | --- |")
    for command, ratio in ratios(options.parse_args().rounds).items():
        print(f"| `{command}` | {ratio:.2f} |")


if __name__ == "__main__":
    main()
