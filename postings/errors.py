"""Every error hirewatch raises on purpose, in one tree.

    HirewatchError
    ├── UsageError            what was typed cannot be done                       exit 2
    ├── ConfigurationError    a setting, a file or the database cannot be used    exit 3
    │   └── DatabaseError     the database is unreadable, damaged, too new
    │       └── DatabaseUnavailable   … away, locked or full: the same works later    exit 6
    ├── NotFoundError         no such site, search, outlet or posting             exit 4
    ├── NetworkError          the network or the site said no                     exit 5
    │   └── AddressRefused    the address policy does not let hirewatch go there
    └── LeaseLost             another worker has taken over the site              (never shown: the visit ends)

What the world does to a visit (a page that does not answer, a posting that cannot be read) is a value
in its report, not an error. The command line turns an error into one message and an exit code.
"""

from __future__ import annotations


def how_to_install(extra: str) -> str:
    """What to do where the libraries of an extra are not installed: a remedy."""
    return (
        f"install hirewatch with its extra `{extra}`, as you installed it: in a checkout `uv tool install '.[{extra}]'`"
    )


class HirewatchError(Exception):
    """Says what is wrong with which thing, and what to do about it."""

    def __init__(self, problem: str, *, subject: str | None = None, remedy: str | None = None) -> None:
        """`problem` is a clause without a full stop; `subject` names the thing; `remedy` says what to do."""
        super().__init__(problem)
        self.problem = problem
        self.subject = subject
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.subject}: {self.problem}" if self.subject else self.problem
        joint = " " if text.endswith("?") else "; "
        return f"{text}{joint}{self.remedy}" if self.remedy else text


class UsageError(HirewatchError):
    """What was asked for cannot be done as it was typed."""


class ConfigurationError(HirewatchError):
    """A setting, a configuration file or the environment cannot be used as it is."""


class DatabaseError(ConfigurationError):
    """The database cannot be opened, read or written."""


class DatabaseUnavailable(DatabaseError):
    """It cannot be used for now: its server is away, its disk is full, or somebody has locked it."""


class NotFoundError(HirewatchError):
    """There is no site, search, outlet or posting of that name."""


class NetworkError(HirewatchError):
    """The network, or the site behind it, did not give what was asked for."""


class AddressRefused(NetworkError):
    """The address policy does not let hirewatch contact this address."""


class LeaseLost(HirewatchError):
    """A write came from a visit whose lease on the site has passed to another worker."""
