"""The disk under SQLite: what is kept has reached it, and a write that fails or never comes loses nothing else."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from storage import contents, tables
from storage.engine import connect, reading
from storage.schema import upgrade
from tests.chaos import checker
from tests.chaos.writer import POSTINGS, TITLES
from tests.end_to_end.house import House
from tests.sites.scripted import ScriptedSite

ROOT = Path(__file__).parents[2]

#: what two visits of the writer tell, however they were disturbed
TOLD = [
    (kind, f"{title} {number}")
    for kind, title in zip(("opened", "changed"), TITLES, strict=True)
    for number in range(POSTINGS)
]

WRITER = ("-m", "tests.chaos.writer")
#: the same, on a database that acknowledges before the disk has it
CARELESS = (
    "-c",
    "import sys; from storage import engine\n"
    "def careless(connection):\n"
    "    for order in ('PRAGMA query_only=OFF', 'PRAGMA synchronous=OFF', 'BEGIN IMMEDIATE'):\n"
    "        connection.dbapi_connection.execute(order)\n"
    "engine._begin_sqlite = careless\n"
    "from tests.chaos.writer import work; work(sys.argv[1])",
)


def write(database: Path, *strace: str, program: tuple[str, ...] = WRITER) -> subprocess.CompletedProcess[str]:
    """Runs the writer, under strace where it is given options."""
    command = [sys.executable, *program, f"sqlite:///{database}"]
    if strace:
        command = ["strace", "-f", "-qq", "-o", str(database) + ".trace", *strace, *command]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)


def told(database: Path) -> list[tuple[str, str]]:
    """Types and titles of the events; fails if the database is not whole."""
    engine = connect(f"sqlite:///{database}")
    try:
        assert checker.violations(engine) == []
        events = tables.events
        with reading(engine) as connection:
            rows = connection.execute(select(events.c.type, contents.TOLD)).all()
            # of one visit, changes come in the order of the postings' ids, which are random
            return sorted(((row.type, row.body["title"]) for row in rows), key=TOLD.index)
    finally:
        engine.dispose()


def syncs(trace: str) -> dict[str, list[int]]:
    """How often the disk was waited for between each beginning of a call and the word that it is kept."""
    found: dict[str, list[int]] = {}
    count = 0
    for line in trace.splitlines():
        if "fdatasync(" in line or "fsync(" in line:
            count += 1
        elif "begin " in line:
            count = 0
        elif kept := re.search(r'"kept (\w+)', line):
            found.setdefault(kept[1], []).append(count)
    return found


@pytest.fixture
def strace() -> None:
    if shutil.which("strace") is None:
        pytest.skip("no strace")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has its schema."""
    path = tmp_path_factory.mktemp("empty") / "hirewatch.sqlite"
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def database(empty: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(empty, tmp_path / "hirewatch.sqlite"))


@pytest.mark.usefixtures("strace")
def test_the_disk_has_every_commit_before_it_is_acknowledged(database: Path) -> None:
    done = write(database, "-e", "trace=write,fdatasync,fsync")

    assert done.returncode == 0, done.stderr
    found = syncs(Path(f"{database}.trace").read_text())
    # these have nothing to write: the schema is there, and the conclusion gives the lease back
    assert [found.pop(idle) for idle in ("schema", "release")] == [[0], [0, 0]]
    # a claim ends with the machine
    assert len(found.pop("claim")) == 2
    assert found.keys() == {"site", "begin", "record", "conclude"}
    assert all(count >= 1 for counts in found.values() for count in counts), found


@pytest.mark.usefixtures("strace")
def test_a_database_that_does_not_wait_for_the_disk_would_be_noticed(database: Path) -> None:
    done = write(database, "-e", "trace=write,fdatasync,fsync", program=CARELESS)

    assert done.returncode == 0, done.stderr
    assert syncs(Path(f"{database}.trace").read_text())["record"] == [0, 0]


def disturb_each(empty: Path, folder: Path, fault: str, stride: int) -> Counter[int]:
    """Has the writer suffer `fault` at its first, second, third … call until one run never comes so far.

    `fault` is an injection of strace with `{n}` in it. After each, the database is whole, and a run without a fault
    tells what was not told yet. Counts the exit codes.
    """
    ends: Counter[int] = Counter()
    n = 1
    while True:
        database = Path(shutil.copy(empty, folder / f"{n}.sqlite"))
        calls = fault.partition(":")[0]
        done = write(database, "-e", f"trace={calls}", "-e", f"inject={fault.format(n=n)}")
        if "INJECTED" not in Path(f"{database}.trace").read_text() and done.returncode == 0:
            return ends
        ends[done.returncode] += 1
        if done.returncode > 0:
            assert re.fullmatch(r"error: [^\n]+\n", done.stderr), done.stderr
        before = told(database)
        assert before == TOLD[: len(before)]
        assert len(before) in (0, 3, 6)
        assert ("kept record" in done.stdout) <= (len(before) > 0)
        again = write(database)
        assert again.returncode == 0, again.stderr
        assert told(database) == TOLD
        n += stride


FAULTS = [
    "pwrite64:signal=KILL:when={n}",
    "fdatasync:signal=KILL:when={n}",
    "pwrite64:error=ENOSPC:when={n}",
    "pwrite64:error=ENOSPC:when={n}+",
    "fdatasync:error=EIO:when={n}",
]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_some_write_or_sync_loses_nothing(
    fault: str, empty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(fault, disturb_each(empty, tmp_path, fault, 25 if "pwrite" in fault else 5), capsys)


@pytest.mark.chaos
@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_write_or_sync_loses_nothing(
    fault: str, empty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(fault, disturb_each(empty, tmp_path, fault, 1), capsys)


def report(fault: str, ends: Counter[int], capsys: pytest.CaptureFixture[str]) -> None:
    killed = ends[-signal.SIGKILL]
    with capsys.disabled():
        print(
            f"\n{fault.format(n='n')}: {ends.total()} places, killed {killed}, ended with an error {ends[1]}, "
            f"went on {ends[0]}"
        )
    assert ends.keys() <= {-signal.SIGKILL, 0, 1}
    assert (killed > 0) == ("signal" in fault)
    assert ends.total() > 0


@pytest.fixture
def disk() -> Iterator[Path]:
    """A disk of 2 MB."""
    folder = Path(tempfile.mkdtemp(prefix="hw-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("no right to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


@pytest.mark.slow
def test_a_visit_on_a_full_disk_says_so_in_one_line_and_the_next_one_completes(disk: Path, site: ScriptedSite) -> None:
    house = House(disk)
    house.document("add", site.url, "--name", "acme", "--no-visit")
    room = shutil.disk_usage(disk).free
    (disk / "ballast").write_bytes(bytes(room - 100_000))

    full = house.run("visit", "acme")

    assert full.code not in (0, 130)
    assert len(full.err.strip().splitlines()) <= 2, full.err
    assert "disk" in full.err
    assert "Traceback" not in full.err
    (disk / "ballast").unlink()
    complete_all(house, site)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("strace")
def test_a_visit_whose_disk_fails_at_some_write_says_so_and_the_next_one_completes(
    tmp_path: Path, site: ScriptedSite
) -> None:
    house = House(tmp_path / "home")
    house.document("add", site.url, "--name", "acme", "--no-visit")
    codes = []
    for n in (1, 8, 15, 22):
        fault = f"inject=pwrite64:error=ENOSPC:when={n}+"
        strace = ["strace", "-f", "-qq", "-o", str(tmp_path / "trace"), "-e", "trace=pwrite64", "-e", fault]
        command = [*strace, sys.executable, "-m", "hirewatch", "visit", "acme"]
        done = subprocess.run(command, env=house.environment, capture_output=True, text=True, timeout=200, check=False)
        codes.append(done.returncode)
        assert "Traceback" not in done.stderr
        assert done.stderr.count("Error: ") == (done.returncode not in (0, 1)), done.stderr
    assert codes[0] > 1
    complete_all(house, site)


def complete_all(house: House, site: ScriptedSite) -> None:
    """A visit that nothing disturbs is complete, and has told of each job once."""
    (visit,) = house.lines("visit", "acme")
    assert visit["outcome"] == "complete"
    engine = connect(f"sqlite:///{house.home / 'hirewatch.db'}")
    try:
        assert checker.violations(engine) == []
    finally:
        engine.dispose()
    titles = sorted(event["data"]["posting"]["title"] for event in house.lines("events"))
    assert titles == sorted(str(site.job(handle).title) for handle in site.open_jobs())
