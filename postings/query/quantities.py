"""Terms that compare: pay, and times.

A time is a date or a span: an age where the field lies in the past, what is left where it lies ahead.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from postings.query import values
from postings.query.errors import QueryError
from postings.query.formula import AllOf, Compare, Formula, FromNow, Operator, negate
from postings.query.meaning import Meaning, Reader, Typed

_AMOUNTS: Final[dict[Operator, str]] = {
    ">=": "at least {}",
    ">": "more than {}",
    "<=": "at most {}",
    "<": "less than {}",
    "=": "{}",
}


def read_salary(sign: Operator | None, value: Typed) -> Meaning:
    """Pay a year. A range is what is asked for if any amount in it is; one in another currency cannot be compared."""
    pay = values.read_pay(value.text)
    if pay is None:
        raise QueryError(
            f"`{value.text[:40]}` is no amount of pay",
            column=value.column,
            remedy="write it like salary>=70k, salary>=70000EUR or salary>=35EUR/hour",
        )
    sign = sign or "="
    lowest: Formula = Compare("salary_low", "<" if sign == "<" else "<=", pay.amount)
    highest: Formula = Compare("salary_high", ">" if sign == ">" else ">=", pay.amount)
    test = highest if sign in {">", ">="} else lowest if sign in {"<", "<="} else AllOf((lowest, highest))
    shown = f"{pay.amount:,.2f}".removesuffix(".00") + (f" {pay.currency}" if pay.currency else "")
    shown += " a year"
    opposite = negated.operator if isinstance(negated := negate(test), Compare) else None
    denied = f"pays {_AMOUNTS[opposite].format(shown)}" if opposite else f"does not pay {shown}"
    # amounts in other currencies are neither more nor less
    guard = Compare("currency", "=", pay.currency) if pay.currency else None
    return Meaning(test=test, guard=guard, said=f"pays {_AMOUNTS[sign].format(shown)}", denied=denied)


def time_reader(
    column: str, *, name: str, said: str, denied: str, example: str, past: bool = False, days: bool = False
) -> Reader:
    """A field that is a time: a day of a page's own calendar (`days`) or an instant; its spans are ages if `past`."""

    def read(sign: Operator | None, value: Typed) -> Meaning:
        span = values.read_span(value.text)
        if span is not None:
            return from_now(sign, value, span)
        period = values.read_period(value.text)
        if period is None:
            raise QueryError(
                f"`{value.text[:40]}` is no date and no span of time",
                column=value.column,
                remedy=f"write it like {example}",
            )
        start, end = (period.start, period.end) if days else (values.instant(period.start), values.instant(period.end))
        tests: dict[Operator, Formula] = {
            "=": AllOf((Compare(column, ">=", start), Compare(column, "<", end))),
            ">=": Compare(column, ">=", start),
            ">": Compare(column, ">=", end),
            "<=": Compare(column, "<", end),
            "<": Compare(column, "<", start),
        }
        words = {"=": "on", ">=": "on or after", ">": "after", "<=": "on or before", "<": "before"}[sign or "="]
        if words == "on" and value.text.count("-") < 2:
            words = "in" if value.text[0].isdigit() else ""
        return meaning(tests[sign or "="], f"{words} {value.text.casefold()}")

    def from_now(sign: Operator | None, value: Typed, span: timedelta) -> Meaning:
        if sign is None or sign == "=":
            raise QueryError(
                f"`{value.text}` is a span of time: say whether it is less or more than that",
                column=value.column,
                remedy=f"write {name}:<{value.text} or {name}:>{value.text}",
            )
        if days and value.text.endswith("h"):
            raise QueryError(
                f"`{name}` is a day, and cannot be told in hours",
                column=value.column,
                remedy=f"write it like {example}",
            )
        when = FromNow(-span if past else span, day=days)
        flipped: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        test: Formula = Compare(column, flipped[sign] if past else sign, when)
        if not past and sign in {"<", "<="}:
            test = AllOf((Compare(column, ">=", FromNow(timedelta(), day=days)), test))
        words = _AMOUNTS[sign].format(_span(value.text)) + (" ago" if past else "")
        words = words if past else f"in {words}"
        return meaning(test, words)

    def meaning(test: Formula, words: str) -> Meaning:
        return Meaning(test=test, said=f"{said} {words.strip()}", denied=f"{denied} {words.strip()}")

    return read


def _span(text: str) -> str:
    number = int(text[:-1])
    unit = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}[text[-1]]
    return f"{number} {unit}{'' if number == 1 else 's'}"
