"""Who gets in. Routes are closed; those that are open to everybody stand here by name."""

from __future__ import annotations

from typing import Final

from fastapi import HTTPException, Request

#: names of the routes that anybody may ask who can reach the service
OPEN: Final = frozenset({"live", "ready", "metrics", "ask_to_unsubscribe", "unsubscribe"})


def admit(request: Request) -> None:
    """Lets a request to a closed route in only where the service listens on loopback. Raises HTTPException."""
    if request.scope["route"].name in OPEN or request.app.state.on_loopback:
        return
    raise HTTPException(403, "this is shown on loopback only")
