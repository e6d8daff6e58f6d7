"""Where files go: a folder of this machine, or a bucket of S3, Google Cloud Storage or Azure. Nothing half is ever
seen.

The `files` outlet and `hirewatch export` write by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from delivery.buckets import Bucket, read_endpoint
from delivery.folder_addresses import Address
from delivery.local_folder import LocalFolder
from delivery.outlets.outlet import Context
from postings.errors import UsageError

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")

#: scheme -> options of its stores
OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "file": (),
    "s3": ("endpoint", "region", "access_key_id", "secret_access_key", "session_token"),
    "gs": ("service_account",),
    "az": ("account_name", "account_key", "endpoint"),
}


class Folder(Protocol):
    """Takes files whole or not at all. Every method raises ConfigurationError or OutletUnavailable."""

    def check(self) -> None:
        """Looks whether files can be put there, and puts none."""

    def create(self, name: str, content: bytes) -> bool:
        """Puts a file there; False, and nothing is changed, if there is one of that name. `name` may have slashes."""

    def read(self, name: str) -> bytes:
        """What stands in a file that is there."""

    def open(self, name: str) -> Any:
        """A context with a stream to write to; the file takes its name, and the place of an older one, at its end."""


def read_options(address: Address, options: Mapping[str, Any]) -> dict[str, str]:
    """Those of the options that the store of that address takes, checked. Raises UsageError."""
    stored = {name: options[name] for name in OPTIONS[address.scheme] if options.get(name)}
    for name, value in stored.items():
        if not isinstance(value, str) or not value.isprintable():
            raise UsageError("takes a word", subject=name)
    for name in ("region", "account_name"):
        if name in stored and not _WORD.fullmatch(stored[name]):
            raise UsageError("takes letters, digits and hyphens", subject=name)
    if "endpoint" in stored:
        read_endpoint(stored["endpoint"])
    return stored


def open_folder(
    address: Address, options: Mapping[str, str], context: Context, name: str, *, writer: str | None = None
) -> Folder:
    """The place of that address; nothing is contacted yet. `name` is whom errors are about.

    `writer` is a word for who writes there, one process at a time; None = this process.

    Raises ConfigurationError if a library is missing or there are no credentials.
    """
    if address.bucket is None:
        return LocalFolder(Path(address.path), name, writer=writer)
    return Bucket(address, options, context, name)
