"""An installation of its own, driven through the command line like a person or a program drives it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


class House:
    """`hirewatch` with a data folder of its own, that may contact loopback and does not wait between requests."""

    def __init__(self, home: Path, **settings: str) -> None:
        """`settings` are further environment variables, without their prefix: `CRAWL__DELAY="1"`."""
        self.home = home
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HIREWATCH_")},
            "HIREWATCH_HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "HIREWATCH_CRAWL__DELAY": "0",
            "HIREWATCH_CRAWL__CONCURRENCY_PER_HOST": "4",
            "HIREWATCH_NETWORK__ALLOW_ADDRESSES": "127.0.0.0/8",
            "COLUMNS": "120",
            **{f"HIREWATCH_{name}": value for name, value in settings.items()},
        }

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Starts a command and leaves it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "hirewatch", *arguments],
            env=self.environment,
            text=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    def run(self, *arguments: str, timeout: float = 100) -> Ran:
        """Runs a command to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=timeout)
        return Ran(process.returncode, out, err)

    def document(self, *arguments: str, code: int = 0) -> Any:
        """The one JSON document that a command prints; it has to end with `code`."""
        return json.loads(self._right(arguments, code).out)

    def lines(self, *arguments: str, code: int | Sequence[int] = 0) -> list[Any]:
        """The JSON Lines that a command prints; it has to end with `code` (or one of them)."""
        return [json.loads(line) for line in self._right(arguments, code).out.splitlines()]

    def _right(self, arguments: Sequence[str], code: int | Sequence[int]) -> Ran:
        ran = self.run(*arguments, "--json")
        assert ran.code in ([code] if isinstance(code, int) else code), f"{arguments} ended {ran.code}: {ran.err}"
        return ran
