"""`/u/TOKEN`: where the link of a mail leads, and where mail programs end it in one click (RFC 8058)."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import HTTPException, Request, Response

from dashboard.context import Given
from dashboard.templating import show
from storage import outlets
from storage.engine import can_hold


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeView:
    """Whether the mails have ended."""

    ended: bool


async def ask_to_unsubscribe(request: Request, token: str) -> Response:
    """Asks, and changes nothing: programs that look for harm follow every link of a mail."""
    return show(request, "unsubscribe.html", UnsubscribeView(ended=False))


def unsubscribe(context: Given, request: Request, token: str) -> Response:
    """Ends the mails that carry this token; again is no error. Raises HTTPException if no mail carries it."""
    if not can_hold(token) or outlets.disable_by_token(context.engine, token, context.clock()) is None:
        raise HTTPException(404, "no mail carries this link")
    return show(request, "unsubscribe.html", UnsubscribeView(ended=True))
