from __future__ import annotations

from hirewatch.demo.http_server import Access
from tests.sites.manners import crowding, gaps, violations


def asked(began: float, ended: float, path: str = "/") -> Access:
    return Access(began=began, ended=ended, method="GET", path=path, status=200, user_agent="tester")


def test_a_polite_log_has_no_violations() -> None:
    assert violations([asked(0, 0.1), asked(1, 1.1), asked(2, 2.1)], delay=1) == []


def test_a_short_gap_is_a_violation_that_names_both_requests() -> None:
    found = violations([asked(0, 0.1, "/a"), asked(0.5, 0.6, "/b")], delay=1)
    assert found == ["/b came 0.500 s after /a, 1 s asked for"]


def test_the_order_in_which_requests_ended_does_not_matter() -> None:
    assert gaps([asked(2, 2.1), asked(0, 3)]) == [2]


def test_requests_under_way_at_the_same_time_are_a_violation() -> None:
    log = [asked(0, 3), asked(1, 2), asked(2.5, 4)]
    assert crowding(log) == 2
    assert violations(log, delay=1) == ["2 requests at once, 1 allowed"]
    assert violations(log, delay=1, concurrency=2) == []


def test_a_request_that_begins_as_another_ends_is_no_crowd() -> None:
    assert crowding([asked(0, 1), asked(1, 2)]) == 1


def test_an_empty_log_is_polite() -> None:
    assert violations([], delay=1) == []
