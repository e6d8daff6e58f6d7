"""Works out how a site's postings can be found: which path shapes carry them, and which list covers them.

Pure: the visit asks for the samples that this module names and tells it what they showed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crawler.job_words import names_a_job, speaks_of_jobs
from crawler.listing import Entry, is_trap, may_be_page
from crawler.pages import Link
from postings import urls
from postings.sites import Source, SourceKind

#: pages that are asked for of one shape before it is given up, and in all
SAMPLE = 8
MOST_SAMPLES = 120
#: the same on later visits, where a new shape turns up
LATER_SAMPLE = 3
MOST_LATER_SAMPLES = 15
#: pages of shapes that were given up before, looked at again in each visit: postings may be rare among them
MOST_SECOND_LOOKS = 5
#: pages that may be lists, followed from a start page that lists nothing, and how often from those in turn
MOST_CANDIDATE_LISTS = 5
MOST_HOPS = 2


@dataclass(frozen=True, slots=True)
class Group:
    """Addresses of one path shape."""

    shape: str
    entries: tuple[Entry, ...]
    #: a word for jobs stands in the addresses
    speaks: bool

    @property
    def may_hold_postings(self) -> bool:
        """Whether anything about the addresses makes a second look worth a request."""
        return self.speaks or any(names_a_job(entry.url) for entry in self.entries[:1000])


def groups(entries: Iterable[Entry], *, without: Iterable[str] = ()) -> list[Group]:
    """The addresses by shape, the most promising shapes first; shapes in `without` are left out."""
    left_out = frozenset(without)
    by_shape: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.shape not in left_out and may_be_page(entry.url) and not is_trap(entry.url):
            by_shape.setdefault(entry.shape, []).append(entry)
    found = [
        Group(shape, tuple(entries), any(speaks_of_jobs(_path(entry.url)) for entry in entries[:50]))
        for shape, entries in by_shape.items()
    ]
    return sorted(found, key=lambda group: (not group.speaks, -len(group.entries), group.shape))


def sample(group: Group, size: int) -> list[Entry]:
    """Up to `size` addresses: half of them such that read like a posting's, where some do and others do not.

    Both halves are spread evenly, so that old and new postings are among them.
    """
    promising = [entry for entry in group.entries if names_a_job(entry.url)] if len(group.entries) > size else []
    if not promising or len(promising) == len(group.entries):
        return _spread(group.entries, size)
    chosen = _spread(promising, (size + 1) // 2)
    left = frozenset(chosen)
    return [*chosen, *_spread([entry for entry in group.entries if entry not in left], size - len(chosen))]


def _spread(entries: Sequence[Entry], size: int) -> list[Entry]:
    if size <= 0:
        return []
    if len(entries) <= size:
        return list(entries)
    return [entries[number * (len(entries) - 1) // (size - 1)] for number in range(size)] if size > 1 else [entries[0]]


def choose(
    *,
    sitemaps: Sequence[str],
    in_sitemap: frozenset[str],
    lists: Sequence[str],
    in_lists: frozenset[str],
    start_url: str,
    on_start_page: int,
    shapes: Sequence[str],
    rejected: Sequence[str],
) -> Source | None:
    """The source that covers all postings that were found, and why, in words; None if there are none.

    `in_sitemap` and `in_lists` are the keys of addresses of posting shapes; `on_start_page` counts the postings that
    stand on the start page itself.
    """

    def source(kind: SourceKind, where: Sequence[str], reason: str) -> Source:
        return Source(kind=kind, urls=tuple(where), shapes=tuple(shapes), rejected=tuple(rejected), reason=reason)

    if in_sitemap and in_sitemap >= in_lists:
        covers = f" and all {len(in_lists)} that the list pages link to" if in_lists else ""
        return source(
            SourceKind.SITEMAP, sitemaps, f"the sitemap names {len(in_sitemap)} addresses of postings{covers}"
        )
    if in_lists and in_lists >= in_sitemap:
        others = f", {len(in_sitemap)} of them also in the sitemap" if in_sitemap else "; no sitemap names any"
        return source(SourceKind.LIST, lists, f"the list pages link to {len(in_lists)} postings{others}")
    if in_sitemap and in_lists:
        both = len(in_sitemap & in_lists)
        reason = (
            f"the sitemap names {len(in_sitemap)} addresses of postings and the list pages link to {len(in_lists)}, "
            f"{both} are in both: neither is enough alone"
        )
        return source(SourceKind.SITEMAP, [*sitemaps, *lists], reason)
    if on_start_page:
        return source(SourceKind.PAGE, [start_url], f"{on_start_page} postings stand on the start page itself")
    return None


def cover(lists: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The fewest lists that together name what all of them name, the longest first (greedily)."""
    chosen: list[str] = []
    left = frozenset().union(*lists.values()) if lists else frozenset()
    while left:
        best = max(lists, key=lambda url: len(lists[url] & left))
        chosen.append(best)
        left -= lists[best]
    return tuple(chosen)


def candidate_lists(links: Iterable[Link], start_url: str, *, without: Iterable[str]) -> list[str]:
    """Pages linked from the start page that may list postings: addresses or texts with a word for jobs in them.

    Addresses of the shapes in `without` are postings themselves.
    """
    postings = frozenset(without)
    found: dict[str, str] = {}
    for link in links:
        promising = speaks_of_jobs(_path(link.url)) or speaks_of_jobs(link.text)
        if not promising or not urls.same_site(link.url, start_url) or not may_be_page(link.url):
            continue
        key = urls.key(link.url)
        if key != urls.key(start_url) and urls.shape(link.url) not in postings:
            found.setdefault(key, link.url)
    return sorted(found.values(), key=lambda url: (url.count("/"), len(url)))[:MOST_CANDIDATE_LISTS]


def elsewhere(links: Iterable[Link], start_url: str) -> tuple[str, ...]:
    """Addresses on other hosts that a page links to with a word for jobs: the postings may be there. At most three."""
    found: dict[str, str] = {}
    for link in links:
        if link.tag in _LEADING and not urls.same_site(link.url, start_url):
            host, _, rest = link.url.split("://", 1)[-1].partition("/")
            if speaks_of_jobs(f"{host}/{rest}") or speaks_of_jobs(link.text):
                found.setdefault(host, link.url)
    return tuple(list(found.values())[:3])


def nothing_found(
    start_url: str, *, pages: int, lists: Sequence[str], in_sitemaps: int, elsewhere: Sequence[str], links: int
) -> str:
    """What a visit says that found no posting: where it looked, and what a person can do."""
    where = urls.host_key(start_url)
    looked = [f"{pages} {'page' if pages == 1 else 'pages'} of {where}"]
    if lists:
        looked.append(f"among them {', '.join(lists[:3])}")
    if in_sitemaps:
        looked.append(f"{in_sitemaps} addresses are in its sitemaps")
    if elsewhere:
        advice = f"it links to {', '.join(elsewhere)}: if its postings are there, add that address"
    elif not links:
        advice = "its start page holds no link: it may show its postings by script only"
    else:
        advice = "if its postings are elsewhere, add that address"
    return f"no JobPosting was found: looked at {', '.join(looked)}; {advice}"


def _path(url: str) -> str:
    return url.split("://", 1)[-1].partition("/")[2]


#: elements whose address a reader of the page can be led to
_LEADING = frozenset({"a", "area", "iframe", "frame"})
