"""What processes cost, for the benchmarks. Loads nothing: reader processes load the main module of their parent."""

from __future__ import annotations

import os
import time
from pathlib import Path

#: how Linux makes the number of a process's clock out of its id: the bits of the id turned over, then which clock
_SHIFT, _ALL_THREADS = 3, 2


def cpu_seconds(pid: int | str = "self") -> float:
    """User and system time of a process and everything that it has started and that lives.

    By the clock of each process, which counts nanoseconds: /proc tells it in hundredths of a second.
    """
    own = time.clock_gettime(~(os.getpid() if pid == "self" else int(pid)) << _SHIFT | _ALL_THREADS)
    children = [
        child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return own + sum(map(cpu_seconds, children))
