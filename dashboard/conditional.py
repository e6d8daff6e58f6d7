"""Answers that are not sent twice: entity tags and 304 (RFC 9110 §8.8.3, §13)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime
from hashlib import blake2b

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

#: seconds for which an answer may be shown without asking
_FRESH = 300
#: zlib's window with the head and tail of gzip (RFC 1952)
_GZIP = 16 + zlib.MAX_WBITS


def tag(request: Request, *parts: object) -> str:
    """The strong entity tag of an answer that follows from `parts` and from what was asked for."""
    asked = f"{request.url.path}?{request.url.query} {request.base_url} {_takes_gzip(request)} {parts}"
    return f'"{blake2b(asked.encode(), digest_size=12).hexdigest()}"'


def not_modified(request: Request, entity_tag: str) -> Response | None:
    """304 if the client has the answer of this tag already."""
    held = request.headers.get("if-none-match")
    if held is None:
        return None
    tags = {one.strip().removeprefix("W/") for one in held.split(",")}
    if entity_tag not in tags and "*" not in tags:
        return None
    return Response(status_code=304, headers=_headers(entity_tag))


def answer(
    request: Request, pieces: Iterable[bytes], media_type: str, entity_tag: str, *, modified: datetime
) -> Response:
    """The answer of this tag, compressed where the client takes that."""
    headers = _headers(entity_tag) | {"Last-Modified": format_datetime(modified, usegmt=True)}
    if _takes_gzip(request):
        headers["Content-Encoding"] = "gzip"
        pieces = _gzipped(pieces)
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


def _headers(entity_tag: str) -> dict[str, str]:
    return {"ETag": entity_tag, "Cache-Control": f"private, max-age={_FRESH}", "Vary": "Accept-Encoding"}


def _takes_gzip(request: Request) -> bool:
    for accepted in request.headers.get("accept-encoding", "").lower().split(","):
        coding, *parameters = (part.strip() for part in accepted.split(";"))
        if coding == "gzip":
            return not any(re.fullmatch(r"q\s*=\s*0(\.0*)?", parameter) for parameter in parameters)
    return False


def _gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=_GZIP)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
