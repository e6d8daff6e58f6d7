"""`/u/TOKEN`: where the link of a mail leads, and where mail programs end it in one click (RFC 8058)."""

from __future__ import annotations

from fastapi import HTTPException, Response
from fastapi.responses import HTMLResponse

from dashboard.context import Given
from storage import outlets
from storage.engine import can_hold

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>hirewatch</title></head>
<body><main>{}</main></body>
</html>
"""
# its form goes to the address that it stands at
_QUESTION = _PAGE.format(
    "<h1>No more of these mails?</h1>"
    '<form method="post"><button name="List-Unsubscribe" value="One-Click">End them</button></form>'
)
_ENDED = _PAGE.format("<h1>You get no more of these mails</h1><p>Whoever runs hirewatch can begin them again.</p>")


async def ask_to_unsubscribe(token: str) -> Response:
    """Asks, and changes nothing: programs that look for harm follow every link of a mail."""
    return HTMLResponse(_QUESTION)


def unsubscribe(context: Given, token: str) -> Response:
    """Ends the mails that carry this token; again is no error. Raises HTTPException if no mail carries it."""
    if not can_hold(token) or outlets.disable_by_token(context.engine, token, context.clock()) is None:
        raise HTTPException(404, "no mail carries this link")
    return HTMLResponse(_ENDED)
