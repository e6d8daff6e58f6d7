"""Scrapy's signals, sent only where somebody listens.

Scrapy sends eight for each page. To find out that nobody listens takes as long as to look for all who do.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from scrapy.crawler import Crawler
from scrapy.signalmanager import SignalManager


class HeardSignals(SignalManager):
    """Takes the place of Scrapy's SignalManager; who listens must have connected through it."""

    def __init__(self, sender: object) -> None:
        super().__init__(sender)
        #: how often each was connected; one more than there are listeners only costs the look for them
        self._heard: Counter[object] = Counter()

    def connect(self, receiver: Any, signal: Any, **kwargs: Any) -> None:
        """Connects a receiver to a signal."""
        super().connect(receiver, signal, **kwargs)
        self._heard[signal] += 1

    def disconnect(self, receiver: Any, signal: Any, **kwargs: Any) -> None:
        """Takes a receiver away from a signal."""
        super().disconnect(receiver, signal, **kwargs)
        self._heard[signal] -= 1

    def send_catch_log(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """What the receivers of a signal make of it."""
        return super().send_catch_log(signal, **kwargs) if self._heard[signal] > 0 else []


class QuietCrawler(Crawler):
    """A crawler of Scrapy's with such signals."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signals = HeardSignals(self)
