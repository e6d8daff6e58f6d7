"""The theory of coming again under a budget: when a visit is worth its requests. Pure; asked by `scheduler.cadence`.

Each posting waits from its opening until the next visit. Where openings come at a rate r and a visit costs c requests,
the waiting of all postings is least, for the requests spent, with visits every T = sqrt(2 p c / r), p being the price
of a request in hours that one posting waits: the Lagrange multiplier of the budget, one for the whole house. (Cho and
Garcia-Molina, "Effective page refresh policies for Web crawlers", ACM TODS 28, 2003; Azar, Horvitz, Lubetzky, Peres and
Shahaf, "Tractable near-optimal policies for crawling", PNAS 115, 2018.)

Where the rate follows the week, visits at a density of 1 / T(t) would be best if the rate changed slowly. It does not:
the working day ends. So a visit is put where what waits until then, what it costs, and what visits at that density
would have cost in the meantime, are least together. At a steady rate that is T again; at the end of a working day it
comes early instead of in the morning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from postings.rhythm import WEEK


def wait(rates: Sequence[float], start: float, price: float, *, shortest: float, longest: float) -> float:
    """Hours until the next visit is worth most, between `shortest` and `longest`.

    `rates`: openings an hour for each hour of the week; `start`: the hour of the week of the last visit; `price`: that
    of a visit, in hours that one posting waits.
    """
    best, least = longest, math.inf
    waiting = balance = gone = 0.0
    twice = 2 * price
    # beyond this what waits costs more than any hour of visits: the balance only grows
    enough = math.sqrt(twice * max(rates))
    hour = int(start)
    span = hour + 1 - start
    while gone < longest:
        rate = rates[hour % WEEK]
        # how many more may wait before a visit is due at this rate
        room = math.sqrt(twice * rate) - waiting
        span = min(span, longest - gone)
        # within the hour the balance is a parabola, falling as long as there is room
        if gone + span >= shortest and (room >= 0 or gone <= shortest):
            at = 0.0 if room < 0 else span if room >= rate * span else room / rate
            if gone + at < shortest:
                at = shortest - gone
            value = balance + (rate * at / 2 - room) * at
            if value <= least:
                best, least = gone + at, value
        balance += (rate * span / 2 - room) * span
        waiting += rate * span
        gone += span
        if waiting > enough and gone >= shortest:
            break
        hour, span = hour + 1, 1.0
    return best


def visits_a_day(rates: Sequence[float], price: float, *, shortest: float, longest: float) -> float:
    """How often a site is visited at this price, over a week, by going through one."""
    at, visits = 0.0, 0
    while at < WEEK:
        at += wait(rates, at, price, shortest=shortest, longest=longest)
        visits += 1
    return visits * 24 / at
