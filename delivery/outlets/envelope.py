"""The CloudEvent as machines get it: with the form of the description that an outlet wants, and as bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from postings.events import Event, cloudevent
from postings.record import instant

#: what CloudEvents 1.0 calls the structured mode in JSON
CONTENT_TYPE = "application/cloudevents+json"

#: which of the two forms of a description each choice keeps
_KEPT = {"none": (), "text": ("description_text",), "html": ("description_html",)}
_FORMS = ("description_text", "description_html")

#: what an outlet's option `description` can be
DESCRIPTIONS = tuple(_KEPT)


def envelope(event: Event, instance: str, description: str) -> dict[str, Any]:
    """The event, with the description in one of `DESCRIPTIONS`; what is left out is null."""
    said = cloudevent(event, instance)
    dropped = [form for form in _FORMS if form not in _KEPT[description]]
    data = said["data"]
    # a change of a form that is left out is still told, without its text
    data["posting"] |= {form: None for form in dropped if form in data["posting"]}
    data["changes"] |= {form: {"before": None, "after": None} for form in dropped if form in data["changes"]}
    return said


def sample(message_id: str, outlet: str, instance: str, now: datetime) -> dict[str, Any]:
    """An event of the type `hirewatch.test`, which says that it is one."""
    return {
        "specversion": "1.0",
        "id": message_id,
        "source": f"hirewatch:{instance}",
        "type": "hirewatch.test",
        "time": instant(now),
        "datacontenttype": "application/json",
        "data": {"message": f"This is a test of the outlet {outlet}. No posting has changed."},
    }


def to_json(value: Mapping[str, Any]) -> bytes:
    """Compact JSON in UTF-8; what no JSON can hold raises ValueError or TypeError."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
