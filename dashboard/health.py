"""`/health/live` and `/health/ready`: what a supervisor of containers or a load balancer asks."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import JSONResponse

from dashboard.context import Given


async def live() -> Response:
    """200 as long as the process serves its loop."""
    return JSONResponse({"live": True})


async def ready(context: Given) -> Response:
    """200 if the service can do its work, else 503; `problems` says for each part what is wrong with it."""
    problems = await context.readiness.problems()
    return JSONResponse({"ready": not problems, "problems": problems}, status_code=503 if problems else 200)
