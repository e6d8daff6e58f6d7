"""Evidence as it is kept: JobPostings as they stood in their pages with their digest, and the compressed form of
all."""

from __future__ import annotations

import hashlib
import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def digest(raw: str) -> str:
    """What tells whether a JobPosting is the one that was read before."""
    return hashlib.blake2b(raw.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def pack(raw: str) -> bytes:
    """Compressed for storage."""
    return squeeze(raw.encode("utf-8", "surrogatepass"))


def unpack(packed: bytes) -> str:
    """The way back from `pack`."""
    return expand(packed).decode("utf-8", "surrogatepass")


def squeeze(content: bytes) -> bytes:
    """Bytes, compressed for storage."""
    return zstd.compress(content, level=3)


def expand(packed: bytes) -> bytes:
    """The way back from `squeeze`."""
    return zstd.decompress(packed)
