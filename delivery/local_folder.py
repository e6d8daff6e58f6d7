"""A folder of this machine, in which a file appears whole and on the disk, or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from delivery.outlets.outlet import OutletUnavailable
from postings.errors import ConfigurationError


class LocalFolder:
    """A folder that is there already: a disk that is not mounted must not be taken for an empty one."""

    def __init__(self, path: Path, name: str, *, writer: str | None = None) -> None:
        """`name` is whom errors are about; `writer` is who writes, see `whole_file`."""
        self._path = path
        self._name = name
        self._writer = writer

    def check(self) -> None:
        if not self._path.is_dir():
            raise ConfigurationError("is no folder", subject=self._subject(), remedy="make it, or name another one")
        if not os.access(self._path, os.W_OK | os.X_OK):
            raise ConfigurationError(
                "may not be written by this user", subject=self._subject(), remedy="let it, or name another folder"
            )

    def create(self, name: str, content: bytes) -> bool:
        self.check()
        target = self._path / name
        if target.exists():
            return False
        with self._explained():
            try:
                with whole_file(target, replace=False, writer=self._writer) as file:
                    file.write(content)
            except FileExistsError:
                # another writer was faster
                return False
        return True

    def read(self, name: str) -> bytes:
        with self._explained():
            return (self._path / name).read_bytes()

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        self.check()
        with self._explained(), whole_file(self._path / name, replace=True, writer=self._writer) as file:
            yield file

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            problem, subject = f"cannot be written ({error.strerror})", self._subject()
            if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
                raise ConfigurationError(problem, subject=subject, remedy="let this user write there") from None
            raise OutletUnavailable(problem, subject=subject, remedy="make room, or see to the disk") from None

    def _subject(self) -> str:
        return f"{self._name}: {self._path}"


@contextmanager
def whole_file(path: Path, *, replace: bool, writer: str | None = None) -> Iterator[BinaryIO]:
    """A file to write to that appears under its name when it is whole and on the disk, or not at all.

    Its folders are made. Several may write to one name: with `replace` the last one stays; without it the first one
    does, and FileExistsError is raised at the end. `writer` is a word for who writes, one process at a time: what a
    dead one left behind is taken up, not piled up. Without it every process is a writer.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{writer or os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if replace:
            part.replace(path)
        else:
            _link(part, path)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _link(part: Path, path: Path) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # a disk without links: of two that end at the same moment the second one would stay
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        part.replace(path)


def _sync_folder(folder: Path) -> None:
    # the name must be on the disk too; some disks do not know how
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
