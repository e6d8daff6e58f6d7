"""Answers who holds a lease, and whether that process still lives. Workers put `owner()` into their claims, and a
claim takes a lease over at once when `owner_dead` says that its holder is gone.
"""

from __future__ import annotations

import os
import socket
import subprocess
from functools import cache
from pathlib import Path

_PROC = Path("/proc")


def owner() -> str:
    """This process as the holder of a lease: `machine:pid:start`, unlike any other process before or after it."""
    pid = os.getpid()
    return f"{machine()}:{pid}:{_started(pid) or '?'}"


def owner_dead(owner: str) -> bool:
    """True only if the process that `owner` names ran on this machine and is certainly gone.

    A process on another machine, in another container, before a restart of the machine, or one that cannot be
    read about is not certainly gone: its lease has to run out.
    """
    try:
        where, pid, started = owner.rsplit(":", 2)
        number = int(pid)
    except ValueError:
        return False
    if where != machine() or started == "?" or number <= 0:
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    now = _started(number)
    return now is not None and now != started


@cache
def machine() -> str:
    """Where process numbers mean the same: the host, this run of it, and the process namespace (a container)."""
    parts = [socket.gethostname()]
    try:
        parts.append((_PROC / "sys/kernel/random/boot_id").read_text().strip().split("-")[0])
        parts.append(os.readlink(_PROC / "self/ns/pid").strip("pid:[]"))
    except OSError:
        pass
    return "/".join(parts)


def _started(pid: int) -> str | None:
    """When the process started, in whatever unit the system counts; None if that cannot be read.

    A process that ended and was not yet collected by its parent answers "ended".
    """
    if not (_PROC / "self/stat").exists():
        return _started_by_ps(pid)
    try:
        stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # the second field is the program's name in parentheses, which may itself hold spaces and parentheses
    state, *rest = stat.rpartition(")")[2].split()
    return "ended" if state in "ZX" else rest[18]


def _started_by_ps(pid: int) -> str | None:
    said = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return said.stdout.strip().replace(":", ".").replace(" ", "_") or None
