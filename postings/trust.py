"""Which identifiers and address tokens of a site may be believed (C.3): learned from complete visits.

The ledger calls `learn` at the end of a complete visit and keeps the result with the site; `identity.resolve`
reads it in the next one. Trust moves only forward in time: what was merged or split stays so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any

from postings.comparison import agree, fold, organization, places
from postings.keys import Keys
from postings.posting import Posting

#: share of the values whose postings may disagree
MOST_CONFLICT = 0.02
#: fewer values than this prove nothing
ENOUGH_VALUES = 5
#: share of the postings that must carry a token at a place, and of its values that must be distinct
LEAST_COVER = 0.8
LEAST_DISTINCT = 0.9


class Standing(StrEnum):
    """How far a kind of key is believed on a site."""

    #: no complete visit has shown any: not used
    UNKNOWN = "unknown"
    #: too few to tell: counts only together with an equal title
    PROBATION = "probation"
    TRUSTED = "trusted"
    DISTRUSTED = "distrusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What the complete visits of a site say of its keys."""

    identifier: Standing = Standing.UNKNOWN
    token: Standing = Standing.UNKNOWN
    #: where in the address the token stands, see `postings.urls.tokens`
    token_place: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"identifier": str(self.identifier), "token": str(self.token), "token_place": self.token_place}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Trust:
        """The way back; what is missing is unknown."""
        return cls(
            identifier=Standing(kept.get("identifier", Standing.UNKNOWN)),
            token=Standing(kept.get("token", Standing.UNKNOWN)),
            token_place=kept.get("token_place"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One posting that was seen in the visit, with the keys that it was seen under."""

    keys: Keys
    posting: Posting


def learn(previous: Trust, holders: Sequence[Holder]) -> Trust:
    """The trust after a complete visit that saw `holders` (C.3).

    A value conflicts when two postings carry it and do not agree. More than 2 % of the values in conflict:
    distrusted, at any size. Fewer than five values: probation. A visit without any value changes nothing.
    """
    by_identifier: dict[str, list[Posting]] = defaultdict(list)
    for holder in holders:
        if holder.keys.identifier is not None:
            by_identifier[holder.keys.identifier].append(holder.posting)
    identifier = _standing(by_identifier) if by_identifier else previous.identifier
    token, place = _learn_token(previous, holders)
    return Trust(identifier=identifier, token=token, token_place=place)


def _learn_token(previous: Trust, holders: Sequence[Holder]) -> tuple[Standing, str | None]:
    """The place that covers 80 % of the postings, with 90 % distinct values and no more than 2 % in conflict."""
    by_place: dict[str, dict[str, list[Posting]]] = defaultdict(lambda: defaultdict(list))
    addressed = 0
    for holder in holders:
        addressed += holder.keys.address is not None
        for place, value in holder.keys.tokens.items():
            by_place[place][value].append(holder.posting)
    fits = []
    conflicting = False
    for place, values in by_place.items():
        carriers = sum(len(postings) for postings in values.values())
        cover, distinct = carriers / addressed if addressed else 0.0, len(values) / carriers
        if cover < LEAST_COVER or distinct < LEAST_DISTINCT:
            continue
        standing = _standing(values)
        if standing is Standing.DISTRUSTED:
            conflicting = True
            continue
        length = sum(len(value) for value in values) / len(values)
        fits.append((place == previous.token_place, cover, distinct, length, place, standing))
    if fits:
        *_, place, standing = max(fits)
        return standing, place
    if conflicting:
        return Standing.DISTRUSTED, None
    if not by_place:
        return previous.token, previous.token_place
    return Standing.UNKNOWN, None


def _standing(values: Mapping[str, Sequence[Posting]]) -> Standing:
    conflict = sum(_disagree(postings) for postings in values.values()) / len(values)
    if conflict > MOST_CONFLICT:
        return Standing.DISTRUSTED
    return Standing.PROBATION if len(values) < ENOUGH_VALUES else Standing.TRUSTED


def _disagree(postings: Sequence[Posting]) -> bool:
    """Whether any two carriers of one value cannot be the same job.

    Carriers that look the same are compared once, and of many that do not the first twenty: a value that stands on
    a thousand pages must not cost a million comparisons.
    """
    looks = {(fold(one.title), organization(one), *sorted(places(one)), str(one.date_posted)): one for one in postings}
    different = [looks[look] for look in sorted(looks)[:20]]
    return any(not agree(one, other) for one, other in combinations(different, 2))
