"""Further pages of a list by what its links say: "2", "3", "Page 4", "Next page", whatever their addresses are like.

Pure. `crawler.sources.further_pages` asks beside what it knows by the names of parameters and folders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import ne
from urllib.parse import parse_qsl, urlsplit

from crawler.pages import Link
from crawler.sources.forms import FORM
from postings import urls

#: what a person chooses a page by
_CHOSEN = frozenset({"a", FORM})
#: words for "page", as they stand beside its number
_PAGE = (
    r"(?:go to )?(?:page|seite|pagina|p[aá]gina|sida|side|sivu|strona|str[aá]nka|strana|oldal|sayfa|trang|halaman|страница|сторінка"
    r"|σελίδα|第|頁|页|ページ|페이지)"
)
_NUMBERED = re.compile(rf"[\W_]*(?:{_PAGE}\s*)?0?(\d{{1,3}})\s*(?:頁|页|ページ|페이지)?[\W_]*\Z", re.IGNORECASE)
#: what says "the next page" and nothing else: some words for "next" stand for "read on" as well
_NEXT = re.compile(
    r"[\W_]*(?:next(?: page)?|n[aä]chste(?: seite)?|(?:page )?suivante?|(?:p[aá]gina )?siguiente|pr[oó]xima(?: p[aá]gina)?"
    r"|pagina successiva|successiva|volgende(?: pagina)?|n[aä]sta(?: sida)?|n[ae]ste side|næste(?: side)?|seuraava(?: sivu)?"
    r"|nast[eę]pna(?: strona)?|dal[sš][ií] (?:strana|str[aá]nka)|k[oö]vetkez[oő](?: oldal)?|sonraki(?: sayfa)?"
    r"|следующая(?: страница)?|наступна(?: сторінка)?|επόμενη(?: σελίδα)?|次(?:へ|のページ)|下一[页頁]|다음(?: 페이지)?"
    r"|older (?:posts|postings|jobs|entries))[\W_]*\Z",
    re.IGNORECASE,
)
#: names of parameters that hold how many rows a page has
ROWS_A_PAGE = re.compile(
    r"(?:[a-z]{1,10}[_.-]?)?per[_.-]?page|page[_.-]?size|size|(?:page[_.-]?)?limit|rows|rpp|ipp|anzahl|entries|pro[_.-]?seite",
    re.IGNORECASE,
)
#: a parameter by which a calendar goes on for ever
CALENDAR = re.compile(r"(?:^|[^a-z])(?:date|day|week|month|year|monat|woche|mois|mes)(?:$|[^a-z])", re.IGNORECASE)
#: the form of a page that a script sends to show its next rows (ASP.NET), and any that is sent by POST
_POSTS_BACK = re.compile(rb"__doPostBack\((?:'|&#0?39;)[^'&]{0,300}(?:'|&#0?39;),\s*(?:'|&#0?39;)Page\$", re.IGNORECASE)
_POSTED = re.compile(rb"<form\b[^<>]{0,2000}?\bmethod\s*=\s*[\"']?post\b", re.IGNORECASE)
_MOST_FORMS, _LONGEST_FORM = 50, 64 * 1024
_CHOICE = re.compile(rb"<(?:button|input)\b[^<>]*>", re.IGNORECASE)
_NAME = re.compile(rb"\bname\s*=\s*[\"']?([^\"'\s<>]{1,60})", re.IGNORECASE)
#: from the second page on: the first one is there already, and what a search begins with is 1 as well
_NUMBER = re.compile(rb"\bvalue\s*=\s*[\"']?0{0,3}(?:[2-9]|[1-9]\d{1,4})[\"'\s>/]", re.IGNORECASE)
_PRESSED = re.compile(rb"<button\b|\btype\s*=\s*[\"']?(?:submit|image)\b", re.IGNORECASE)
_DISABLED = re.compile(rb"\sdisabled(?=[\s=/>])", re.IGNORECASE)
_DIGITS = re.compile(r"\d{1,9}")
_TOKEN = re.compile(r"(?<![0-9a-z])(?=[a-f]*[0-9])[0-9a-f]{8,64}(?![0-9a-z])")
_INDEX = re.compile(r"(?:index|default|home)\.[a-z]{2,5}\Z|\.[a-z]{2,5}\Z", re.IGNORECASE)
#: the number of the second page, and of an early one: where the pages of a list begin
_SECOND, _EARLY = 2, 3


def pages_by_text(url: str, links: Iterable[Link]) -> dict[str, str]:
    """The other pages of the list that the page at `url` is of, of those links that show a page number or say "next":
    their addresses, by what tells them apart although each answer may write another token into them.

    Numbers count where two or more addresses of one form go up as they do: by one, or by so many rows a page. The form
    has to be that of the page itself, or to begin below its address with one of the first pages: the numbers of jobs
    and of days do neither. The first page is left out, which is the list's own address once more.
    """
    own, stem = _form(url), _stem(url)
    by_form: dict[str, dict[int, str]] = {}
    following: dict[str, str] = {}
    for link in links:
        if link.tag not in _CHOSEN or not link.text or not urls.same_site(link.url, url):
            continue
        if (match := _NUMBERED.match(link.text)) is not None and int(match[1]):
            by_form.setdefault(_form(link.url), {}).setdefault(int(match[1]), link.url)
        elif _NEXT.match(link.text):
            following[urls.key(link.url)] = link.url
    found = {
        f"{form} {number}": page
        for form, pages in by_form.items()
        if _goes_up(pages) and (form == own or (_is_below(next(iter(pages.values())), stem) and min(pages) <= _EARLY))
        for number, page in pages.items()
        if number > 1
    }
    return found | {urls.key(page): page for page in _next(url, own, stem, following)}


def goes_on_by_post(body: bytes, is_page_name: Callable[[str], bool]) -> bool:
    """Whether a page leads to others of its list by what is sent by POST alone, which nobody but a person may send: by
    buttons to press with a number of 2 or more under a name that page numbers have (`is_page_name`)."""
    if _POSTS_BACK.search(body) is not None:
        return True
    return any(
        _PRESSED.search(choice)
        and _NUMBER.search(choice)
        and not _DISABLED.search(choice)
        and is_page_name(name[1].decode("utf-8", "replace"))
        for form in islice(_POSTED.finditer(body), _MOST_FORMS)
        for choice in _CHOICE.findall(body[form.end() : form.end() + _LONGEST_FORM].partition(b"</form")[0])
        if (name := _NAME.search(choice)) is not None
    )


def _next(url: str, own: str, stem: str, following: Mapping[str, str]) -> Iterator[str]:
    """The next page, where one address alone says that it is: by a number that goes on from the page's."""
    if len(following) != 1:
        return
    (target,) = following.values()
    if any(CALENDAR.search(name) for name, _ in parse_qsl(urlsplit(target).query)):
        return
    here, there = _numbers(url), _numbers(target)
    if _form(target) == own:
        if len(here) == len(there) and sum(map(ne, here, there)) == 1 and there > here:
            yield target
    elif there and _is_below(target, stem) and there[-1] == _SECOND:
        yield target


def _goes_up(pages: Mapping[int, str]) -> bool:
    """Whether one number in the addresses goes up with the pages' own: as they do, or by so many rows a page."""
    if len(pages) < 2:
        return False
    rows = [_numbers(page) for page in pages.values()]
    return any(_follows(list(pages), [row[place] for row in rows]) for place in range(len(rows[0])))


def _follows(pages: Sequence[int], said: Sequence[int]) -> bool:
    steps = {(other - said[0]) / (number - pages[0]) for number, other in zip(pages[1:], said[1:], strict=True)}
    if len(steps) != 1 or (step := steps.pop()) < 1 or not step.is_integer():
        return False
    # the number of the first page: 1 or 0, or the place of its first row
    return said[0] - step * (pages[0] - 1) in (0, 1)


def _form(url: str) -> str:
    """The address with its numbers and tokens left open, but for how many rows a page has: pages of other lengths are
    another list."""
    rest, rows = _without_rows(url)
    return _DIGITS.sub("#", _TOKEN.sub("#", rest)) + rows


def _numbers(url: str) -> list[int]:
    return [int(number) for number in _DIGITS.findall(_TOKEN.sub("", _without_rows(url)[0]))]


def _without_rows(url: str) -> tuple[str, str]:
    """The address key without how many rows a page has, and that."""
    path, _, query = urls.key(url).partition("?")
    rows = [pair for pair in query.split("&") if ROWS_A_PAGE.fullmatch(pair.partition("=")[0])] if query else []
    if not rows:
        return f"{path}?{query}" if query else path, ""
    return f"{path}?{'&'.join(pair for pair in query.split('&') if pair not in rows)}", f"&{'&'.join(rows)}"


def _stem(url: str) -> str:
    """What the addresses of further pages begin with: the page's own, without a suffix or the name of an index file."""
    return _INDEX.sub("", urlsplit(url).path).rstrip("/")


def _is_below(url: str, stem: str) -> bool:
    return urlsplit(url).path.startswith(stem)
