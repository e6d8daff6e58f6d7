"""Digests of the set of postings that a visit found gone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.digests import agreement, gone_digest, lies_within, may_be_among
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


@pytest.mark.parametrize(
    ("ours", "theirs", "share"), [(10, 10, 1.0), (10, 8, 0.8), (8, 10, 0.8), (10, 0, 0.0), (0, 0, 1.0)]
)
def test_small_sets_agree_by_what_they_share(ours: int, theirs: int, share: float) -> None:
    assert agreement(gone_digest(IDS[:ours]), gone_digest(IDS[:theirs])) == share


def test_sets_of_any_size_that_have_nothing_in_common_do_not_agree() -> None:
    assert agreement(gone_digest(IDS[:500]), gone_digest(IDS[500:1000])) == 0
    assert agreement(gone_digest(IDS[:500]), gone_digest(IDS[:1000])) < 0.8
    assert agreement(gone_digest(IDS[:1000]), gone_digest(IDS[:950])) > 0.8


@pytest.mark.parametrize(
    ("gone", "accepted", "within"),
    [
        (IDS[:10], IDS[:10], True),
        (IDS[:4], IDS[:10], True),
        (IDS[6:14], IDS[:10], False),
        (IDS[2:12], IDS[:10], True),
        (IDS[3:13], IDS[:10], False),
        ([], IDS[:10], False),
        (IDS[:10], [], False),
        ([], [], True),
        (IDS[:50], IDS[:100], True),
        (IDS[:100], IDS[:50], False),
    ],
)
def test_what_is_gone_lies_within_what_was_accepted_but_for_a_fifth(
    gone: list[str], accepted: list[str], within: bool
) -> None:
    assert lies_within(gone_digest(gone), gone_digest(accepted)) is within


def test_nothing_lies_within_what_nobody_accepted() -> None:
    assert not lies_within(gone_digest(IDS[:3]), None)


def test_a_digest_is_of_the_sixty_four_smallest_and_says_only_of_larger_ones_that_they_may_be_there() -> None:
    assert [len(gone_digest(IDS[:many]).split()) for many in (0, 63, 64, 65, 500)] == [0, 63, 64, 64, 64]
    full = gone_digest(IDS[:64])
    beyond = [one for one in IDS[64:300] if gone_digest([one]) > max(full.split())]
    below = [one for one in IDS[64:300] if gone_digest([one]) < max(full.split())]
    assert beyond
    assert all(may_be_among(one, full) for one in beyond)
    assert not any(may_be_among(one, full) for one in below)
