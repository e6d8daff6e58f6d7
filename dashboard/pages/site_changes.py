"""What a person does about a site at its page: visit it, pause, accept, set its schedule and what is believed, remove
it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Form, Request, Response

from dashboard import site_views
from dashboard.context import Context, Given
from dashboard.pages.site import MEASURED, Name, view_of
from dashboard.pages.site_forms import Belief, Schedule
from dashboard.templating import go_to, show
from dashboard.words import sentence
from postings.errors import ConfigurationError, UsageError
from postings.sites import MOST_REQUESTS_A_DAY, Site
from postings.trust import Choice, Overrides
from storage import acceptance, postings, site_settings, sites


def visit_now(context: Given, request: Request, name: Name) -> Response:
    """Makes the next visit due at once, and leads to where it can be followed."""
    site = sites.find(context.engine, name)
    if site.paused_at is not None:
        return _refuse(context, request, site, "It is paused. Resume it first: that visits it too.")
    sites.request_visit(context.engine, site.id, context.clock())
    return _back(site, "#live")


def pause_site(context: Given, name: Name) -> Response:
    """Stops visiting a site; what is known of it stays."""
    site = sites.find(context.engine, name)
    sites.pause(context.engine, site.id, context.clock())
    return _back(site)


def resume_site(context: Given, name: Name) -> Response:
    """Visits a paused site again, at once."""
    site = sites.find(context.engine, name)
    sites.resume(context.engine, site.id, context.clock())
    return _back(site)


def remove_site(context: Given, request: Request, name: Name, sure: Annotated[bool, Form()] = False) -> Response:
    """Watches a site no more; its postings and events stay."""
    site = sites.find(context.engine, name)
    if not sure:
        return _refuse(context, request, site, "Nothing was removed: tick that you are sure.")
    sites.remove(context.engine, site.id, context.clock())
    return go_to("/sites")


def accept_site(context: Given, request: Request, name: Name) -> Response:
    """A person says that what a suspect visit saw is true: the next visit that agrees is believed."""
    site = sites.find(context.engine, name)
    try:
        acceptance.accept(context.engine, site.id, context.clock(), dead=context.steering.is_dead)
    except UsageError as error:
        return _refuse(context, request, site, f"Nothing was accepted: it {error.problem}.")
    return _back(site)


def set_schedule(
    context: Given,
    request: Request,
    name: Name,
    how: Annotated[str, Form(max_length=10)] = "auto",
    every: Annotated[str, Form(max_length=100)] = "",
    line: Annotated[str, Form(max_length=200)] = "",
    zone: Annotated[str, Form(max_length=100)] = "",
    requests: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Sets when a site is visited, and how many requests a day that may take."""
    site, now = sites.find(context.engine, name), context.clock()
    line, zone = " ".join(line.split()), zone.strip() or context.steering.local_zone()
    typed, errors = Schedule(how=how, every=every, line=line, zone=zone, requests=requests), dict[str, str]()
    interval, first, most = None, None, None
    if how == "every":
        try:
            interval = context.steering.interval(every)
        except UsageError as error:
            errors["every"] = sentence(str(error))
    elif how == "cron":
        try:
            first = context.steering.first(line, zone, now)
        except UsageError as error:
            errors["zone" if error.subject == zone else "line"] = sentence(str(error))
    if requests.strip():
        digits = requests.strip()
        most = int(digits) if len(digits) < 20 and digits.isascii() and digits.isdigit() else 0
        if not 0 < most <= MOST_REQUESTS_A_DAY:
            errors["requests"] = (
                f"This is no number of requests up to {MOST_REQUESTS_A_DAY:,}: write one such as 500, or nothing for no limit."
            )
    if errors:
        view = view_of(context, site, schedule=replace(typed, errors=errors))
        return show(request, "site.html", view, status=422)
    with site_settings.changing(context.engine, site.id) as change:
        if first is not None:
            change.set_cron(line, zone, first=first)
        else:
            change.set_every(interval, now=now)
        if most != site.requests_a_day:
            change.set_requests_a_day(most)
    return _back(site, "#schedule")


def set_belief(
    context: Given,
    request: Request,
    name: Name,
    identifier: Annotated[Choice, Form()] = Choice.AUTO,
    token: Annotated[Choice, Form()] = Choice.AUTO,
    place: Annotated[str, Form(max_length=100)] = "",
    render: Annotated[bool, Form()] = False,
) -> Response:
    """Sets what is believed of a site's keys, and whether its scripts run; it counts from the next visit on."""
    site = sites.find(context.engine, name)
    place, errors = place.strip(), dict[str, str]()
    kept = place if token is Choice.ON and place else None
    overrides = Overrides(identifier=identifier, token=token, token_place=kept)
    if kept and not kept.startswith(("path:", "query:")):
        errors["place"] = (
            "This is no place in an address: write path:-1 for its last part, or query:id for a parameter."
        )
    elif token is Choice.ON and overrides.of(site.trust).token_place is None:
        errors["place"] = _no_place(context, site)
    if render and not site.render:
        try:
            context.steering.require_browser()
        except ConfigurationError as error:
            errors["render"] = sentence(str(error))
    if errors:
        typed = Belief(identifier=identifier, token=token, place=place, render=render, errors=errors)
        return show(request, "site.html", view_of(context, site, belief=typed), status=422)
    with site_settings.changing(context.engine, site.id) as change:
        change.set_overrides(overrides)
        if render != site.render:
            change.set_render(render)
    return _back(site, "#believed")


def _no_place(context: Context, site: Site) -> str:
    places = [str(one.place) for one in postings.measured(context.engine, site.id, newest=MEASURED).tokens]
    if not places:
        return "Its addresses hold no id, so there is none to believe."
    return f"Name the place where its addresses keep the id: {', '.join(places)}."


def _refuse(context: Context, request: Request, site: Site, why: str) -> Response:
    return show(request, "site.html", replace(view_of(context, site), refused=why), status=409)


def _back(site: Site, part: str = "") -> Response:
    return go_to(f"{site_views.path(site.name)}{part}")
