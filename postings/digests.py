"""Digests of the set of postings that a visit found gone, which show how much two such sets share.

The verdict compares those of suspect visits in a row, and what a person accepted with what is gone later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

#: the sets of gone postings of two visits that agree are at least this much alike
AGREEMENT = 0.8

_SIGNATURE = 64


def gone_digest(ids: Iterable[str]) -> str:
    """A digest of a set of posting ids that shows how much of it another set shares.

    The 64 smallest hashes of the ids: of a large site some posting or other goes in any 12 hours, and a digest that
    only tells equal from different would never let two visits agree.
    """
    hashes = sorted({hashlib.blake2b(one.encode(), digest_size=4).hexdigest() for one in ids})
    return " ".join(hashes[:_SIGNATURE])


def may_be_among(posting_id: str, digest: str) -> bool:
    """Whether a posting can be one of the set that `gone_digest` made this digest of: certain for up to 64 of them."""
    one, known = gone_digest((posting_id,)), set(digest.split())
    return one in known or (len(known) >= _SIGNATURE and one > max(known))


def agreement(a: str, b: str) -> float:
    """How much two sets share, 0 to 1, by their digests."""
    if a == b:
        return 1.0
    first, second = set(a.split()), set(b.split())
    union = sorted(first | second)[:_SIGNATURE]
    return sum(one in first and one in second for one in union) / len(union)


def lies_within(gone: str, accepted: str | None) -> bool:
    """Whether the postings that are gone are, but for a fifth, among those whose going was accepted; by their digests.

    Those that have closed since are missing from the first set, so it may be much the smaller one.
    """
    if gone == accepted:
        return True
    if accepted is None:
        return False
    first, second = set(gone.split()), set(accepted.split())
    if len(second) >= _SIGNATURE:
        # a full digest says nothing of larger hashes
        first = {one for one in first if one <= max(second)}
    return bool(first) and len(first & second) >= AGREEMENT * len(first)
