"""A worker without memory ends, instead of failing at the same thing for ever."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import NoReturn

import pytest

from scheduler import worker
from scheduler.memory import lacks_memory


class Ended(Exception):
    """Stands in for the end of the process."""


@pytest.mark.parametrize(
    ("error", "lacks"),
    [
        (MemoryError(), True),
        (RuntimeError("can't start new thread"), True),
        (ImportError("x.so: failed to map segment from shared object"), True),
        (RuntimeError("this event loop is closed"), False),
        (ValueError("no"), False),
    ],
)
def test_what_means_that_there_is_no_memory_is_known(error: Exception, lacks: bool) -> None:
    assert lacks_memory(error) is lacks


@pytest.mark.parametrize(("error", "ends"), [(MemoryError(), True), (ValueError("no"), False)])
def test_a_callback_without_memory_ends_the_worker_and_any_other_fault_does_not(
    error: Exception, ends: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def end(code: int) -> NoReturn:
        raise Ended(code)

    monkeypatch.setattr(os, "_exit", end)
    loop = asyncio.new_event_loop()
    try:
        if ends:
            with pytest.raises(Ended):
                worker._unhandled(loop, {"message": "in a callback", "exception": error})
        else:
            worker._unhandled(loop, {"message": "in a callback", "exception": error})
    finally:
        loop.close()
    said = [record.name for record in caplog.records if record.levelno >= logging.ERROR]
    assert said == ["scheduler.worker" if ends else "asyncio"]
