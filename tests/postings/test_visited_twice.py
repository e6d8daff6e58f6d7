"""What must always hold: a small site that is visited twice (C.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from postings.decisions import KnownPosting, Moved, New, Recycled, Same, SecondAddress, Wait
from postings.identity import new_prints, resolve
from postings.keys import keys
from postings.posting import Posting
from postings.sightings import Sighting
from postings.trust import Standing, Trust
from tests.postings.making import DISTRUSTING, NOW, TRUSTING, known, posting, sighting, text


class Shelf:
    """The least that can stand in for the ledger: postings, what they are known by, and one visit after another."""

    def __init__(self, trust: Trust) -> None:
        self.trust = trust
        self.postings: dict[str, KnownPosting] = {}

    def visit(self, batches: Sequence[Sequence[Sighting]]) -> dict[str, str]:
        """Which posting each address is, after a complete visit."""
        self.postings = {name: replace(one, seen=False, vanished=False) for name, one in self.postings.items()}
        found: dict[str, str] = {}
        held: list[Sighting] = []
        for batch in batches:
            ordered = sorted(batch, key=lambda one: one.address or "")
            held += [seen for seen in ordered if not self._take(seen, found, final=False, only=True)]
        for name, one in self.postings.items():
            self.postings[name] = replace(one, vanished=one.open and not one.seen)
        prints = new_prints(((seen, keys(seen), self._candidates(seen)) for seen in held), self.trust, now=NOW)
        for seen in sorted(held, key=lambda one: one.address or ""):
            assert self._take(seen, found, final=True, only=prints[keys(seen).print] == 1)
        return found

    def _candidates(self, seen: Sighting) -> list[KnownPosting]:
        rows = set(keys(seen).rows)
        return [one for one in self.postings.values() if one.keys & rows]

    def _take(self, seen: Sighting, found: dict[str, str], *, final: bool, only: bool) -> bool:
        own = keys(seen)
        decision = resolve(seen, own, self._candidates(seen), self.trust, final=final, only_with_print=only, now=NOW)
        assert seen.address is not None
        match decision:
            case Wait():
                return False
            case Same(posting=old) | Moved(posting=old) | SecondAddress(posting=old):
                name, content = old.id, old.posting
                if isinstance(decision, Moved) or old.page == seen.page.address:
                    content = seen.posting
                self.postings[name] = replace(
                    old, seen=True, open=True, closed_at=None, vanished=False, posting=content,
                    page=seen.page.address if isinstance(decision, Moved) else old.page,
                    keys=old.keys | set(own.rows),
                )  # fmt: skip
            case New() | Recycled():
                name = f"p_{len(self.postings):03}"
                self.postings[name] = known(seen.address, seen.posting, name=name, seen=True)
                if isinstance(decision, Recycled):
                    old = self.postings[decision.posting.id]
                    self.postings[old.id] = replace(old, open=False, closed_at=NOW)
        found[seen.address] = name
        return True


@st.composite
def jobs(draw: st.DrawFn) -> list[Posting]:
    """Jobs of one site, each with an identifier of its own; titles, towns, days and texts repeat."""
    many = draw(st.integers(1, 6))
    return [
        posting(
            draw(st.sampled_from(["Welder", "Fitter", "Cook"])),
            town=draw(st.sampled_from(["Berlin", "Rome", None])),
            value=f"R-{number}",
            date_posted=draw(st.sampled_from([None, date(2026, 11, 1), date(2026, 11, 2)])),
            description_text=draw(st.sampled_from([None, "A teaser.", text("a"), text("b")])),
        )
        for number in range(many)
    ]


@st.composite
def batched(draw: st.DrawFn, sightings: Sequence[Sighting]) -> list[list[Sighting]]:
    """The sightings in any order and any batches."""
    order = draw(st.permutations(list(sightings)))
    cuts = sorted(draw(st.sets(st.integers(0, len(order)), max_size=3)))
    return [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


TRUSTS = st.sampled_from([
    Trust(),
    DISTRUSTING,
    TRUSTING,
    Trust(identifier=Standing.TRUSTED),
    Trust(token=Standing.TRUSTED, token_place="path:-1"),
    Trust(identifier=Standing.PROBATION, token=Standing.PROBATION, token_place="path:-1"),
])  # fmt: skip


#: where a job of this number stands, in three schemes of addresses
SCHEMES = st.sampled_from([
    "acme.example/jobs/{:05}",
    "acme.example/stellen/{:05}",
    "acme.example/view?id={:05}",
    "acme.example/jobs/slug{}",
])  # fmt: skip


def seen_at(scheme: str, contents: Sequence[Posting]) -> list[Sighting]:
    return [sighting(scheme.format(number), content) for number, content in enumerate(contents)]


@settings(max_examples=60, deadline=None)
@given(jobs(), TRUSTS, SCHEMES, st.data())
def test_the_same_visit_again_in_any_order_yields_the_same_postings(
    contents: list[Posting], trust: Trust, scheme: str, data: st.DataObject
) -> None:
    pages = seen_at(scheme, contents)
    shelf = Shelf(trust)
    first = shelf.visit(data.draw(batched(pages)))
    again = shelf.visit(data.draw(batched(pages)))
    assert again == first
    assert len(shelf.postings) == len(set(first.values()))


@settings(max_examples=100, deadline=None)
@given(jobs(), TRUSTS, SCHEMES, SCHEMES, st.data())
def test_any_order_and_batching_of_a_visit_yields_the_same_partition(
    contents: list[Posting], trust: Trust, scheme: str, next_scheme: str, data: st.DataObject
) -> None:
    """After a first visit the site moves some pages to other addresses, changes some, and keeps some old ones up."""
    pages = seen_at(scheme, contents)
    changed = [replace(content, title=data.draw(st.sampled_from([content.title, "Chief"]))) for content in contents]
    later = seen_at(next_scheme, changed)
    moved_to = {one.address for one in later}
    later += [page for page in pages if page.address not in moved_to and data.draw(st.booleans())]
    before = [page for page in pages if data.draw(st.booleans())]
    partitions = []
    for _ in range(2):
        shelf = Shelf(trust)
        known_names = set(shelf.visit([before]).values())
        addresses: dict[str, set[str]] = {}
        for address, name in shelf.visit(data.draw(batched(later))).items():
            addresses.setdefault(name, set()).add(address)
        partitions.append({
            frozenset(group): name if name in known_names else "new" for name, group in addresses.items()
        })  # fmt: skip
    assert partitions[0] == partitions[1]


@settings(max_examples=100, deadline=None)
@given(jobs(), st.sampled_from([TRUSTING, Trust(identifier=Standing.TRUSTED)]), SCHEMES, SCHEMES, st.data())
def test_two_trusted_identifiers_of_one_visit_are_never_one_posting(
    contents: list[Posting], trust: Trust, scheme: str, next_scheme: str, data: st.DataObject
) -> None:
    shelf = Shelf(trust)
    first = shelf.visit(data.draw(batched(seen_at(scheme, contents))))
    assert len(set(first.values())) == len(contents)
    second = shelf.visit(data.draw(batched(seen_at(next_scheme, contents))))
    assert len(set(second.values())) == len(contents)
    assert set(second.values()) == set(first.values()), "identifiers that are trusted move with their postings"


@settings(max_examples=60, deadline=None)
@given(jobs(), TRUSTS, SCHEMES, st.data())
def test_addresses_alone_keep_the_postings_of_a_visit_apart(
    contents: list[Posting], trust: Trust, scheme: str, data: st.DataObject
) -> None:
    bare = [replace(content, identifier=None) for content in contents]
    found = Shelf(trust).visit(data.draw(batched(seen_at(scheme, bare))))
    assert len(set(found.values())) == len(contents)
