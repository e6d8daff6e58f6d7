"""Whether a page that still carries a JobPosting says to people that the job is gone (C.5).

Systems take the apply button off a page, or put a banner over it, and forget the markup. Extraction asks for each
page with exactly one posting, a list shows several. A live page must never be called withdrawn: where a page lets
people apply, nothing else on it counts; what a description says never counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

import lxml.etree

from crawler import applying
from crawler.banners import Hints, Words, hints_in, is_banner, known, mentions, says_gone
from postings.posting import Posting

#: characters of a banner: longer texts are prose
LONGEST_BANNER = 240
#: elements of one page that are looked at
ELEMENT_LIMIT = 20_000
#: texts of one page that hint at a banner and are looked at
MOST_HINTING = 300
#: texts longer than this are not searched where their element is hidden
_LONG = 4_000
#: descriptions shorter than this are shown as a teaser at best
LEAST_DESCRIPTION = 600

_NOT_SHOWN = frozenset({
    "script", "style", "template", "noscript", "head", "select", "datalist", "svg", "iframe", "object", "textarea",
})  # fmt: skip
_BESIDE = frozenset({"nav", "footer", "aside"})
_BLOCKS = frozenset({
    "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "main", "header", "table",
    "tr", "td", "th", "dl", "dt", "dd", "body", "br", "form", "blockquote", "figure", "details", "summary", "hr",
    "address", "pre", "center", "fieldset", "nav", "footer", "aside",
})  # fmt: skip
_HIDING_CLASS = re.compile(
    r"(?<![\w-])(?:hidden|hide|is-hidden|d-none|invisible|visually-hidden|sr-only|ng-hide|display-none|u-hidden|none|"
    r"dn|modal|popup|tooltip|toast|w-condition-invisible|w-form-done|w-form-fail)(?![\w-])",
    re.IGNORECASE,
)
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])", re.IGNORECASE)
#: a script of the page decides whether these are shown
_CONDITIONS = frozenset({
    "v-if", "v-show", "v-else", "v-cloak", "x-show", "x-cloak", "x-if", "ng-if", "ng-show", "ng-hide", "*ngif",
    "data-ng-if", "data-ng-show", "data-show", "data-if",
})  # fmt: skip
#: attributes that may hide an element, and that may say that it shows the description
_HIDING = _CONDITIONS | {"hidden", "aria-hidden", "role", "style"}
_DESCRIBING = frozenset({"itemprop", "property", "class", "id"})
_DESCRIPTION = re.compile(
    r"(?:^|[\s_-])(?:job|posting|vacancy|position|role)?[_-]?description(?:[\s_-]|$)", re.IGNORECASE
)
_WORDS = re.compile(r"[\W_]+")
#: characters of a description that are looked for on its page, and of its beginning that tell that it is longer
_PROBE, _ENOUGH = 40, 400
#: texts of buttons and banners are no longer
_SHORT = 2 * LONGEST_BANNER
_TEXT_PATH = "descendant::text()[not(parent::script or parent::style)]"
_TEXTS = lxml.etree.XPath(_TEXT_PATH, smart_strings=False)
#: the same texts, each knowing its element
_PLACED_TEXTS = lxml.etree.XPath(_TEXT_PATH)
# to ask each text for its parent takes twice as long as all the rest
_ALL_TEXTS = lxml.etree.XPath("descendant::text()", smart_strings=False)
_SHORT_SCRIPTS = tuple(
    lxml.etree.XPath(f"descendant::{tag}/text()[string-length() <= {_SHORT}][normalize-space()]", smart_strings=False)
    for tag in ("script", "style")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """How a page says that its posting is withdrawn."""

    #: in words, e.g. "the page says 'This position has been filled' and has no way to apply"
    reason: str
    #: a sign that pages of some systems carry as long as they live: it counts only where the site's others lack it
    alone: bool = True


def sign(
    tree: Any, source: bytes, posting: Posting, *, heading: str | None, title: str | None, language: str | None
) -> Withdrawn | None:
    """How the page of one posting says that it is withdrawn; None if it does not, or nothing can be told.

    `tree` is the page as lxml parsed it and `source` its bytes in an encoding that keeps ASCII; `heading` is its first
    `<h1>`, `title` its `<title>`, `language` what it says of its language.
    """
    languages = _languages(posting, language)
    in_known = known(languages)
    if (gone := _named_gone(posting, heading, title, in_known)) is not None:
        return gone
    start, own = max(source.find(b"<body"), 0), applying.ids_of(posting)
    if applying.is_open_at_sight(source, start, own):
        return None
    texts = _short_texts(tree)
    words = Words("\n".join(texts).lower(), many=not in_known)
    if applying.is_open_in_words(words, source, start, own, languages):
        return None
    hints = hints_in(words, in_known)
    declared = posting.description_text or ""
    may_say, may_lack = mentions(map(str.lower, texts), hints), _shows_little(tree, texts, declared)
    if not may_say and not may_lack:
        return None
    blocks: Iterable[str]
    # the whole of a page is walked only where little is on it
    blocks, rest = _texts(tree) if may_lack else (_blocks_that_hint(tree, hints), [])
    for text in blocks if may_say else ():
        if (
            len(text) <= LONGEST_BANNER
            and says_gone(text, hints)
            and not _is_named(text, posting)
            and _folded(text) not in _folded(declared)
        ):
            return Withdrawn(reason=f"the page says {text!r} and has no way to apply")
    if may_lack and _lacks(_folded(" ".join((*blocks, *rest))), declared):
        return Withdrawn(
            reason="the page has no way to apply and does not show the description that its markup declares",
            alone=False,
        )
    return None


def is_open_at_sight(
    source: bytes, posting: Posting, *, heading: str | None, title: str | None, language: str | None
) -> bool:
    """Whether the bytes of a page tell that `sign` finds none on it, as those of most pages do."""
    return _named_gone(
        posting, heading, title, known(_languages(posting, language))
    ) is None and applying.is_open_at_sight(source, max(source.find(b"<body"), 0), applying.ids_of(posting))


def _languages(posting: Posting, language: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.partition("-")[0].lower() for one in (posting.language, language) if one))


def _named_gone(
    posting: Posting, heading: str | None, title: str | None, languages: tuple[str, ...]
) -> Withdrawn | None:
    """Where the heading or the title of a page says that the job is gone."""
    for text, place in ((heading, "heading"), (title, "title")):
        if (
            text
            and not _is_named(text, posting)
            and is_banner(text, hints_in(Words(text.lower(), many=False), languages))
        ):
            return Withdrawn(reason=f"its {place} says {text!r}")
    return None


def lets_apply(tree: Any, source: bytes, language: str | None) -> bool:
    """Whether a page without a posting of its own has a link, a button or a form for applying; `language` is what it
    says of its own."""
    start = max(source.find(b"<body"), 0)
    if applying.is_open_at_sight(source, start, frozenset()):
        return True
    languages = (language.partition("-")[0].lower(),) if language else ()
    words = Words("\n".join(_short_texts(tree)).lower(), many=True)
    return applying.is_open_in_words(words, source, start, frozenset(), languages)


def banner(tree: Any, language: str | None) -> Withdrawn | None:
    """How a page without a posting of its own, and without a way to apply, says that the job is gone."""
    texts = _short_texts(tree)
    languages = (language.partition("-")[0].lower(),) if language else ()
    hints = hints_in(Words("\n".join(texts).lower(), many=True), known(languages))
    if not mentions(map(str.lower, texts), hints):
        return None
    gone = (text for text in _blocks_that_hint(tree, hints) if len(text) <= LONGEST_BANNER and says_gone(text, hints))
    text = next(gone, None)
    return None if text is None else Withdrawn(reason=f"the page says {text!r} and has no way to apply")


def _short_texts(tree: Any) -> list[str]:
    """The texts of a page that are no longer than what buttons and banners say, without blank ones and scripts."""
    every = cast("list[str]", _ALL_TEXTS(tree))
    short = [text for text in every if len(text) <= _SHORT and not text.isspace()]
    scripts = [text for path in _SHORT_SCRIPTS for text in cast("list[str]", path(tree)) if not text.isspace()]
    if not scripts:
        return short
    said = set(scripts)
    kept = [text for text in short if text not in said]
    if len(kept) + len(scripts) == len(short):
        return kept
    # the page says what a script of it says
    return [text for text in cast("list[str]", _TEXTS(tree)) if len(text) <= _SHORT and not text.isspace()]


def _shows_little(tree: Any, texts: list[str], declared: str) -> bool:
    """Whether a page has less than half as much text as the description that its markup declares, and that is long."""
    length = len(declared)
    if length < LEAST_DESCRIPTION or 2 * sum(map(len, texts)) >= length:
        return False
    return 2 * sum(map(len, cast("list[str]", _TEXTS(tree)))) < length


def _blocks_that_hint(tree: Any, hints: Hints) -> Iterator[str]:
    """The blocks of text that a person sees and that may be a banner, around those of the page's texts that hint at
    one."""
    placed = cast("list[Any]", _PLACED_TEXTS(tree))
    hinting = []
    for at, text in enumerate(placed):
        if len(text) > _LONG and _is_hidden(text.getparent()) and not text.is_tail:
            # data of applications: as long as the rest of the page
            continue
        lower = text.lower()
        if any(word in lower for word in hints.words):
            hinting.append(at)
    walked: set[Any] = set()
    left = ELEMENT_LIMIT
    for at in hinting[:MOST_HINTING]:
        element = placed[at].getparent()
        if placed[at].is_tail:
            element = element.getparent()
        around = [element, *element.iterancestors()]
        if left < 0 or not walked.isdisjoint(around) or any(map(_is_hidden, around)):
            continue
        inner = next((number for number, one in enumerate(around) if one.tag in _BLOCKS), len(around) - 1)
        if not any(map(_is_beside, around[inner + 1 :])):
            walked.add(around[inner])
            left -= sum(1 for _ in around[inner].iter())
            yield from _texts(around[inner])[0]


def _texts(tree: Any) -> tuple[list[str], list[str]]:
    """The texts of an element that a person sees, block by block: those that may be a banner, and the rest.

    The rest is what shows the description and what stands beside the job.
    """
    texts: tuple[list[str], list[str]] = ([], [])
    parts: list[str] = []
    # the outermost element of the rest that the walk is in
    beside: Any = None
    walk = lxml.etree.iterwalk(tree, events=("start", "end"))
    for event, element in islice(walk, 2 * ELEMENT_LIMIT):
        tag = element.tag
        if parts and tag in _BLOCKS:
            if text := " ".join("".join(parts).split()):
                texts[beside is not None].append(text)
            parts.clear()
        if event == "end":
            if element is beside:
                beside = None
            if text := element.tail:
                parts.append(text)
            continue
        if _is_hidden(element):
            walk.skip_subtree()
            continue
        if beside is None and _is_beside(element):
            beside = element
        if text := element.text:
            parts.append(text)
    return texts


def _is_hidden(element: Any) -> bool:
    tag = element.tag
    if tag in _NOT_SHOWN:
        return True
    names = element.keys()
    if tag == "dialog" and "open" not in names:
        return True
    if not _HIDING.isdisjoint(names) and (
        not _CONDITIONS.isdisjoint(names)
        or "hidden" in names
        or element.get("aria-hidden") == "true"
        or element.get("role") in ("dialog", "alertdialog")
        or _HIDING_STYLE.search(element.get("style", ""))
    ):
        return True
    return "class" in names and tag not in ("body", "html") and _HIDING_CLASS.search(element.get("class")) is not None


def _is_beside(element: Any) -> bool:
    """Whether an element stands beside the job, or shows its description."""
    if element.tag in _BESIDE:
        return True
    names = element.keys()
    if _DESCRIBING.isdisjoint(names):
        return False
    if "description" in (element.get("itemprop") or element.get("property") or "").split():
        return True
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    # a wrapper of the whole page may be called so as well
    return (
        "escription" in named
        and _DESCRIPTION.search(named) is not None
        and next(element.iterdescendants("h1"), None) is None
    )


def _is_named(text: str, posting: Posting) -> bool:
    """Whether a text holds the posting's own title: there are jobs with odd names."""
    title = posting.title
    return title is not None and (title in text or ((folded := _folded(title)) != "" and folded in _folded(text)))


def _folded(text: str) -> str:
    return _WORDS.sub("", text).casefold()


def _lacks(shown: str, declared: str) -> bool:
    """Whether a text shows no part of the description that is declared, and is much shorter; `shown` is folded."""
    if len(shown) < _PROBE and 3 * len(shown) < len(_folded(declared[:_ENOUGH])):
        # no part of it is as short
        return True
    declared = _folded(declared)
    return 3 * len(shown) < len(declared) and not any(probe in shown for probe in _probes(declared))


def _probes(declared: str) -> Iterator[str]:
    step = max(len(declared) // 12, _PROBE)
    return (declared[start : start + _PROBE] for start in range(0, len(declared) - _PROBE, step))
