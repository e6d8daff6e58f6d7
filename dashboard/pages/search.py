"""`/searches/NAME`: one saved search, what it finds, and who hears of that."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request, Response

from dashboard.context import Context, Given
from dashboard.pages.hearing import Added, Text, Wished, heard, just_added
from dashboard.pages.outlets import add
from dashboard.pages.searches import Kept, Trial, address_of, kept_search, try_out
from dashboard.templating import go_to, show, wanted
from delivery.safe_text import one_line
from delivery.zones import local_zone
from postings.errors import UsageError
from postings.query import GRAMMAR, parse
from storage import searches


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchView:
    """A saved search, and what another query in its place would find."""

    search: Kept
    #: the query of the editor; None where what it finds is still to be asked for
    trial: Trial | None
    feed: str
    #: the time zone that local times mean if none is named
    zone: str
    added: Added | None = None
    #: why what was asked for could not be done
    problem: str | None = None


def show_search(context: Given, request: Request, name: str, q: str | None = None) -> Response:
    """The search; `q` is a query that is tried in its place. Raises NotFoundError."""
    as_json = wanted(request) == "json"
    search = searches.find(context.engine, name)
    view = _view(
        context, name, try_out(context, search.query if q is None else q) if q is not None or as_json else None
    )
    bad = as_json and view.trial is not None and view.trial.problem is not None
    return show(request, "search.html", view, status=400 if bad else 200)


def change_query(context: Given, request: Request, name: str, q: Text = "") -> Response:
    """Asks something else under the same name. Raises NotFoundError."""
    search = searches.find(context.engine, name)
    try:
        query = parse(q)
    except UsageError:
        return show(request, "search.html", _view(context, name, try_out(context, q)), status=400)
    searches.change(context.engine, search.id, query=query.text, grammar=GRAMMAR)
    return go_to(address_of(name))


def remove_search(context: Given, name: str) -> Response:
    """Forgets a search, and tells no more those who hear of it. Raises NotFoundError."""
    searches.remove(context.engine, searches.find(context.engine, name).id)
    return go_to("/searches")


def tell(
    context: Given, request: Request, name: str, wished: Wished, address: Text = "", outlet: Text = ""
) -> Response:
    """Tells a place what a search finds from now on. Raises NotFoundError."""
    search = searches.find(context.engine, name)
    try:
        told = add(context, address=address, name=outlet, options=wished.options(), search=search.name)
    except UsageError as error:
        # what is wrong with an address is said without the address: it may hold a secret
        view = _view(context, name, None, problem=one_line(error, 500))
        return show(request, "search.html", view, status=400)
    if (added := just_added(told, context.clock())) is None:
        return go_to(f"{address_of(name)}#told")
    return show(request, "search.html", _view(context, name, None, added=added))


def _view(
    context: Context,
    name: str,
    trial: Trial | None,
    *,
    added: Added | None = None,
    problem: str | None = None,
) -> SearchView:
    search = searches.find(context.engine, name)
    now = context.clock()
    hearing = tuple(heard(outlet, now) for outlet in searches.outlets_of(context.engine, search.id))
    return SearchView(
        search=kept_search(context, search, hearing, figures=True),
        trial=trial,
        feed=f"/feeds/searches/{quote(search.name, safe='')}",
        zone=local_zone(),
        added=added,
        problem=problem,
    )
