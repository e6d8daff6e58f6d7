from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from delivery.duplicates import silent
from storage.told import Kin, Told
from tests.delivery.eventlog import NOON


def kin(number: int, link: str, to: str = "p_1") -> Kin:
    return Kin(
        number=number,
        posting_id=f"p_{number}",
        first_seen=NOON,
        links=({"id": to, "link": link, "evidence": "the same words"},),
    )


def heard(closed_at: datetime | None = None) -> dict[str, Told]:
    return {"p_1": Told(posting_id="p_1", closed_at=closed_at)}


@pytest.mark.parametrize("link", ["translation", "same requisition", "twin", "repost"])
def test_a_job_that_was_told_is_no_news_under_another_posting(link: str) -> None:
    assert silent([kin(5, link)], heard(), {"p_5": 5}) == {5: f"told before as p_1 ({link})"}


def test_a_likely_repost_is_never_kept_quiet() -> None:
    assert silent([kin(5, "likely repost")], heard(), {"p_5": 5}) == {}


def test_a_job_that_was_not_told_is_news_under_another_posting() -> None:
    assert silent([kin(5, "twin")], {}, {"p_5": 5}) == {}


@pytest.mark.parametrize(("days", "quiet"), [(1, True), (30, True), (31, False)])
def test_a_repost_is_news_again_after_thirty_days(days: int, quiet: bool) -> None:
    found = silent([kin(5, "repost")], heard(NOON - timedelta(days=days)), {"p_5": 5})
    assert bool(found) is quiet


def test_of_postings_of_one_job_that_come_together_the_first_is_told() -> None:
    together = {"p_4": 4, "p_5": 5, "p_6": 6}
    both_ways = [kin(4, "twin", "p_5"), kin(5, "twin", "p_4"), kin(6, "twin", "p_4")]
    assert set(silent(both_ways, {}, together)) == {5, 6}


def test_a_posting_is_not_kept_quiet_for_its_own_sake() -> None:
    assert silent([kin(1, "twin", "p_1")], {}, {"p_1": 1}) == {}
