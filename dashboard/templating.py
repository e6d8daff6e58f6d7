"""Pages: a frozen view and a template in, an answer out. Every action of `dashboard.pages` ends with `show`.

The view is shown as a whole page; as the one block of it that htmx asked for; or, where the address ends in `.json`, as
JSON. A block is rendered without the top of its template: what it needs is in `view`, in the globals below, or imported
within the block.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2_fragments import render_block

from dashboard import assets, words
from dashboard.charts import Drawing
from delivery.safe_text import link, one_line
from postings import wording
from postings.record import instant

_FOLDER: Final = Path(__file__).parent / "templates"
#: the main pages: address, name
_NAVIGATION: Final = (
    ("/", "Overview"),
    ("/postings", "Postings"),
    ("/sites", "Sites"),
    ("/searches", "Searches"),
    ("/events", "Events"),
    ("/outlets", "Outlets"),
    ("/inspect", "Inspect"),
)


def show(
    request: Request, template: str, view: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer that shows `view`, a frozen dataclass, by `template`.

    A request of htmx whose target has the id of a block (`my-block` for `my_block`) gets this block only.
    """
    more = dict(headers or {})
    if wanted(request) == "json":
        return Response(to_json(view), status_code=status, media_type="application/json", headers=more)
    environment = _environment()
    context = {
        "view": view,
        "now": request.app.state.context.clock(),
        "path": request.url.path,
        "query": request.url.query,
        "navigation": _NAVIGATION,
    }
    block = _target(request)
    if block is not None and block in environment.get_template(template).blocks:
        made = render_block(environment, template, block, context)
    else:
        made = environment.get_template(template).render(context)
    return HTMLResponse(made, status_code=status, headers=more | {"Vary": "HX-Request, HX-Target"})


def go_to(address: str) -> Response:
    """The answer to a change: leads to the page at `address`, an address of ours, so that reloading changes nothing."""
    return RedirectResponse(address, status_code=303)


def piece(template: str, macro: str, *values: Any) -> str:
    """What one macro of a template makes of `values`: for what is sent to a page that stands already."""
    return str(getattr(_environment().get_template(template).module, macro)(*values)).strip()


def wanted(request: Request) -> str:
    """The form that the address asks for: "html", or "json" or "csv" where the route ends so."""
    route = request.scope.get("route")
    suffix = Path(getattr(route, "path", "")).suffix
    return suffix[1:] if suffix in {".json", ".csv"} else "html"


def to_json(view: Any) -> str:
    """A view as JSON: dataclasses as objects without their charts, times in UTC, spans in seconds."""
    return json.dumps(_plain(view), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        parts = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {name: _plain(part) for name, part in parts if not isinstance(part, Drawing)}
    match value:
        case Enum():
            return value.value
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal():
            return float(value)
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case str():
            return str(value)
        case Collection():
            return [_plain(one) for one in value]
    return value


def _target(request: Request) -> str | None:
    """The name of the block that htmx asks for: it says `HX-Target: TAG#ID`."""
    if request.headers.get("hx-request") != "true" or request.headers.get("hx-request-type") == "full":
        return None
    _tag, _hash, name = request.headers.get("hx-target", "").partition("#")
    return name.replace("-", "_") or None


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "ago": _ago,
        "in_words": wording.ago,
        "clean": lambda text, limit=300: one_line(text, limit),
        "link": link,
        "moment": wording.moment,
        "number": words.number,
        "plural": words.plural,
        "size": words.size,
        "span": wording.span,
    }
    environment.globals |= {"asset": assets.address}
    # the macros of parts/, in every block: `charts.area(…)`, `state.outcome(…)`
    for name in ("charts", "time", "state", "empty", "pager", "sites"):
        environment.globals[name] = environment.get_template(f"parts/{name}.html").module
    return environment


@pass_context
def _ago(context: Context, at: datetime | None, never: str = "never") -> Any:
    """A time in words, seen from the `now` of the page. Within a macro of another file: `time.ago(at, now)`."""
    return _environment().globals["time"].ago(at, context["now"], never)  # type: ignore[attr-defined]
