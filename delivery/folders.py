"""Where files go: a folder of this machine, or a bucket of S3, Google Cloud Storage or Azure. Nothing half is ever seen.

The `files` outlet and `hirewatch export` write by it.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol
from urllib.parse import unquote, urlsplit

from delivery.outlets.outlet import Context, OutletUnavailable
from network import client as http
from network.addresses import AddressPolicy
from postings.errors import ConfigurationError, NetworkError, UsageError

_EXAMPLES: Final = (
    "write it like file:///var/data/jobs, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
)

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")

#: scheme -> options of its stores
OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "file": (),
    "s3": ("endpoint", "region", "access_key_id", "secret_access_key", "session_token"),
    "gs": ("service_account",),
    "az": ("account_name", "account_key", "endpoint"),
}

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


@dataclass(frozen=True, slots=True)
class Address:
    """A place for files, taken apart."""

    #: file, s3, gs or az
    scheme: str
    #: None for this machine
    bucket: str | None
    #: the folder of this machine, or what comes before the names of objects, without slashes at its ends
    path: str

    def __str__(self) -> str:
        return f"file://{self.path}" if self.bucket is None else f"{self.scheme}://{self.bucket}/{self.path}"


class Folder(Protocol):
    """Takes files whole or not at all. Every method raises ConfigurationError or OutletUnavailable."""

    def check(self) -> None:
        """Looks whether files can be put there, and puts none."""

    def create(self, name: str, content: bytes) -> bool:
        """Puts a file there; False, and nothing is changed, if there is one of that name. `name` may have slashes."""

    def read(self, name: str) -> bytes:
        """What stands in a file that is there."""

    def open(self, name: str) -> Any:
        """A context with a stream to write to; the file takes its name, and the place of an older one, at its end."""


def parse(address: str) -> Address:
    """Takes an address apart. Raises UsageError, which does not repeat it."""
    try:
        parts = urlsplit(address)
        plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.port)
    except ValueError:
        plain = False
    if not plain or not address.isprintable() or "\\" in address:
        raise UsageError("the address of a folder cannot be used", remedy=_EXAMPLES)
    if parts.scheme == "file":
        path = unquote(parts.path)
        if parts.netloc not in {"", "localhost"} or not path.startswith("/") or "\0" in path:
            raise UsageError("a folder of this machine has three slashes before it", remedy=_EXAMPLES)
        return Address("file", None, os.path.normpath(path))
    bucket, path = parts.netloc, parts.path.strip("/")
    if not _BUCKET.fullmatch(bucket):
        raise UsageError("is no name of a bucket", subject=bucket[:30], remedy=_EXAMPLES)
    if any(part in {"", ".", ".."} for part in path.split("/")) and path:
        raise UsageError("has a part that no object can have in its name", subject=path[:60], remedy=_EXAMPLES)
    return Address(parts.scheme, bucket, path)


def read_options(address: Address, options: Mapping[str, Any]) -> dict[str, str]:
    """Those of the options that the store of that address takes, checked. Raises UsageError."""
    stored = {name: options[name] for name in OPTIONS[address.scheme] if options.get(name)}
    for name, value in stored.items():
        if not isinstance(value, str) or not value.isprintable():
            raise UsageError("takes a word", subject=name)
    for name in ("region", "account_name"):
        if name in stored and not _WORD.fullmatch(stored[name]):
            raise UsageError("takes letters, digits and hyphens", subject=name)
    if "endpoint" in stored:
        _endpoint(stored["endpoint"])
    return stored


def open_folder(address: Address, options: Mapping[str, str], context: Context, name: str) -> Folder:
    """The place of that address; nothing is contacted yet. `name` is whom errors are about.

    Raises ConfigurationError if a library is missing or there are no credentials.
    """
    if address.bucket is None:
        return LocalFolder(Path(address.path), name)
    return _Bucket(address, options, context, name)


# -- this machine


class LocalFolder:
    """A folder that is there already: a disk that is not mounted must not be taken for an empty one."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def check(self) -> None:
        if not self._path.is_dir():
            raise ConfigurationError("is no folder", subject=self._subject(), remedy="make it, or name another one")
        if not os.access(self._path, os.W_OK | os.X_OK):
            raise ConfigurationError(
                "may not be written by this user", subject=self._subject(), remedy="let it, or name another folder"
            )

    def create(self, name: str, content: bytes) -> bool:
        self.check()
        target = self._path / name
        if target.exists():
            return False
        with self._explained(), whole_file(target, replace=False) as file:
            file.write(content)
        return True

    def read(self, name: str) -> bytes:
        with self._explained():
            return (self._path / name).read_bytes()

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        self.check()
        with self._explained(), whole_file(self._path / name, replace=True) as file:
            yield file

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            problem, subject = f"cannot be written ({error.strerror})", self._subject()
            if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
                raise ConfigurationError(problem, subject=subject, remedy="let this user write there") from None
            raise OutletUnavailable(problem, subject=subject, remedy="make room, or see to the disk") from None

    def _subject(self) -> str:
        return f"{self._name}: {self._path}"


@contextmanager
def whole_file(path: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """A file to write to that appears under its name when it is whole and on the disk, or not at all.

    Its folders are made. With `replace`, several processes may write to one name, and the last one stays. Without it,
    only one may at a time; raises FileExistsError at the end if there is a file of that name by then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # where one process writes at a time, what a dead one left behind is taken up, not piled up
    part = path.with_name(f".{path.name}.{os.getpid()}.part" if replace else f".{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if replace:
            part.replace(path)
        else:
            _link(part, path)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _link(part: Path, path: Path) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # a disk without links; only one process writes for an outlet
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        part.replace(path)


def _sync_folder(folder: Path) -> None:
    # the name must be on the disk too; some disks do not know how
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# -- buckets


class _Bucket:
    def __init__(self, address: Address, options: Mapping[str, str], context: Context, name: str) -> None:
        try:
            import obstore
        except ModuleNotFoundError:
            raise ConfigurationError(
                "needs a library that is not installed", subject=name, remedy="pip install 'hirewatch[files]'"
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
        parts = _endpoint(endpoint)
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
        """The first line of the library's words, without secrets and without what stands behind a URL's question mark."""
        line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        line = re.sub(r"\?\S*", "?…", line.partition(": <")[0])
        for name in _SECRETS:
            if self._options.get(name):
                line = line.replace(self._options[name], "***")
        return line[:_WORDS]


def _endpoint(text: str) -> Any:
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
