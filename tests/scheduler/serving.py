"""A service, or workers alone, that tests start as a process.

Arguments are the worker's settings, the number of workers, and "serve" or "work".
"""

from __future__ import annotations

import sys

from delivery.outlets import Context, SmtpSettings
from network.addresses import AddressPolicy, parse_networks
from scheduler.protocol import WorkerSettings
from scheduler.service import serve, work


def main(settings: WorkerSettings, workers: int, role: str) -> int:
    def say(line: str) -> None:
        print(line, flush=True)

    if role == "work":
        return work(settings, say=say, workers=workers)
    context = Context(
        policy=AddressPolicy(allow=parse_networks(",".join(settings.allow_addresses))),
        instance="0" * 32,
        smtp=SmtpSettings(),
        user_agent="hirewatch-test",
    )
    return serve(settings, context=context, say=say, workers=workers)


if __name__ == "__main__":
    raise SystemExit(main(WorkerSettings.from_json(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
