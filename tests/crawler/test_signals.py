"""Signals that reach whoever listens, as Scrapy's own do."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.signalmanager import SignalManager

from crawler.signals import HeardSignals

SIGNAL = object()


class Listener:
    def __init__(self) -> None:
        self.heard: list[int] = []

    def hear(self, number: int) -> str:
        self.heard.append(number)
        return "heard"


@pytest.fixture(params=[SignalManager, HeardSignals])
def signals(request: pytest.FixtureRequest) -> Any:
    return request.param(object())


def test_who_listens_hears(signals: Any) -> None:
    listener = Listener()
    signals.connect(listener.hear, SIGNAL)
    assert signals.send_catch_log(SIGNAL, number=3) == [(listener.hear, "heard")]
    assert listener.heard == [3]


def test_nothing_comes_of_a_signal_that_nobody_listens_to(signals: Any) -> None:
    assert signals.send_catch_log(SIGNAL, number=3) == []


def test_who_no_longer_listens_does_not_hear_and_others_still_do(signals: Any) -> None:
    one, other = Listener(), Listener()
    signals.connect(one.hear, SIGNAL)
    signals.connect(other.hear, SIGNAL)
    signals.disconnect(one.hear, SIGNAL)
    signals.send_catch_log(SIGNAL, number=1)
    assert (one.heard, other.heard) == ([], [1])
    signals.disconnect(other.hear, SIGNAL)
    assert signals.send_catch_log(SIGNAL, number=2) == []
    signals.connect(one.hear, SIGNAL)
    signals.send_catch_log(SIGNAL, number=3)
    assert (one.heard, other.heard) == ([3], [1])


def test_a_signal_that_nobody_listens_to_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    monkeypatch.setattr(SignalManager, "send_catch_log", lambda self, signal, **kwargs: sent.append(signal))
    signals = HeardSignals(object())
    signals.send_catch_log(SIGNAL)
    assert sent == []
    listener = Listener()
    signals.connect(listener.hear, SIGNAL)
    signals.send_catch_log(SIGNAL)
    assert sent == [SIGNAL]
