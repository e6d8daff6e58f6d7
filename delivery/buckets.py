"""A bucket of S3, Google Cloud Storage or Azure, reached by obstore: its server judged, its errors in our words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from delivery.folder_addresses import Address
from delivery.outlets.outlet import Context, OutletUnavailable
from network import client as http
from network.addresses import AddressPolicy
from postings.errors import ConfigurationError, NetworkError, UsageError, how_to_install

#: scheme -> what in the environment gives credentials; without any, the library asks the machine's own service
_CREDENTIALS: Final = {
    "s3": ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    "gs": (
        "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH", "GOOGLE_SERVICE_ACCOUNT_KEY",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ),
    "az": (
        "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_MASTER_KEY", "AZURE_STORAGE_CLIENT_SECRET",
        "AZURE_CLIENT_SECRET", "AZURE_STORAGE_SAS_KEY", "AZURE_STORAGE_SAS_TOKEN", "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_STORAGE_TOKEN",
    ),
}  # fmt: skip
#: the options that do the same
_KEYS: Final = {"s3": "access_key_id", "gs": "service_account", "az": "account_key"}
#: where the library looks for another server
_ENDPOINTS: Final = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("GOOGLE_BASE_URL",),
    "az": ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
}
_ENDPOINT_KEYS: Final = {"s3": ("aws_endpoint", "aws_endpoint_url_s3"), "gs": ("google_base_url",), "az": ("endpoint",)}
_SECRETS: Final = ("secret_access_key", "session_token", "account_key")

#: the service of a cloud that gives its machines credentials
_MACHINE_SERVICE: Final = "169.254.169.254"

#: characters of a library's words that are kept
_WORDS: Final = 200


class Bucket:
    """A place in a bucket; nothing is contacted before something is asked of it."""

    def __init__(self, address: Address, options: Mapping[str, str], context: Context, name: str) -> None:
        """`name` is whom errors are about. Raises ConfigurationError without the library or without credentials."""
        try:
            import obstore
        except ModuleNotFoundError:
            raise ConfigurationError(
                "needs a library that is not installed", subject=name, remedy=how_to_install("files")
            ) from None
        self._obstore: Any = obstore
        self._address = address
        self._options = options
        self._context = context
        self._name = name
        _require_credentials(address, options, context.policy, name)

    def check(self) -> None:
        store = self._store()
        with self._explained():
            next(iter(self._obstore.list(store, chunk_size=1)), None)

    def create(self, name: str, content: bytes) -> bool:
        store = self._store()
        try:
            with self._explained():
                # in parts, it could not be refused at the end
                self._obstore.put(store, name, content, mode="create", use_multipart=False)
        except FileExistsError:
            return False
        return True

    def read(self, name: str) -> bytes:
        store = self._store()
        with self._explained():
            return bytes(self._obstore.get(store, name).bytes())

    @contextmanager
    def open(self, name: str) -> Iterator[Any]:
        store = self._store()
        with self._explained():
            # sent in parts; without its end no part is ever seen
            writer = self._obstore.open_writer(store, name)
            yield writer
            writer.close()

    def _store(self) -> Any:
        """The store, its server judged anew: names may change their addresses."""
        from obstore import store

        address, options = self._address, dict(self._options)
        given = options.pop("endpoint", None) or next(
            (os.environ[name] for name in _ENDPOINTS[address.scheme] if os.environ.get(name)), None
        )
        client: dict[str, Any] = {
            "timeout": f"{max(1, round(self._context.timeout * 6))}s",
            "connect_timeout": f"{max(1, round(self._context.timeout))}s",
            "user_agent": self._context.user_agent,
        }
        if given:
            judged, client["allow_http"] = self._judged(given)
            # under every name by which the environment could say another one
            options |= dict.fromkeys(_ENDPOINT_KEYS[address.scheme], judged)
        common: dict[str, Any] = {
            "prefix": address.path or None,
            "config": options,
            "client_options": client,
            # the schedule of the outlet tries again
            "retry_config": {"max_retries": 1},
        }
        with self._explained():
            if address.scheme == "s3":
                return store.S3Store(address.bucket, **common)
            if address.scheme == "gs":
                return store.GCSStore(address.bucket, **common)
            return store.AzureStore(address.bucket, **common)

    def _judged(self, endpoint: str) -> tuple[str, bool]:
        """The server to go to, and whether without TLS.

        Without TLS, it is the judged address itself; with TLS, another server behind the name could not prove that it
        is the one.
        """
        parts = read_endpoint(endpoint)
        plain = parts.scheme == "http"
        host = parts.hostname or ""
        port = parts.port or (80 if plain else 443)
        try:
            judged = http.judge(self._context.policy, host, port)[0]
        except NetworkError as error:
            raise OutletUnavailable(f"{host} {error.problem}", subject=self._name, remedy=error.remedy) from None
        if not plain:
            return endpoint, False
        literal = f"[{judged}]" if ":" in judged else judged
        return f"http://{literal}:{port}{parts.path}", True

    @contextmanager
    def _explained(self) -> Iterator[None]:
        from obstore import exceptions

        where = f"{self._name}: {self._address.scheme}://{self._address.bucket}"
        try:
            yield
        except exceptions.AlreadyExistsError:
            raise FileExistsError from None
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            raise ConfigurationError(
                f"refuses the credentials ({self._said(error)})",
                subject=where,
                remedy="check them, and what they may do",
            ) from None
        except FileNotFoundError:
            raise ConfigurationError(
                "has no bucket of that name", subject=where, remedy="create it, or name another one"
            ) from None
        except (exceptions.BaseError, ValueError, OSError) as error:
            raise OutletUnavailable(
                f"cannot be written ({self._said(error)})", subject=where, remedy="check that it can be reached"
            ) from None

    def _said(self, error: BaseException) -> str:
        """The first line of the library's words, without secrets and without what stands behind a URL's question
        mark."""
        line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        line = re.sub(r"\?\S*", "?…", line.partition(": <")[0])
        for name in _SECRETS:
            if self._options.get(name):
                line = line.replace(self._options[name], "***")
        return line[:_WORDS]


def read_endpoint(text: str) -> SplitResult:
    """The address of a server, taken apart. Raises UsageError."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
        usable = usable and not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(
            "is no address of a server", subject="endpoint", remedy="write it like https://minio.example:9000"
        )
    return parts


def _require_credentials(address: Address, options: Mapping[str, str], policy: AddressPolicy, name: str) -> None:
    given = [_KEYS[address.scheme] in options, *(os.environ.get(one) for one in _CREDENTIALS[address.scheme])]
    # the library would ask the service of the machine's cloud, whose address is one like any other
    if not any(given) and not policy.allows(_MACHINE_SERVICE):
        raise ConfigurationError(
            "has no credentials",
            subject=f"{name}: {address.scheme}://{address.bucket}",
            remedy=f"set {_KEYS[address.scheme]} or {_CREDENTIALS[address.scheme][0]}, or let hirewatch ask the machine for"
            f" them with HIREWATCH_NETWORK__ALLOW_ADDRESSES={_MACHINE_SERVICE}/32",
        )
