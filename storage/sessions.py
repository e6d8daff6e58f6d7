"""Sessions on a PostgreSQL server whose end means something: a lock is held as long as one lives.

Used where a lock must end with its holder, however that ends: by `storage.outlet_locks` and `storage.election`.
"""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.engine import Engine


def open_session(engine: Engine, *, idle: int = 30, interval: int = 10, count: int = 3) -> Connection:
    """A session outside of the pool: closing it ends it, and with it its locks, instead of handing both on.

    The server ends it about `idle + interval * count` seconds after the machine of this process has vanished.
    """
    connection = engine.connect()
    try:
        session = connection.execution_options(isolation_level="AUTOCOMMIT")
        session.detach()
        for setting, figure in (("idle", idle), ("interval", interval), ("count", count)):
            session.execute(text(f"SET tcp_keepalives_{setting} = {figure}"))
    except BaseException:
        connection.close()
        raise
    return session
