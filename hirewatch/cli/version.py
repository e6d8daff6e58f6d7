"""`hirewatch version`: which version this is, and of what it is made."""

from __future__ import annotations

import platform
from importlib import metadata

from hirewatch.cli.front import Front, command, pass_front

#: the libraries whose version explains a behaviour
_PARTS = ("scrapy", "twisted", "extruct", "lxml", "sqlalchemy", "alembic", "apscheduler", "httpx", "psycopg")


@command("version")
@pass_front
def version(front: Front) -> None:
    """Say which version this is."""
    own = metadata.version("hirewatch")
    parts = {"python": platform.python_version()}
    for name in _PARTS:
        try:
            parts[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    if front.json:
        front.print_json({"hirewatch": own, **parts})
        return
    front.print(f"hirewatch {own}")
    if front.verbose:
        for name, number in parts.items():
            front.print(f"{name} {number}")
