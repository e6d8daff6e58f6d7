"""What the address of a folder says: a place on this machine, or in a bucket of S3, Google Cloud Storage or Azure."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from postings.errors import UsageError

_EXAMPLES: Final = (
    "write it like file:///var/data/jobs, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
)

_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}")


@dataclass(frozen=True, slots=True)
class Address:
    """A place for files, taken apart."""

    #: file, s3, gs or az
    scheme: str
    #: None for this machine
    bucket: str | None
    #: the folder of this machine, or what comes before the names of objects, without slashes at its ends
    path: str

    def __str__(self) -> str:
        return f"file://{self.path}" if self.bucket is None else f"{self.scheme}://{self.bucket}/{self.path}"


def parse(address: str) -> Address:
    """Takes an address apart. Raises UsageError, which does not repeat it."""
    try:
        parts = urlsplit(address)
        plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.port)
    except ValueError:
        plain = False
    if not plain or not address.isprintable() or "\\" in address:
        raise UsageError("the address of a folder cannot be used", remedy=_EXAMPLES)
    if parts.scheme == "file":
        path = unquote(parts.path)
        if parts.netloc not in {"", "localhost"} or not path.startswith("/") or "\0" in path:
            raise UsageError("a folder of this machine has three slashes before it", remedy=_EXAMPLES)
        return Address("file", None, os.path.normpath(path))
    bucket, path = parts.netloc, parts.path.strip("/")
    if not _BUCKET.fullmatch(bucket):
        raise UsageError("is no name of a bucket", subject=bucket[:30], remedy=_EXAMPLES)
    if any(part in {"", ".", ".."} for part in path.split("/")) and path:
        raise UsageError("has a part that no object can have in its name", subject=path[:60], remedy=_EXAMPLES)
    return Address(parts.scheme, bucket, path)
