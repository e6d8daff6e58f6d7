"""Digests of the set of postings that a visit found gone."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from postings.digests import gone_digest, may_be_among
from tests.postings.reported import IDS


@given(st.sets(st.sampled_from(IDS[:300])), st.randoms(use_true_random=False))
def test_a_digest_does_not_depend_on_order(ids: set[str], order: Any) -> None:
    shuffled = sorted(ids)
    order.shuffle(shuffled)
    assert gone_digest(shuffled) == gone_digest(ids)


@given(st.sets(st.sampled_from(IDS[:300])), st.sampled_from(IDS[:300]))
def test_a_posting_of_a_set_may_always_be_among_it_and_another_of_a_small_one_never(ids: set[str], one: str) -> None:
    digest = gone_digest(ids)
    assert all(may_be_among(known, digest) for known in ids)
    if len(ids) < 64 and one not in ids:
        assert not may_be_among(one, digest)
