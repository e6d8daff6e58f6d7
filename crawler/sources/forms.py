"""Where the forms of a page lead that ask for another page (`method=get`): what a browser asks for when somebody
chooses a page of a list, or presses the button of a row. Pure.

A form that is sent by `post` may change something, and is no link. Nor is what only looks harmless: what a script
sends, what carries a secret, and what says that it changes something. In doubt a form leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import chain
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawler.banners import APPLY
from crawler.documents import decoded
from crawler.pages import Link, Page, Reading
from postings import urls
from postings.normalise import text as texts

#: `tag` of a link that a choice or a button of a form makes, whose `type` is the name of what is chosen; and of one
#: that is a form to write in, sent as it stands
FORM, SEARCH = "form", "search"
_LARGEST = 1024 * 1024
#: of all forms of a page: tags that are looked at, and addresses that are made
_MOST_TAGS = 10_000
_MOST_ADDRESSES = 2000
#: of one form: what is sent whatever is chosen
_MOST_FIXED = 50
_TEXT_LIMIT = 300
_LONGEST_TAG = 4000
_FORM_TAG = re.compile(rb"<form\b", re.IGNORECASE)
_FORMS = re.compile(r"<form\b(?:[^<]++|<(?!/?form\b))*", re.IGNORECASE)
_NAMES = r"form|input|select|option|button|textarea"
_TAGS = re.compile(rf"<(/?)({_NAMES})\b", re.IGNORECASE)
_REST = re.compile(r"((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*)>([^<]{0,300})")
#: other tags: those in the text of a button belong to it
_OTHER_TAGS = re.compile(rf"<(?!/?(?:{_NAMES})\b)[^<>]{{0,2000}}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]++)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]++)))?", re.IGNORECASE)
_WORDS = frozenset({"text", "search"})
_NUMBERS = frozenset({"number", "range", "date", "month", "week", "time", "datetime-local", "color"})
_CHECKED = frozenset({"checkbox", "radio"})
_BUTTONS = frozenset({"submit", "image"})
_NOT_SENT = frozenset({"button", "reset"})
#: names of what is sent to prove who asks, or to ask by another method
_SECRET = re.compile(r"csrf|xsrf|token|nonce|viewstate|secret|passw|signature|\A_method\Z", re.IGNORECASE)
#: what changes something, in what a button says or sends
_CHANGES = re.compile(
    r"log.?(?:out|off)\b|sign.?out\b|ab-?melde|ausloggen|d[eé]connexion|cerrar.sesi[oó]n|uitloggen|logga.ut|log.ud|logg.ut|wyloguj"
    r"|odhl[aá]sit|kijelentkez|subscrib|abonnier|abbestell|s.inscrire|suscrib|iscriviti|disiscriv|prenumerera|newsletter\W*\Z"
    r"|job.?(?:alert|agent)|delete|remove\b|l[oö]e?schen|entfernen|supprimer|effacer|elimina[rt]?\b|borrar|excluir|verwijder"
    r"|radera|ta.bort|slette?\b|poista\b|usu[nń]\b|smazat|odstranit|t[oö]rl[eé]s|удалить|видалити|削除|删除|삭제"
    r"|withdraw|cancel\b|zur[uü]e?ckziehen|widerrufen|stornieren|annuler|retirer|retirar|ritirare|intrekken|återkalla",
    re.IGNORECASE,
)
#: the same as a folder or file of an address: the name of a job may hold such words
_CHANGING_PATH = re.compile(rf"/\w{{0,4}}(?:{_CHANGES.pattern})\w{{0,5}}(?:\.\w{{1,5}})?(?=/|\Z)", re.IGNORECASE)
_APPLIES = re.compile("|".join(["apply", *map(re.escape, dict.fromkeys(chain(*APPLY.values())))]), re.IGNORECASE)


@dataclass(slots=True)
class _Select:
    name: str
    takes_many: bool
    #: values and texts
    options: list[tuple[str, str]] = field(default_factory=list)
    selected: list[str] = field(default_factory=list)

    def sent(self) -> list[tuple[str, str]]:
        """What is sent where nobody chooses: what the page has chosen, else the first of those that are one of many."""
        first = [value for value, _ in self.options[: not self.takes_many]]
        return [(self.name, value) for value in self.selected or first]


@dataclass(slots=True)
class _Form:
    action: str
    #: names and values that are sent whatever is chosen
    fixed: list[tuple[str, str]] = field(default_factory=list)
    selects: list[_Select] = field(default_factory=list)
    #: names, values and texts; a button may have no name
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    #: it has buttons, those among them that send it elsewhere
    has_buttons: bool = False
    #: it has a field to write in
    is_written: bool = False
    #: it may do something else than to lead to a page
    is_doubtful: bool = False


def with_forms(reading: Reading, page: Page) -> Reading:
    """The reading of a page with where its forms lead among its links."""
    found = form_links(page)
    return replace(reading, links=(*reading.links, *found)) if found else reading


def form_links(page: Page) -> list[Link]:
    """Where the forms of a page lead on its own site, each address once."""
    found: dict[str, Link] = {}
    if _FORM_TAG.search(page.body) is None:
        return []
    source, _ = decoded(page)
    # a browser sends a form in the characters of its page, which are not kept: only ASCII is the same in all
    told = _Told(page.url, only_ascii=not page.body.endswith(source))
    made = 0
    for match in _FORMS.finditer(source[:_LARGEST].decode("utf-8", "replace")):
        form = told.read(_OTHER_TAGS.sub("", match[0]))
        for address, link in _addresses(form) if form is not None else ():
            made += 1
            url = urls.parse(address)
            if url is not None and urls.same_site(url, page.url):
                found.setdefault(url, link._replace(url=url))
            if made >= _MOST_ADDRESSES:
                return list(found.values())
        if told.tags >= _MOST_TAGS:
            break
    return list(found.values())


def _addresses(form: _Form) -> Iterator[tuple[str, Link]]:
    """The addresses that a form makes, as they are written, each with a link that lacks it."""
    choices = bool(form.selects) or form.is_written
    buttons = [button for button in form.buttons if not _does_something(button, choices=choices)]
    if form.has_buttons and not buttons:
        return
    if form.is_written:
        # what the page's first options say would narrow what is looked for
        said = [(select.name, value) for select in form.selects for value in select.selected]
        yield from _Sent(form.action, [*form.fixed, *said]).links([("", "", "")], SEARCH)
    options = [
        (select.name, value, text)
        for select in form.selects
        for value, text in select.options
        # beside words to look for a number is that of a page; other choices are no pages but narrow the search
        if (value.isdecimal() or not form.is_written) and not _CHANGES.search(f"{value} {text}")
    ]
    sent = _Sent(form.action, [*form.fixed, *chain(*(select.sent() for select in form.selects))])
    yield from sent.links([*options, *(() if form.is_written else buttons)], FORM)


def _does_something(button: tuple[str, str, str], *, choices: bool) -> bool:
    said = " ".join(button)
    # beside choices, "apply" applies these
    return bool(_CHANGES.search(said) or (not choices and _APPLIES.search(said)))


class _Sent:
    """What a form sends whatever is chosen, written once."""

    def __init__(self, action: str, fixed: Sequence[tuple[str, str]]) -> None:
        # what is sent takes the place of the parameters that the address has
        self._page = action.partition("?")[0]
        self._fixed = [(name, urlencode([(name, value)])) for name, value in fixed if name and value]

    def links(self, choices: Sequence[tuple[str, str, str]], tag: str) -> Iterator[tuple[str, Link]]:
        """The addresses with each of the choices, names, values and texts, in the place of what the form sends under
        their names; none where they are too long or too many things are sent."""
        if len(self._fixed) > _MOST_FIXED or sum(len(pair) for _, pair in self._fixed) > urls.LONGEST:
            return
        for name, value, text in choices:
            pairs = [pair for other, pair in self._fixed if other != name]
            if name and value:
                pairs.append(urlencode([(name, value)]))
            address = f"{self._page}?{'&'.join(pairs)}" if pairs else self._page
            yield address, Link("", text, tag=tag, type=name or None)


class _Told:
    """Reads the forms of the page at `url`."""

    def __init__(self, url: str, *, only_ascii: bool) -> None:
        self._url = url
        self._only_ascii = only_ascii
        self._own = frozenset(parse_qsl(urlsplit(url).query))
        #: how many tags were looked at
        self.tags = 0

    def read(self, text: str) -> _Form | None:
        """The form that begins with a text; None where it is sent by `post`, or nowhere, or is doubtful."""
        form: _Form | None = None
        select: _Select | None = None
        for tag in _TAGS.finditer(text):
            self.tags += 1
            if self.tags > _MOST_TAGS:
                # the rest of the form may say something else
                return None
            rest = _REST.match(text, tag.end(), tag.end() + _LONGEST_TAG + _TEXT_LIMIT)
            if rest is None:
                continue
            name, closes, attributes = tag[2].lower(), bool(tag[1]), _attributes(rest[1])
            if name == "form":
                form = self._begin(attributes)
            elif form is not None and name == "select":
                select = None if closes else self._select(form, attributes)
            elif select is not None and name == "option" and {"disabled", "selected"} <= attributes.keys():
                # "Choose a place": it is chosen, and not sent
                select.selected.append("")
            elif form is not None and not closes and attributes.keys().isdisjoint(("disabled", "form")):
                self._take(form, select, name, attributes, texts.line(rest[2], limit=_TEXT_LIMIT) or "")
            if form is None or form.is_doubtful or len(form.fixed) > _MOST_FIXED:
                return None
        return form

    def _begin(self, attributes: dict[str, str]) -> _Form | None:
        action = urls.parse(attributes.get("action", "").strip() or self._url, self._url)
        if action is None or (attributes.get("method") or "get").strip().lower() != "get" or "onsubmit" in attributes:
            return None
        return None if _CHANGING_PATH.search(urlsplit(action).path) else _Form(action)

    def _select(self, form: _Form, attributes: dict[str, str]) -> _Select | None:
        name = attributes.get("name", "")
        if not self._is_sure(name) or not attributes.keys().isdisjoint(("disabled", "form")):
            return None
        form.selects.append(select := _Select(name, "multiple" in attributes))
        return select

    def _take(self, form: _Form, select: _Select | None, tag: str, attributes: dict[str, str], text: str) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        kind = (attributes.get("type") or ("submit" if tag == "button" else "text")).strip().lower()
        if tag == "option":
            value = attributes.get("value", text)
            if select is not None:
                self._add(form, select, value, text, is_selected="selected" in attributes)
        elif tag == "textarea" or kind in _WORDS:
            form.is_written = True
            # what a page looks for stands in its own address; other texts are there to be written over
            if (name, value) in self._own:
                self._fix(form, name, value)
        elif kind in _BUTTONS:
            leads_on = (
                attributes.get("formmethod") or "get"
            ).strip().lower() == "get" and "formaction" not in attributes
            form.has_buttons = True
            if leads_on and (not name or self._is_sure(name + value)):
                said = text or value or attributes.get("aria-label") or attributes.get("title") or attributes.get("alt")
                form.buttons.append((name, value, said or ""))
        elif kind == "hidden" or (kind in _CHECKED and "checked" in attributes):
            form.is_doubtful |= _SECRET.search(name) is not None or _CHANGES.search(f"{name} {value}") is not None
            self._fix(form, name, value if kind == "hidden" else attributes.get("value", "on"))
        elif kind in _NUMBERS:
            self._fix(form, name, value)
        elif kind not in _CHECKED and kind not in _NOT_SENT:
            # an address to write to, a password, a file: nothing that a list is looked for with
            form.is_doubtful = True

    def _add(self, form: _Form, select: _Select, value: str, text: str, *, is_selected: bool) -> None:
        if self._is_sure(value):
            select.options.append((value, text))
            if is_selected:
                select.selected.append(value)
        elif is_selected or not select.options:
            # it is what the form sends
            form.is_doubtful = True

    def _fix(self, form: _Form, name: str, value: str) -> None:
        form.fixed.append((name, value))
        form.is_doubtful |= not self._is_sure(name + value)

    def _is_sure(self, said: str) -> bool:
        """Whether a browser would send this as it was read."""
        return said.isascii() or not (self._only_ascii or "\ufffd" in said)


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        found.setdefault(match[1].lower(), unescape(match[2] or match[3] or match[4] or ""))
    return found
