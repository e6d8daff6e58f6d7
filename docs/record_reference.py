"""Writes the reference part of docs/records.md from the schemas that are shipped: `python docs/record_reference.py`.

A test holds the page and the schemas equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("records.md")
MARK = "<!-- From here on written by docs/record_reference.py. -->"

Schema = Mapping[str, Any]


def reference() -> str:
    """The reference part of the page."""
    return "\n".join([*_section("posting"), *_section("event")]) + "\n"


def _section(name: str) -> Iterator[str]:
    schema = json.loads((resources.files("postings") / f"schemas/{name}-1.json").read_text())
    yield f"\n## The {name}\n"
    yield schema["description"]
    yield "\n| field | type | meaning |\n| --- | --- | --- |"
    yield from _rows(schema, "")


def _rows(schema: Schema, above: str) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        path = f"{above}{name}"
        yield f"| `{path}` | {_type(field)} | {field.get('description') or _inner(field).get('description', '')} |"
        inner = _inner(field)
        if inner.get("type") == "array":
            yield from _rows(_inner(inner["items"]), f"{path}[].")
        else:
            yield from _rows(inner, f"{path}.")


def _inner(field: Schema) -> Schema:
    """The schema that says what the field holds when it is not null."""
    return next((one for one in field.get("anyOf", ()) if one.get("type") != "null"), field)


def _type(field: Schema) -> str:
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"])
    if "$ref" in field:
        return "[the posting](#the-posting)"
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if "enum" in field:
        return ", ".join("null" if value is None else f"`{value}`" for value in field["enum"])
    said = field.get("type", "any")
    words = " or ".join(said) if isinstance(said, list) else str(said)
    if words == "array":
        return f"list of {_type(_inner(field['items']))}"
    return f"{words} ({field['format']})" if "format" in field else words


if __name__ == "__main__":
    head = PAGE.read_text().partition(MARK)[0]
    PAGE.write_text(f"{head}{MARK}\n{reference()}")
