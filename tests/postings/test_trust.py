"""Which keys of a site are believed (C.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postings.keys import keys
from postings.posting import Location, Organization, Posting
from postings.trust import Choice, Figures, Holder, Overrides, Standing, Trust, learn, measure, to_compare
from tests.postings.making import DISTRUSTING, TRUSTING, posting, sighting


def holder(address: str, content: Posting) -> Holder:
    return Holder.of(keys(sighting(address, content)), content)


def site(many: int, *, values: Sequence[str] | None = None, scheme: str = "acme.example/jobs/{:05}") -> list[Holder]:
    """Postings with titles, places and identifiers of their own, unless `values` says which."""
    return [
        holder(scheme.format(number), posting(f"Job {number}", town=f"Town {number}", value=value))
        for number, value in enumerate(values or [f"R-{number}" for number in range(many)])
    ]


def test_identifiers_that_tell_postings_apart_are_trusted() -> None:
    assert learn(Trust(), site(5)).identifier is Standing.TRUSTED


def test_fewer_than_five_values_are_on_probation() -> None:
    assert learn(Trust(), site(4)).identifier is Standing.PROBATION


def test_keys_that_many_postings_have_shown_to_be_good_stay_trusted_when_few_are_left() -> None:
    trusted = learn(Trust(), site(5))
    assert learn(trusted, site(2)) == trusted


def test_the_few_that_are_left_are_distrusted_as_soon_as_they_disagree() -> None:
    assert learn(learn(Trust(), site(5)), site(2, values=["R-1", "R-1"])).identifier is Standing.DISTRUSTED


def test_a_few_tokens_at_another_place_have_to_prove_themselves() -> None:
    moved = learn(learn(Trust(), site(5)), site(2, scheme="acme.example/job/{:05}/apply"))
    assert (moved.token, moved.token_place) == (Standing.PROBATION, "path:-2")


def test_one_value_on_postings_that_disagree_is_distrusted_at_any_size() -> None:
    assert learn(Trust(), site(2, values=["StPrakt", "StPrakt"])).identifier is Standing.DISTRUSTED


@pytest.mark.parametrize(("shared", "standing"), [(2, Standing.TRUSTED), (3, Standing.DISTRUSTED)])
def test_more_than_two_values_in_a_hundred_in_conflict_are_too_many(shared: int, standing: Standing) -> None:
    values = [f"R-{number}" for number in range(100)] + [f"R-{number}" for number in range(shared)]
    assert learn(Trust(), site(0, values=values)).identifier is standing


def test_postings_with_one_title_agree() -> None:
    titles = [holder(f"acme.example/jobs/{town}", posting(town=town, value="R-X")) for town in ("Rome", "Berlin")]
    assert learn(Trust(), [*site(5), *titles]).identifier is Standing.TRUSTED


@pytest.mark.parametrize(
    ("other", "standing"),
    [
        (posting("Schweißer", value="R-X"), Standing.TRUSTED),
        (posting("Schweißer", value="R-X", date_posted=date(2026, 11, 2)), Standing.DISTRUSTED),
        (posting("Schweißer", value="R-X", town="Rome"), Standing.DISTRUSTED),
        (posting("Schweißer", value="R-X", date_posted=None), Standing.DISTRUSTED),
    ],
)
def test_translations_agree_by_a_common_place_and_day(other: Posting, standing: Standing) -> None:
    pair = [holder("acme.example/en/a", posting("Welder", value="R-X")), holder("acme.example/de/b", other)]
    assert learn(Trust(), [*site(5), *pair]).identifier is standing


def test_an_identifier_is_believed_within_its_organisation() -> None:
    two = [
        holder(f"acme.example/jobs/{name}", posting(f"Job {name}", value="1", organization=Organization(name=name)))
        for name in ("Acme", "Globex")
    ]
    assert learn(Trust(), two).identifier is Standing.PROBATION


def test_a_place_that_tells_most_postings_apart_is_learned() -> None:
    assert learn(Trust(), site(5, scheme="acme.example/job/{:05}/apply")) == Trust(
        identifier=Standing.TRUSTED, token=Standing.TRUSTED, token_place="path:-2"
    )


def test_a_token_that_all_addresses_share_is_no_id() -> None:
    assert learn(Trust(), site(6, scheme="acme.example/2026/job-{}x")).token_place != "path:-2"
    assert learn(Trust(), site(6, scheme="acme.example/2026/slug")).token_place is None


def test_a_place_that_covers_too_few_addresses_is_not_learned() -> None:
    some = [*site(7), *site(3, scheme="acme.example/open/slug{}-")]
    assert learn(Trust(), some) == Trust(identifier=Standing.TRUSTED)


def test_a_place_that_still_fits_stays_the_learned_one() -> None:
    both = site(6, scheme="acme.example/{0:05}/{0:05}")
    for place in ("path:-1", "path:-2"):
        assert learn(replace(TRUSTING, token_place=place), both).token_place == place


def test_a_visit_without_keys_leaves_trust_as_it_was() -> None:
    bare = [holder(f"acme.example/jobs/{word}", posting(f"Job {word}")) for word in ("welder", "cook")]
    for previous in (Trust(), TRUSTING, DISTRUSTING):
        assert learn(previous, bare) == previous
        assert learn(previous, []) == previous


def test_trust_is_lost_when_values_begin_to_conflict() -> None:
    assert learn(TRUSTING, site(0, values=["R-1"] * 9)).identifier is Standing.DISTRUSTED


def test_one_value_on_a_thousand_pages_is_judged_in_no_time() -> None:
    assert learn(Trust(), site(0, values=["same"] * 1000)).identifier is Standing.DISTRUSTED


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["Berlin", "Rome"]), st.sampled_from(["1", "2", None])),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_postings_does_not_matter(rows: list[tuple[str, str, str | None]], order: object) -> None:
    holders = [
        holder(
            f"acme.example/jobs/{number:04}", replace(posting(title, value=value), locations=(Location(locality=town),))
        )
        for number, (title, town, value) in enumerate(rows)
    ]
    shuffled = list(holders)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert learn(Trust(), shuffled) == learn(Trust(), holders)


@pytest.mark.parametrize("trust", [Trust(), TRUSTING, DISTRUSTING])
def test_trust_comes_back_as_it_was_kept(trust: Trust) -> None:
    assert Trust.from_json(trust.to_json()) == trust
    assert Trust.from_json({}) == Trust()


@pytest.mark.parametrize("choice", [Choice.ON, Choice.OFF])
def test_a_person_decides_over_what_was_learnt(choice: Choice) -> None:
    standing = {Choice.ON: Standing.TRUSTED, Choice.OFF: Standing.DISTRUSTED}[choice]
    for learnt in (TRUSTING, DISTRUSTING, Trust(identifier=Standing.PROBATION, token_place="path:-1")):
        overrides = Overrides(identifier=choice, token=choice, token_place="path:-2")
        assert overrides.of(learnt) == Trust(identifier=standing, token=standing, token_place="path:-2")


@pytest.mark.parametrize("learnt", [Trust(), TRUSTING, DISTRUSTING])
def test_where_a_person_decided_nothing_the_visits_do(learnt: Trust) -> None:
    assert Overrides().of(learnt) == learnt


def test_a_token_that_is_on_is_read_where_it_was_learnt_and_without_a_place_not_at_all() -> None:
    on = Overrides(token=Choice.ON)
    assert on.of(replace(TRUSTING, token=Standing.PROBATION)) == TRUSTING
    assert on.of(DISTRUSTING) == DISTRUSTING


@pytest.mark.parametrize(
    "overrides", [Overrides(), Overrides(identifier=Choice.OFF, token=Choice.ON, token_place="query:id")]
)
def test_overrides_come_back_as_they_were_kept(overrides: Overrides) -> None:
    assert Overrides.from_json(overrides.to_json()) == overrides
    assert Overrides.from_json(None) == Overrides()


def test_the_figures_say_what_the_standing_is_made_from() -> None:
    shared = [*site(97), *site(0, values=["R-X", "R-X", "R-X"])]
    measured = measure([*shared, holder("acme.example/jobs/welder", posting("Senior Welder"))])
    identifier, (best, *_) = measured.identifier, measured.tokens
    assert (identifier.postings, identifier.carriers, identifier.values, identifier.conflicts) == (101, 100, 98, 1)
    assert (identifier.cover, identifier.distinct, identifier.conflict) == (100 / 101, 0.98, 1 / 98)
    assert identifier.standing is Standing.TRUSTED
    assert identifier.samples
    assert (best.place, best.postings, best.carriers) == ("path:-1", 101, 100)


def test_of_nothing_there_are_no_figures() -> None:
    figures = measure([]).identifier
    assert (figures.cover, figures.distinct, figures.conflict, figures.standing) == (0, 0, 0, Standing.UNKNOWN)
    assert figures.length == 0


# ---- the figures


@pytest.mark.parametrize(
    ("values", "conflicts", "standing"),
    [
        (0, 0, Standing.UNKNOWN),
        (4, 0, Standing.PROBATION),
        (4, 1, Standing.DISTRUSTED),
        (5, 0, Standing.TRUSTED),
        (50, 1, Standing.TRUSTED),
        (48, 1, Standing.DISTRUSTED),
    ],
)
def test_a_standing_is_made_of_values_and_conflicts(values: int, conflicts: int, standing: Standing) -> None:
    assert Figures(postings=100, carriers=90, values=values, conflicts=conflicts).standing is standing


@pytest.mark.parametrize(
    ("carriers", "values", "apart"), [(160, 144, True), (159, 159, False), (200, 179, False), (200, 180, True)]
)
def test_a_place_tells_postings_apart_that_four_fifths_carry_and_few_share(
    carriers: int, values: int, apart: bool
) -> None:
    assert Figures(place="path:-1", postings=200, carriers=carriers, values=values, conflicts=0).tells_apart is apart


def test_the_figures_of_a_place_hold_the_first_three_values_and_their_average_length() -> None:
    addresses = ("acme.example/x/222", "acme.example/x/4444", "acme.example/x/111", "acme.example/x/33333")
    (one,) = measure([holder(address, posting()) for address in addresses]).tokens
    assert (one.samples, one.length) == (("111", "222", "33333"), 3.75)
    bare = measure([holder("acme.example/x/slug", posting(value="R-1"))]).identifier
    assert (bare.samples, bare.place) == (("acme | r-1",), None)


def test_the_place_that_covers_more_is_the_better_one_then_the_more_distinct_then_the_longer() -> None:
    some = [*site(6, scheme="acme.example/{0:03}/{0:05}"), holder("acme.example/x/777", posting())]
    assert [one.place for one in measure(some).tokens] == ["path:-1", "path:-2"]
    shared = [holder(f"acme.example/2026/{n:03}", posting()) for n in range(3)]
    assert [one.place for one in measure(shared).tokens] == ["path:-1", "path:-2"]
    long = [holder(f"acme.example/{n:05}/{n:03}", posting()) for n in range(3)]
    assert [one.place for one in measure(long).tokens] == ["path:-2", "path:-1"]
    same = [holder(f"acme.example/{n:03}/{n:03}", posting()) for n in range(3)]
    assert [one.place for one in measure(same).tokens] == ["path:-2", "path:-1"], "whatever the order of pages"


def test_a_posting_without_an_address_could_carry_no_token() -> None:
    bare = Holder(identifier=None, tokens={}, addressed=False, posting=posting())
    assert measure([bare, *site(3)]).tokens[0].postings == 3
    assert measure([bare, *site(3)]).identifier.postings == 4
    assert Holder.of(keys(sighting("acme.example/1")), posting()).addressed
    assert not Holder.of(replace(keys(sighting("acme.example/1")), address=None), posting()).addressed


def test_tokens_that_conflict_at_the_only_place_that_tells_apart_are_distrusted() -> None:
    pairs = [holder(f"acme.example/a/{n:05}", posting(f"Job {n}")) for n in range(30)]
    clash = [holder("acme.example/b/00001", posting("Cook", town="Rome"))]
    assert learn(Trust(), [*pairs, *clash]) == Trust(token=Standing.DISTRUSTED)
    assert learn(Trust(), pairs) == Trust(token=Standing.TRUSTED, token_place="path:-1")


def test_of_more_carriers_than_twenty_that_look_alike_all_are_one() -> None:
    same = [holder(f"acme.example/jobs/{n}", posting("Welder", value="R-X")) for n in range(50)]
    assert measure(same).identifier.conflicts == 0
    assert (
        measure([*same, holder("acme.example/y", posting("Cook", town="Rome", value="R-X"))]).identifier.conflicts == 1
    )


def test_only_holders_that_share_a_value_have_to_be_compared() -> None:
    def named(address: str, value: str | None) -> Holder:
        return replace(holder(address, posting(value=value)), posting=None)

    holders = {
        "a": named("acme.example/2026/10001", "R-1"),
        "b": named("acme.example/2026/10002", "R-1"),
        "c": named("acme.example/2026/10003", None),
        **{f"d{n}": named(f"acme.example/2026/2000{n}", None) for n in range(10)},
    }
    assert to_compare(holders) == {"a", "b"}, "what stands in every address tells nothing apart"
    holders["e"] = named("acme.example/2025/10003", "R-2")
    assert to_compare(holders) == {"a", "b", "c", "e"}
    assert to_compare({}) == set()


def test_of_many_carriers_that_do_not_look_the_same_the_first_twenty_are_compared() -> None:
    def carriers(alike: int) -> list[Holder]:
        same = [holder(f"acme.example/x{n}", posting("A", town=f"{n:02}", value="R-X")) for n in range(alike)]
        return [holder("acme.example/y", posting("B", town="Rome", value="R-X")), *same]

    assert measure(carriers(19)).identifier.conflicts == 1
    assert measure(carriers(20)).identifier.conflicts == 0


def test_postings_that_nobody_read_again_conflict_with_none() -> None:
    unread = [replace(holder(f"acme.example/{n}", posting(f"Job {n}", value="R-X")), posting=None) for n in range(3)]
    assert measure(unread).identifier.conflicts == 0


# ---- what is kept and what a person says


def test_the_words_that_are_kept_never_change() -> None:
    assert list(Standing) == ["unknown", "probation", "trusted", "distrusted"]
    assert list(Choice) == ["auto", "on", "off"]
    assert TRUSTING.to_json() == {"identifier": "trusted", "token": "trusted", "token_place": "path:-1"}
    assert Overrides(token=Choice.OFF).to_json() == {"identifier": "auto", "token": "off", "token_place": None}


def test_a_place_that_a_person_named_counts_only_while_the_token_is_not_left_to_the_visits() -> None:
    assert Overrides(token_place="path:-2").of(TRUSTING) == TRUSTING
    assert Overrides(token=Choice.OFF).of(Trust(token=Standing.PROBATION)) == Trust(token=Standing.DISTRUSTED)


def test_carriers_that_differ_in_their_day_alone_are_each_compared() -> None:
    days = [holder(f"acme.example/{n}", posting("A", value="R-X", date_posted=date(2026, 11, n))) for n in (1, 2)]
    other = holder("acme.example/3", posting("B", value="R-X", date_posted=date(2026, 11, 2)))
    assert measure([*days, other]).identifier.conflicts == 1
    assert measure([days[1], other]).identifier.conflicts == 0


# ---- how much may happen before it could be another


OWN = -1
NEAR = patch.multiple("postings.trust", MOST_CONFLICT=0.4, ENOUGH_VALUES=3, LEAST_COVER=0.6, LEAST_DISTINCT=0.6)


def crowd(picks: Sequence[tuple[int, int, int, int]], name: str = "a") -> list[Holder]:
    """A holder for each: its identifier and its tokens at two places (0: none, OWN: one that no other has), its
    title."""

    def value(number: int, pick: int) -> str:
        return f"{name}-{number}" if pick == OWN else str(pick)

    return [
        Holder(
            identifier=value(number, identifier) if identifier else None,
            tokens={place: value(number, one) for place, one in (("path:-1", last), ("path:-2", other)) if one},
            addressed=bool(last or other or title),
            posting=posting(f"Job {title}", town=f"Town {title}"),
        )
        for number, (identifier, last, other, title) in enumerate(picks)
    ]


def a_crowd(least: int) -> st.SearchStrategy[list[tuple[int, int, int, int]]]:
    """Sites of one kind, with some postings that are different."""
    value = st.sampled_from([OWN, OWN, 0, 1, 2])
    usual = st.tuples(st.sampled_from([OWN, 1]), value, value, st.integers(0, 1))
    odd = st.tuples(st.sampled_from([OWN, OWN, 0, 1]), value, value, st.integers(0, 3))
    return st.tuples(usual, st.integers(least, 14), st.lists(odd, max_size=6)).map(
        lambda made: [made[0]] * made[1] + made[2]
    )


LEARNT = st.builds(
    Trust,
    identifier=st.sampled_from(Standing),
    token=st.sampled_from(Standing),
    token_place=st.sampled_from(["path:-1", "path:-2", None]),
)


@settings(max_examples=300)
@given(LEARNT, a_crowd(least=0), a_crowd(least=4), st.randoms(use_true_random=False))
def test_whatever_becomes_of_no_more_postings_than_the_margin_the_trust_stays(
    previous: Trust,
    picks: list[tuple[int, int, int, int]],
    others: list[tuple[int, int, int, int]],
    random: Random,
) -> None:
    # limits that small sites come near to
    with NEAR:
        holders = crowd(picks)
        trust = learn(previous, holders)
        touched = min(trust.margin, len(holders))
        stay = random.sample(holders, len(holders) - random.randint(0, touched))
        come = crowd(others, "b")[: random.randint(0, touched)]
        assert learn(trust, [*stay, *come]) == trust


@pytest.mark.parametrize(("many", "margin"), [(20, 0), (100, 0), (101, 1), (1000, 9)])
def test_the_larger_a_site_the_more_may_happen_on_it(many: int, margin: int) -> None:
    assert learn(Trust(), site(many)).margin == margin


@pytest.mark.parametrize(
    ("with_token", "twice", "margin", "why"),
    [
        (1000, 0, 9, "only the identifiers' conflicts"),
        (810, 0, 5, "nearly too few carry one"),
        (790, 0, 5, "nearly enough do"),
        (1000, 95, 2, "nearly too many share one"),
        (1000, 105, 2, "nearly few enough do"),
    ],
)
def test_the_nearer_a_place_is_to_its_limits_the_less_may_happen(
    with_token: int, twice: int, margin: int, why: str
) -> None:
    tokens = [*range(1, twice + 1)] * 2 + [OWN] * (with_token - 2 * twice) + [0] * (1000 - with_token)
    trust = learn(Trust(), crowd([(OWN, token, 0, 1) for token in tokens]))
    assert (trust.identifier, trust.margin) == (Standing.TRUSTED, margin), why


def test_one_posting_more_than_the_margin_may_change_the_trust() -> None:
    def with_margin(picks: list[tuple[int, int, int, int]]) -> Trust:
        return learn(Trust(), crowd(picks))

    with NEAR:
        picks = [(number, 0, 0, number) for number in range(1, 7)]
        trust = with_margin(picks)
        assert (trust.identifier, trust.margin) == (Standing.TRUSTED, 1)
        # two that change: each leaves its own value and enters that of another
        assert with_margin([*picks[:4], (1, 0, 0, 5), (2, 0, 0, 6)]).identifier is Standing.DISTRUSTED


def test_the_margin_is_kept() -> None:
    trust = replace(TRUSTING, margin=3, as_of=17)
    kept = Trust.from_json(trust.to_json())
    assert (kept.margin, kept.as_of) == (3, 17)
    assert Trust.from_json(TRUSTING.to_json()).margin == 0
