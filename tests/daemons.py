"""Starts a server program of the machine for tests, on loopback, so that it ends with them however they end."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def daemon(command: Sequence[str], port: int, log: Path, package: str) -> Iterator[None]:
    """A program that listens on `port` for as long as the block runs; skips where the machine has none."""
    program = shutil.which(command[0]) or shutil.which(command[0], path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip(f"no {command[0]} (on Debian: apt install {package})")
    if shutil.which("setpriv") is None:
        pytest.skip(f"no setpriv (util-linux), which starts {command[0]} so that it ends with the tests")
    with log.open("ab") as out:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd="/",
            start_new_session=True,
        )
    try:
        _wait(process, port, log)
        yield
    finally:
        process.kill()
        process.wait(30)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start:\n{log.read_text()}") from None
            time.sleep(0.02)
