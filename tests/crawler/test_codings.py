from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from crawler.codings import BodyTooLarge, CodingError, Decoded, undo

LIMIT = 1_000_000
BODY = b"".join(b"<url><loc>https://acme.example/jobs/%d</loc></url>" % number for number in range(400))


def bare_deflate(body: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return coder.compress(body) + coder.flush()


CODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", bare_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
}


@pytest.mark.parametrize("coder", CODERS)
def test_a_whole_body_comes_back_and_is_called_whole(coder: str) -> None:
    name, encode = CODERS[coder]
    assert undo(encode(BODY), name, LIMIT) == Decoded(BODY, whole=True)


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.999])
def test_a_cut_body_is_never_called_whole(coder: str, share: float) -> None:
    name, encode = CODERS[coder]
    coded = encode(BODY)
    try:
        decoded = undo(coded[: max(1, int(len(coded) * share))], name, LIMIT)
    except CodingError:
        return
    assert not decoded.whole
    assert BODY.startswith(decoded.body)


@pytest.mark.parametrize("coder", CODERS)
def test_one_missing_byte_is_noticed(coder: str) -> None:
    name, encode = CODERS[coder]
    assert not undo(encode(BODY)[:-1], name, LIMIT).whole


@pytest.mark.parametrize("coder", CODERS)
def test_a_bomb_is_refused_before_it_is_unpacked(coder: str) -> None:
    name, encode = CODERS[coder]
    with pytest.raises(BodyTooLarge):
        undo(encode(b"\0" * 20_000_000), name, LIMIT)


@pytest.mark.parametrize("coder", CODERS)
@given(noise=st.binary(min_size=1, max_size=300))
def test_noise_ends_in_an_error_or_in_a_body(coder: str, noise: bytes) -> None:
    with suppress(CodingError, BodyTooLarge):
        assert len(undo(noise, CODERS[coder][0], LIMIT).body) <= LIMIT


def test_several_gzip_members_are_one_body() -> None:
    assert undo(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", LIMIT) == Decoded(b"one two", whole=True)


def test_a_cut_second_member_is_noticed() -> None:
    second = gzip.compress(BODY)
    assert not undo(gzip.compress(b"one") + second[: len(second) // 2], "gzip", LIMIT).whole


def test_several_zstd_frames_are_one_body() -> None:
    assert undo(zstd.compress(b"one ") + zstd.compress(b"two"), "zstd", LIMIT) == Decoded(b"one two", whole=True)


@pytest.mark.parametrize("coder", [coder for coder in CODERS if coder != "br"])
def test_junk_after_the_end_is_fine(coder: str) -> None:
    name, encode = CODERS[coder]
    assert undo(encode(b"body") + b"junk", name, LIMIT) == Decoded(b"body", whole=True)


def test_brotli_that_cannot_tell_junk_from_damage_is_refused() -> None:
    with pytest.raises(CodingError):
        undo(brotli.compress(BODY) + b"junk", "br", LIMIT)


def test_codings_are_undone_last_first() -> None:
    assert undo(brotli.compress(gzip.compress(b"body")), "gzip, br", LIMIT).body == b"body"


def test_more_than_two_codings_are_refused() -> None:
    with pytest.raises(CodingError, match="3 content codings"):
        undo(b"x", "gzip, gzip, gzip", LIMIT)


def test_an_unknown_coding_is_refused() -> None:
    with pytest.raises(CodingError, match="compress"):
        undo(b"x", "compress", LIMIT)


def test_identity_changes_nothing() -> None:
    assert undo(b"body", "identity", LIMIT) == Decoded(b"body", whole=True)


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_empty_members_without_number_are_refused_soon(name: str) -> None:
    empty = CODERS[name][1](b"")
    with pytest.raises(CodingError, match="more than"):
        undo(empty * 200_000, name, LIMIT)


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_many_members_are_one_body(name: str) -> None:
    parts = [bytes([number % 256]) * number for number in range(900)]
    encode = CODERS[name][1]
    assert undo(b"".join(map(encode, parts)), name, LIMIT) == Decoded(b"".join(parts), whole=True)


def test_a_member_longer_than_what_a_decoder_is_fed_at_a_time_is_whole() -> None:
    body = b"".join(number.to_bytes(8) for number in range(100_000))
    for coder, (name, encode) in CODERS.items():
        assert undo(encode(body), name, LIMIT) == Decoded(body, whole=True), coder


def test_padding_of_zeros_behind_gzip_is_no_junk() -> None:
    padded = gzip.compress(b"one ") + b"\0" * 5000 + gzip.compress(b"two")
    assert undo(padded, "gzip", LIMIT) == Decoded(b"one two", whole=True)


@pytest.mark.parametrize("said", ["utf-8", "UTF-8", "none", "binary", "identity, utf-8"])
def test_what_is_no_coding_changes_nothing(said: str) -> None:
    assert undo(BODY, said, LIMIT) == Decoded(BODY, whole=True)


def test_a_coding_that_is_not_known_is_an_error() -> None:
    with pytest.raises(CodingError):
        undo(BODY, "compress", LIMIT)
