"""Which part of a host a site is: everything, or what lies below the path of its start address.

A host can carry the career pages of many employers below paths of their own, and one sitemap for all of them. Pure:
`crawler.scoping` asks the pages that decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from crawler.job_words import speaks_of_jobs
from postings import urls
from postings.normalise.countries import read_country
from postings.normalise.languages import read_language

#: a file at the end of a path: the folder that it lies in is what counts
_FILE = re.compile(r"/[^/]*\.[a-z]{2,5}\Z", re.IGNORECASE)
#: the form of a segment that names a language or a country rather than an employer
_LOCALE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?", re.IGNORECASE)
#: what separates the words of a segment
_WORD = re.compile(r"[\W_]+")
#: what is left of "S. p. A."
_INITIALS = re.compile(r"(?<!\S)[^\W\d_](?: [^\W\d_])+(?!\S)")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
#: words that many names have
_COMPANY = frozenset(
    "gmbh ggmbh mbh ag se kg kgaa co ohg ug ev eg inc llc llp ltd limited corp corporation plc company sa sas sarl spa srl"
    " bv nv ab as oy aps group gruppe groupe holding international the and und et der die das".split()
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The addresses of a host that are a site's."""

    #: what the address keys of its postings begin with behind the host: `/acme`, `/jobs?company=acme`; "" = all of it
    path: str = ""
    #: no posting lies below the path: those count that the list pages there name
    led: bool = False

    def covers(self, key: str) -> bool:
        """Whether an address (by its key) lies below the path."""
        return not self.path or urls.lies_below(key, self.path)


#: all of the host
WHOLE = Scope()


def paths(start_url: str) -> list[str]:
    """The parts of the host that a start address can stand for, the narrowest first; none where it tells no employer
    from another: at the host's root, and in `/de/jobs/`.

    A file stands for its folder, and a parameter that is neither tracking nor a language chooses a part.
    """
    rest = urls.below_host(urls.key(start_url))
    path, _, query = rest.partition("?")
    chosen = [pair for pair in query.split("&") if pair and not _names_a_locale(pair.partition("=")[2])]
    found = [f"{path}?{'&'.join(chosen)}"] if chosen else []
    path = _FILE.sub("", path)
    while path:
        if _may_name_an_employer(path.rpartition("/")[2]):
            found.append(path)
        path = path.rpartition("/")[0]
    return found


def _may_name_an_employer(segment: str) -> bool:
    return not _names_a_locale(segment) and not speaks_of_jobs(segment)


def _names_a_locale(segment: str) -> bool:
    """Whether a segment is a language or a country: of two letters that are neither, some employer has its name."""
    if _LOCALE.fullmatch(segment) is None:
        return False
    return read_language(segment[:2]) is not None or read_country(segment[:2]) is not None


def employer(names: Sequence[str]) -> str | None:
    """The employer that pages with postings name, given by the names in comparison form, "" where one names none.

    None if they name none, or several: a job board's, an agency's or a group's pages, among which no name tells what is
    the site's own.
    """
    said = Counter(name for name in names if name)
    for name, _ in said.most_common():
        same = sum(count for other, count in said.items() if _is_same(name, other))
        if same * 4 >= said.total() * 3:
            return name
    return None


def are_strangers(own: str, others: Sequence[str]) -> bool:
    """Whether most of the pages with postings that name one of `others` (in comparison form, "" where one names none)
    are of other employers than `own`. Not if none is named."""
    named = [name for name in others if name]
    return sum(not _is_same(own, name) for name in named) * 2 > len(named)


def is_of(host: str, name: str) -> bool:
    """Whether a host, or one of its domains, is called like an employer (in comparison form): all of it is theirs."""
    return any(_is_called(label, name) for label in host.partition(":")[0].split(".")[:-1])


def chooses(path: str, name: str) -> bool:
    """Whether the last part of a path, or one of its parameters, is called like an employer (in comparison form)."""
    own, _, query = path.partition("?")
    values = [pair.partition("=")[2] for pair in query.split("&")] if query else [own.rpartition("/")[2]]
    return any(_is_called(value, name) for value in values)


def _is_same(one: str, other: str) -> bool:
    """Whether two names may be of one employer: "Acme GmbH" and "Acme Logistics"."""
    few, many = sorted((_words(one), _words(other)), key=len)
    return set(few) <= set(many)


def _is_called(label: str, name: str) -> bool:
    """Whether a part of an address is made of the first words of a name: `acme-logistics`, `acme`."""
    said = "".join(_words(_WORD.sub(" ", unquote(label).lower())))
    words = _words(_plain(name))
    return bool(said) and said in ("".join(words[:number]) for number in range(1, len(words) + 1))


def _words(name: str) -> list[str]:
    """The words of a name in comparison form, without those that say what kind of company it is."""
    words = _INITIALS.sub(lambda found: found[0].replace(" ", ""), name).split()
    return [word for word in words if word not in _COMPANY] or words


def _plain(name: str) -> str:
    """As addresses spell a name: without accents, umlauts as two letters."""
    apart = unicodedata.normalize("NFKD", name.translate(_UMLAUTS))
    return "".join(character for character in apart if not unicodedata.combining(character))
