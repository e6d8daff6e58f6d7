"""JobPostings as they stood in their pages: their digest, and their compressed form."""

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
    return zstd.compress(raw.encode("utf-8", "surrogatepass"), level=3)


def unpack(packed: bytes) -> str:
    """The way back from `pack`."""
    return zstd.decompress(packed).decode("utf-8", "surrogatepass")
