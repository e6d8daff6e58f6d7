"""`/metrics`: the figures in Prometheus' text format 0.0.4."""

from __future__ import annotations

from fastapi import Response
from prometheus_client import exposition

from dashboard.context import Given


async def metrics(context: Given) -> Response:
    """Counters of this process, and gauges read from the database."""
    await context.gauges.refresh()
    text = exposition.generate_latest(context.registry)
    return Response(text, media_type=exposition.CONTENT_TYPE_PLAIN_0_0_4)
