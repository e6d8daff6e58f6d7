"""An S3 server on loopback that speaks the real protocol: moto's, in a thread."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from obstore import list as listed
from obstore import put
from obstore.store import S3Store

KEY, SECRET = "AKIAKEY", "canary-secret"


@dataclass
class Bucket:
    """A bucket, by the eyes of whoever owns it."""

    port: int
    name: str = "jobs"

    @property
    def endpoint(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def options(self) -> dict[str, str]:
        """Of an outlet that may write to it."""
        return {"endpoint": self.endpoint, "access_key_id": KEY, "secret_access_key": SECRET}

    @property
    def store(self) -> S3Store:
        return S3Store(
            self.name, access_key_id=KEY, secret_access_key=SECRET, region="us-east-1",
            endpoint=self.endpoint, client_options={"allow_http": True},
        )  # fmt: skip

    def contents(self) -> dict[str, bytes]:
        """Every object, by its name."""
        found = [one["path"] for page in listed(self.store) for one in page]
        return {path: bytes(self.store.get(path).bytes()) for path in found}

    def put(self, name: str, content: bytes) -> None:
        put(self.store, name, content)


@contextmanager
def serving_buckets() -> Iterator[Bucket]:
    """A server with one bucket."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        bucket = Bucket(int(port))
        # what an earlier server of this process held
        s3_backends.reset()
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(bucket.name, "us-east-1")
        yield bucket
    finally:
        server.stop()
