"""Where a list goes on: the further pages that one of its pages leads to, by links, forms and what it loads.

Pure. What is known by the names of parameters and paths and by what a link says stands here; what is told from the
numbers of links alone in `crawler.sources.pager`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from crawler.pages import Link, Reading
from crawler.sources.embedded import clicked_addresses, loaded_parts
from crawler.sources.forms import FORM
from crawler.sources.pager import CALENDAR, ROWS_A_PAGE, pages_by_text
from postings import urls

_PAGE_NAMES = frozenset(
    "page p pg pr paged pagenumber page_number pagenum page_num pageno page_no currentpage current_page pageindex page_index "
    "page[number] page[offset] seite pagina sivu sida strona stranka strana oldal sayfa trang halaman side offset start startrow "
    "startposition from skip first firstresult limitstart b_start b_start:int".split()
)
#: what plug-ins and content systems put before or behind: `tx_jobs[list][currentPage]`, `_paged`, `e-page-1a2b3c`,
#: `query-0-page`
_PAGE_PARTS = re.compile(
    r"(?:^|[\[_.:-])(currentpage|page|paged)\]?(?:-[0-9a-f]{5,10})?$|[a-z_-]offset$|^pagen_\d{1,2}$"
)
_PAGE_SEGMENT = re.compile(
    r"/(?:page|seite|pagina|p|sivu|sida|strona|stranka|strana|oldal|sayfa|trang|halaman)/(\d{1,6})(?=/|$)"
    r"|/(?:page|seite|pagina|strona|stranka|strana|oldal|sayfa|trang)[-_,=]?(\d{1,6})(?=/|$)",
    re.IGNORECASE,
)
_POST = re.compile(r"[?&]p=\d")
_EARLY = 3
_LONGEST_NEXT = 30
#: addresses of one page that say "next" or "more" of its list
_MOST_NEXT = 3
#: the text of a link that shows more of the same list
_MORE = re.compile(
    r"(?:load|show|view|see) (?:\w+ )?more|more (?:jobs|positions|results|openings)|(?:mehr|weitere)\b.{0,20}\b(?:anzeigen|laden)"
    r"|(?:mehr|weitere) (?:stellen|jobs|ergebnisse)|(?:voir|afficher|charger) (?:plus|davantage)|(?:ver|mostrar|cargar|carregar) m[aá]i?s"
    r"|(?:mostra|carica|vedi) (?:altr|di pi)|meer (?:laden|tonen|vacatures)|toon meer|(?:visa|ladda|hent|vis|last inn) (?:fler|mer)\w*"
    r"|(?:n[aä]yt[aä]|lataa) lis[aä][aä]|(?:poka[zż]|za[lł]aduj) wi[eę]cej|(?:na[cč][ií]st|zobrazit) dal[sš][ií]|tov[aá]bbi",
    re.IGNORECASE,
)
#: the whole text of a link to the next page of the same list
_NEXT = re.compile(
    r"[\W_]*(?:(?:next|n[aä]chste|weiter|(?:page )?suivante?|siguiente|pr[oó]xim[ao]|seguinte|successiv[ao]|avanti|prossima"
    r"|volgende|n[aä]sta|neste|n[aæ]ste|seuraava|nast[eę]pn[ay]|dal[sš][ií]|k[oö]vetkez[oő]|urm[aă]toarea|sonraki|следующая|вперед"
    r"|далее|наступна|επόμενη|次(?:へ|のページ)?|下一[页頁]|다음)"
    r"(?: (?:page|results|jobs|seite|stellen|p[aá]gina|pagina|sida|side|sivu|strona|str[aá]nka|oldal|sayfa|страница))?|[>›»→⟩❯]+)[\W_]*\Z",
    re.IGNORECASE,
)
#: a parameter that names one thing: where it changes, the link reads on to that
_NAMES_ONE = re.compile(r"(?:^|[^a-z])(?:id|uid|nr|ref|job|stelle|vacancy|offer)(?:_?(?:id|nr))?$", re.IGNORECASE)
#: an address that answers a script
_DATA = re.compile(r"\.json\b|/(?:api|ajax|load-?more)\b|admin-ajax", re.IGNORECASE)


def further_pages(url: str, reading: Reading, body: bytes = b"") -> list[str]:
    """Further pages of the list that the page at `url` is of, as far as it leads to them: by links, or by what a script
    follows in its `body`."""
    clicked = clicked_addresses(body, url)
    following = [reading.next_page] if reading.next_page else []
    loaded = [other for other in clicked if page_number(other) is not None and _DATA.search(other)]
    addresses = [*(link.url for link in reading.links if link.tag != FORM), *clicked]
    chosen = _chosen(url, [link for link in reading.links if link.tag == FORM])
    return list(dict.fromkeys((*following, *_numbered(url, addresses), *chosen, *_more(url, reading), *loaded)))


def guessed_pages(url: str, reading: Reading, body: bytes = b"") -> dict[str, str]:
    """What may be further pages of the list that the page at `url` is of, by what tells them apart: what links show
    numbers for, and `pages_elsewhere`."""
    return pages_by_text(url, reading.links) | pages_elsewhere(url, reading, body)


def pages_elsewhere(url: str, reading: Reading, body: bytes = b"") -> dict[str, str]:
    """The same of what has the number of an early page, wherever it lies, and is called "more" by a link or is loaded
    into the page. Rows say "more" as well, whose numbers are those of postings."""
    more = (link.url for link in reading.links if _says_more(link))
    return {urls.key(other): other for other in (*more, *loaded_parts(body, url)) if _is_early(other)}


def _is_early(url: str) -> bool:
    number = page_number(url)
    return number is not None and number <= _EARLY


def _says_more(link: Link) -> bool:
    return len(link.text) <= _LONGEST_NEXT and _MORE.search(link.text) is not None


def _more(url: str, reading: Reading) -> list[str]:
    """Links that say that they show more of the list or its next page, and lead to the page itself with other
    parameters, or, for more of it, to its data with a page number."""
    found = {link.url: None for link in reading.links if _is_more(link, url)}
    # rows that say "read on" with the word for "next"
    rows = len(found) > _MOST_NEXT
    return [] if rows else list(found)


def _is_more(link: Link, url: str) -> bool:
    more = _MORE.search(link.text) is not None
    if not more and not (len(link.text) <= _LONGEST_NEXT and _NEXT.match(link.text)):
        return False
    here, there = urls.key(url), urls.key(link.url)
    if here == there:
        return False
    if here.partition("?")[0] == there.partition("?")[0]:
        said, own = parse_qsl(urlsplit(link.url).query), parse_qsl(urlsplit(url).query)
        return more or not (
            any(CALENDAR.search(name) for name, _ in said)
            or any(_NAMES_ONE.search(name) for name, _ in {*said} - {*own})
        )
    return more and _DATA.search(link.url) is not None and page_number(link.url) is not None


def _numbered(url: str, addresses: Iterable[str]) -> list[str]:
    """Addresses of the same list under another page number, of those that the page at `url` leads to."""
    own = _without_number(url)
    found = [other for other in addresses if page_number(other) is not None]
    found = [other for other in found if _without_number(other) == own]
    # `/?p=4718` is how WordPress addresses a post: its numbers do not begin where pages do.
    posts = [other for other in found if _POST.search(other)]
    if posts and page_number(url) is None and min(page_number(post) or 0 for post in posts) > _EARLY:
        return [other for other in found if other not in posts]
    return found


def _chosen(url: str, links: Iterable[Link]) -> list[str]:
    """The addresses of those that forms of the page at `url` lead to which are its list under another page number: a
    form sends what else is set on the page along, though the page's own address need not say it. Not where something
    else is chosen, a department, with which the form sends the number of the page as it is."""
    own, said = _without_number(url)
    return [
        link.url
        for link in links
        if page_number(link.url) is not None
        and (link.type is None or is_page_name(link.type))
        and (rest := _without_number(link.url))[0] == own
        and rest[1] >= said
    ]


def _without_number(url: str) -> tuple[str, frozenset[tuple[str, str]]]:
    parts = urlsplit(url)
    query = frozenset((name, value) for name, value in parse_qsl(parts.query) if not is_page_name(name))
    path = _PAGE_SEGMENT.sub("", parts.path).rstrip("/")
    return f"{urls.host_key(url)}{path}", query


def is_page_name(name: str) -> bool:
    """Whether a parameter of this name holds the number of a page, or how many rows come before it."""
    lower = name.lower()
    return lower in _PAGE_NAMES or (_PAGE_PARTS.search(lower) is not None and ROWS_A_PAGE.fullmatch(lower) is None)


def page_number(url: str) -> int | None:
    """The page number that an address carries in its query or path."""
    for name, value in parse_qsl(urlsplit(url).query):
        if is_page_name(name) and value.isascii() and value.isdigit():
            return int(value[:9])
    match = _PAGE_SEGMENT.search(urlsplit(url).path)
    return int(match.group(1) or match.group(2)) if match else None
