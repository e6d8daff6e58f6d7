"""What a sighting is known by (C.2)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.comparison import fingerprint
from postings.keys import Keys, bounded, identifier, keys, keys_of_known
from postings.posting import Identifier, Location, Posting
from tests.postings.making import posting, sighting


def test_the_rows_are_all_keys_that_there_are_and_strong_tokens_once_more_for_any_place() -> None:
    one = Keys(
        address="acme.example/x",
        identifier="acme | r-1",
        tokens={"query:id": "47110", "path:-1": "47110", "path:-2": "471", "query:a": "20000"},
        board="lever/acme/1",
        print="0f",
    )
    assert one.rows == (
        ("address", "acme.example/x"),
        ("identifier", "acme | r-1"),
        ("board", "lever/acme/1"),
        ("print", "0f"),
        ("token", "path:-1=47110"),
        ("token", "path:-2=471"),
        ("token", "query:a=20000"),
        ("token", "query:id=47110"),
        ("token", "*=20000"),
        ("token", "*=47110"),
    )
    assert Keys(address=None, identifier=None, print="0f").rows == (("print", "0f"),)


def test_the_keys_of_a_sighting_are_read_from_its_address_its_content_and_its_board() -> None:
    content = posting(value="R-1")
    assert keys(sighting("acme.example/jobs/4711", content, board="lever/acme/1")) == Keys(
        address="acme.example/jobs/4711",
        identifier="acme | r-1",
        tokens={"path:-1": "4711"},
        board="lever/acme/1",
        print=fingerprint(content),
    )


@pytest.mark.parametrize(("length", "kept"), [(199, True), (200, True), (201, False)])
def test_a_value_of_two_hundred_bytes_is_kept_as_it_is(length: int, kept: bool) -> None:
    assert (bounded("x" * length) == "x" * length) is kept
    assert (bounded("ä" * (length // 2)) == "ä" * (length // 2)) is (length // 2 * 2 <= 200)


def test_long_values_that_differ_have_different_digests() -> None:
    assert bounded("x" * 300) == bounded("x" * 300) != bounded("x" * 299 + "y")
    assert len(bounded("\ud800" * 300)) == 64


# ---- of a posting that is kept


def kept(url: str | None, *addresses: str) -> Keys:
    return keys_of_known(posting(url=url), [("print", "0f"), *(("address", one) for one in addresses)])


def test_of_several_addresses_a_kept_posting_has_the_one_that_it_names_itself() -> None:
    assert kept("https://acme.example/jobs/4711", "acme.example/a/12", "acme.example/jobs/4711").tokens == {
        "path:-1": "4711"
    }
    assert kept("https://acme.example/jobs/4711", "acme.example/b", "acme.example/a").address == "acme.example/a"
    assert kept("no address\\", "acme.example/b", "acme.example/a").address == "acme.example/a"
    assert kept(None, "acme.example/b").address == "acme.example/b"
    assert kept(None).address is None


@pytest.mark.parametrize("address", ["acme.example/jobs/4711", "acme.example?p=4711"])
def test_a_kept_posting_has_the_tokens_that_it_was_seen_under(address: str) -> None:
    seen = keys(sighting(address))
    assert kept(None, address).tokens == seen.tokens
    assert "4711" in seen.tokens.values()


@pytest.mark.parametrize("address", ["acme.example/jobs/4711#0f", "f00ba4" * 10, None])
def test_what_is_no_plain_address_has_no_tokens(address: str | None) -> None:
    assert kept(None, *([address] if address else [])).tokens == {}


def test_the_board_of_a_kept_posting_is_that_of_its_rows() -> None:
    rows = [("address", "acme.example/x"), ("board", "lever/acme/1")]
    assert keys_of_known(posting(value="R-1"), rows).board == "lever/acme/1"
    assert keys_of_known(posting(), rows[:1]).board is None
    assert keys_of_known(posting(value="R-1"), rows).identifier == "acme | r-1"


# ---- identifiers


def named(value: str, name: str | None = None) -> Posting:
    return replace(posting(), identifier=Identifier(value=value, name=name))


@pytest.mark.parametrize(
    "value",
    ["null", "None", "NIL", "NaN", "n/a", "N.A.", "na", "undefined", "Unknown", "not specified", "not available",
     "None available", "not applicable", "TBD", "0", "ID", "identifier", "Job-ID"],
)  # fmt: skip
def test_a_word_for_nothing_is_no_identifier(value: str) -> None:
    assert identifier(named(value)) is None
    assert identifier(named(f"{value} 7")) is not None


@pytest.mark.parametrize(
    ("value", "name", "found"),
    [
        ("req", "Req", None),
        ("Req!", "req", None),
        ("req 7", "Req 7", "acme | req 7"),
        ("req", "Acme", "acme | req"),
        ("req", None, "acme | req"),
    ],
)
def test_a_value_that_only_says_its_own_name_is_none_unless_it_holds_a_number(
    value: str, name: str | None, found: str | None
) -> None:
    assert identifier(named(value, name)) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("HTTPS://ACME.example/Jobs/1/", "acme | acme.example/jobs/1"),
        ("http://acme.example/?id=7", "acme | acme.example?id=7"),
        ("http://acme.example", None),
        ("https://acme.example/jobs/1#", None),
        ("https://acme.example/#!jobs/12", "acme | https://acme.example/#!jobs/12"),
        ("https://user@acme.example/jobs/1", "acme | https://user@acme.example/jobs/1"),
        ("see https://acme.example/", "acme | see https://acme.example/"),
        ("R  -\n1", "acme | r - 1"),
        ("A&amp;amp;amp;amp;amp;B", "acme | a&b"),
        ("A&amp;amp;amp;amp;amp;amp;B", "acme | a&amp;b"),
    ],
)
def test_an_identifier_is_unescaped_and_an_address_has_one_spelling(value: str, found: str | None) -> None:
    assert identifier(named(value)) == found


def test_a_posting_without_an_identifier_or_an_organisation_has_its_value_alone() -> None:
    assert identifier(posting()) is None
    assert identifier(replace(posting(value="R-1"), organization=None)) == " | r-1"


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("R-1234", "acme | r-1234"),
        ("  4711 ", "acme | 4711"),
        ("A&amp;#38;B 7", "acme | a&b 7"),
        ("https://www.acme.example/jobs/1/?utm_source=x", "acme | acme.example/jobs/1"),
        ("https://teksalah.example/?post_type=job&amp;#038;p=47", "acme | teksalah.example?p=47&post_type=job"),
        ("https://acme.example/#/jobs/12", "acme | https://acme.example/#/jobs/12"),
    ],
)
def test_an_identifier_is_its_value_in_the_scope_of_the_organisation(value: str, key: str) -> None:
    assert keys(sighting("acme.example/jobs/1", posting(value=value))).identifier == key


@pytest.mark.parametrize(
    "value",
    ["Welder", "welder!", "Acme", "", " ", "-", "null", "N/A", "Not Specified", "0",
     "https://acme.example/", "https://acme.example/#organization", "https://acme.example/jobs/#organization"],
)  # fmt: skip
def test_a_value_that_identifies_nothing_is_no_identifier(value: str) -> None:
    assert keys(sighting("acme.example/jobs/1", posting(value=value))).identifier is None


def test_an_identifier_that_only_repeats_its_scheme_is_none() -> None:
    content = replace(posting(), identifier=Identifier(value="Bite JobPosting", name="Bite JobPosting"))
    assert keys(sighting("acme.example/jobs/1", content)).identifier is None


def test_of_several_postings_on_a_page_each_has_the_page_and_its_print_as_address() -> None:
    one = keys(sighting(None, posting("Welder"), page="acme.example/jobs"))
    other = keys(sighting(None, posting("Fitter"), page="acme.example/jobs"))
    assert one.address == f"acme.example/jobs#{one.print}"
    assert one.address != other.address
    assert one.tokens == {}


def test_a_print_folds_case_punctuation_entities_and_the_order_of_places() -> None:
    places = (Location(locality="Berlin"), Location(locality="Paris"))
    one = replace(posting("Welder &amp; Fitter (m/w)"), locations=places)
    other = replace(posting("WELDER & fitter – m/w"), locations=places[::-1])
    assert keys(sighting("a.example/1", one)).print == keys(sighting("a.example/2", other)).print


def test_a_strong_token_can_be_looked_up_at_any_place() -> None:
    rows = keys(sighting("acme.example/jobs/123456/r-12")).rows
    assert ("token", "path:-2=123456") in rows
    assert ("token", "*=123456") in rows
    assert ("token", "*=r-12") not in rows


def test_a_value_that_no_index_can_take_is_kept_as_its_digest() -> None:
    rows = dict(keys(sighting("acme.example/jobs/1", posting(value="7" * 9000), board="v/b/" + "8" * 300)).rows)
    assert all(len(value) <= 200 for value in rows.values())
    assert len(rows["identifier"]) == len(rows["board"]) == 64


def test_the_keys_of_a_kept_posting_are_those_it_was_seen_under() -> None:
    content = posting(value="R-1", url="https://www.acme.example/jobs/4711?utm_source=x")
    seen = keys(sighting("acme.example/jobs/4711", content, board="v/b/1"))
    assert keys_of_known(content, seen.rows) == seen


@given(value=st.text(max_size=40), title=st.none() | st.text(max_size=20), town=st.none() | st.text(max_size=10))
def test_any_posting_has_keys(value: str, title: str | None, town: str | None) -> None:
    rows = keys(sighting("acme.example/jobs/1", posting(title, town=town, value=value))).rows
    assert all(len(part.encode("utf-8", "replace")) <= 200 for _, part in rows)
