"""The files of an installation: its settings, its data folder, and the disk below."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hirewatch import config, settings_in_force
from hirewatch.checks.finding import Finding

if TYPE_CHECKING:
    from hirewatch.settings import Settings

LEAST_FREE = 500 * 1024 * 1024
#: file systems on which locks of SQLite are not kept, or kept by this machine alone: https://www.sqlite.org/howtocorrupt.html
#: (2.1), https://www.sqlite.org/wal.html (all processes on one host)
_SHARED = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|afs|ncpfs|ceph|lustre|gfs2|ocfs2|fuse\.(sshfs|glusterfs|s3fs|rclone|ceph\S*)"
)
_MOUNTS = Path("/proc/mounts")
_ESCAPED = re.compile(r"\\([0-7]{3})")


def configuration(settings: Settings, file: Path | None) -> Iterator[Finding]:
    """The settings are right, and others cannot read the passwords among them; `file` is the one that was named."""
    path = config.find_file(file)
    if path is not None and path.stat().st_mode & 0o077:
        secret = [
            one.name
            for one in settings_in_force.describe(settings, file)
            if one.origin == str(path) and _is_masked(one)
        ]
        if secret:
            yield Finding(
                "configuration",
                "warning",
                f"others may read {path}, which holds the password of {secret[0]}",
                f"chmod 600 {path}",
            )
            return
    yield Finding("configuration", "ok", f"every setting is right{f' ({path})' if path else ''}")


def _is_masked(setting: settings_in_force.Setting) -> bool:
    return isinstance(setting.value, str) and settings_in_force.MASK in setting.value


def folder(settings: Settings) -> Iterator[Finding]:
    """The data folder and its rights."""
    home = settings.home
    if not home.exists():
        yield Finding("data folder", "ok", f"{home} (made when it is needed)")
        return
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            "data folder",
            "error",
            f"{home} may not be written by this user",
            f"chown it, or set HIREWATCH_HOME to a folder of {_user()}",
        )
        return
    loose = [path for path in home.iterdir() if path.is_file() and path.stat().st_mode & 0o077]
    if loose:
        yield Finding(
            "data folder",
            "warning",
            f"others may read {loose[0].name} in {home}; outlets may hold secrets",
            f"chmod 600 {loose[0]}",
        )
        return
    yield Finding("data folder", "ok", str(home))


def disk(settings: Settings) -> Iterator[Finding]:
    """Free space where the data lie."""
    place = _existing(settings.home)
    free = shutil.disk_usage(place).free
    text = f"{free / 2**30:.1f} GiB free at {place}"
    if free < LEAST_FREE:
        yield Finding("disk", "error", text, "make room: nothing is lost when the disk is full, but nothing is kept")
    else:
        yield Finding("disk", "ok", text)


def file_system(settings: Settings) -> Iterator[Finding]:
    """Whether locks of SQLite can be relied on where its file lies. Nothing where the kernel does not say."""
    from sqlalchemy import make_url

    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database or not _MOUNTS.exists():
        return
    place = _existing(Path(url.database).absolute().parent).resolve()
    kind = file_system_of(place, _MOUNTS.read_text(errors="replace"))
    if kind and _SHARED.fullmatch(kind):
        yield Finding(
            "file system",
            "warning",
            f"{place} lies on {kind}, where SQLite's locks cannot be relied on: the database may be damaged",
            "move the data folder to a disk of this machine, or use PostgreSQL (HIREWATCH_DATABASE)",
        )


def file_system_of(place: Path, mounts: str) -> str | None:
    """The kind of file system that a path lies on, by what `/proc/mounts` says (fstab(5)); None if it does not say."""
    best: tuple[int, str] | None = None
    for line in mounts.splitlines():
        _device, where, kind, *_ = [*line.split(), "", "", ""]
        mounted = Path(_ESCAPED.sub(lambda code: chr(int(code[1], 8)), where or "-"))
        # of two on the same place the later one is seen
        if place.is_relative_to(mounted) and (best is None or len(mounted.parts) >= best[0]):
            best = len(mounted.parts), kind
    return best[1] if best else None


def _existing(place: Path) -> Path:
    """The folder itself, or the one in which it would be made."""
    while not place.exists():
        place = place.parent
    return place


def _user() -> str:
    return os.environ.get("USER") or f"user {os.getuid()}"
