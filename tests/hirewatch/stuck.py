"""A service with an answer that never comes, because its thread waits for something: run as a process by a test."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading

from fastapi import FastAPI

from hirewatch.serving import run_beside
from hirewatch.web_server import WebServer, listen

app = FastAPI()


@app.get("/stuck")
def stuck() -> None:
    print("stuck", flush=True)
    threading.Event().wait()


async def main() -> None:
    stop, listening = asyncio.Event(), listen("127.0.0.1", 0)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print(listening.getsockname()[1], flush=True)
    await run_beside(WebServer(app, listening, say=print), stop, last_call=4)


if __name__ == "__main__":
    logging.basicConfig()
    asyncio.run(main())
