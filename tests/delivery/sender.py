"""A process that tells one outlet what is due, until nothing is left: `sender.py DATABASE OUTLET`. Tests kill it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from random import Random

from delivery.dispatch import deliver_due
from storage import outlets
from storage.engine import connect
from tests.delivery.loopback import loopback_context


def main(url: str, name: str) -> None:
    engine = connect(url)
    print(deliver_due(engine, outlets.find(engine, name), loopback_context(), datetime.now(UTC), Random(1)))


if __name__ == "__main__":
    main(*sys.argv[1:])
