"""schema.org markup as plain objects."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.markup import (
    DEPTH_LIMIT,
    NODE_LIMIT,
    STRING_LIMIT,
    is_job_posting,
    is_schema_org,
    name_of,
    plain,
    prefixes_of,
    short,
    types_of,
    walk,
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("title", "title"),
        ("https://schema.org/title", "title"),
        ("HTTP://www.schema.org//#title", "title"),
        ("schema:title", "title"),
        ("SDO:title", "title"),
        ("job:title", "title"),
        ("dc:title", "dc:title"),
        ("https://other.example/title", "https://other.example/title"),
    ],
)
def test_a_name_is_short_without_the_iri_or_a_prefix_of_schema_org(name: str, found: str) -> None:
    assert short(name, frozenset({"job"})) == found


@pytest.mark.parametrize(
    ("name", "ours"),
    [("https://schema.org", False), ("https://schema.org/", True), (" http://www.schema.org/# ", True), ("", False)],
)
def test_a_vocabulary_is_schema_orgs_by_its_address(name: str, ours: bool) -> None:
    assert is_schema_org(name) is ours


def test_a_context_binds_prefixes_to_schema_org() -> None:
    assert prefixes_of([{"a": "https://schema.org/", "b": "https://other.example/"}, "https://schema.org/"]) == {"a"}
    assert prefixes_of({"c": " http://schema.org/# ", "d": {"@id": "https://schema.org/"}, "e": ""}) == {"c"}
    assert prefixes_of(None) == frozenset()


@pytest.mark.parametrize(
    ("thing", "types", "job"),
    [
        ({"@type": "JobPosting"}, {"JobPosting"}, True),
        ({"@type": ["Thing", "schema:jobposting "]}, {"Thing", "jobposting"}, True),
        ({"type": "JobPosting"}, {"JobPosting"}, True),
        ({"@type": "Place", "type": "JobPosting"}, {"Place"}, False),
        ({"@type": [7, None]}, set(), False),
        ({}, set(), False),
    ],
)
def test_the_types_of_an_object_are_its_short_names(thing: dict[str, Any], types: set[str], job: bool) -> None:
    assert types_of(thing) == types
    assert is_job_posting(thing) is job


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("TITLE", "title"),
        ("schema:dateposted", "datePosted"),
        ("@Type", "@Type"),
        ("salaryRange", "salaryRange"),
        ("x" * 600, "x" * 500),
        (7, "7"),
    ],
)
def test_a_property_has_one_spelling(key: object, name: str) -> None:
    assert name_of(key) == name


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a\x00b", "ab"),
        ("ä\ud800", "ä"),
        ("ä", "ä"),
        ("x" * (STRING_LIMIT + 1), "x" * STRING_LIMIT),
        (2**63 - 1, 2**63 - 1),
        (2**63, None),
        (-(2**63), -(2**63)),
        (-(2**63) - 1, None),
        (float("nan"), None),
        (float("inf"), None),
        (1.5, 1.5),
        (True, True),
        (None, None),
        (("a", "b"), ["a", "b"]),
        (OrderedDict(TITLE="a"), {"title": "a"}),
        (MappingProxyType({"TITLE": "a"}), {"title": "a"}),
        (b"bytes", None),
    ],
)
def test_what_cannot_be_kept_is_gone(value: object, kept: object) -> None:
    assert plain(value) == kept
    assert plain({"title": value}) == {"title": kept}


def test_names_are_short_in_objects_of_any_depth_and_by_their_own_context() -> None:
    assert plain({
        "@context": {"j": "https://schema.org/"},
        "@type": "j:JobPosting",
        "j:Title": "a",
        "jobLocation": [{"schema:Name": "b", "other:x": 1}],
    }) == {
        "@context": {"j": "https://schema.org/"},
        "@type": "JobPosting",
        "title": "a",
        "jobLocation": [{"name": "b", "other:x": 1}],
    }  # fmt: skip


def test_types_are_cut_and_one_is_no_list() -> None:
    assert plain({"@type": ["schema:Place"]}) == {"@type": "Place"}
    assert plain({"@type": ["a:b", "schema:Place\x00", 7]}) == {"@type": ["a:b", "Place"]}
    assert plain({"@type": "x" * 300}) == {"@type": "x" * 200}
    assert plain({"@type": "é" * 300}) == {"@type": "é" * 200}
    assert plain({"@type": 7}) == {"@type": []}


@pytest.mark.parametrize("nothing", ["", None, [], {}])
def test_of_two_spellings_the_first_that_says_something_counts(nothing: object) -> None:
    assert plain({"title": nothing, "Title": "a"}) == {"title": "a"}
    assert plain({"title": "a", "Title": "b"}) == {"title": "a"}
    assert plain({"title": 0, "Title": "b"}) == {"title": 0}


@pytest.mark.parametrize("wrap", [lambda one: [one], lambda one: {"item": one}, lambda one: {"x": [one]}])
def test_what_is_nested_too_deep_is_gone(wrap: Any) -> None:
    value: Any = "end"
    for _ in range(DEPTH_LIMIT):
        value = wrap(value)
    deepest = list(walk({"all": plain(wrap(value))}))
    assert "end" not in str(deepest)
    shallow: Any = "end"
    for _ in range(DEPTH_LIMIT // 2 - 1):
        shallow = wrap(shallow)
    assert plain(shallow) == shallow


def test_a_value_is_kept_at_the_last_level_and_not_below_it() -> None:
    value: Any = "end"
    for _ in range(DEPTH_LIMIT):
        value = [value]
    assert plain(value) == value
    assert "end" not in str(plain([value]))


@pytest.mark.parametrize("one", ["a", "ä", 7, {"a": 1}, ["a"]])
def test_of_too_many_values_the_last_are_gone(one: object) -> None:
    many = {f"k{number}": one for number in range(NODE_LIMIT + 10)}
    kept = [value for value in plain(many).values() if value]
    assert NODE_LIMIT // 3 < len(kept) < NODE_LIMIT
    assert kept[:3] == [one] * 3


def test_objects_are_met_in_the_order_of_the_document_outer_ones_first() -> None:
    value = {"n": 1, "a": [{"n": 2, "b": {"n": 3}}, "text", [{"n": 4}]], "c": MappingProxyType({"n": 5})}
    assert [one["n"] for one in walk([value, {"n": 6}])] == [1, 2, 3, 4, 5, 6]
    assert list(walk("text")) == []


def test_depth_does_no_harm_to_a_walk() -> None:
    value: Any = {}
    for _ in range(5000):
        value = {"x": [value]}
    assert sum(1 for _ in walk(value)) == 5001


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["@type", "Title", "a:b"]), inner),
    max_leaves=20,
)


@given(JSON)
def test_what_is_plain_stays_as_it_is(value: object) -> None:
    once = plain(value)
    assert plain(once) == once
    assert all(isinstance(one, Mapping) for one in walk(once))
