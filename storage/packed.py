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
#: what a zstd frame begins with (RFC 8878 §3.1.1); no JSON text does
_PACKED: Final = b"\x28\xb5\x2f\xfd"


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
        return raws.squeeze(plain) if len(plain) > _SHORT else plain

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The way back."""
        if value is None or dialect.name != "sqlite":
            return value
        return msgspec.json.decode(raws.expand(value) if value[:4] == _PACKED else value)
