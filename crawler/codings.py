"""Undoes content codings (RFC 9110 §8.4.1) and says whether the coded body was whole.

Stock clients return what could be decoded of a cut body as if it were all of it. Here a body counts as whole only if
the decoder reached its own end of stream. Called for HTTP bodies and for gzip files such as sitemaps.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: what is asked for and can be undone
ACCEPTED = "gzip, deflate, br, zstd"

_MOST_CODINGS = 2
#: bytes that a decoder gives at a time, and takes: little at first, as a member may be a few bytes long
_STEP = 256 * 1024
_FIRST_PART, _PART = 1024, 64 * 1024
#: gzip members and zstd frames of one body; what compresses in blocks of 64 KB makes 800 of a large sitemap. A decoder
#: for each of a million empty ones would hold up the loop.
_MOST_MEMBERS, _MOST_FRAMES = 10_000, 1_000
_ZEROS = re.compile(rb"\0*")


class CodingError(Exception):
    """The body cannot be decoded: unknown coding, too many codings, or bytes that are none of it."""


class BodyTooLarge(Exception):
    """The decoded body would be larger than the limit."""


#: what stands in the place of a content coding and is none: browsers pass over it, too
_NO_CODINGS = frozenset(
    {"", "identity", "none", "binary", "7bit", "8bit", "utf-8", "utf8", "iso-8859-1", "windows-1252"}
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body with its codings undone."""

    body: bytes
    #: every decoder reached its end of stream
    whole: bool


def undo(body: bytes, content_encoding: str, limit: int) -> Decoded:
    """The body without the codings that the Content-Encoding header names, last applied first.

    Raises CodingError, and BodyTooLarge above `limit` bytes.
    """
    codings = [name.strip().lower() for name in content_encoding.split(",")]
    codings = [name for name in codings if name not in _NO_CODINGS]
    if len(codings) > _MOST_CODINGS:
        raise CodingError(f"{len(codings)} content codings on top of each other")
    whole = True
    for name in reversed(codings):
        if not body:
            break  # a body without content (HEAD, 304) is not coded either
        decoded = _decoder(name)(body, limit)
        body, whole = decoded.body, whole and decoded.whole
    return Decoded(body, whole)


def gunzip(body: bytes, limit: int) -> Decoded:
    """A gzip file of one or more members (RFC 1952); what follows the last member is ignored."""
    out = bytearray()
    start = 0
    for _ in range(_MOST_MEMBERS):
        decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            start = _inflate(decoder, body, start, out, limit)
        except zlib.error as error:
            if not out:
                raise CodingError(f"no gzip data: {error}") from None
            return Decoded(bytes(out), whole=False)
        if not decoder.eof:
            return Decoded(bytes(out), whole=False)
        start = _past_zeros(body, start)
        if not body.startswith(b"\x1f\x8b", start):
            return Decoded(bytes(out), whole=True)
    raise CodingError(f"more than {_MOST_MEMBERS} gzip members")


def _past_zeros(body: bytes, start: int) -> int:
    """Where the padding that some archivers put behind a member ends."""
    match = _ZEROS.match(body, start)
    return match.end() if match else start


def _decoder(name: str) -> Callable[[bytes, int], Decoded]:
    decoders = {"gzip": gunzip, "x-gzip": gunzip, "deflate": _undeflate, "br": _unbrotli, "zstd": _unzstd}
    if name not in decoders:
        raise CodingError(f"unknown content coding {name[:40]!r}")
    return decoders[name]


def _inflate(decoder: Any, data: bytes, start: int, out: bytearray, limit: int) -> int:
    """Decodes one stream that begins at `start`, and returns where it ends.

    In small parts: what the decoder hands back unused is a copy, and copies of all the rest would be quadratic.
    """
    part = _FIRST_PART
    while start < len(data) and not decoder.eof:
        fed = data[start : start + part]
        start += len(fed)
        part = _PART
        while fed and not decoder.eof:
            out += decoder.decompress(fed, _STEP)
            _check(out, limit)
            fed = decoder.unconsumed_tail
    return start - len(decoder.unused_data)


def _undeflate(body: bytes, limit: int) -> Decoded:
    """zlib format as the standard says, or the bare deflate that some servers send."""
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        decoder = zlib.decompressobj(bits)
        out = bytearray()
        try:
            _inflate(decoder, body, 0, out, limit)
        except zlib.error as error:
            if out:
                return Decoded(bytes(out), whole=False)
            failure = error
            continue
        return Decoded(bytes(out), whole=decoder.eof)
    raise CodingError(f"no deflate data: {failure}")


def _unbrotli(body: bytes, limit: int) -> Decoded:
    decoder = brotli.Decompressor()
    out = bytearray()
    data = body
    try:
        while True:
            chunk = decoder.process(data, output_buffer_limit=_STEP)
            out += chunk
            _check(out, limit)
            data = b""
            if decoder.is_finished() or (not chunk and decoder.can_accept_more_data()):
                break
    except brotli.error as error:
        if not out:
            raise CodingError(f"no brotli data: {error}") from None
        return Decoded(bytes(out), whole=False)
    return Decoded(bytes(out), whole=decoder.is_finished())


def _unzstd(body: bytes, limit: int) -> Decoded:
    """One or more frames (RFC 8878 §3)."""
    out = bytearray()
    start = 0
    try:
        for _ in range(_MOST_FRAMES):
            decoder = zstd.ZstdDecompressor()
            part = _FIRST_PART
            while start < len(body) and not decoder.eof:
                fed = body[start : start + part]
                start += len(fed)
                part = _PART
                while not decoder.eof:
                    chunk = decoder.decompress(fed, _STEP)
                    out += chunk
                    _check(out, limit)
                    fed = b""
                    if decoder.needs_input:
                        break
            if not decoder.eof:
                return Decoded(bytes(out), whole=False)
            start -= len(decoder.unused_data)
            if not body.startswith(b"\x28\xb5\x2f\xfd", start):
                return Decoded(bytes(out), whole=True)
    except zstd.ZstdError as error:
        if not out:
            raise CodingError(f"no zstd data: {error}") from None
        return Decoded(bytes(out), whole=False)
    raise CodingError(f"more than {_MOST_FRAMES} zstd frames")


def _check(out: bytearray, limit: int) -> None:
    if len(out) > limit:
        raise BodyTooLarge(f"larger than {limit} bytes when decoded")
