"""How much of real sites is found: `python -m benchmarks.sites`.

Real boards, lists, sitemaps, feeds and pages with postings, from a collection that lies beside some checkouts, are
served on loopback under the names of the hosts where they stood, and each site is visited twice through everything that
`hirewatch add` and `hirewatch visit` pass: resolver, TLS, robots.txt, Scrapy, readers, ledger. Counted are the postings
in the database against what is there by other means than the crawler's (`tests.sites.collection`), and what the second
visit makes of sites that did not change. Prints tables and writes nothing.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path

from tests.sites.collection import COLLECTION, Collection
from tests.sites.visited import Outcome, Visits, told

#: methods of the collection, and what they give
KINDS = {
    "boards": "saved answers of boards, from the board's own address",
    "leading": "real start pages that lead to one board",
    "lists": "real list pages",
    "sitemaps": "real sitemaps",
    "feeds": "real feeds",
    "start_pages": "real start pages that hold their postings",
    "whole_sites": "hosts of real posting pages, with an invented list",
}


def main(arguments: argparse.Namespace) -> None:
    """Visits the sites of each kind and prints what came of it."""
    collection = Collection(arguments.collection)
    print("| kind | sites right | postings found | missed | no posting | events of the second visit |")
    print("| --- | --- | --- | --- | --- | --- |")
    wrong: list[Outcome] = []
    for kind in arguments.kinds:
        with tempfile.TemporaryDirectory() as folder:
            outcomes = Visits(collection, partial(Path, folder))(kind, only=arguments.only)
        wrong += [one for one in outcomes if not one.is_right]
        print(row(kind, outcomes), flush=True)
    for one in wrong:
        print(f"\n{told(one)}")


def row(kind: str, outcomes: list[Outcome]) -> str:
    """A row of the table."""
    right = sum(one.is_right for one in outcomes)
    found, there = sum(one.found for one in outcomes), sum(one.site.expected for one in outcomes)
    missed = sum(len(one.missed) for one in outcomes)
    made_up, events = sum(len(one.made_up) for one in outcomes), sum(one.events for one in outcomes)
    return f"| {KINDS[kind]} | {right} of {len(outcomes)} | {found} of {there} | {missed} | {made_up} | {events} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collection", type=Path, default=COLLECTION)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--only", nargs="+", default=(), help="names of sites")
    main(parser.parse_args())
