"""Whether an error means that this process lacks memory, or threads: the command line and the workers ask."""

from __future__ import annotations

#: what a person is told
TOO_LITTLE = "there is not enough memory, or no further thread may be started"

_WORDS = ("can't start new thread", "failed to map segment", "annot allocate memory", "cannot map zero-fill")


def lacks_memory(error: BaseException) -> bool:
    """Whether that is what an error means; a library that cannot be loaded and a thread that cannot be started say
    so."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in _WORDS)
