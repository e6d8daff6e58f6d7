"""What it costs to find out who hears of new events: outlets with queries of their own, of which few match.

    python -m benchmarks.alerts [--outlets 1000] [--events 1000]

Prints the seconds of one pass over all outlets with all events, and of one with a single new event.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path
from random import Random

from delivery import outlets
from delivery.log import SharedLog
from delivery.skimming import skim
from storage import outlets as stored
from storage.engine import connect
from storage.schema import upgrade
from tests.delivery.eventlog import NOON, EventLog

_WORDS = ("engineer", "nurse", "welder", "cook", "driver", "teacher", "lawyer", "baker", "pilot", "clerk")
_TOWNS = ("berlin", "bonn", "ulm", "kiel", "essen")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--outlets", type=int, default=1000)
    arguments.add_argument("--events", type=int, default=1000)
    asked = arguments.parse_args()
    rng = Random(1)
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'alerts.db'}")
        upgrade(engine)
        log = EventLog(engine)
        for number in range(asked.outlets):
            query = f"title:{rng.choice(_WORDS)} {rng.choice(_WORDS)} location:{rng.choice(_TOWNS)} salary>={number}k"
            address = f"mailto:reader{number}@example.org"
            outlets.add(engine, name=f"outlet {number}", address=address, options={"only": query}, now=NOON)
        text = " ".join(rng.choice(_WORDS) + str(rng.randrange(500)) for _ in range(300))
        for _ in range(asked.events):
            log.add(1, title=rng.choice(_WORDS), description_text=text)
        for label in (f"{asked.events} events", "1 event"):
            began = time.perf_counter()
            concerned = skim(engine, stored.due(engine, NOON), SharedLog(engine))
            print(
                f"{asked.outlets} outlets, {label}: {time.perf_counter() - began:.3f} s, {len(concerned)} rounds begin"
            )
            for outlet in concerned:
                stored.advance(engine, [(outlet.id, outlet.cursor)], asked.events)
            log.add(1, title="nurse")
        print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
