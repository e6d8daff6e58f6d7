"""Writes what a person reads of events: a mail, or a note on a channel. Pure but for the templates it loads once.

What it says comes from `delivery.contents`, where every text is one safe line already. The HTML templates escape
everything nevertheless, and the Markdown ones do the same by `delivery.safe_text`.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from delivery import contents, safe_text
from delivery.contents import Contents
from delivery.outlets.outlet import Batch
from delivery.outlets.services import Form
from delivery.posting_words import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail, ready but for its headers."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One message on a channel."""

    #: plain text on one line
    title: str
    #: in the form that was asked for
    body: str
    #: where a tap may lead: the posting, if the note is about only one
    url: str | None


def alert(batch: Batch, outlet: str, *, unsubscribe: str | None = None) -> Message:
    """A mail about what happened to postings, or what stood on sites when their watch began.

    `outlet` is the name that the footer gives, `unsubscribe` the address that ends these mails.
    """
    return _mail(contents.of_batch(batch, outlet), unsubscribe)


def sample(outlet: str, unsubscribe: str | None = None) -> Message:
    """A mail that says that it is a test."""
    return _mail(contents.of_test(outlet), unsubscribe)


def note(batch: Batch, outlet: str, form: Form, *, titled: bool, fits: Callable[[str], bool]) -> Note:
    """What a channel is told of a batch, as far as it fits: whole postings, then how many there are beside them.

    `fits` says whether a body is short enough. Where the channel shows no title, the body begins with it. Raises
    ValueError if nothing fits.
    """
    # an answer is something that only mail programs know
    return _fitted(contents.of_batch(replace(batch, follows=False), outlet), form, titled=titled, fits=fits)


def sample_note(outlet: str, form: Form, *, titled: bool, fits: Callable[[str], bool]) -> Note:
    """A note that says that it is a test. Raises ValueError if nothing fits."""
    return _fitted(contents.of_test(outlet), form, titled=titled, fits=fits)


def _mail(said: Contents, unsubscribe: str | None) -> Message:
    values = {
        "subject": said.subject,
        "heading": said.heading,
        "items": said.items,
        "more": said.total - len(said.items),
        "outlet": said.outlet,
        "unsubscribe": unsubscribe,
    }
    return Message(
        subject=said.subject,
        text=_template(f"{said.kind}.txt.j2").render(values).strip() + "\n",
        html=_template(f"{said.kind}.html.j2").render(values),
    )


def _fitted(said: Contents, form: Form, *, titled: bool, fits: Callable[[str], bool]) -> Note:
    # a posting that no message holds whole still has its title and its link
    bare = tuple(replace(item, facts=(), changes=(), reason=None) for item in said.items)
    tries = [said.items[:count] for count in range(len(said.items), 0, -1)] + [bare[:1], ()]
    for items in tries:
        body = _note_body(said, form, items, titled=titled)
        if fits(body):
            return Note(title=said.subject, body=body, url=said.items[0].url if said.total == 1 else None)
    raise ValueError("not even the number of postings fits")


def _note_body(said: Contents, form: Form, items: Sequence[Item], *, titled: bool) -> str:
    suffix = {Form.TEXT: "txt", Form.MARKDOWN: "md", Form.HTML: "html"}[form]
    written = _template(f"note.{suffix}.j2").render(
        heading=said.heading if said.headed or not titled else None,
        first=said.kind == "summary",
        items=items,
        more=said.total - len(items),
        total=said.total,
    )
    return str(written).strip()


@cache
def _template(name: str) -> Any:
    return _environment().get_template(name)


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "typed": shlex.quote,
        "markdown": safe_text.markdown,
        "markdown_link": safe_text.markdown_address,
    }
    return environment
