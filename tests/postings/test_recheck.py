"""Which pages a visit asks: what may have changed or gone, and a share of the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.lastmod import Lastmod
from postings.recheck import LEAST, LEAST_COSTLY, UNREAD_FOR, Plan, plan
from postings.sites import KnownPage

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TRUSTED = Lastmod(clean_visits=3)


def page(number: int = 0, **fields: Any) -> KnownPage:
    """A page of an open posting that was read an hour ago."""
    given = {"last_read_at": NOW - HOUR, "lastmod": f"m{number}", **fields}
    return KnownPage(url=f"https://acme.example/{number}", **given)


def known_pages(count: int, **fields: Any) -> dict[str, KnownPage]:
    return {f"k{number}": page(number, **fields) for number in range(count)}


def as_listed(known: Mapping[str, KnownPage]) -> dict[str, str | None]:
    return {key: one.lastmod for key, one in known.items()}


def planned(
    listed: Mapping[str, str | None],
    known: Mapping[str, KnownPage],
    *,
    lastmod: Lastmod = Lastmod(),  # noqa: B008 - frozen
    whole: bool = True,
    expires: bool = True,
    last_visit: datetime | None = NOW - HOUR,
    now: datetime = NOW,
    seed: int = 1,
    thorough: bool = False,
    costly: bool = False,
) -> Plan:
    return plan(
        listed,
        known,
        lastmod=lastmod,
        whole=whole,
        expires=expires,
        last_visit=last_visit,
        now=now,
        rng=Random(seed),
        thorough=thorough,
        costly=costly,
    )


def test_a_small_site_is_read_whole() -> None:
    known = known_pages(LEAST)
    found = planned(as_listed(known), known)
    assert set(found.ask) == set(known)
    assert found.spared.left == frozenset()


def test_of_pages_that_need_a_browser_few_are_asked_out_of_turn() -> None:
    known = known_pages(LEAST)
    found = planned(as_listed(known), known, costly=True)
    assert LEAST_COSTLY <= len(found.ask) < LEAST / 2
    assert found.spared.left == set(known) - set(found.ask)


def test_a_visit_an_hour_later_asks_a_twentieth_of_a_large_site() -> None:
    known = known_pages(2000)
    found = planned(as_listed(known), known)
    assert 70 <= len(found.ask) <= 130
    assert found.spared.left == set(known) - set(found.ask)
    assert found.spared.believed == 0


@pytest.mark.parametrize("hours", [1, 3, 6, 12])
def test_every_page_is_read_within_a_day_at_any_rhythm(hours: int) -> None:
    known = known_pages(1000, last_read_at=NOW)
    now = NOW
    asked = 0
    while now < NOW + timedelta(days=3):
        before, now = now, now + hours * HOUR
        found = planned(as_listed(known), known, last_visit=before, now=now)
        asked += len(found.ask)
        known |= {key: replace(known[key], last_read_at=now) for key in found.ask}
        assert all(now - one.last_read_at <= timedelta(hours=24) for one in known.values() if one.last_read_at)
    assert asked < 4.5 * len(known)


def test_pages_that_fail_do_not_fill_the_share_of_a_visit() -> None:
    """Two of a hundred pages never answer: of those that a visit asks they are no more than a few."""
    known = known_pages(1000, last_read_at=NOW)
    failing = {f"k{number}" for number in range(0, 1000, 50)}
    now = NOW
    asked = failed = 0
    while now < NOW + timedelta(days=10):
        before, now = now, now + HOUR
        found = planned(as_listed(known), known, last_visit=before, now=now)
        known |= {key: replace(known[key], last_read_at=now) for key in found.ask if key not in failing}
        asked, failed = asked + len(found.ask), failed + len(failing.intersection(found.ask))
    assert 0.01 < failed / asked < 0.05


def test_after_a_long_pause_all_pages_are_due() -> None:
    known = known_pages(1000, last_read_at=NOW - 100 * HOUR)
    assert len(planned(as_listed(known), known, last_visit=NOW - 100 * HOUR).ask) == 1000
    assert len(planned(as_listed(known), known, last_visit=None).ask) == 1000


@pytest.mark.parametrize("thorough", [False, True])
def test_trusted_lastmod_leaves_about_ten_pages_an_hour(thorough: bool) -> None:
    known = known_pages(1000)
    for seed in range(20):
        at = NOW + seed * HOUR
        found = planned(
            as_listed(known), known, lastmod=TRUSTED, now=at, last_visit=at - HOUR, seed=seed, thorough=thorough
        )
        assert 10 <= len(found.ask) <= 12
        assert found.spared.believed == len(found.spared.left) == 1000 - len(found.ask)
        assert found.spared.tested == set(found.ask)


@pytest.mark.parametrize("hours", [1, 24, 100])
def test_trusted_lastmod_leaves_no_page_for_longer_than_two_weeks(hours: int) -> None:
    known = known_pages(1000)
    asked: set[str] = set()
    for visit in range(-(-14 * 24 // hours)):
        at = NOW + visit * hours * HOUR
        asked |= set(
            planned(as_listed(known), known, lastmod=TRUSTED, now=at, last_visit=at - hours * HOUR, seed=visit).ask
        )
    assert asked == set(known)


def test_a_page_under_trusted_lastmod_that_missed_its_turns_is_asked_out_of_turn() -> None:
    known = known_pages(1000) | {"k7": page(7, last_read_at=NOW - timedelta(days=16))}
    assert "k7" in planned(as_listed(known), known, lastmod=TRUSTED).ask


def test_another_visit_draws_another_sample() -> None:
    known = known_pages(1000)
    first, second = (set(planned(as_listed(known), known, lastmod=TRUSTED, seed=seed).ask) for seed in (1, 2))
    assert first != second


def test_trust_is_worth_nothing_where_all_values_are_the_same() -> None:
    known = known_pages(1000, lastmod="today")
    found = planned(as_listed(known), known, lastmod=TRUSTED)
    assert found.spared.believed == 0


@pytest.mark.parametrize("lastmod", [TRUSTED, Lastmod()], ids=["trusted", "not yet"])
def test_pages_whose_lastmod_moved_are_asked(lastmod: Lastmod) -> None:
    known = known_pages(1000)
    listed = as_listed(known) | {f"k{number}": "moved" for number in range(300, 400)}
    assert set(planned(listed, known, lastmod=lastmod).ask) >= {f"k{number}" for number in range(300, 400)}


def test_a_sitemap_that_was_built_anew_does_not_cost_a_full_reading() -> None:
    known = known_pages(1000)
    listed: dict[str, str | None] = {key: f"{one.lastmod} anew" for key, one in known.items()}
    found = planned(listed, known, lastmod=TRUSTED)
    assert LEAST <= len(found.ask) < 100
    assert found.spared.believed == 0


def test_new_addresses_come_first() -> None:
    known = known_pages(100)
    listed = {**as_listed(known), "new": "m", "newer": None}
    assert planned(listed, known, lastmod=TRUSTED).ask[:2] == ("new", "newer")


@pytest.mark.parametrize(
    "fields",
    [
        {"missing": True},
        {"valid_until": NOW + timedelta(minutes=5)},
        {"valid_until": NOW - HOUR},
        {"open": False},
        {"open": False, "stands_on": "somewhere"},
    ],
    ids=["missing", "about to expire", "past", "closed and listed again", "other address of one that is unlisted"],
)
def test_what_may_be_going_or_back_is_always_asked(fields: dict[str, Any]) -> None:
    known = known_pages(1000) | {"k500": page(500, **fields)}
    for seed in range(3):
        found = planned(as_listed(known), known, lastmod=TRUSTED, seed=seed)
        assert "k500" in found.ask
        assert "k500" not in found.spared.left


def test_expiry_is_no_reason_to_ask_where_the_site_ignores_it() -> None:
    known = known_pages(1000, valid_until=NOW)
    assert len(planned(as_listed(known), known, lastmod=TRUSTED, expires=False).ask) == 10


def test_open_postings_that_a_whole_list_no_longer_names_are_all_asked() -> None:
    known = known_pages(1000)
    listed = {key: value for key, value in as_listed(known).items() if int(key[1:]) < 700}
    found = planned(listed, known, lastmod=TRUSTED)
    assert set(found.ask) >= {f"k{number}" for number in range(700, 1000)}


def test_a_list_that_was_cut_costs_no_full_reading_and_makes_nothing_seen() -> None:
    known = known_pages(1000)
    found = planned({}, known, whole=False)
    assert LEAST <= len(found.ask) < 100
    assert found.spared.left == frozenset()


def test_pages_that_hold_no_posting_have_their_turn_once_a_week() -> None:
    known = known_pages(300, open=False, barren=True)
    asked: Counter[str] = Counter()
    most = 0
    for hour in range(24 * 7):
        now = NOW + hour * HOUR
        found = planned(as_listed(known), known, now=now, last_visit=now - HOUR)
        assert found.spared.left == frozenset()
        asked.update(found.ask)
        most = max(most, len(found.ask))
        known |= {key: replace(known[key], last_read_at=now) for key in found.ask}
    assert set(asked.values()) == {1}
    assert len(asked) == 300
    assert most < 20


def test_a_page_that_could_not_be_read_has_its_turn_after_a_day() -> None:
    known = known_pages(5, open=False, barren=True)
    known["k0"] = replace(known["k0"], last_read_at=NOW - HOUR - UNREAD_FOR)
    soon, next_day = NOW + timedelta(minutes=1), NOW + 25 * HOUR
    assert "k0" not in planned(as_listed(known), known, now=soon, last_visit=NOW).ask
    assert "k0" in planned(as_listed(known), known, now=next_day, last_visit=next_day - HOUR).ask


def test_a_page_that_holds_no_posting_is_asked_once_its_lastmod_moves() -> None:
    known = known_pages(300, open=False, barren=True)
    assert planned({**as_listed(known), "k7": "later"}, known).ask[0] == "k7"


@given(
    known=st.dictionaries(
        st.sampled_from([f"k{number}" for number in range(80)]),
        st.builds(
            KnownPage,
            url=st.just("https://acme.example/x"),
            open=st.booleans(),
            missing=st.booleans(),
            barren=st.booleans(),
            lastmod=st.sampled_from([None, "a", "b"]),
            last_read_at=st.sampled_from([None, NOW - HOUR, NOW - 30 * HOUR]),
            valid_until=st.sampled_from([None, NOW, NOW + 100 * HOUR]),
        ),
    ),
    listed=st.dictionaries(st.sampled_from([f"k{number}" for number in range(80)]), st.sampled_from([None, "a", "b"])),
    lastmod=st.sampled_from([Lastmod(), TRUSTED]),
    whole=st.booleans(),
    seed=st.integers(0, 5),
)
def test_every_listed_posting_is_asked_or_left_and_none_is_both(
    known: dict[str, KnownPage], listed: dict[str, str | None], lastmod: Lastmod, whole: bool, seed: int
) -> None:
    found = planned(listed, known, lastmod=lastmod, whole=whole, seed=seed)
    assert len(set(found.ask)) == len(found.ask)
    assert set(found.ask).isdisjoint(found.spared.left)
    assert set(listed) - set(known) <= set(found.ask)
    assert {key for key in listed if key in known and known[key].open} <= set(found.ask) | found.spared.left
    assert all(key in listed and known[key].open and not known[key].missing for key in found.spared.left)
    assert found.spared.tested <= set(found.ask)


def test_a_thorough_visit_asks_all_that_no_trusted_lastmod_speaks_for() -> None:
    known = known_pages(2000, lastmod=None)
    found = planned(as_listed(known), known, thorough=True)
    assert set(found.ask) == set(known)
    assert found.spared.left == frozenset()
