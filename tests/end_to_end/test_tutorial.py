"""docs/tutorial.md, typed from the first line to the last against a career site of this machine."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hirewatch.demo.site import CareerSite
from tests.repository import PROGRAMS, ROOT

TEXT = (ROOT / "docs/tutorial.md").read_text()
#: the address of the site as the page has it
WRITTEN = "http://127.0.0.1:43127/careers"
#: what the page says of the employer, and what then happens
HAPPENS: dict[str, Callable[[CareerSite], object]] = {
    "The employer opens a job: Robotics Technician, Hamburg": lambda site: site.open(
        "Robotics Technician", city="Hamburg"
    ),
    "That job is filled": lambda site: site.close(site.open_jobs()[-1]),
    "The site breaks down": lambda site: site.stop(),
}
END = "=== end of answer ==="


def steps() -> Iterator[tuple[str, str, list[str]]]:
    """In their order: `happens` with what the employer does, and `typed` with a command and the lines that it
    answers."""
    for note, block in re.findall(r"^<!-- (.+?) -->$|^```console\n(.*?)^```$", TEXT, re.M | re.S):
        if note:
            yield "happens", note, []
            continue
        for command, answer in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.M):
            yield "typed", command, answer.splitlines()


class Terminal:
    """A shell that a person types into."""

    def __init__(self, folder: Path) -> None:
        self.shell = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            env={"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "HOME": str(folder), "COLUMNS": "120"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, command: str) -> list[str]:
        """The lines that a command answers, both streams."""
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.write(f"{command}\ncode=$?; echo; echo '{END}' $code\n")
        self.shell.stdin.flush()
        answer = []
        for line in self.shell.stdout:
            if line.startswith(END):
                assert line.split()[-1] == "0", f"{command}: {''.join(answer)}"
                return [one for one in (line.rstrip() for line in answer) if one]
            answer.append(line)
        raise AssertionError(f"the shell ended after {command}")

    def close(self) -> None:
        self.shell.kill()
        self.shell.communicate()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.close()


def told(expected: str, answer: list[str]) -> bool:
    """Whether one of the lines is as the page has it; `…` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return any(re.fullmatch(pattern, line) for line in answer)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_tutorial_is_true_word_by_word(terminal: Terminal) -> None:
    typed = 0
    with CareerSite(12) as site:
        for kind, text, expected in steps():
            if kind == "happens":
                HAPPENS[text](site)
                continue
            answer = terminal.type(text.replace(WRITTEN, site.url))
            typed += 1
            for line in expected:
                assert told(line.replace(WRITTEN, site.url), answer), f"$ {text}\n{line}\nis not in\n" + "\n".join(
                    answer
                )
    assert typed == TEXT.count("\n$ ")
