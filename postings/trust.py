"""Which identifiers and address tokens of a site may be believed (C.3): learned from complete visits.

The ledger calls `learn` at the end of a complete visit and keeps the result with the site; `identity.resolve`
reads it in the next one. Trust moves only forward in time: what was merged or split stays so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    #: how many postings may come, go or change before it could be another, and the number of the newest event then
    margin: int = field(default=0, compare=False)
    as_of: int = field(default=0, compare=False)

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        learnt = {"identifier": str(self.identifier), "token": str(self.token), "token_place": self.token_place}
        return learnt | ({"margin": self.margin, "as_of": self.as_of} if self.margin > 0 else {})

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Trust:
        """The way back; what is missing is unknown."""
        return cls(
            identifier=Standing(kept.get("identifier", Standing.UNKNOWN)),
            token=Standing(kept.get("token", Standing.UNKNOWN)),
            token_place=kept.get("token_place"),
            margin=kept.get("margin", 0),
            as_of=kept.get("as_of", 0),
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
        return _share(self.carriers, self.postings)

    @property
    def distinct(self) -> float:
        """Distinct values by carriers: 1.0 if no two postings share one."""
        return _share(self.values, self.carriers)

    @property
    def conflict(self) -> float:
        """Share of the values in conflict."""
        return _share(self.conflicts, self.values)

    @property
    def standing(self) -> Standing:
        """What the values say for themselves."""
        return self.standing_after(0)

    @property
    def tells_apart(self) -> bool:
        """Whether enough postings carry a token here, and few enough share one."""
        return self.tells_apart_after(0)

    # A posting that comes, goes or changes leaves one value and enters another: each number above moves by one at most,
    # and that of the conflicts by two.

    def standing_after(self, touched: int) -> Standing:
        """What they say at worst once `touched` postings have come, gone or changed; at best for a number below 0."""
        values, conflicts = self.values - touched, self.conflicts + 2 * touched
        if values <= 0:
            return Standing.UNKNOWN
        if conflicts / values > MOST_CONFLICT:
            return Standing.DISTRUSTED
        return Standing.PROBATION if values < ENOUGH_VALUES else Standing.TRUSTED

    def tells_apart_after(self, touched: int) -> bool:
        """The same of `tells_apart`."""
        cover = _share(self.carriers - touched, self.postings + touched)
        distinct = _share(self.values - touched, self.carriers + touched)
        return cover >= LEAST_COVER and distinct >= LEAST_DISTINCT

    def stays(self, standing: Standing, touched: int) -> bool:
        """Whether they say this, whatever becomes of `touched` postings."""
        return self.standing_after(touched) is standing is self.standing_after(-touched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the postings of a site show of its keys."""

    identifier: Figures
    #: one a place, the best first
    tokens: tuple[Figures, ...] = ()
    #: postings with an address
    addressed: int = 0


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
    distrusted, at any size. Fewer than five values: probation, unless they were trusted before and nearly all postings
    carry one. A visit without any value changes nothing.
    """
    measured = measure(holders)
    identifier = _after(previous.identifier, measured.identifier)
    token, place = _learn_token(previous, measured.tokens)
    trust = Trust(identifier=identifier, token=token, token_place=place)
    return replace(trust, margin=_margin(trust, measured))


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
        addressed=addressed,
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
        before = previous.token if best.place == previous.token_place else Standing.UNKNOWN
        return _after(before, best), best.place
    return (Standing.DISTRUSTED if apart else Standing.UNKNOWN), None


def _after(before: Standing, now: Figures) -> Standing:
    """What to think of keys after a visit: a site that is small now says nothing against what many have shown."""
    if not now.values or (now.standing is Standing.PROBATION and before is Standing.TRUSTED and now.tells_apart):
        return before
    return now.standing


def _margin(trust: Trust, measured: Measured) -> int:
    """Of how many postings it does not matter what becomes of them: another `learn` would say this `trust` again."""
    return bisect_left(
        range(1, measured.identifier.postings + 1), True, key=lambda touched: not _stands(trust, measured, touched)
    )


def _stands(trust: Trust, measured: Measured, touched: int) -> bool:
    return measured.identifier.stays(trust.identifier, touched) and _token_stands(trust, measured, touched)


def _token_stands(trust: Trust, measured: Measured, touched: int) -> bool:
    if trust.token_place is not None:
        # it is kept while it fits, whatever other places there are
        kept = (one for one in measured.tokens if one.place == trust.token_place)
        return any(one.tells_apart_after(touched) and one.stays(trust.token, touched) for one in kept)
    unheard_of = Figures(postings=measured.addressed, carriers=0, values=0, conflicts=0)
    may_tell_apart = [one for one in (*measured.tokens, unheard_of) if one.tells_apart_after(-touched)]
    if trust.token is Standing.UNKNOWN:
        return not may_tell_apart
    # one that was distrusted keeps the site from having none
    return all(one.stays(Standing.DISTRUSTED, touched) for one in may_tell_apart) and any(
        one.tells_apart_after(touched) for one in may_tell_apart
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole > 0 else float(part > 0)


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
