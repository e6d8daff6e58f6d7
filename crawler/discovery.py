"""Works out how a site's postings can be found: which path shapes carry them, and which list covers them.

Pure: the visit asks for the samples that this module names and tells it what they showed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import parse_qsl, unquote

from crawler.job_words import names_a_job, says_all, speaks_of_jobs
from crawler.links import LED
from crawler.listing import Entry, is_trap, may_be_page
from crawler.pages import Link
from crawler.sources.forms import FORM, SEARCH
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
#: the same at a first visit and when a person asks, of shapes with few addresses that no word speaks for
MOST_SURVEYED = 30
#: pages read one by one where no sample shows a posting, at the first visit and at later ones
MOST_SEARCHED = 500
MOST_LATER_SEARCHED = 50
#: other lists that are read beside the source in each visit, and the files that a sitemap among them may have
MOST_CHECKS = 1
MOST_CHECK_FILES = 2
#: pages that may be lists, followed from a start page that lists nothing, and how often from those in turn
MOST_CANDIDATE_LISTS = 5
MOST_HOPS = 2
#: pages of the same shape as lists that name postings, read at the first visit, and how many of them in a row may name
#: nothing new
MOST_ALIKE = 100
MOST_IDLE_LISTS = 8
#: postings, and pages, up to which a list may be an extract: another one that names the same is kept beside it
SMALL_LIST = 50
MOST_SMALL_PAGES = 3
#: pages of what may be a list, up to which it has to have named a posting
MOST_TRIED_PAGES = 10
#: lists that are kept although they name the same as others
MOST_EQUALS = 2
#: lists of one shape up to which those that name nothing are read with the others
_MOST_EMPTY = 30
#: pages that may be fuller lists, read beside those that are known, in one visit; and those that a posting is looked
#: for on which its list has lost
MOST_FURTHER = 5
MOST_LOOKED_THROUGH = 10
#: parameters that many servers write anew into each link: for pages that may be lists they count for nothing
_SESSION = re.compile(r"(?<=[?&])(?:sid|sess\w*|token|csrf\w*|nonce|ts|rnd|_)=[^&]*")
#: characters of a link's text that says where "all" of them are
_ALL_TEXT = 60
#: addresses of one shape from which a page may be a list of the site's own postings
_FEWEST_JOBS = 5


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
    sitemap_files: int = 1,
    lists: Sequence[str],
    in_lists: frozenset[str],
    feeds: Sequence[str] = (),
    in_feeds: int = 0,
    start_url: str,
    on_start_page: int,
    elsewhere: tuple[str, int] | None = None,
    shapes: Sequence[str],
    rejected: Sequence[str],
) -> Source | None:
    """The source that covers all postings that were found, and why, in words; None if there are none.

    `in_sitemap` and `in_lists` are the keys of addresses of posting shapes; `on_start_page` counts the postings that
    stand on the start page itself, `elsewhere` those of the list page with the most of them, `in_feeds` the addresses
    of posting shapes in feeds. A second list of the same postings is kept as a cross-check, unless it is a sitemap of
    so many files (`sitemap_files`) that it costs too much.
    """

    def source(kind: SourceKind, where: Sequence[str], reason: str, checks: Sequence[str] = ()) -> Source:
        return Source(
            kind=kind,
            urls=tuple(where),
            feeds=() if kind is SourceKind.FEED else tuple(feeds),
            shapes=tuple(shapes),
            rejected=tuple(rejected),
            checks=tuple(checks),
            reason=reason,
        )

    if in_sitemap and in_sitemap >= in_lists:
        covers = f" and all {len(in_lists)} that the list pages link to" if in_lists else ""
        reason = f"the sitemap names {len(in_sitemap)} addresses of postings{covers}"
        return source(SourceKind.SITEMAP, sitemaps, reason, lists[:MOST_CHECKS])
    if in_lists and in_lists >= in_sitemap:
        others = f", {len(in_sitemap)} of them also in the sitemap" if in_sitemap else "; no sitemap names any"
        checks = sitemaps[:MOST_CHECKS] if in_sitemap and sitemap_files <= MOST_CHECK_FILES else ()
        return source(SourceKind.LIST, lists, f"the list pages link to {len(in_lists)} postings{others}", checks)
    if in_sitemap and in_lists:
        both = len(in_sitemap & in_lists)
        reason = (
            f"the sitemap names {len(in_sitemap)} addresses of postings and the list pages link to {len(in_lists)}, "
            f"{both} are in both: neither is enough alone"
        )
        return source(SourceKind.SITEMAP, [*sitemaps, *lists], reason)
    if on_start_page:
        return source(SourceKind.PAGE, [start_url], f"{on_start_page} postings stand on the start page itself")
    if elsewhere is not None:
        url, count = elsewhere
        return source(SourceKind.PAGE, [url], f"{count} postings stand on {url} itself")
    if in_feeds:
        reason = f"only a feed names postings, {in_feeds} of them: it may leave out older ones"
        return source(SourceKind.FEED, feeds, reason)
    return None


def cover(lists: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The fewest lists that together name what all of them name, the longest first (greedily).

    Where no list names all, those whose addresses have one shape are taken together, as departments or places: each new
    posting has one of them, and it may be one that has none today, or none that another list lacks. Of equals the one
    is taken whose address is the folder of the postings, and a small list is no reason to leave out another that names
    the same: one of them may be an extract, which shows only when there are more postings.
    """
    chosen: list[str] = []
    whole = left = frozenset().union(*lists.values()) if lists else frozenset()
    alone: dict[tuple[str, ...], frozenset[str]] = {(url,): named for url, named in lists.items()}
    units = alone if whole in lists.values() else _families(lists)
    while left:
        best = max(units, key=lambda unit: (len(units[unit] & left), is_folder(unit[0], units[unit]), -len(unit)))
        chosen += best
        left -= units[best]
    if 0 < len(whole) <= SMALL_LIST:
        equals = [url for url, named in lists.items() if named == whole and url not in chosen]
        chosen += sorted(equals, key=lambda url: not is_folder(url, whole))[:MOST_EQUALS]
    return tuple(chosen)


def _families(lists: Mapping[str, frozenset[str]]) -> dict[tuple[str, ...], frozenset[str]]:
    """The lists whose addresses have one shape, with what they name together; of very many only those that name
    some."""
    by_shape: dict[str, list[str]] = {}
    for url in lists:
        shape = urls.shape(url)
        by_shape.setdefault(shape if "*" in shape else url, []).append(url)
    families = (
        family if len(family) <= _MOST_EMPTY else [url for url in family if lists[url]] for family in by_shape.values()
    )
    return {tuple(family): frozenset().union(*(lists[url] for url in family)) for family in families if family}


def is_folder(url: str, postings: Iterable[str]) -> bool:
    """Whether a page's address is the folder of one of the postings, given by their address keys."""
    folder = urls.key(url)
    return any(key.rpartition("/")[0] == folder for key in postings)


@dataclass(frozen=True, slots=True)
class Further:
    """A page that may name more postings than the lists that lead to it."""

    url: str
    #: the link says that all postings are there
    says_all: bool


def further_lists(
    links: Iterable[Link], start_url: str, *, lists: Iterable[str], named: Iterable[str], without: Iterable[str]
) -> list[Further]:
    """Pages that look like a fuller list than those that link to them: the link says "all jobs", the address is the
    folder of the postings, or it has the shape of a list that is known (`lists`), as departments have.

    `named` are the address keys of the postings; addresses of the shapes in `without` are postings themselves.
    """
    postings = frozenset(without)
    folders = {key.rpartition("/")[0] for key in named}
    shapes = Counter(shape for shape in map(urls.shape, lists) if "*" in shape)
    found: dict[str, Further] = {}
    for link in links:
        if link.tag not in _LEADING or not urls.same_site(link.url, start_url) or not may_be_page(link.url):
            continue
        key, shape = urls.key(link.url), urls.shape(link.url)
        if shape in postings or leads_to_past(link, beside_lists=shapes[shape] > 1):
            continue
        everything = leads_to_all(link)
        if everything or key in folders or shape in shapes:
            known = found.get(key)
            found[key] = Further(link.url, everything or (known is not None and known.says_all))
    return sorted(found.values(), key=lambda one: (not one.says_all, urls.key(one.url) not in folders))


def lists_alike(links: Iterable[Link], start_url: str, *, lists: Iterable[str], without: Iterable[str]) -> list[str]:
    """Pages whose addresses have the form of one of the `lists`, as those of departments and places have: as many
    segments, the first of them the same, and the same parameters; at most a hundred. Addresses of the shapes in
    `without` are postings themselves."""
    postings = frozenset(without)
    alike = Counter(_list_form(url) for url in lists if "*" in urls.shape(url))
    found: dict[str, str] = {}
    for link in links if alike else ():
        if link.tag not in _LEADING or not urls.same_site(link.url, start_url) or not may_be_page(link.url):
            continue
        known = alike[_list_form(link.url)]
        if known and urls.shape(link.url) not in postings and not leads_to_past(link, beside_lists=known > 1):
            found.setdefault(_SESSION.sub("", urls.key(link.url)), link.url)
    return list(found.values())[:MOST_ALIKE]


def _list_form(url: str) -> tuple[str, int, str]:
    path, _, query = urls.shape(url).partition("?")
    segments = path.split("/")
    return "/".join(segments[:2]) if len(segments) > 2 else segments[0], len(segments), query


def leads_to_all(link: Link) -> bool:
    """Whether a link says that it leads to all postings."""
    if len(link.text) > _ALL_TEXT or not says_all(link.text):
        return False
    return speaks_of_jobs(link.text) or speaks_of_jobs(_path(link.url))


def leads_to_past(link: Link, *, beside_lists: bool = False) -> bool:
    """Whether a link says that it leads to postings that are over: an archive is no list of a site's postings.

    It says so by a word for that beside one for jobs ("past vacancies"), or by such a word alone ("Archive"): not
    `beside_lists` of the same form, where that is the name of a department.
    """
    path, _, query = _path(link.url).partition("?")
    folder = _SUFFIX.sub("", path.rstrip("/").rpartition("/")[2])
    said = [link.text[: _ALL_TEXT + 1], unquote(folder), *(value for _, value in parse_qsl(query))]
    return any(_is_past(text, alone=not beside_lists) for text in said if len(text) <= _ALL_TEXT)


def _is_past(text: str, *, alone: bool) -> bool:
    words = [word for word in _WORD.findall(text.casefold()) if word not in _BETWEEN]
    if len(words) == 1:
        return alone and _OVER.fullmatch(words[0]) is not None
    return any(
        (_OVER.fullmatch(one) and speaks_of_jobs(other)) or (_OVER.fullmatch(other) and speaks_of_jobs(one))
        for one, other in pairwise(words)
    )


def candidate_lists(links: Iterable[Link], start_url: str, *, without: Iterable[str]) -> list[str]:
    """Pages linked from the start page that may list postings: addresses or texts with a word for jobs in them, and
    frames.

    Addresses of the shapes in `without` are postings themselves.
    """
    postings = frozenset(without)
    found: dict[str, str] = {}
    for link in links:
        if link.tag in _NO_LISTS:
            continue
        promising = link.tag in _FRAMES or speaks_of_jobs(_path(link.url)) or speaks_of_jobs(link.text)
        if not promising or leads_to_past(link):
            continue
        if not urls.same_site(link.url, start_url) or not may_be_page(link.url):
            continue
        key = urls.key(link.url)
        if key != urls.key(start_url) and urls.shape(link.url) not in postings:
            found.setdefault(key, link.url)
    return sorted(found.values(), key=lambda url: (url.count("/"), len(url)))[:MOST_CANDIDATE_LISTS]


def own_jobs(links: Iterable[Link], start_url: str) -> list[str]:
    """The addresses of what looks like postings on the site's own pages: at least five of one shape, with a word for
    jobs in their path, most of them with an id. In order; none if there are fewer."""
    on_site = {link.url: None for link in links if link.tag == "a" and urls.same_site(link.url, start_url)}
    for group in groups(Entry.of(url) for url in on_site):
        named = sum(bool(urls.tokens(entry.url)) for entry in group.entries)
        if group.speaks and len(group.entries) >= _FEWEST_JOBS and named * 2 > len(group.entries):
            return [entry.url for entry in group.entries]
    return []


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
    start_url: str,
    *,
    pages: int,
    lists: Sequence[str],
    in_sitemaps: int,
    elsewhere: Sequence[str],
    links: int,
    script_advice: str = "",
) -> str:
    """What a visit says that found no posting: where it looked, and what a person can do.

    `script_advice` is given where the start page shows nothing before its scripts have run.
    """
    where = urls.host_key(start_url)
    looked = [f"{pages} {'page' if pages == 1 else 'pages'} of {where}"]
    if lists:
        looked.append(f"among them {', '.join(lists[:3])}")
    if in_sitemaps:
        looked.append(f"{in_sitemaps} addresses are in its sitemaps")
    if script_advice:
        advice = f"its start page shows nothing without its scripts: {script_advice}"
    elif elsewhere:
        advice = f"it links to {', '.join(elsewhere)}: if its postings are there, add that address"
    elif not links:
        advice = "its start page holds no link: it may show its postings by script only"
    else:
        advice = "if its postings are elsewhere, add that address"
    return f"no JobPosting was found: looked at {', '.join(looked)}; {advice}"


def _path(url: str) -> str:
    return url.split("://", 1)[-1].partition("/")[2]


#: what postings that are over are called, in the address of their list or in its link
_OVER = re.compile(
    r"archiv(?:e[sd]?|o|u|io|iert\w{0,2})?|past|expired|closed|filled|former|abgelaufene?|besetzte?|vergangene?|pourvu(?:e?s)?"
    r"|expir[ée]e?s?|cerrad[ao]s|cubiert[ao]s|vervulde?|verlopen"
)
_WORD = re.compile(r"[^\W_]+")
#: words that may stand between those ("archive of jobs")
_BETWEEN = frozenset({"of", "the", "der", "des", "de", "d", "di", "delle", "van"})
_SUFFIX = re.compile(r"\.[a-z]{2,5}\Z", re.IGNORECASE)
#: feeds, translations, and the page's own address for machines (`/wp-json/oembed/`); and what a button of a form sends:
#: of a form only its pages and rows count
_NO_LISTS = frozenset({"link", FORM})
#: elements whose address a reader of the page can be led to
_FRAMES = frozenset({"iframe", "frame", LED})
_LEADING = _FRAMES | {"a", "area", SEARCH}
