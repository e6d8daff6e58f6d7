"""What a check of `hirewatch doctor` answers with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from postings.errors import HirewatchError

#: names that a finding tells
NAMED = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    name: str
    verdict: Literal["ok", "warning", "error"]
    found: str
    #: what to do about it
    remedy: str | None = None


#: looks at one thing and says what it found there
Check = Callable[[], Iterable[Finding]]


def safely(name: str, check: Check) -> Iterator[Finding]:
    """The findings of a check; what it could not find out, and why, is the last of them."""
    try:
        yield from check()
    except HirewatchError as error:
        yield of_error(name, error)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        yield Finding(
            name,
            "error",
            f"could not be checked: {where}{error.strerror or error}",
            "see that this user may look there",
        )
    except (ImportError, MemoryError) as error:
        yield Finding(
            name,
            "error",
            f"could not be checked: {str(error) or 'it needs more memory than there is'}",
            "let hirewatch have more memory (`ulimit -v`, MemoryMax= of systemd), or install it anew with all it needs",
        )
    except Exception as error:
        yield Finding(
            name,
            "error",
            # its words may hold a secret
            f"could not be checked ({type(error).__name__})",
            "this is a fault of hirewatch: tell its maintainers",
        )


def of_error(name: str, error: HirewatchError, *, before: str = "") -> Finding:
    """An error in words as a finding; `before` stands before the words."""
    subject = f"{error.subject}: " if error.subject else ""
    return Finding(name, "error", f"{before}{subject}{error.problem}", error.remedy)


def listed(names: Sequence[str], *, of: int | None = None) -> str:
    """The first names, and how many more there are; `of` is the number of all, where `names` are not."""
    more = (len(names) if of is None else of) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
