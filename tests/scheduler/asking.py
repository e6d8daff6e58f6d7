"""A process whose visits pass the gate of their hosts and write down when they did: `python -m tests.scheduler.asking`.

Takes one JSON object as its argument. Each line that it appends to the log is one request: host, when it was written
and when it had ended, on the monotonic clock that all processes of the machine share.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from time import monotonic
from typing import Any

from crawler.answers import NotFollowed
from crawler.gate import Gate
from crawler.hosts import Hosts
from scheduler.hosts import SharedHosts
from scheduler.ownership import owner
from scheduler.threads import StorageThread, utc_now
from storage.engine import connect


async def main(order: dict[str, Any]) -> None:
    engine = connect(order["database"])
    store = StorageThread()
    shared = SharedHosts(engine, store, owner=owner(), pause=order["delay"], clock=utc_now)
    hosts = Hosts(shared if order["shared"] else None)
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND)

    def write(*words: object) -> None:
        os.write(log, (" ".join(map(str, (os.getpid(), *words))) + "\n").encode())

    async def visit(number: int) -> None:
        gate = Gate(hosts, delay=order["delay"], concurrency=order["concurrency"])
        try:
            for request in range(order["requests"]):
                # met in another order by each visit, like hosts that redirects lead to
                name = order["hosts"][(number + request) % len(order["hosts"])]
                async with gate.turn(name, order["asked"]) as turn:
                    begun = f"{number}/{request}"
                    write("begin", name, monotonic(), begun)
                    gate.sent(name)
                    await asyncio.sleep(0.002)
                    write("end", name, monotonic(), begun)
                    turn.answered()
        except NotFollowed as refusal:
            write("refused", refusal.detail)
        finally:
            await gate.close()

    write("ready")
    while not os.path.exists(order["go"]):
        await asyncio.sleep(0.005)
    for _ in range(order["rounds"]):
        await asyncio.gather(*(visit(number) for number in range(order["visits"])))
    await hosts.close()
    await shared.close()
    store.close()
    engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
