"""Which keys of a site are believed (C.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.keys import keys
from postings.posting import Location, Organization, Posting
from postings.trust import Choice, Holder, Overrides, Standing, Trust, learn, measure
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
    assert learn(Trust(), some).token_place is None


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
