"""What searches and outlets may be called, and which name is free. Asked by the command line and the pages; pure."""

from __future__ import annotations

from collections.abc import Collection

from postings.errors import UsageError
from postings.site_names import FORM_ENDINGS

#: characters of a name
_LONGEST = 200


def require_name(name: str, what: str) -> str:
    """The name without blanks around it. Raises UsageError if nothing can be called so; `what`: "a search"."""
    wanted = name.strip()
    if not wanted or not wanted.isprintable() or len(wanted) > _LONGEST or wanted.startswith("-"):
        raise UsageError(
            f"is no name for {what}",
            subject=repr(name[:_LONGEST]),
            remedy=f"choose one of visible characters, at most {_LONGEST}, without a dash in front",
        )
    if wanted.endswith(FORM_ENDINGS):
        raise UsageError(
            f"is no name for {what}: the address of its page in another form ends so",
            subject=repr(wanted),
            remedy=f"choose one that does not end in {' or '.join(FORM_ENDINGS)}",
        )
    return wanted


def free_name(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, with a number behind it if it is taken."""
    if wanted not in taken:
        return wanted
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in numbered if name not in taken)
