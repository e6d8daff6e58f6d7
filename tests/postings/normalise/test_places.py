from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postings.normalise.places import PLACES_LIMIT, read_locations, read_regions
from postings.posting import Location


def address(**parts: object) -> dict[str, object]:
    return {"@type": "Place", "address": {"@type": "PostalAddress", **parts}}


def test_an_address_is_taken_as_it_stands() -> None:
    place = address(
        addressLocality="Berlin", addressRegion="Berlin", addressCountry="DE", postalCode=10115, streetAddress="Weg 1"
    )
    assert read_locations(place) == (
        Location(locality="Berlin", region="Berlin", country="DE", postal_code="10115", street="Weg 1"),
    )


@pytest.mark.parametrize(
    "country",
    ["Deutschland", {"@type": "Country", "name": "Germany"}, ["DEU"], {"@type": "Country", "name": {"@value": "de"}}],
)
def test_a_country_is_its_code_in_any_shape(country: object) -> None:
    (location,) = read_locations(address(addressCountry=country))
    assert location.country == "DE"


def test_an_unknown_country_is_kept_as_text() -> None:
    assert read_locations(address(addressCountry="Neverland")) == (Location(text="Neverland"),)


def test_na_in_the_country_is_no_answer_rather_than_namibia() -> None:
    assert read_locations(address(addressLocality="Berlin", addressCountry="NA")) == (Location(locality="Berlin"),)


@pytest.mark.parametrize("nothing", ["-", "0", "Anywhere", "N/A", "", None, "Worldwide", "UNAVAILABLE"])
def test_placeholders_are_no_places(nothing: str | None) -> None:
    assert read_locations(address(addressLocality=nothing, addressRegion=nothing, addressCountry=nothing)) == ()


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("Dortmund", Location(locality="Dortmund")),
        ("Germany", Location(country="DE")),
        ("London, UK", Location(locality="London", country="GB")),
        ("Austin, TX", Location(locality="Austin", region="TX")),
        ("Irvine, California, United States", Location(locality="Irvine", region="California", country="US")),
        ("Canada, ON", Location(region="ON", country="CA")),
        ("1 High Street, London, UK", Location(country="GB", text="1 High Street, London, UK")),
        ("1600 High Street", Location(text="1600 High Street")),
        ("Dortmund, Germany, 44135", Location(locality="Dortmund", country="DE", postal_code="44135")),
        ("Louisville, KY, US, 40202", Location(locality="Louisville", region="KY", country="US", postal_code="40202")),
        ("Leeds, GB, LS1 4AP", Location(locality="Leeds", country="GB", postal_code="LS1 4AP")),
        ("Pune, India, SEZ 2", Location(text="Pune, India, SEZ 2")),
        ("Pune, MH, IN, 411001", Location(locality="Pune", region="MH", country="IN", postal_code="411001")),
        ("Toronto, ON, CA, M5V 2T6", Location(locality="Toronto", region="ON", country="CA", postal_code="M5V 2T6")),
        ("Leeds, UK, LS1 4AP", Location(locality="Leeds", country="GB", postal_code="LS1 4AP")),
        ("上海, 中国, 200000", Location(locality="上海", country="CN", postal_code="200000")),
        ("Detroit, MI", Location(locality="Detroit", region="MI")),
        ("Cork Road, Dublin, Ireland, D02 X285", Location(country="IE", text="Cork Road, Dublin, Ireland, D02 X285")),
        ("Berlin, Germany, 101", Location(text="Berlin, Germany, 101")),
        ("44135", Location(text="44135")),
    ],
)
def test_an_address_in_one_string_is_taken_apart_as_far_as_it_is_sure(text: str, location: Location) -> None:
    assert read_locations(text) == (location,)
    assert read_locations({"@type": "Place", "address": text}) == (location,)


@pytest.mark.parametrize(
    "text",
    [
        "CA, 90001",
        "IN, 46201",
        "GA, 30303",
        "Georgia, 30303",
        "Detroit, MI, 48201",
        "Manchester, NH, 03101",
        "Hartford, CT, 06101",
        "Louisville, KY, 40202",
        "Wilmington, DE, 19801",
        "Whitehorse, YT, Y1A 1A1",
        "Genova, GE, 16121",
        "Cuneo, CN, 12100",
        "Firenze, FI, 50100",
        "Bern, BE, 3011",
        "Porto Alegre, RS, 90000-000",
    ],
)
def test_a_state_or_province_before_a_postal_code_is_not_taken_for_a_country(text: str) -> None:
    assert read_locations(text) == (Location(text=text),)
    assert read_locations(address(streetAddress=text)) == (Location(street=text),)


def test_a_country_inside_the_town_is_found_where_no_country_is_given() -> None:
    assert read_locations(address(addressLocality="Brighton, United Kingdom")) == (
        Location(locality="Brighton", country="GB"),
    )
    assert read_locations(address(addressLocality="Helsinki, Uusimaa, Finland", addressCountry="FI")) == (
        Location(locality="Helsinki, Uusimaa, Finland", country="FI"),
    )


def test_a_town_in_a_state_named_like_a_country_stays_a_town() -> None:
    assert read_locations(address(addressLocality="Atlanta, Georgia")) == (Location(locality="Atlanta, Georgia"),)


def test_several_places_come_in_their_order_each_once() -> None:
    places = [address(addressLocality=town) for town in ("Ulm", "Bonn", "Ulm", "-")]
    assert read_locations(places) == (Location(locality="Ulm"), Location(locality="Bonn"))


def test_a_place_that_is_its_own_address_is_read() -> None:
    assert read_locations({"@type": "PostalAddress", "addressLocality": "Ulm"}) == (Location(locality="Ulm"),)


def test_coordinates_must_lie_on_the_earth() -> None:
    def at(latitude: object, longitude: object) -> Location:
        (location,) = read_locations(
            {**address(addressLocality="Ulm"), "geo": {"latitude": latitude, "longitude": longitude}}
        )
        return location

    assert (at("48,4", 9.99).latitude, at("48,4", 9.99).longitude) == (48.4, 9.99)
    for latitude, longitude in [(0, 0), (91, 1), ("nan", 1), (float("inf"), 1), ("x", "y"), (None, 1)]:
        assert at(latitude, longitude).latitude is None


def test_regions_for_applicants_are_countries_or_names_and_never_the_whole_earth() -> None:
    said = [
        {"@type": "Country", "name": "USA"},
        {"@type": "State", "name": "Ontario, Canada"},
        {"@type": "Country", "name": "Earth"},
        "Poland",
    ]
    assert read_regions(said) == ("US", "Ontario, Canada", "PL")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["address", "addressCountry", "addressLocality", "name", "geo", "latitude", "longitude", "@value"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_value_makes_reading_fail(value: object) -> None:
    for location in read_locations(value):
        assert location != Location()
    assert isinstance(read_regions(value), tuple)


def test_the_name_of_a_place_without_an_address_is_a_country_or_words() -> None:
    assert read_locations({"@type": "Place", "name": "Germany"}) == (Location(country="DE"),)
    assert read_locations({"@type": "Place", "name": "Head office"}) == (Location(text="Head office"),)
    assert read_locations({"name": "Head office", "geo": {"latitude": 1, "longitude": 2}}) == (
        Location(text="Head office", latitude=1, longitude=2),
    )


@pytest.mark.parametrize(
    ("street", "location"),
    [
        ("Zug, CH, 6300", Location(locality="Zug", country="CH", postal_code="6300")),
        ("Leeds, GB, LS1 4AP", Location(locality="Leeds", country="GB", postal_code="LS1 4AP")),
        ("Louisville, KY, US, 40202", Location(locality="Louisville", region="KY", country="US", postal_code="40202")),
        *(
            (street, Location(street=street))
            for street in (
                "12 High Street",
                "High Street, East Wing",
                "12 High Street, Leeds, GB, LS1 4AP",
                "High Street, Leeds, GB, LS1 4AP",
                "Main Street, Dublin, IE",
                "Rue de Paris, France",
                "Detroit, MI",
                "Georgia",
                "CA",
                "IN",
                "US, 40202",
            )
        ),
    ],
)
def test_a_street_alone_is_the_whole_address_in_the_form_town_region_country_and_code(
    street: str, location: Location
) -> None:
    assert read_locations(address(streetAddress=street)) == (location,)
    (beside,) = read_locations(address(streetAddress=street, addressLocality="Dortmund"))
    assert (beside.locality, beside.street) == ("Dortmund", street)


def test_the_type_of_a_place_tells_what_its_name_is() -> None:
    assert read_locations({"@type": "City", "name": "Dortmund"}) == (Location(locality="Dortmund"),)
    assert read_locations({"@type": "State", "name": "Bavaria"}) == (Location(region="Bavaria"),)
    assert read_locations({"@type": "Country", "name": "Germany"}) == (Location(country="DE"),)


@pytest.mark.parametrize("name", ["Georgia", "CA", "RS"])
def test_a_state_with_the_name_of_a_country_is_a_state(name: str) -> None:
    assert read_locations({"@type": "State", "name": name}) == (Location(region=name),)
    assert read_regions({"@type": "State", "name": name}) == (name,)


def test_a_country_with_the_name_of_a_state_is_a_country_where_it_is_called_one() -> None:
    assert read_regions({"@type": "Country", "name": "Georgia"}) == ("GE",)


def test_the_region_of_an_address_is_not_taken_for_a_country() -> None:
    assert read_regions(address(addressRegion="Georgia")) == ("Georgia",)


def test_a_town_with_the_name_of_a_country_is_in_it_unless_there_is_a_state_so_called() -> None:
    assert read_locations({"@type": "City", "name": "Singapore"}) == (Location(country="SG"),)
    assert read_locations({"@type": "City", "name": "Lebanon"}) == (Location(locality="Lebanon"),)


def test_no_more_than_so_many_places_are_read() -> None:
    many = [address(addressLocality=f"Town {number}") for number in range(PLACES_LIMIT + 5)]
    assert len(read_locations(many)) == PLACES_LIMIT
    assert len(read_locations({"@type": "Place", "address": [one["address"] for one in many]})) == PLACES_LIMIT


def test_a_region_of_its_own_outweighs_the_one_in_the_town() -> None:
    assert read_locations(address(addressLocality="Irvine, California, United States", addressRegion="CA")) == (
        Location(locality="Irvine, California", region="CA", country="US"),
    )
    assert read_locations(address(addressLocality="Irvine, California, United States")) == (
        Location(locality="Irvine", region="California", country="US"),
    )


@pytest.mark.parametrize("text", [",", " , , "])
def test_commas_alone_are_no_place(text: str) -> None:
    assert read_locations(text) in ((), (Location(text=text.strip()),))
