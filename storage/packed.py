"""JSON that is long, and that no query looks into: packed on SQLite, which would keep it as it is.

PostgreSQL packs what is long by itself (TOAST; by lz4 where the server can, see the migration), so there it stays JSON.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import JSON, LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage import raws

#: bytes that are not worth packing
_SHORT: Final = 200
#: stands before what is packed with `_COMMON`; no JSON text begins so. What is kept was packed with these very bytes:
#: others need another mark
_MARK: Final = b"\x01"
#: what the contents of all postings share, which in one alone is new to zstd
_COMMON: Final = (
    b'\\n\\n<ul><li></li></ul><h3></h3><p><strong></strong></p>{"url":"https://www.","title":"","organization":{"name":"",'
    b'"url":"https://www.","logo":null},"identifier":{"name":"","value":""},"locations":[{"locality":"Berlin","region":null,'
    b'"country":"DE","postal_code":null,"street":null,"latitude":null,"longitude":null,"text":null},{"locality":"London",'
    b'"region":null,"country":"US","postal_code":null,"street":null,"latitude":null,"longitude":null,"text":null}],'
    b'"remote":false,"remote_regions":[],"employment_types":["FULL_TIME"],"salary":{"currency":"USD","min":0000,"max":0000,'
    b'"unit":"YEAR","text":null},"salary":null,"date_posted":"2026-01-01","valid_through":null,"description_text":"",'
    b'"description_html":"<p></p>","language":"en","direct_apply":null,"industry":null,"skills":null,"education":null,'
    b'"experience":null,"syntax":"json-ld"}'
)
_squeeze: Final = raws.squeezer(_COMMON)


class PackedJson(TypeDecorator[Any]):
    """A JSON value in, the same out. A query cannot look into it."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Where it is kept as JSON."""
        return dialect.type_descriptor(LargeBinary() if dialect.name == "sqlite" else JSON())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Packed JSON text, plain where it is short."""
        if dialect.name != "sqlite":
            return value
        plain = msgspec.json.encode(value)
        return _MARK + _squeeze(plain) if len(plain) > _SHORT else plain

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The way back. Raises DatabaseError if it is damaged."""
        if value is None or dialect.name != "sqlite":
            return value
        plain = raws.expand(value[1:], _COMMON) if value[:1] == _MARK else value
        try:
            return msgspec.json.decode(plain)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise raws.damaged(error) from error
