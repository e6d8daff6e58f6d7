"""The files of an installation: each fault is made, and found with what to do about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hirewatch.checks import files
from tests.hirewatch.checks.conftest import Setting

PASSWORD = 'database = "postgresql://hirewatch:s3cret@db.example/hirewatch"\n'
MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
nas:/data /srv nfs4 rw 0 0
tmpfs /srv/fast tmpfs rw 0 0
//nas/own\\040files /mnt/own\\040files cifs rw 0 0
/dev/sdb1 /mnt/twice ext4 rw 0 0
host:/x /mnt/twice fuse.sshfs rw 0 0
"""


def test_a_file_with_a_password_that_others_may_read_is_found(setting: Setting, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(PASSWORD)
    from hirewatch import config

    file.chmod(0o644)
    (found,) = files.configuration(config.load(file), file)
    assert found.verdict == "warning"
    assert "password of database" in found.found
    assert "s3cret" not in found.found
    assert found.remedy == f"chmod 600 {file}"


@pytest.mark.parametrize(("text", "mode"), [(PASSWORD, 0o600), ("[crawl]\ndelay = 2\n", 0o644)])
def test_a_file_of_settings_that_tells_others_nothing_is_fit(
    setting: Setting, tmp_path: Path, text: str, mode: int
) -> None:
    file = tmp_path / "hirewatch.toml"
    file.write_text(text)
    file.chmod(mode)
    assert [one.verdict for one in files.configuration(setting(), None)] == ["ok"]


def test_a_file_of_the_data_folder_that_others_may_read_is_found(setting: Setting, home: Path) -> None:
    home.mkdir()
    (home / "hirewatch.db").touch(0o600)
    assert [one.verdict for one in files.folder(setting())] == ["ok"]
    (home / "hirewatch.db").chmod(0o644)
    (found,) = files.folder(setting())
    assert found.verdict == "warning"
    assert found.remedy == f"chmod 600 {home / 'hirewatch.db'}"


def test_a_disk_with_little_room_is_found(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    free = shutil.disk_usage("/").free
    monkeypatch.setattr(files, "LEAST_FREE", 0)
    assert [one.verdict for one in files.disk(setting())] == ["ok"]
    monkeypatch.setattr(files, "LEAST_FREE", free * 1000)
    (found,) = files.disk(setting())
    assert found.verdict == "error"
    assert "make room" in str(found.remedy)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/var/lib/hirewatch", "ext4"),
        ("/srv/hirewatch", "nfs4"),
        ("/srv", "nfs4"),
        ("/srvs", "ext4"),
        ("/srv/fast/hirewatch", "tmpfs"),
        ("/mnt/own files/hirewatch", "cifs"),
        ("/mnt/twice", "fuse.sshfs"),
    ],
)
def test_the_file_system_of_a_folder_is_that_of_the_nearest_mount(place: str, kind: str) -> None:
    assert files.file_system_of(Path(place), MOUNTS) == kind


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"])
def test_sqlite_on_a_file_system_of_another_machine_is_found(
    kind: str, setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    monkeypatch.setattr(files, "_MOUNTS", mounts)
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nnas:/home {tmp_path.resolve()} {kind} rw 0 0\n")
    (found,) = files.file_system(setting())
    assert found.verdict == "warning"
    assert "PostgreSQL" in str(found.remedy)


@pytest.mark.parametrize("database", ["postgresql://db.example/hirewatch", ""])
def test_a_local_file_and_postgresql_need_no_word(
    database: str, setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    monkeypatch.setattr(files, "_MOUNTS", mounts)
    mounts.write_text(f"nas:/x / {'nfs4' if database else 'ext4'} rw 0 0\n")
    assert list(files.file_system(setting(DATABASE=database))) == []
