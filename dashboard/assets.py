"""The files that pages load: styles, scripts, pictures. They lie in `static/` and are held in memory.

The address of a file holds a digest of its content, so a browser keeps it for good and never shows an old one.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from fastapi import HTTPException, Response

_FOLDER: Final = Path(__file__).parent / "static"
#: what is served; the folder also holds licences and what says where files are from
_SUFFIXES: Final = frozenset({".css", ".js", ".svg", ".png"})
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    digest: str


def address(path: str) -> str:
    """Where the file `path` of `static/` is served. Raises KeyError if there is none."""
    return f"/static/{_files()[path].digest}/{path}"


def asset(digest: str, path: str) -> Response:
    """`/static/DIGEST/PATH`. A page of an older version asks by an older digest, and gets what there is now."""
    file = _files().get(path)
    if file is None:
        raise HTTPException(404, "there is no such file")
    kept = _FOR_GOOD if digest == file.digest else "no-cache"
    return Response(file.content, media_type=file.media_type, headers={"Cache-Control": kept})


@cache
def _files() -> dict[str, _File]:
    found = {}
    for path in sorted(_FOLDER.rglob("*")):
        if path.suffix in _SUFFIXES:
            content = path.read_bytes()
            media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            digest = blake2b(content, digest_size=8).hexdigest()
            found[path.relative_to(_FOLDER).as_posix()] = _File(content, media_type, digest)
    return found
