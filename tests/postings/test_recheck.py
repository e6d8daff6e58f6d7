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


# ---- at the edges


def asked_of(known: dict[str, KnownPage], key: str, *, listed: bool = True, **options: Any) -> bool:
    """Whether a page is asked in every one of a few visits to a large site under a trusted `lastmod`."""
    names = as_listed(known)
    if not listed:
        del names[key]
    return all(key in planned(names, known, lastmod=TRUSTED, seed=seed, **options).ask for seed in range(3))


@pytest.mark.parametrize(("hours", "asked"), [(6, True), (6.01, False)])
def test_a_page_is_asked_in_the_six_hours_before_its_posting_expires(hours: float, asked: bool) -> None:
    known = known_pages(1000) | {"k500": page(500, valid_until=NOW + hours * HOUR)}
    assert asked_of(known, "k500") is asked
    assert not asked_of(known, "k500", expires=False)


@pytest.mark.parametrize(
    ("first", "asked"),
    [
        (page(7), False),
        (page(7, missing=True), True),
        (None, True),
    ],
    ids=["is there", "is missing", "is not known"],
)
def test_another_address_of_a_posting_is_asked_once_its_page_has_lost_it(first: KnownPage | None, asked: bool) -> None:
    known = known_pages(1000) | {"k500": page(500, open=False, stands_on="k7")}
    known.pop("k7")
    if first is not None:
        known["k7"] = first
    assert asked_of(known, "k500") is asked


def test_another_address_of_a_posting_is_asked_once_its_page_is_not_listed() -> None:
    known = known_pages(1000) | {"k500": page(500, open=False, stands_on="k7")}
    names = as_listed(known)
    del names["k7"]
    assert "k500" in planned(names, known, lastmod=TRUSTED).ask


@pytest.mark.parametrize(("moved", "all_asked"), [(500, True), (501, False)])
def test_up_to_half_of_the_known_pages_may_have_moved_at_once(moved: int, all_asked: bool) -> None:
    known = known_pages(1000)
    listed = as_listed(known) | {f"k{number}": "moved" for number in range(moved)} | {"new": "x", "newer": "y"}
    found = planned(listed, known, lastmod=TRUSTED)
    assert ({f"k{number}" for number in range(moved)} <= set(found.ask)) is all_asked
    assert found.spared.unmoved == 1000 - moved


def test_a_rebuilt_sitemap_costs_no_full_reading_of_pages_without_postings_either() -> None:
    known = known_pages(1000, open=False, barren=True)
    listed: dict[str, str | None] = {key: f"{one.lastmod} anew" for key, one in known.items()}
    found = planned(listed, known)
    assert len(found.ask) < 20
    assert found.spared.left == frozenset()


def test_a_page_without_a_lastmod_is_no_page_that_moved() -> None:
    known = known_pages(1000)
    listed = as_listed(known) | {f"k{number}": None for number in range(50)}
    found = planned(listed, known, lastmod=TRUSTED)
    assert found.spared.varied
    assert found.spared.unmoved == 950
    assert found.spared.believed == sum(int(key[1:]) >= 50 for key in found.spared.left)


def test_of_pages_that_are_not_listed_only_open_ones_are_asked() -> None:
    known = known_pages(10) | {"closed": page(11, open=False), "barren": page(12, open=False, barren=True)}
    found = planned({}, known)
    assert set(found.ask) == {f"k{number}" for number in range(10)}


def test_what_is_left_is_listed_and_what_was_tested_was_asked_although_it_had_not_moved() -> None:
    known = known_pages(1000)
    listed = as_listed(known) | {f"k{number}": "moved" for number in range(20)}
    del listed["k999"]
    found = planned(listed, known, lastmod=TRUSTED)
    assert found.spared.left == set(listed) - set(found.ask)
    assert found.spared.believed == len(found.spared.left)
    assert found.spared.unmoved == 979
    assert found.spared.tested == set(found.ask) - {f"k{number}" for number in range(20)} - {"k999"}


def test_new_pages_come_first_then_what_may_be_going_then_what_moved_then_the_others() -> None:
    known = known_pages(100) | {"k99": page(99, missing=True)}
    listed = {**as_listed(known), "k5": "moved", "new": "x"}
    found = planned(listed, known)
    assert found.ask[:3] == ("new", "k99", "k5")
    assert set(found.ask[3:]) < set(known) - {"k99", "k5"}


def test_of_pages_that_only_lead_to_others_ten_are_asked_and_five_where_a_page_is_costly() -> None:
    known = known_pages(400, open=False, barren=True)
    known |= {f"p{number}": page(1000 + number, via=f"k{number}") for number in range(200)}
    for costly, least, most in ((False, 10, 30), (True, 5, 29)):
        found = planned(as_listed(known), known, costly=costly, last_visit=NOW - timedelta(minutes=1))
        leading = [key for key in found.ask if key in {f"k{number}" for number in range(200)}]
        assert least <= len(leading) <= most
    quick = planned(as_listed(known), known, costly=True, last_visit=NOW - timedelta(seconds=1))
    assert sum(key.startswith("k") and int(key[1:]) < 200 for key in quick.ask) == 5
    usual = planned(as_listed(known), known, last_visit=NOW - timedelta(seconds=1))
    assert sum(key.startswith("k") and int(key[1:]) < 200 for key in usual.ask) == 10


@pytest.mark.parametrize(("hours", "asked"), [(24, False), (24.01, True)])
def test_a_page_that_missed_its_turn_is_asked_out_of_turn_after_a_day(hours: float, asked: bool) -> None:
    known = known_pages(1000, lastmod=None) | {"late": page(7, lastmod=None, last_read_at=NOW - hours * HOUR)}
    quick = NOW - timedelta(seconds=1)
    found = [planned(as_listed(known), known, last_visit=quick, seed=seed).ask for seed in range(3)]
    assert all("late" in ask for ask in found) is asked


def test_ten_pages_without_postings_that_were_never_read_are_asked_out_of_turn() -> None:
    known = known_pages(300, open=False, barren=True, last_read_at=None)
    found = planned(as_listed(known), known, last_visit=NOW - timedelta(seconds=1))
    assert len(found.ask) == 10


def test_a_thorough_visit_asks_pages_without_postings_too() -> None:
    known = known_pages(1000) | {f"b{number}": page(number, open=False, barren=True) for number in range(100)}
    assert set(planned(as_listed(known), known, thorough=True).ask) == set(known)
    assert len(planned(as_listed(known), known).ask) < 200


def test_a_rebuilt_sitemap_leaves_no_page_out_where_all_are_due() -> None:
    known = known_pages(800) | {f"b{n}": page(1000 + n, open=False, barren=True) for n in range(400)}
    moved = {f"k{n}": "moved" for n in range(600)} | {f"b{n}": "moved" for n in range(300)}
    found = planned(as_listed(known) | moved, known, last_visit=None)
    assert sorted(found.ask) == sorted(known)


def test_of_many_overdue_pages_a_fiftieth_of_those_that_are_due_is_asked_besides() -> None:
    fresh = known_pages(3000, lastmod=None)
    late = known_pages(3000, lastmod=None, last_read_at=NOW - 25 * HOUR)
    due, more = (planned(as_listed(one), one, last_visit=NOW - 5 * HOUR).ask for one in (fresh, late))
    assert len(more) - len(due) == -(-len(due) // 50)


def test_a_visit_is_neither_thorough_nor_costly_unless_that_is_said() -> None:
    for number, least, most in ((LEAST, LEAST, LEAST), (2000, LEAST, 200)):
        known = known_pages(number)
        found = plan(
            as_listed(known),
            known,
            lastmod=Lastmod(),
            whole=True,
            expires=True,
            last_visit=NOW - HOUR,
            now=NOW,
            rng=Random(1),
        )
        assert least <= len(found.ask) <= most
