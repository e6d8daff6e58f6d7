"""`hirewatch export`: whole files, or none; a bucket; a pipe."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from tests.delivery.buckets import KEY, SECRET, Bucket, serving_buckets
from tests.storage.watching import Watch, a_job

Run = Callable[..., int]


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with serving_buckets() as bucket:
        yield bucket


@pytest.fixture
def bucket(home: Path, server: Bucket, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A bucket that the environment leads to."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    return server


def test_every_posting_is_written_to_a_pipe(
    command_line: Run, watch: Watch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert command_line("export", "postings", "-") == 0
    out, err = capfdbinary.readouterr()
    assert sorted(str(one["url"]) for one in lines(out.decode())) == sorted(
        f"https://acme.example/jobs/{number}" for number in range(100, 110)
    )
    assert b"10 postings written; what comes next: hirewatch events --after 10" in err


def test_an_ending_that_promises_another_format_is_refused(
    command_line: Run, watch: Watch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line("export", "postings", str(tmp_path / "jobs.xlsx")) == 2
    assert ".csv" in capsys.readouterr().err
    assert command_line("export", "postings", str(tmp_path / "jobs.txt"), "--format", "csv") == 0
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["jobs.txt"]
    assert len(table(tmp_path / "jobs.txt")) == 10


def test_the_ending_of_the_name_says_the_format(command_line: Run, watch: Watch, tmp_path: Path) -> None:
    for name in ("jobs.csv", "jobs.jsonl", "jobs.ndjson", "jobs.parquet", "jobs"):
        assert command_line("export", "postings", str(tmp_path / name)) == 0
    assert len(table(tmp_path / "jobs.csv")) == 10
    assert all(len(lines((tmp_path / name).read_text())) == 10 for name in ("jobs.jsonl", "jobs.ndjson", "jobs"))
    with duckdb.connect() as connection:
        found = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(tmp_path / "jobs.parquet")]).fetchone()
    assert found == (10,)


def test_the_log_is_written_in_order(command_line: Run, watch: Watch, tmp_path: Path) -> None:
    watch.pages.pop("/jobs/100")
    watch.later(days=3).visit()
    path = tmp_path / "events.jsonl"
    assert command_line("export", "events", str(path)) == 0
    numbers = [int(str(one["sequence"])) for one in lines(path.read_text())]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 10


def test_a_query_takes_only_what_matches(command_line: Run, watch: Watch, tmp_path: Path) -> None:
    for what in ("postings", "events"):
        path = tmp_path / f"{what}.jsonl"
        assert command_line("export", what, str(path), "--only", "location:berlin") == 0
        assert len(lines(path.read_text())) == 1
    assert command_line("export", "postings", str(path), "--only", "titel:x") == 2


def test_a_title_that_is_a_formula_stays_text(command_line: Run, watch: Watch, tmp_path: Path) -> None:
    watch.pages["/jobs/111"] = a_job(title="=HYPERLINK(1)", place="Bremen")
    watch.later(hours=6).visit()
    path = tmp_path / "jobs.csv"
    command_line("export", "postings", str(path), "--only", "location:bremen")
    (row,) = table(path)
    assert row["title"] == "'=HYPERLINK(1)"


def test_an_export_that_fails_leaves_the_older_file(
    command_line: Run, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from delivery import formats

    path = tmp_path / "jobs.jsonl"
    path.write_text("older")

    def break_off(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(formats.Shape, "json", break_off)
    assert command_line("export", "postings", str(path)) == 1
    assert [(one.name, one.read_text()) for one in tmp_path.glob("*jobs*")] == [("jobs.jsonl", "older")]


@pytest.mark.parametrize("name", ["nowhere/jobs.csv", "", "http://example.org/x", "s3://bucket"])
def test_what_nobody_can_write_to_is_refused(command_line: Run, watch: Watch, tmp_path: Path, name: str) -> None:
    destination = str(tmp_path / name) if "://" not in name else name
    assert command_line("export", "postings", destination) in (2, 3)


def test_a_bucket_takes_an_export(
    command_line: Run,
    watch: Watch,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command_line("export", "postings", "s3://jobs/a/b.jsonl") == 5
    assert "not public" in capsys.readouterr().err
    monkeypatch.setenv("HIREWATCH_NETWORK__ALLOW_ADDRESSES", "127.0.0.0/8,::1")
    assert command_line("export", "postings", "s3://jobs/a/b.jsonl") == 0
    assert len(lines(bucket.contents()["a/b.jsonl"].decode())) == 10


def test_an_export_to_a_bucket_that_breaks_off_is_never_seen(
    command_line: Run, watch: Watch, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from delivery import formats

    def break_off(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("HIREWATCH_NETWORK__ALLOW_ADDRESSES", "127.0.0.0/8,::1")
    monkeypatch.setattr(formats._JsonLines, "finish", break_off)
    assert command_line("export", "postings", "s3://jobs/broken.jsonl") != 0
    assert "broken.jsonl" not in bucket.contents()


def test_a_reader_that_has_seen_enough_ends_an_export(watch: Watch, home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "hirewatch", "export", "postings", "-"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "HIREWATCH_HOME": str(home)},
    ) as running:  # fmt: skip
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()
        assert running.wait(60) == 0
