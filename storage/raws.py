"""Evidence as it is kept: JobPostings as they stood in their pages with their digest, and the compressed form of
all."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from postings.errors import DatabaseError

_LEVEL: Final = 3
#: half of the time for 2 % more bytes, where the same bytes stand before all
_FAST: Final = 1
#: bytes without which zstd takes no dictionary
_LEAST: Final = 8


def digest(raw: str) -> str:
    """What tells whether a JobPosting is the one that was read before."""
    return hashlib.blake2b(raw.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def pack(raw: str, body: Mapping[str, Any] | None) -> bytes:
    """Compressed for storage: it says what the content (`postings.record.body`) that was made of it says once more."""
    return squeeze(raw.encode("utf-8", "surrogatepass"), _said(body))


def unpack(packed: bytes, body: Mapping[str, Any] | None) -> str:
    """The way back from `pack`, with the same content."""
    return expand(packed, _said(body)).decode("utf-8", "surrogatepass")


def _said(body: Mapping[str, Any] | None) -> bytes:
    """The long text of a content: it comes back the same from wherever it is kept, which numbers need not."""
    said: str = (body or {}).get("description_html") or (body or {}).get("description_text") or ""
    return said.encode()


def squeeze(content: bytes, before: bytes = b"") -> bytes:
    """Bytes, compressed for storage, as if they followed others."""
    return zstd.compress(content, level=_LEVEL, zstd_dict=_prefix(before))


def squeezer(before: bytes) -> Callable[[bytes], bytes]:
    """A `squeeze` for many contents that follow the same bytes: zstd reads these once, not for each."""
    kept = zstd.ZstdCompressor(level=_FAST, zstd_dict=zstd.ZstdDict(before, is_raw=True))
    return lambda content: kept.compress(content, kept.FLUSH_FRAME)


def expand(packed: bytes, before: bytes = b"") -> bytes:
    """The way back from `squeeze`, with the same bytes before them. Raises DatabaseError if they are damaged."""
    try:
        return zstd.decompress(packed, zstd_dict=_prefix(before))
    except zstd.ZstdError as error:
        raise damaged(error) from error


def damaged(error: Exception) -> DatabaseError:
    """What to tell a person of something that cannot be unpacked."""
    return DatabaseError(
        f"something in it cannot be unpacked ({error})",
        subject="the database",
        remedy="run `hirewatch db check`: it, or its disk, is damaged",
    )


def _prefix(before: bytes) -> Any:
    return zstd.ZstdDict(before, is_raw=True).as_prefix if len(before) >= _LEAST else None
