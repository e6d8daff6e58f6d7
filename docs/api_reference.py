"""Writes the reference part of docs/api.md from the API's own description: `python docs/api_reference.py`.

A test holds the page and the API equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from dashboard.api.openapi import describe
from dashboard.api.routes import add_routes

PAGE = Path(__file__).with_name("api.md")
MARK = "<!-- From here on written by docs/api_reference.py. -->"


def reference() -> str:
    """The reference part of the page."""
    app = FastAPI()
    add_routes(app)
    return "\n".join(_lines(describe(app))) + "\n"


def _lines(described: Mapping[str, Any]) -> Iterator[str]:
    schemas = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"\n### `{method.upper()} {path}`\n"
            yield " ".join(operation["description"].split())
            if "parameters" in operation or "requestBody" in operation:
                yield ""
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query":
                    yield f"- `{parameter['name']}`: {_about(parameter)}"
            if "requestBody" in operation:
                name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                needed = schemas[name].get("required", ())
                for field, schema in schemas[name]["properties"].items():
                    must = " (needed)" if field in needed else ""
                    yield f"- `{field}` in the body{must}{_with_colon(_about(schema))}"


def _about(described: Mapping[str, Any]) -> str:
    return str(described.get("description") or described.get("schema", {}).get("description", ""))


def _with_colon(text: str) -> str:
    return f": {text}" if text else ""


if __name__ == "__main__":
    head = PAGE.read_text().partition(MARK)[0]
    PAGE.write_text(f"{head}{MARK}\n{reference()}")
