"""schema.org markup as plain objects: short names for types and properties, nothing that cannot be kept.

Reading asks here before it looks at a property; extraction asks here to find the JobPosting objects of a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from postings.normalise import text as texts

#: nesting below which values are dropped: no posting nests more than ten levels
DEPTH_LIMIT = 40
#: values of one object that are looked at
NODE_LIMIT = 50_000
STRING_LIMIT = 1_000_000

_IRI = re.compile(r"https?://(?:www\.)?schema\.org/+#?", re.IGNORECASE)
_USUAL_PREFIXES = frozenset({"schema", "schema.org", "sdo", "s"})
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")

#: properties whose spelling in another case is understood
PROPERTIES = (
    "title name description responsibilities qualifications skills jobBenefits datePosted validThrough "
    "employmentType hiringOrganization identifier value propertyID jobLocation jobLocationType address "
    "addressLocality addressRegion addressCountry postalCode streetAddress geo latitude longitude baseSalary "
    "salaryCurrency currency minValue maxValue unitText unitCode applicantLocationRequirements directApply industry "
    "educationRequirements experienceRequirements monthsOfExperience credentialCategory occupationalCategory "
    "inLanguage url sameAs logo legalName mainEntityOfPage mainEntity itemListElement item"
).split()
_PROPERTY_OF = {name.lower(): name for name in PROPERTIES}
_USUAL_NAMES = {name: name for name in ("@type", "@id", "@context", "@graph", "@value", *PROPERTIES)}
_NOTHING: tuple[Any, ...] = (None, "", [], {})


def short(name: str, prefixes: frozenset[str] = frozenset()) -> str:
    """The name of a type or property without its IRI or prefix: `schema:title` is `title`."""
    if ":" in name:
        if match := _IRI.match(name):
            return name[match.end() :].rstrip("/")
        prefix, _, rest = name.partition(":")
        if prefix in prefixes or prefix.casefold() in _USUAL_PREFIXES:
            return rest
    return name


def is_schema_org(name: str) -> bool:
    """Whether a vocabulary is schema.org's."""
    return _IRI.fullmatch(name.strip()) is not None


def prefixes_of(context: object) -> frozenset[str]:
    """The prefixes that a JSON-LD `@context` binds to schema.org."""
    found: set[str] = set()
    for one in texts.each(context):
        if isinstance(one, Mapping):
            found.update(
                key for key, value in one.items() if isinstance(value, str) and _IRI.fullmatch(value.strip() or "-")
            )
    return frozenset(found)


def types_of(thing: Mapping[str, Any]) -> frozenset[str]:
    """The short names of an object's types; `type` counts where there is no `@type`."""
    said = thing.get("@type", thing.get("type"))
    return frozenset(short(one).strip() for one in texts.each(said) if isinstance(one, str))


def is_job_posting(thing: Mapping[str, Any]) -> bool:
    """Whether an object's type is JobPosting, in any case of letters."""
    return any(one.casefold() == "jobposting" for one in types_of(thing))


def plain(value: object, prefixes: frozenset[str] = frozenset()) -> Any:
    """The value with short property names and without what cannot be kept.

    Gone are: values nested too deep or too many, numbers that are no numbers, NUL and lone surrogates. A property
    given under two spellings keeps the value of the first one that says something.
    """
    budget = [NODE_LIMIT]
    return _plain(value, prefixes, DEPTH_LIMIT, budget)


def _plain(value: object, prefixes: frozenset[str], depth: int, budget: list[int]) -> Any:
    budget[0] -= 1
    if budget[0] < 0:
        return None
    if isinstance(value, str):
        return _kept(value[:STRING_LIMIT])
    if isinstance(value, dict):
        return _plain_object(value, prefixes, depth - 1, budget) if depth else None
    if isinstance(value, (list, tuple)):
        return [_plain(inner, prefixes, depth - 1, budget) for inner in value[: budget[0]]] if depth else None
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        # more than 64 bits fit into no database
        return value if -(2**63) <= value < 2**63 else None
    if isinstance(value, float):
        return value if isfinite(value) else None
    return _plain_object(value, prefixes, depth - 1, budget) if depth and isinstance(value, Mapping) else None


def _kept(text: str) -> str:
    if "\x00" not in text:
        if text.isascii():
            return text
        try:
            # a lone surrogate cannot be encoded
            text.encode()
        except UnicodeEncodeError:
            pass
        else:
            return text
    return _UNKEEPABLE.sub("", text)


def _plain_object(thing: Mapping[Any, Any], prefixes: frozenset[str], depth: int, budget: list[int]) -> dict[str, Any]:
    if "@context" in thing:
        prefixes |= prefixes_of(thing["@context"])
    found: dict[str, Any] = {}
    for key, value in thing.items():
        name = _USUAL_NAMES.get(key) or name_of(key, prefixes)
        if name == "@type":
            found[name] = _types(value, prefixes)
        elif name not in found or found[name] in _NOTHING:
            # the usual kinds first, each as `_plain` would
            kind = type(value)
            if kind is str and value.isascii() and len(value) < STRING_LIMIT and "\x00" not in value:
                budget[0] -= 1
                found[name] = value if budget[0] >= 0 else None
            elif kind is dict and depth > 1 and budget[0] > 0:
                budget[0] -= 1
                found[name] = _plain_object(value, prefixes, depth - 1, budget)
            else:
                found[name] = _plain(value, prefixes, depth, budget)
    return found


def name_of(key: object, prefixes: frozenset[str] = frozenset()) -> str:
    """The short name of a property however a page spells it; one that is not known stays as it is."""
    name = str(key)[:500]
    name = short(name, prefixes) if ":" in name else name
    return _PROPERTY_OF.get(name.lower(), name)


def _types(value: object, prefixes: frozenset[str]) -> str | list[str]:
    if isinstance(value, str) and ":" not in value and value.isascii():
        return value[:200]
    names = [_UNKEEPABLE.sub("", short(one, prefixes))[:200] for one in texts.each(value) if isinstance(one, str)]
    return names[0] if len(names) == 1 else names


def walk(value: object) -> Iterator[Mapping[str, Any]]:
    """Every object in a value, outer ones first, in document order; not recursive, so depth does no harm."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, (dict, Mapping)):
            yield one
            pending.extend(inner for inner in reversed(list(one.values())) if isinstance(inner, (dict, list, Mapping)))
        elif isinstance(one, list):
            pending.extend(inner for inner in reversed(one) if isinstance(inner, (dict, list, Mapping)))
