"""What is wrong with a posting's markup, by the rules of `rules`.

`find_problems` takes the markup and what was read from it; `out_of_date` needs the time. Shown by `inspect`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from postings.checks.dates import check_dates, out_of_date
from postings.checks.places import check_organization, check_places
from postings.checks.terms import (
    check_direct_apply,
    check_employment,
    check_identifier,
    check_requirements,
    check_salary,
)
from postings.checks.words import check_description, check_spelling, check_title
from postings.posting import Posting
from postings.rules import Problem, pointer, problem

__all__ = ["Problem", "find_problems", "out_of_date", "pointer", "problem"]

_CHECKS: tuple[Callable[[Mapping[str, Any], Posting | None], Iterator[Problem]], ...] = (
    check_title,
    check_description,
    check_dates,
    check_organization,
    check_places,
    check_employment,
    check_salary,
    check_identifier,
    check_direct_apply,
    check_requirements,
)


def find_problems(said: Mapping[str, Any], posting: Posting | None, written: Iterable[str] = ()) -> tuple[Problem, ...]:
    """The problems of a JobPosting object with short property names; `posting` is what was read from it, if any.

    `written` are the property names as the page spells them.
    """
    found: list[Problem] = []
    for check in _CHECKS:
        found.extend(check(said, posting))
    found.extend(check_spelling(said, written))
    return tuple(found)
