"""What reading a page costs, in parses of the same page by lxml.html: `python -m benchmarks.reading`.

Everything is timed in one run and in turns, page by page, as CPU time of this process. A figure is the median over the
rounds of (all pages read) / (all pages parsed); beside it stands the median over the pages of their own ratios, since
one large page may outweigh many small ones. Prints tables and writes nothing.

The pages are those of a folder (`--pages`), by default of a collection of real pages that lies beside some
checkouts; where it is not there, those of invented career sites.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import logging
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import lxml.etree
import lxml.html

from crawler.documents import Document, NoDocument, parse, parse_prepared, prepare
from crawler.extraction import find_in_text, read_all, read_page, withdrawn
from crawler.head import Head, gather
from crawler.links import read_links
from crawler.pages import Page, Reading
from crawler.readers import spare_collector
from crawler.structured_data import StructuredData
from hirewatch.demo.http_server import Request
from hirewatch.demo.site import CareerSite

COLLECTION = Path(__file__).resolve().parents[1].parent / "shared" / "corpus" / "pages"
#: where a page that does not say it is taken to stand
ADDRESS = "https://acme.example/careers/jobs/1"

clock = time.process_time


@dataclass(frozen=True, slots=True)
class Sample:
    """A page with what is on it."""

    page: Page
    reading: Reading

    @property
    def marked(self) -> bool:
        """Whether a posting is on it."""
        return bool(self.reading.postings)


def samples(folder: Path | None) -> list[Sample]:
    """The pages of a folder, or those of four invented sites."""
    bodies = _invented() if folder is None else [file.read_bytes() for file in sorted(folder.iterdir())]
    found = []
    for body in bodies:
        page = Page(url=ADDRESS, body=body, content_type="text/html")
        # a page is fetched from the address that it gives itself
        where = read_page(page, links=True).canonical or ADDRESS
        page = Page(url=where, body=body, content_type="text/html")
        found.append(Sample(page, read_page(page, links=True)))
    return found


def _invented() -> Iterator[bytes]:
    for seed in range(4):
        site = CareerSite(postings=25, seed=seed, layout="both")
        paths = ["/", "/careers", "/careers/jobs", *map(site.address, site.open_jobs())]
        for path in paths:
            request = Request(method="GET", path=path.removeprefix(site.origin), query={}, headers={})
            yield site.answer(request).body


# What is timed. Each takes a sample; none keeps anything.


def bare(sample: Sample) -> None:
    """What everything is measured by."""
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    with contextlib.suppress(lxml.etree.LxmlError, AssertionError):
        lxml.html.document_fromstring(sample.page.body, parser=parser)


def read(sample: Sample) -> None:
    """All but links."""
    read_page(sample.page, links=False)


def read_with_links(sample: Sample) -> None:
    """All."""
    read_page(sample.page, links=True)


def find(sample: Sample) -> None:
    """The JobPosting objects and what the page says of itself, nothing made of either."""
    _find(sample.page, links=False)


def find_with_links(sample: Sample) -> None:
    """The same and links."""
    _find(sample.page, links=True)


def normalise(sample: Sample) -> None:
    """The same as `find` and the postings, all fields normalised."""
    _normalise(sample.page, links=False)


def normalise_with_links(sample: Sample) -> None:
    """The same and links."""
    _normalise(sample.page, links=True)


def extruct_everything(sample: Sample) -> None:
    """extruct as it comes: six syntaxes."""
    import extruct

    with contextlib.suppress(lxml.etree.LxmlError, AssertionError, ValueError):
        extruct.extract(sample.page.body, base_url=sample.page.url, errors="ignore")


def _find(page: Page, *, links: bool) -> tuple[StructuredData, Head] | None:
    source = prepare(page)
    if isinstance(source, NoDocument):
        return None
    if not links and (skimmed := find_in_text(source, page.url)) is not None:
        return skimmed
    document = parse_prepared(source)
    if isinstance(document, NoDocument):
        return None
    elements = gather(document.tree, links=links)
    head = Head(elements, page.url)
    found = StructuredData()
    found.collect(document, elements.scripts, head.base, head.address)
    read_links(elements.leading, head.base)
    return found, head


def _normalise(page: Page, *, links: bool) -> None:
    if (found := _find(page, links=links)) is not None:
        read_all(*found)


@dataclass(frozen=True, slots=True)
class Ratio:
    """How long one thing takes in another's time."""

    #: of all pages together, median over the rounds
    whole: float
    #: of each page for itself, median over the pages
    page: float


def compare(
    pages: Sequence[Sample], base: Callable[[Sample], None], others: Sequence[Callable[[Sample], None]], rounds: int
) -> list[Ratio]:
    """Times `others` in terms of `base`, in turns on each page, beginning with another one in each round."""
    timed = [base, *others]
    ratios: list[list[float]] = [[] for _ in timed]
    alone: list[list[list[float]]] = [[[] for _ in pages] for _ in timed]
    for number in range(rounds):
        totals = [0.0] * len(timed)
        for place, sample in enumerate(pages):
            for turn in range(len(timed)):
                which = (turn + number) % len(timed)
                began = clock()
                timed[which](sample)
                took = clock() - began
                totals[which] += took
                alone[which][place].append(took)
        for which, total in enumerate(totals):
            ratios[which].append(total / totals[0])
    medians = [[statistics.median(times) for times in of] for of in alone]
    return [
        Ratio(
            statistics.median(ratios[which]),
            statistics.median(own / bases for own, bases in zip(medians[which], medians[0], strict=True)),
        )
        for which in range(1, len(timed))
    ]


def stages(pages: Sequence[Sample], rounds: int) -> list[tuple[str, float]]:
    """Where the time goes, each stage in bare parses, in the order in which they run."""
    names = ["bare", "parse", "one walk for all elements", "title, language, canonical link", "JobPosting objects found",
             "postings read (all normalising)", "signs that it is withdrawn", "links", "tree freed"]  # fmt: skip
    shares: list[list[float]] = [[] for _ in names]
    for _ in range(rounds):
        totals = [0.0] * len(names)
        for sample in pages:
            times = _times(sample)
            totals = [total + took for total, took in zip(totals, times, strict=True)]
        for place, total in enumerate(totals):
            shares[place].append(total / totals[0])
    return [(name, statistics.median(share)) for name, share in zip(names, shares, strict=True)][1:]


def _times(sample: Sample) -> list[float]:
    times = [clock()]
    bare(sample)
    times.append(clock())
    document = parse(sample.page)
    times.append(clock())
    if not isinstance(document, Document):
        return [times[1] - times[0], times[2] - times[1], *[0.0] * 7]
    elements = gather(document.tree, links=True)
    times.append(clock())
    head = Head(elements, sample.page.url)
    times.append(clock())
    found = StructuredData()
    found.collect(document, elements.scripts, head.base, head.address)
    times.append(clock())
    read = read_all(found, head)
    times.append(clock())
    if len(read) == 1:
        withdrawn(document, head, read[0].posting)
    times.append(clock())
    read_links(elements.leading, head.base)
    times.append(clock())
    del document, elements
    times.append(clock())
    return [after - before for before, after in itertools.pairwise(times)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=Path, help="a folder of HTML files")
    parser.add_argument("--invented", action="store_true", help="pages of invented sites, whatever lies beside")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--without-extruct", action="store_true", help="leave out the slowest comparison")
    asked = parser.parse_args()
    folder = None if asked.invented else asked.pages or (COLLECTION if COLLECTION.is_dir() else None)
    pages = samples(folder)
    posting_pages = [sample for sample in pages if sample.marked]
    syntaxes = [one.posting.syntax for sample in posting_pages for one in sample.reading.postings]
    mean = sum(len(sample.page.body) for sample in pages) / len(pages) / 1024
    print(
        f"{len(pages)} pages {'of invented sites' if folder is None else 'of a folder'}, mean {mean:.0f} KiB;"
        f" {len(posting_pages)} with postings: "
        + ", ".join(f"{syntaxes.count(syntax)} {syntax}" for syntax in sorted(set(syntaxes)))
    )
    # as in a reader process
    spare_collector()
    rows: list[tuple[str, Ratio, float | None]] = []
    timed = [find, find_with_links, normalise, normalise_with_links, read]
    ratios = compare(posting_pages, bare, timed, asked.rounds)
    names = ["before normalising", "before normalising, links wanted", "all normalised", "all normalised, links wanted",
             "all that is read of them in a visit"]  # fmt: skip
    goals = [1.25, 1.25, 1.6, 1.6, None]
    rows += [
        (f"pages with postings: {name}", ratio, goal) for name, ratio, goal in zip(names, ratios, goals, strict=True)
    ]
    ratios = compare(pages, bare, [read, read_with_links], asked.rounds)
    rows += [("every page: all that is read", ratios[0], 0.4), ("every page: the same, links wanted", ratios[1], None)]
    print(f"\n{'in bare lxml.html parses':<55}{'together':>10}{'a page':>10}{'goal':>8}")
    for name, ratio, goal in rows:
        print(f"{name:<55}{ratio.whole:>10.2f}{ratio.page:>10.2f}{goal or '':>8}")
    print(f"\n{'pages with postings, stage by stage':<55}{'together':>10}")
    for name, share in stages(posting_pages, asked.rounds):
        print(f"{name:<55}{share:>10.2f}")
    if not asked.without_extruct:
        logging.disable(logging.CRITICAL)
        warnings.simplefilter("ignore")
        ratio = compare(pages, read, [extruct_everything], 3)[0]
        print(f"\n{'every page, extruct.extract() in readings':<55}{ratio.whole:>10.0f}{ratio.page:>10.0f}{100:>8}")


if __name__ == "__main__":
    main()
