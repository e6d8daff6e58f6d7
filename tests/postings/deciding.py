"""What `postings.identity` decides, asked as the tests of its rows do."""

from __future__ import annotations

from postings.decisions import Decision, KnownPosting, Link, New
from postings.identity import resolve
from postings.keys import keys
from postings.sightings import Sighting
from postings.trust import Trust
from tests.postings.making import NOW, TRUSTING


def decide(
    seen: Sighting,
    *candidates: KnownPosting,
    trust: Trust = TRUSTING,
    final: bool = True,
    only_with_print: bool = True,
) -> Decision:
    return resolve(seen, keys(seen), candidates, trust, final=final, only_with_print=only_with_print, now=NOW)


def link(decision: Decision) -> Link:
    assert isinstance(decision, New)
    assert decision.link is not None
    return decision.link
