"""A service that tests start as a process: arguments are the worker's settings and the number of workers."""

from __future__ import annotations

import sys

from delivery.outlets import Context, SmtpSettings
from network.addresses import AddressPolicy, parse_networks
from scheduler.protocol import WorkerSettings
from scheduler.service import serve


def main(settings: WorkerSettings, workers: int) -> int:
    context = Context(
        policy=AddressPolicy(allow=parse_networks(",".join(settings.allow_addresses))),
        instance="0" * 32,
        smtp=SmtpSettings(),
        user_agent="hirewatch-test",
    )
    return serve(settings, context=context, say=lambda line: print(line, flush=True), workers=workers)


if __name__ == "__main__":
    raise SystemExit(main(WorkerSettings.from_json(sys.argv[1]), int(sys.argv[2])))
