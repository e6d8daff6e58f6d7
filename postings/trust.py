"""Which identifiers and address tokens of a site may be believed (C.3): learned from complete visits.

The ledger calls `learn` at the end of a complete visit and keeps the result with the site; `identity.resolve`
reads it in the next one. Trust moves only forward in time: what was merged or split stays so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
#: values that are shown to a person
_SAMPLES = 3


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


class Choice(StrEnum):
    """What a person says of a kind of key."""

    #: what the visits show decides
    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What a person has decided about the keys of a site; it counts from the next visit on, and unlearns nothing."""

    identifier: Choice = Choice.AUTO
    token: Choice = Choice.AUTO
    #: where the token is to be looked for, if a person has named the place
    token_place: str | None = None

    def of(self, learnt: Trust) -> Trust:
        """The trust that a visit goes by. A token that is on without any place has none to be looked for, and is not
        used."""
        trust = replace(learnt, identifier=_chosen(self.identifier, learnt.identifier))
        place = self.token_place or learnt.token_place
        if self.token is Choice.AUTO or (self.token is Choice.ON and place is None):
            return trust
        return replace(trust, token=_chosen(self.token, learnt.token), token_place=place)

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"identifier": str(self.identifier), "token": str(self.token), "token_place": self.token_place}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | None) -> Overrides:
        """The way back; what is missing is left to the visits."""
        kept = kept or {}
        return cls(
            identifier=Choice(kept.get("identifier", Choice.AUTO)),
            token=Choice(kept.get("token", Choice.AUTO)),
            token_place=kept.get("token_place"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How one kind of key stands among the postings of a site: what the standing is made from."""

    #: of tokens: where in the address
    place: str | None = None
    #: postings that could carry one: of tokens, those with an address
    postings: int
    #: postings that carry one
    carriers: int
    #: distinct values
    values: int
    #: values whose postings do not agree
    conflicts: int
    #: some of the values
    samples: tuple[str, ...] = ()
    #: characters of a value, on average
    length: float = 0.0

    @property
    def cover(self) -> float:
        """Share of the postings that carry one."""
        return self.carriers / self.postings if self.postings else 0.0

    @property
    def distinct(self) -> float:
        """Distinct values by carriers: 1.0 if no two postings share one."""
        return self.values / self.carriers if self.carriers else 0.0

    @property
    def conflict(self) -> float:
        """Share of the values in conflict."""
        return self.conflicts / self.values if self.values else 0.0

    @property
    def standing(self) -> Standing:
        """What the values say for themselves."""
        if not self.values:
            return Standing.UNKNOWN
        if self.conflict > MOST_CONFLICT:
            return Standing.DISTRUSTED
        return Standing.PROBATION if self.values < ENOUGH_VALUES else Standing.TRUSTED

    @property
    def tells_apart(self) -> bool:
        """Whether enough postings carry a token here, and few enough share one."""
        return self.cover >= LEAST_COVER and self.distinct >= LEAST_DISTINCT


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the postings of a site show of its keys."""

    identifier: Figures
    #: one a place, the best first
    tokens: tuple[Figures, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What one posting that was seen in the visit is known by."""

    identifier: str | None
    #: place in the address -> token
    tokens: Mapping[str, str]
    #: whether it has an address that could carry a token
    addressed: bool
    #: None where no other posting has to be compared with it (`to_compare`)
    posting: Posting | None

    @classmethod
    def of(cls, keys: Keys, posting: Posting) -> Holder:
        """A posting with the keys that it was seen under."""
        return cls(identifier=keys.identifier, tokens=keys.tokens, addressed=keys.address is not None, posting=posting)


def learn(previous: Trust, holders: Sequence[Holder]) -> Trust:
    """The trust after a complete visit that saw `holders` (C.3).

    A value conflicts when two postings carry it and do not agree. More than 2 % of the values in conflict:
    distrusted, at any size. Fewer than five values: probation. A visit without any value changes nothing.
    """
    measured = measure(holders)
    identifier = measured.identifier.standing if measured.identifier.values else previous.identifier
    token, place = _learn_token(previous, measured.tokens)
    return Trust(identifier=identifier, token=token, token_place=place)


def to_compare(holders: Mapping[str, Holder]) -> set[str]:
    """Which holders, by any name, `learn` needs the postings of: those that share a value which may be in conflict.

    At a place that does not tell postings apart (a number that stands in every address) conflicts decide nothing.
    """
    apart = {one.place for one in measure(list(holders.values())).tokens if one.tells_apart}
    carriers: dict[tuple[str | None, str], list[str]] = defaultdict(list)
    for name, holder in holders.items():
        if holder.identifier is not None:
            carriers[None, holder.identifier].append(name)
        for place, value in holder.tokens.items():
            if place in apart:
                carriers[place, value].append(name)
    return {name for names in carriers.values() if len(names) > 1 for name in names}


def measure(holders: Sequence[Holder]) -> Measured:
    """The figures that trust is learned from."""
    by_identifier: dict[str, list[Posting | None]] = defaultdict(list)
    by_place: dict[str, dict[str, list[Posting | None]]] = defaultdict(lambda: defaultdict(list))
    addressed = 0
    for holder in holders:
        if holder.identifier is not None:
            by_identifier[holder.identifier].append(holder.posting)
        addressed += holder.addressed
        for place, value in holder.tokens.items():
            by_place[place][value].append(holder.posting)
    tokens = [_figures(values, addressed, place) for place, values in by_place.items()]
    return Measured(
        identifier=_figures(by_identifier, len(holders), None),
        tokens=tuple(sorted(tokens, key=_rank, reverse=True)),
    )


def _figures(values: Mapping[str, Sequence[Posting | None]], postings: int, place: str | None) -> Figures:
    return Figures(
        place=place,
        postings=postings,
        carriers=sum(map(len, values.values())),
        values=len(values),
        conflicts=sum(_disagree(carriers) for carriers in values.values() if len(carriers) > 1),
        samples=tuple(sorted(values)[:_SAMPLES]),
        length=sum(map(len, values)) / len(values) if values else 0.0,
    )


def _rank(one: Figures) -> tuple[float, float, float, str]:
    return one.cover, one.distinct, one.length, one.place or ""


def _learn_token(previous: Trust, places: Sequence[Figures]) -> tuple[Standing, str | None]:
    """The place that covers 80 % of the postings, with 90 % distinct values and no more than 2 % in conflict."""
    if not places:
        return previous.token, previous.token_place
    apart = [one for one in places if one.tells_apart]
    if fits := [one for one in apart if one.standing is not Standing.DISTRUSTED]:
        best = max(fits, key=lambda one: (one.place == previous.token_place, _rank(one)))
        return best.standing, best.place
    return (Standing.DISTRUSTED if apart else Standing.UNKNOWN), None


def _chosen(choice: Choice, learnt: Standing) -> Standing:
    return {Choice.ON: Standing.TRUSTED, Choice.OFF: Standing.DISTRUSTED}.get(choice, learnt)


def _disagree(carriers: Sequence[Posting | None]) -> bool:
    """Whether any two carriers of one value cannot be the same job.

    Carriers that look the same are compared once, and of many that do not the first twenty: a value that stands on
    a thousand pages must not cost a million comparisons.
    """
    postings = [one for one in carriers if one is not None]
    looks = {(fold(one.title), organization(one), *sorted(places(one)), str(one.date_posted)): one for one in postings}
    different = [looks[look] for look in sorted(looks)[:20]]
    return any(not agree(one, other) for one, other in combinations(different, 2))
