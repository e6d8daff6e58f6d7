from __future__ import annotations

import os
from pathlib import Path

import pytest

from delivery.local_folder import whole_file


def test_a_file_is_seen_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"

    def break_off() -> None:
        with whole_file(target, replace=False) as file:
            file.write(b"half")
            file.flush()
            assert not target.exists()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_process_left_behind_is_taken_up(tmp_path: Path) -> None:
    (tmp_path / ".a.txt.one.part").write_bytes(b"a longer half that was never finished")
    with whole_file(tmp_path / "a.txt", replace=False, writer="one") as file:
        file.write(b"whole")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.txt", b"whole")]


def test_of_two_that_write_one_file_at_a_time_the_first_to_end_stays_whole(tmp_path: Path) -> None:
    def two_at_a_time() -> None:
        with whole_file(tmp_path / "a.txt", replace=False, writer="one") as one:
            one.write(b"one, the first half;")
            one.flush()
            with whole_file(tmp_path / "a.txt", replace=False, writer="two") as two:
                two.write(b"two")
            one.write(b" the second")

    with pytest.raises(FileExistsError):
        two_at_a_time()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.txt", b"two")]


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    def come_second() -> None:
        (tmp_path / "a.txt").unlink(missing_ok=True)
        with whole_file(tmp_path / "a.txt", replace=False) as file:
            file.write(b"mine")
            (tmp_path / "a.txt").write_bytes(b"theirs")

    for links in (os.link, no_links):
        monkeypatch.setattr(os, "link", links)
        with pytest.raises(FileExistsError):
            come_second()
        assert (tmp_path / "a.txt").read_bytes() == b"theirs"
