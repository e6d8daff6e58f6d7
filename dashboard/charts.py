"""Where the marks of a chart lie: numbers in, view values out. `templates/parts/charts.html` draws them as SVG.

Every chart lies in a box of its own units, 0 at the top left, that the page stretches; texts stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

_WIDTH: Final = 720.0
_HEIGHT: Final = 160.0


class Drawing:
    """A chart. The JSON of a view leaves charts out: what they are made of stands in the view too."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One value of a chart: a column of the box that names it when pointed at."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Area(Drawing):
    """A line over days with what is below it filled."""

    width: float
    height: float
    #: the path of the line, and of what it encloses
    line: str
    fill: str
    #: a column a value, each as high as the box
    marks: tuple[Mark, ...]
    #: the highest number of the scale
    top: int
    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars(Drawing):
    """A bar a value."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    top: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened on one day of a strip."""

    on: date
    #: complete, partial, suspect, failed, or none
    kind: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A day as it is drawn: its height says what happened, as does its colour."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip(Drawing):
    """A row of days."""

    width: int
    height: int
    cells: tuple[Cell, ...]
    #: the whole strip in words
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark(Drawing):
    """A small line without a scale of its own."""

    width: float
    height: float
    line: str
    #: the last point
    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something on a life line: what, when, and what is told of it."""

    kind: str
    at: datetime
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A moment as it is drawn."""

    x: float
    kind: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time during which it was open, as it is drawn."""

    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Life(Drawing):
    """The life of a posting from its first sighting until now."""

    width: float
    height: float
    spans: tuple[Span, ...]
    points: tuple[Point, ...]
    begin: datetime
    end: datetime


def area(values: Sequence[tuple[date, int]]) -> Area:
    """Values of days in their order, at least one."""
    top = _scale(max(value for _day, value in values))
    step = _WIDTH / max(len(values) - 1, 1)
    points = [(round(index * step, 1), _from_top(value, top)) for index, (_day, value) in enumerate(values)]
    if len(points) == 1:
        points.append((_WIDTH, points[0][1]))
    line = "M" + " L".join(f"{x:g} {y:g}" for x, y in points)
    column = _WIDTH / len(values)
    marks = tuple(
        Mark(x=round(index * column, 1), y=0.0, width=round(column, 2), height=_HEIGHT, label=f"{day}", value=value)
        for index, (day, value) in enumerate(values)
    )
    return Area(
        width=_WIDTH,
        height=_HEIGHT,
        line=line,
        fill=f"{line} L{points[-1][0]:g} {_HEIGHT:g} L{points[0][0]:g} {_HEIGHT:g} Z",
        marks=marks,
        top=top,
        first=f"{values[0][0]}",
        last=f"{values[-1][0]}",
    )


def bars(values: Sequence[tuple[str, int]], *, height: float = 80.0) -> Bars:
    """Values with their names, in their order. A value above nothing is never drawn as nothing."""
    top = _scale(max((value for _name, value in values), default=0))
    column = _WIDTH / max(len(values), 1)
    marks = []
    for index, (name, value) in enumerate(values):
        tall = max(round(value / top * height, 1), 1.5) if value else 0.0
        marks.append(
            Mark(
                x=round(index * column + column * 0.1, 1),
                y=round(height - tall, 1),
                width=round(column * 0.8, 1),
                height=tall,
                label=name,
                value=value,
            )
        )
    return Bars(width=_WIDTH, height=height, marks=tuple(marks), top=top)


#: heights in a strip, from the ground
_TALL: Final = {"complete": 20, "partial": 14, "suspect": 10, "failed": 6}
_CELL, _GAP, _STRIP, _DOT = 4, 1, 20, 2


def strip(days: Sequence[Day]) -> Strip:
    """A cell a day. What went worse is lower, so that it can be told without colour; a day without a visit is a dot."""
    cells, counted = [], dict[str, int]()
    for index, day in enumerate(days):
        tall = _TALL.get(day.kind, _DOT)
        cells.append(
            Cell(
                x=index * (_CELL + _GAP),
                y=_STRIP - tall,
                width=_CELL,
                height=tall,
                kind=day.kind,
                label=f"{day.on}: {day.words}",
            )
        )
        if day.kind in _TALL:
            counted[day.kind] = counted.get(day.kind, 0) + 1
    told = ", ".join(f"{counted[kind]} {kind}" for kind in _TALL if kind in counted) or "no visits"
    return Strip(
        width=max(len(days) * (_CELL + _GAP) - _GAP, _CELL),
        height=_STRIP,
        cells=tuple(cells),
        words=f"{len(days)} days: {told}",
    )


def spark(values: Sequence[int], *, width: float = 90.0, height: float = 20.0) -> Spark:
    """The way of values in their order, at least one, between their lowest and their highest."""
    low, high = min(values), max(values)
    step = width / max(len(values) - 1, 1)
    room = height - 2
    points = [
        (round(index * step, 1), round(1 + room - (room * (value - low) / (high - low) if high > low else room / 2), 1))
        for index, value in enumerate(values)
    ]
    line = "M" + " L".join(f"{x:g} {y:g}" for x, y in (points if len(points) > 1 else [*points, (width, points[0][1])]))
    words = f"from {values[0]:,} to {values[-1]:,}, lowest {low:,}, highest {high:,}"
    return Spark(width=width, height=height, line=line, x=points[-1][0], y=points[-1][1], words=words)


def life(moments: Sequence[Moment], *, begin: datetime, now: datetime) -> Life:
    """The life line from `begin` to `now`. Of the kinds, `opened` and `reopened` begin an open time, `closed` ends
    it."""
    whole = max((now - begin).total_seconds(), 1.0)

    def at(time: datetime) -> float:
        return round(_WIDTH * min(max((time - begin).total_seconds() / whole, 0.0), 1.0), 1)

    spans, opened = [], None
    for moment in moments:
        if moment.kind in {"opened", "reopened"} and opened is None:
            opened = at(moment.at)
        elif moment.kind == "closed" and opened is not None:
            spans.append(Span(x=opened, width=round(at(moment.at) - opened, 1)))
            opened = None
    if opened is not None:
        spans.append(Span(x=opened, width=round(_WIDTH - opened, 1)))
    points = tuple(Point(x=at(one.at), kind=one.kind, label=one.words) for one in moments)
    return Life(width=_WIDTH, height=24.0, spans=tuple(spans), points=points, begin=begin, end=now)


def _scale(highest: int) -> int:
    """The number at the top of a scale: 1, 2 or 5 times a power of ten, in steps that people read."""
    unit = 1
    while True:
        for step in (1, 2, 5):
            if highest <= step * unit * 1:
                return step * unit
        unit *= 10


def _from_top(value: int, top: int) -> float:
    return round(_HEIGHT - value / top * _HEIGHT, 1)
