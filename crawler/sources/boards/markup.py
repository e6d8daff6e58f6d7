"""The pieces of which vendors' objects are put into the shape of schema.org's JobPosting.

What the pieces say is read by the same normalisers as any page's markup; here they are only laid out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from postings.normalise import text as texts
from postings.normalise.countries import read_country

#: schema.org `jobLocationType` of a job that is done from anywhere
REMOTE = "TELECOMMUTE"

_SEPARATORS = re.compile(r"\s*[;|\n]\s*")
_REMOTE = re.compile(
    r"\b(?:(?:100\s?%|fully|full|permanent(?:ly)?)[\s-]+)?"
    r"(?:remote(?:[\s-]+(?:first|only|job|position|work|friendly|ok))?|work(?:ing)?[\s-]from[\s-]home|home[\s-]?office|"
    r"télétravail|teletrabajo|fernarbeit|homebased|home[\s-]based)\b",
    re.IGNORECASE,
)
_HYBRID = re.compile(r"\b(?:hybrid|hybride|híbrido)\b", re.IGNORECASE)
# no work from home: names of fields that begin like it
_NOT_REMOTE = re.compile(r"\bremote[\s-](?:sensing|control)", re.IGNORECASE)
_LEFT_OVER = re.compile(
    r"\(\s*[,/-]*\s*\)|\[\s*\]|(?<=\s)[-–—/:](?=\s)|^[\s,/–—:&+-]+|[\s,/–—:&+-]+$|^(?:or|and|oder|und)\s|\s(?:or|and|oder|und)$"
)
#: town, region, country
_MOST_PARTS = 3
_BRACKETED = re.compile(r"[(\[]([^()\[\]]*)[)\]]")


def split_places(text: Any) -> list[str]:
    """The places in one text, which vendors separate with semicolons or bars (`Austin | Chicago`)."""
    line = texts.scalar(text)
    return [part for part in _SEPARATORS.split(line) if part] if line else []


def says_remote(text: Any) -> bool:
    """Whether the name of a place says that the work is done from home (`Remote - US`); hybrid work is not."""
    line = texts.scalar(text)
    if not line or _HYBRID.search(line) or _NOT_REMOTE.search(line):
        return False
    return _REMOTE.search(line) is not None


def without_remote(text: Any) -> str | None:
    """The name of a place without the words for remote or hybrid work; None where nothing is left."""
    line = texts.line(text)
    if line is None or _NOT_REMOTE.search(line):
        return line
    bare = _HYBRID.sub(" ", _REMOTE.sub(" ", line))
    if bare == line:
        return line
    # "Remote (US)" is about the US
    if not _BRACKETED.sub(" ", bare).strip(" ,/–—:-"):
        bare = _BRACKETED.sub(r" \1 ", bare)
    for _ in range(3):
        bare = _LEFT_OVER.sub(" ", bare).strip()
    return texts.line(re.sub(r"\s*,(?:\s*,)+\s*", ", ", re.sub(r"\s+,", ",", bare)))


def worded_place(text: Any, country: Any = None) -> dict[str, Any] | str | None:
    """A `jobLocation` of a text, with the `country` that stands beside it; None where it names no place."""
    line, said = without_remote(text), texts.line(country)
    if line is None:
        return place(country=said) if said else None
    parts = [part.strip() for part in line.split(",") if part.strip()]
    code = read_country(said)
    if code is None or len(parts) > _MOST_PARTS:
        return line
    # "Bombay, MH" lies in India where India stands beside it, not on the Marshall Islands
    if len(parts) > 1 and read_country(parts[-1]) == code:
        parts.pop()
    region = ", ".join(parts[1:]) or None
    return place(locality=parts[0], region=region, country=code)


def worded_places(values: Iterable[Any]) -> list[Any]:
    """`jobLocation`s of texts that hold one place or several each."""
    found = (worded_place(part) for value in values for part in split_places(value))
    return [one for one in found if one is not None]


def place(
    *,
    locality: Any = None,
    region: Any = None,
    country: Any = None,
    postal_code: Any = None,
    street: Any = None,
    latitude: Any = None,
    longitude: Any = None,
) -> dict[str, Any] | None:
    """A schema.org Place; None where nothing of an address is given. What repeats the country is left out."""
    locality, region = without_remote(locality), without_remote(region)
    code = read_country(texts.line(country))
    # vendors fill "city" and "state" with the country where there is no city
    locality = None if code and locality and read_country(locality) == code and len(locality) > 2 else locality
    region = None if code and region and read_country(region) == code and len(region) > 2 else region
    address = {
        "addressLocality": locality,
        "addressRegion": region,
        "addressCountry": texts.line(country),
        "postalCode": texts.line(postal_code),
        "streetAddress": texts.line(street),
    }
    address = {key: value for key, value in address.items() if value}
    if not address:
        return None
    made: dict[str, Any] = {"@type": "Place", "address": {"@type": "PostalAddress", **address}}
    if latitude is not None and longitude is not None:
        made["geo"] = {"latitude": latitude, "longitude": longitude}
    return made


def sections(parts: Iterable[tuple[Any, Any]]) -> str | None:
    """A description of several parts, each a heading (or None) and text or HTML; parts without text are left out."""
    found = []
    for heading, body in parts:
        text = texts.scalar(body)
        if not text or not text.strip():
            continue
        title = texts.line(heading)
        found.append((f"<h3>{html.escape(title, quote=False)}</h3>" if title else "") + as_html(text))
    return "\n".join(found) or None


def as_html(text: str) -> str:
    """HTML of a text that may be HTML already, plain or escaped; line breaks of plain text stay."""
    if texts.has_markup(text) or texts.has_markup(texts.unescape(text)):
        return text
    paragraphs = [part for part in text.strip().replace("\r\n", "\n").split("\n\n") if part.strip()]
    return "".join("<p>" + part.strip().replace("\n", "<br>") + "</p>" for part in paragraphs)


def moment(seconds: Any, *, unit: float = 1.0) -> str | None:
    """A time that is given as a number since 1970, in seconds or in `unit`s of them, as ISO 8601 in UTC."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(seconds * unit, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return None


def salary(*, low: Any, high: Any, currency: Any, unit: Any) -> dict[str, Any] | None:
    """A `baseSalary` of a range; None without an amount."""
    if low is None and high is None:
        return None
    value = {"minValue": low, "maxValue": high, "unitText": texts.line(unit)}
    return {"currency": texts.line(currency), "value": {key: one for key, one in value.items() if one is not None}}


def posting(**properties: Any) -> dict[str, Any]:
    """A JobPosting of these properties, those without a value left out."""
    kept = {key: value for key, value in properties.items() if value not in (None, "", [], {})}
    return {"@type": "JobPosting", **kept}


def identifier(value: str | None, organization: Any = None) -> dict[str, Any] | None:
    """An `identifier` in the scope of an organisation."""
    if value is None:
        return None
    return {"@type": "PropertyValue", "value": value, "name": texts.name(organization)}


def organization(name: Any) -> dict[str, Any] | None:
    """A `hiringOrganization` of a name."""
    line = texts.line(name)
    return {"@type": "Organization", "name": line} if line else None
