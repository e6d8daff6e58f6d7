"""Undoes content codings (RFC 9110 §8.4.1) and says whether the coded body was whole.

Stock clients return what could be decoded of a cut body as if it were all of it. Here a body counts as whole only if
the decoder reached its own end of stream. Called for HTTP bodies and for gzip files such as sitemaps.
"""

from __future__ import annotations

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
_STEP = 256 * 1024


class CodingError(Exception):
    """The body cannot be decoded: unknown coding, too many codings, or bytes that are none of it."""


class BodyTooLarge(Exception):
    """The decoded body would be larger than the limit."""


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
    codings = [name for name in codings if name not in ("", "identity")]
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
    rest = body
    while True:
        decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            _inflate(decoder, rest, out, limit)
        except zlib.error as error:
            if not out:
                raise CodingError(f"no gzip data: {error}") from None
            return Decoded(bytes(out), whole=False)
        rest = decoder.unused_data.lstrip(b"\0")
        if not decoder.eof:
            return Decoded(bytes(out), whole=False)
        if not rest.startswith(b"\x1f\x8b"):
            return Decoded(bytes(out), whole=True)


def _decoder(name: str) -> Callable[[bytes, int], Decoded]:
    decoders = {"gzip": gunzip, "x-gzip": gunzip, "deflate": _undeflate, "br": _unbrotli, "zstd": _unzstd}
    if name not in decoders:
        raise CodingError(f"unknown content coding {name[:40]!r}")
    return decoders[name]


def _inflate(decoder: Any, data: bytes, out: bytearray, limit: int) -> None:
    while data and not decoder.eof:
        out += decoder.decompress(data, _STEP)
        _check(out, limit)
        data = decoder.unconsumed_tail


def _undeflate(body: bytes, limit: int) -> Decoded:
    """zlib format as the standard says, or the bare deflate that some servers send."""
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        decoder = zlib.decompressobj(bits)
        out = bytearray()
        try:
            _inflate(decoder, body, out, limit)
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
    data = body
    try:
        while True:
            decoder = zstd.ZstdDecompressor()
            while not decoder.eof:
                chunk = decoder.decompress(data, _STEP)
                out += chunk
                _check(out, limit)
                data = b""
                if not chunk and decoder.needs_input:
                    break
            if not decoder.eof:
                return Decoded(bytes(out), whole=False)
            data = decoder.unused_data
            if not data.startswith(b"\x28\xb5\x2f\xfd"):
                return Decoded(bytes(out), whole=True)
    except zstd.ZstdError as error:
        if not out:
            raise CodingError(f"no zstd data: {error}") from None
        return Decoded(bytes(out), whole=False)


def _check(out: bytearray, limit: int) -> None:
    if len(out) > limit:
        raise BodyTooLarge(f"larger than {limit} bytes when decoded")
