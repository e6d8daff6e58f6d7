"""`hirewatch outlets`: the places that are told about events."""

from __future__ import annotations

from datetime import datetime
from shlex import quote
from typing import TYPE_CHECKING, Any, Literal

import rich_click as click

from delivery.attention import in_words, outlet_attention
from hirewatch import wiring
from hirewatch.cli.failures import DONE, NEEDS_A_PERSON, NETWORK
from hirewatch.cli.front import Front, Group, command, pass_front
from hirewatch.cli.hearing import given, hearing, pair
from hirewatch.cli.tables import Column, show
from postings import wording
from postings.cleaning import clean
from postings.errors import HirewatchError, UsageError
from postings.record import instant

if TYPE_CHECKING:
    from storage.deliveries import OutletStatus
    from storage.outlets import Outlet


@click.group("outlets", cls=Group)
def outlets() -> None:
    """List and change the places that are told about events."""


@command("list")
@click.pass_context
@pass_front
def list_outlets(front: Front, context: click.Context) -> None:
    """List the outlets and how far each is; secrets are masked. Exit 1 if one needs you."""
    from storage import deliveries

    stands = deliveries.status(wiring.open_database(front.settings))
    code = NEEDS_A_PERSON if any(outlet_attention(one) for one in stands) else DONE
    if front.json:
        front.print_json(
            [
                {
                    **_as_json(one.outlet),
                    "behind": one.lag,
                    "sent": one.sent,
                    "given_up": one.parked,
                    "error": one.outlet.trouble or (one.pending.error if one.pending else None),
                    "next_attempt_at": _instant(one.pending.next_attempt_at) if one.pending else None,
                }
                for one in stands
            ]
        )
        context.exit(code)
    if not stands:
        front.say("There is no outlet yet.\nAdd one:  hirewatch outlets add NAME URL")
        return
    columns = (
        Column("OUTLET", keep=True),
        Column("KIND", keep=True),
        Column("BEHIND", keep=True, right=True),
        Column("SENT", keep=True, right=True),
        Column("ADDRESS"),
        Column("NOTE"),
    )
    show(
        front,
        columns,
        [
            (one.outlet.name, one.outlet.kind, one.lag, one.sent, _masked(one.outlet), _note(one, front.now()))
            for one in stands
        ],
    )
    context.exit(code)


def _note(stands: OutletStatus, now: datetime) -> str:
    if stands.outlet.disabled_at:
        return f"disabled: {stands.outlet.disabled_reason}"
    notes = [f"{stands.parked} given up"] if stands.parked else []
    if stands.outlet.trouble:
        notes.append(in_words(stands.outlet.trouble))
    elif stands.pending and stands.pending.error:
        notes.append(stands.pending.error)
    elif stands.outlet.held_until and stands.outlet.held_until > now:
        notes.append(f"held, leaves {wording.ago(stands.outlet.held_until, now)}")
    hears = [
        stands.outlet.search and f"search {stands.outlet.search}",
        *(stands.outlet.options.get(name) for name in ("only", "when")),
    ]
    return "; ".join(notes + [text for text in hears if text])


def _instant(at: datetime | None) -> str | None:
    return instant(at) if at else None


@command("add")
@click.argument("name", metavar="NAME", help="What to call it.")
@click.argument("url", metavar="URL", help="https://… for a webhook, mailto:me@example.org for e-mail.")
@click.option("--search", metavar="NAME", help="Only what this saved search finds.")
@click.option("--secret", metavar="WHSEC", help="Webhook: the key that signs it (whsec_…); made for you otherwise.")
@click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="Webhook: a fixed header; repeatable.")
@click.option("--description", type=click.Choice(["none", "text", "html"]), help="Webhook: how much of it is sent.")
@click.option("--with-baseline", is_flag=True, help="Webhook: what a site's first visit finds too.")
@hearing
@pass_front
def add_outlet(
    front: Front,
    /,
    name: str,
    url: str,
    search: str | None,
    secret: str | None,
    headers: tuple[str, ...],
    description: str | None,
    with_baseline: bool,
    **options: Any,
) -> None:
    """Tell a place about events from now on."""
    from delivery import outlets as kinds
    from delivery.naming import require_name
    from delivery.zones import zoned

    name = require_name(name, "an outlet")
    own = {
        "secret": secret,
        "headers": dict(pair("--header", text) for text in headers),
        "description": description,
        "with_baseline": with_baseline,
    }
    chosen = {option: value for option, value in own.items() if value} | zoned(given(**options))
    engine = wiring.open_database(front.settings)
    outlet = kinds.add(engine, name=name, address=url, options=chosen, now=front.now(), search=search)
    made = outlet.options.get("secret")
    if front.json:
        front.print_json({**_as_json(outlet), **({"secret": made[0]} if made else {}), "done": "added"})
        return
    front.print(f"{outlet.name}  added ({outlet.kind}, {_masked(outlet)})")
    if made:
        front.print(f"secret  {made[0]}")
        front.say("Give the receiver this key: it proves that a webhook comes from here. It is not shown again.")
    front.say(f"Try it:  hirewatch outlets test {quote(outlet.name)}")


@command("set")
@click.argument("name", metavar="NAME", help="Which outlet.")
@hearing
@pass_front
def set_outlet(front: Front, /, name: str, **options: Any) -> None:
    """Change what an outlet hears and when; what is not named stays, an empty value ("") takes it away."""
    from delivery import outlets as kinds
    from delivery.zones import zoned
    from storage import outlets

    engine = wiring.open_database(front.settings)
    outlet = outlets.find(engine, name)
    chosen = given(**options)
    if not chosen:
        raise UsageError("say what to change", subject=name, remedy='for example --when "daily 08:00"')
    if not outlet.options.get("zone"):
        chosen = zoned(chosen)
    _tell(front, kinds.change(engine, outlet, chosen), "changed")


@command("check")
@click.argument("name", metavar="NAME", help="Which outlet.")
@click.pass_context
@pass_front
def check_outlet(front: Front, context: click.Context, name: str) -> None:
    """Check an outlet without telling it anything; exit 5 if it cannot be reached."""
    _try(front, context, name, "check", "is ready")


@command("test")
@click.argument("name", metavar="NAME", help="Which outlet.")
@click.pass_context
@pass_front
def test_outlet(front: Front, context: click.Context, name: str) -> None:
    """Send an outlet a sample; exit 5 if it does not take it."""
    _try(front, context, name, "test", "took the sample")


@command("disable")
@click.argument("name", metavar="NAME", help="Which outlet.")
@pass_front
def disable_outlet(front: Front, name: str) -> None:
    """Tell an outlet nothing for now; what happens meanwhile is kept for it."""
    from storage import outlets

    engine = wiring.open_database(front.settings)
    outlet = outlets.find(engine, name)
    if outlet.disabled_at is None:
        outlets.disable(engine, outlet.id, outlets.BY_A_PERSON, front.now())
    _tell(front, outlets.find(engine, name), "disabled")
    front.say(f"Tell it again, from where it stopped:  hirewatch outlets enable {quote(outlet.name)}")


@command("enable")
@click.argument("name", metavar="NAME", help="Which outlet.")
@pass_front
def enable_outlet(front: Front, name: str) -> None:
    """Tell an outlet again that was disabled, or wanted no more, from where it stopped."""
    from storage import outlets

    engine = wiring.open_database(front.settings)
    outlet = outlets.find(engine, name)
    outlets.enable(engine, outlet.id, front.now())
    _tell(front, outlets.find(engine, name), "enabled")


@command("replay")
@click.argument("name", metavar="NAME", help="Which outlet.")
@click.option("--after", type=click.IntRange(min=0), metavar="N", help="Everything after event number N.")
@click.option("--from", "first", type=click.IntRange(min=0), metavar="N", help="Everything from event number N on.")
@click.option("--given-up", is_flag=True, help="Only what was given up.")
@pass_front
def replay_outlet(front: Front, name: str, after: int | None, first: int | None, given_up: bool) -> None:
    """Tell an outlet again what it was told, under the same ids."""
    from storage import outlets

    if (after is not None) + (first is not None) + given_up != 1:
        raise UsageError("say what to tell again", subject=name, remedy="--after N, --from N, or --given-up")
    if first is not None:
        after = max(0, first - 1)
    engine = wiring.open_database(front.settings)
    outlet = outlets.find(engine, name)
    if after is None:
        count = outlets.retry_parked(engine, outlet.id, front.now())
        _tell(front, outlets.find(engine, name), f"{count} to be told again")
    else:
        after = outlets.replay(engine, outlet.id, after)
        _tell(front, outlets.find(engine, name), f"will be told everything after event {after}")
    front.say("Send now:  hirewatch deliver")


@command("forget")
@click.argument("name", metavar="NAME", help="Which outlet.")
@pass_front
def forget_given_up(front: Front, name: str) -> None:
    """Forget what was given up: it is not told again, and not shown any more."""
    from storage import outlets

    engine = wiring.open_database(front.settings)
    outlet = outlets.find(engine, name)
    count = outlets.forget_parked(engine, outlet.id)
    _tell(front, outlet, f"{count} forgotten")


@command("remove")
@click.argument("name", metavar="NAME", help="Which outlet.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_front
def remove_outlet(front: Front, name: str, yes: bool) -> None:
    """Tell a place no more."""
    from storage import outlets

    engine = wiring.open_database(front.settings)
    outlet = outlets.find(engine, name)
    front.confirm(f"Tell {outlet.name} no more?", yes=yes)
    outlets.remove(engine, outlet.id)
    _tell(front, outlet, "removed")


def _try(front: Front, context: click.Context, name: str, what: Literal["test", "check"], success: str) -> None:
    from delivery.attention import beside
    from delivery.outlets import open_outlet
    from storage import outlets

    engine = wiring.open_database(front.settings)
    outlet = outlets.find(engine, name)
    # one that cannot work as it is set up is an error of the command, and nothing that was tried
    opened = open_outlet(outlet, wiring.outlet_context(front.settings, wiring.instance(engine)))
    problem: HirewatchError | None = None
    try:
        opened.test() if what == "test" else opened.check()
    except HirewatchError as error:
        problem = error
    finally:
        opened.close()
    if front.json:
        front.print_json({"outlet": outlet.name, "ok": problem is None, "problem": str(problem) if problem else None})
    elif problem is None:
        front.print(f"{outlet.name}  {success}")
    else:
        front.print(f"{outlet.name}  {clean(beside(problem, outlet.name))}")
        if problem.remedy:
            front.say(f"What to do: {problem.remedy}")
    context.exit(NETWORK if problem else DONE)


def _tell(front: Front, outlet: Outlet, what: str) -> None:
    if front.json:
        front.print_json({**_as_json(outlet), "done": what})
    else:
        front.print(f"{outlet.name}  {what}")


def _masked(outlet: Outlet) -> str:
    from delivery.outlets import shown_address

    return shown_address(outlet)


def _as_json(outlet: Outlet) -> dict[str, Any]:
    return {
        "outlet": outlet.name,
        "kind": outlet.kind,
        "address": _masked(outlet),
        "search": outlet.search,
        **{name: outlet.options.get(name) for name in ("only", "when", "quiet", "zone")},
        "cursor": outlet.cursor,
        "held_until": _instant(outlet.held_until),
        "created_at": instant(outlet.created_at),
        "disabled_at": _instant(outlet.disabled_at),
        "disabled_reason": outlet.disabled_reason,
    }


for _command in (
    list_outlets,
    add_outlet,
    set_outlet,
    check_outlet,
    test_outlet,
    disable_outlet,
    enable_outlet,
    replay_outlet,
    forget_given_up,
    remove_outlet,
):
    outlets.add_command(_command)
