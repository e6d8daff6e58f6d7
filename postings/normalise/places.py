"""Places of work: schema.org `jobLocation` in all the shapes it comes in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from postings.markup import types_of
from postings.normalise import text as texts
from postings.normalise.countries import read_country, read_country_behind_comma
from postings.posting import Location

#: more places than any real posting names
PLACES_LIMIT = 1_000

_PLACEHOLDERS = frozenset(
    "0|00000|anywhere|worldwide|world wide|world|global|globally|earth|any|any location|all|all locations|multiple|"
    "various|xx|x".split("|")
)
_ADDRESS_KEYS = ("addressLocality", "addressRegion", "addressCountry", "postalCode", "streetAddress")
#: longest part of an address string that can be the name of a town
_TOWN_LENGTH = 60
_STATE_CODE_LENGTH = 2
_REGION_CODE_LENGTH = 3
# "40202", "1010-001", "L1 8BJ", "M5V 2T6", "1012 AB"
_POSTAL_CODE = re.compile(r"\d[\d -]{2,8}\d|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}")
#: postal codes that tell a country from the states and provinces that have the same two letters: "CA, M5V 2T6" is in
#: Canada and "CA, 90001" in California; "FI, 50100" is not here, as it may be Finland or Florence
_POSTAL_CODES_OF = {
    code: re.compile(form)
    for code, form in {
        "AT": r"\d{4}",
        "AU": r"\d{4}",
        "BR": r"\d{5}-\d{3}",
        "CA": r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
        "CH": r"\d{4}",
        "CN": r"\d{6}",
        # not those of Delaware
        "DE": r"(?!19[789])\d{5}",
        "DK": r"\d{4}",
        "GB": r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}",
        "IE": r"[A-Z]\d[\dW] ?[A-Z\d]{4}",
        "IN": r"\d{3} ?\d{3}",
        "JP": r"\d{3}-\d{4}",
        "NL": r"\d{4} ?[A-Z]{2}",
        "PL": r"\d{2}-\d{3}",
        "PT": r"\d{4}-\d{3}",
        "SE": r"\d{3} \d{2}",
        "SG": r"\d{6}",
        "US": r"\d{5}(?:-\d{4})?",
    }.items()
}


def read_locations(value: object) -> tuple[Location, ...]:
    """The places that a `jobLocation` names, each once, in their order; those that say nothing are left out."""
    found: dict[Location, None] = {}
    for one in texts.each(value):
        for place in _places(one):
            found[place] = None
        if len(found) >= PLACES_LIMIT:
            break
    found.pop(_NOWHERE, None)
    return tuple(found)[:PLACES_LIMIT]


def read_regions(value: object) -> tuple[str, ...]:
    """Where applicants may live (`applicantLocationRequirements`): alpha-2 codes where it is a country, else names."""
    found: dict[str, None] = {}
    for one in texts.each(value):
        name = _said(one)
        country = None
        if name:
            country = _country_named(name, types_of(one) if isinstance(one, dict) else frozenset())
        elif isinstance(one, dict):
            place = next(_places(one), _NOWHERE)
            name = place.region or place.locality
            country = place.country or (_country_named(name, _INSIDE_A_COUNTRY) if name else None)
        if country or name:
            found[country or name or ""] = None
    return tuple(found)[:PLACES_LIMIT]


_NOWHERE = Location()
_INSIDE_A_COUNTRY = frozenset({"State", "City"})


def _places(one: object) -> Iterator[Location]:
    """The places of one member of `jobLocation`: a text, a Place, or an address without a Place around it."""
    if not isinstance(one, dict):
        if text := _said(one):
            yield _from_text(text)
        return
    geo = _geo(one)
    address = one.get("address")
    addresses: Sequence[Any] = tuple(texts.each(address))
    if not addresses and any(key in one for key in _ADDRESS_KEYS):
        addresses = (one,)
    for address in addresses[:PLACES_LIMIT]:
        if isinstance(address, dict):
            yield _from_address(address, geo)
        elif text := _said(address):
            yield _from_text(text, geo)
    if not addresses and (name := _said_line(one.get("name"))):
        yield _from_name(name, types_of(one), geo)


def _from_name(name: str, types: frozenset[str], geo: tuple[float | None, float | None]) -> Location:
    """A place that has nothing but a name. Without a type it may be a town or a building: only a country is certain."""
    country = _country_named(name, types)
    rest = None if country else name
    locality = rest if "City" in types else None
    region = rest if not types.isdisjoint(("State", "AdministrativeArea")) else None
    return Location(
        locality=locality,
        region=region,
        country=country,
        text=None if locality or region else rest,
        latitude=geo[0],
        longitude=geo[1],
    )


def _country_named(name: str, types: frozenset[str]) -> str | None:
    """The country that a place of such types names; a state or a town has no name that a country and a state share."""
    if types.isdisjoint(_INSIDE_A_COUNTRY):
        return read_country(name)
    return None if "State" in types and _is_state_code(name) else read_country_behind_comma(name)


def _is_state_code(part: str) -> bool:
    return len(part) == _STATE_CODE_LENGTH and part.isascii()


def _from_address(address: Mapping[str, Any], geo: tuple[float | None, float | None]) -> Location:
    said_country = texts.name(address.get("addressCountry"))
    locality = _said(address.get("addressLocality"))
    region = _said(address.get("addressRegion"))
    street = _said_line(address.get("streetAddress"))
    postal_code = _said_line(address.get("postalCode"))
    country = text = None
    if said_country is not None and not _is_placeholder(said_country):
        country = read_country(said_country)
        text = said_country if country is None else None
    if country is None and text is None and locality and "," in locality:
        locality, region, country = _taken_apart(locality, region)
    if not (locality or region or country or postal_code or street):
        text = text or _said_line(address.get("name"))
    if street and not (locality or region or country or text or postal_code):
        # SuccessFactors puts all it knows there: "Liverpool, GB, L1 8BJ", "Louisville, KY, US, 40202"
        parts = _parts(street)
        if len(parts) in (3, 4) and _is_state_code(parts[-2]) and _country_before_code(parts):
            whole = _from_text(street, geo)
            if whole.text is None:
                return whole
    return Location(
        locality=locality,
        region=region,
        country=country,
        postal_code=postal_code,
        street=street,
        latitude=geo[0],
        longitude=geo[1],
        text=text,
    )


def _taken_apart(locality: str, region: str | None) -> tuple[str | None, str | None, str | None]:
    """`London, UK` and `Irvine, California, United States` as locality, region, country; else as it was."""
    parts = _parts(locality)
    country = read_country_behind_comma(parts[-1]) if len(parts) in (2, 3) else None
    if country is None:
        return locality, region, None
    if len(parts) == 2:
        return parts[0], region, country
    return (parts[0], parts[1], country) if region is None else (", ".join(parts[:2]), region, country)


def _from_text(text: str, geo: tuple[float | None, float | None] = (None, None)) -> Location:
    """An address in one string. What is not understood to the end is kept as `text`."""
    parts = _parts(text)
    postal_code = None
    if country := _country_before_code(parts):
        postal_code, parts = parts[-1], parts[:-2]
    else:
        country, parts = _country_of(parts)
    locality = region = None
    rest: str | None = None
    if len(parts) == 1 and len(parts[0]) == _STATE_CODE_LENGTH and parts[0].isupper():
        region = parts[0]
    elif postal_code and len(parts) == 2 and not (parts[1].isupper() and len(parts[1]) <= _REGION_CODE_LENGTH):
        # with so much known the first may be a street: "Main Street, Dublin, Ireland, D02 X285"
        rest = text
    elif len(parts) in (1, 2) and all(_may_be_a_town(part) for part in parts):
        locality, region = parts[0], parts[1] if len(parts) == 2 else None
    elif parts:
        rest = text
    return Location(
        locality=locality,
        region=region,
        country=country,
        postal_code=postal_code if rest is None else None,
        latitude=geo[0],
        longitude=geo[1],
        text=rest,
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _country_before_code(parts: list[str]) -> str | None:
    """The country of an address that ends with it and a postal code."""
    if len(parts) < 2:
        return None
    said, code = parts[-2:]
    country: str | None = "GB" if said == "UK" else said
    if country not in _POSTAL_CODES_OF:
        country = None if _is_state_code(said) else read_country_behind_comma(said)
    return country if country and _POSTAL_CODES_OF.get(country, _POSTAL_CODE).fullmatch(code) else None


def _country_of(parts: list[str]) -> tuple[str | None, list[str]]:
    """The country among the parts of an address string, and the other parts."""
    if not parts:
        return None, parts
    if len(parts) == 1:
        country = read_country(parts[0])
        return (country, []) if country else (None, parts)
    country = read_country_behind_comma(parts[-1])
    leading = read_country_behind_comma(parts[0]) if len(parts[0]) > _STATE_CODE_LENGTH else None
    # "Canada, RE": a name of a country outweighs two letters
    if leading is not None and (country is None or len(parts[-1]) == _STATE_CODE_LENGTH):
        return leading, parts[1:]
    return (country, parts[:-1]) if country else (None, parts)


def _may_be_a_town(part: str) -> bool:
    return len(part) <= _TOWN_LENGTH and not any(char.isdigit() for char in part)


def _said(value: object) -> str | None:
    """The name of a place; None where it stands for all or none."""
    text = texts.name(value)
    return None if text is None or _is_placeholder(text) else text


def _said_line(value: object) -> str | None:
    text = texts.line(value)
    return None if text is None or _is_placeholder(text) else text


def _is_placeholder(text: str) -> bool:
    return len(text) < 20 and text.casefold() in _PLACEHOLDERS


def _geo(place: Mapping[str, Any]) -> tuple[float | None, float | None]:
    point = place.get("geo")
    if point is None and "latitude" not in place:
        return None, None
    point = texts.first(point)
    source = point if isinstance(point, dict) else place
    latitude, longitude = _degrees(source.get("latitude"), 90), _degrees(source.get("longitude"), 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None, None
    return latitude, longitude


def _degrees(value: object, limit: int) -> float | None:
    text = texts.scalar(value)
    if text is None or len(text) > 40:
        return None
    try:
        degrees = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    # a comparison with nan is false
    return degrees if -limit <= degrees <= limit else None
