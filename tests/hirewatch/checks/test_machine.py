"""The machine: each fault is made, and found with what to do about it."""

from __future__ import annotations

import resource
import ssl
import subprocess
import sys
import tempfile
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hirewatch.checks import machine
from network import client as clients
from tests.hirewatch.checks.conftest import Setting

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def few_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def no_zones(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without time zone data, in an environment without `tzdata`."""
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
    for name in [name for name in sys.modules if name.partition(".")[0] == "tzdata"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tzdata", None)
    yield
    monkeypatch.undo()
    zoneinfo.reset_tzpath()


def test_a_clock_that_shows_a_time_before_hirewatch_was_written_is_wrong() -> None:
    (found,) = machine.clock(datetime(1970, 1, 1, tzinfo=UTC))
    assert (found.verdict, found.remedy) == ("error", "set the clock; use NTP")
    assert [one.verdict for one in machine.clock(NOW)] == ["ok"]


@pytest.mark.usefixtures("no_zones")
def test_a_machine_without_time_zone_data_is_told_what_to_install() -> None:
    (found,) = machine.zones()
    assert found.verdict == "error"
    assert "tzdata" in str(found.remedy)


def test_a_machine_with_time_zone_data_is_fit() -> None:
    assert [one.verdict for one in machine.zones()] == ["ok"]


def test_certificate_authorities_of_long_ago_are_out_of_date() -> None:
    assert [one.verdict for one in machine.certificates(NOW)] == ["ok"]
    (found,) = machine.certificates(NOW + timedelta(days=3650))
    assert found.verdict == "warning"
    assert "certifi" in str(found.remedy)


def test_without_certificate_authorities_no_outlet_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "public_authorities", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    (found,) = machine.certificates(NOW)
    assert found.verdict == "error"
    assert "certifi" in str(found.remedy)


def test_a_missing_file_of_certificate_authorities_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(
        clients, "public_authorities", lambda: ssl.create_default_context(cafile=str(tmp_path / "cacert.pem"))
    )
    (found,) = machine.certificates(NOW)
    assert found.verdict == "error"
    assert "cannot be read" in found.found


def test_a_folder_for_temporary_files_that_is_missing_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert [one.verdict for one in machine.temporary_folder()] == ["ok"]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    (found,) = machine.temporary_folder()
    assert found.verdict == "error"
    assert "TMPDIR" in str(found.remedy)


@pytest.mark.usefixtures("few_files")
def test_too_few_open_files_for_the_visits_that_are_set_are_found(setting: Setting) -> None:
    (found,) = machine.open_files(setting(SERVE__VISITS="100", CRAWL__CONCURRENCY_PER_HOST="4"))
    needed = machine.files_needed(100, 4)
    assert found.verdict == "warning"
    assert f"may need {needed}" in found.found
    assert f"LimitNOFILE={needed}" in str(found.remedy)


def test_more_visits_at_a_time_need_more_files() -> None:
    # the unit that docs/hirewatch.service sets up allows the most that can be set
    assert machine.files_needed(1, 1) < machine.files_needed(100, 4) < machine.files_needed(200, 16) < 8192


def test_a_reader_process_that_reads_a_page_is_fit() -> None:
    assert [one.verdict for one in machine.reader()] == ["ok"]


#: a process that may take no more memory than it has already
FULL = """
import resource
import crawler.readers
from hirewatch.checks import machine
from hirewatch.checks.finding import safely

if __name__ == "__main__":
    held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + 2**20, held + 2**20))
    for found in safely("reader", machine.reader):
        print(found.verdict, found.found, found.remedy)
"""


def test_a_machine_without_memory_for_a_reader_process_is_found() -> None:
    ran = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, timeout=100, check=False)
    assert ran.stdout.startswith("error "), ran.stderr
    assert "ulimit -v" in ran.stdout
