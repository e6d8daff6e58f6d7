"""Whether this machine can render pages: the Python side and a Chromium. Loads neither."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from postings.errors import ConfigurationError, how_to_install

#: how Chromium is called where it is looked for
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def find_chromium(named: str = "") -> str | None:
    """The path of Chromium: the one that the settings name, or the first that is installed; None if there is none."""
    if named:
        return shutil.which(named) if "/" not in named else named if Path(named).is_file() else None
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def chromium(named: str = "") -> str:
    """The path of the Chromium that renders pages. Raises ConfigurationError, which says what to install."""
    if importlib.util.find_spec("scrapy_playwright") is None:
        raise ConfigurationError(
            "pages cannot be rendered: the extra for it is not installed",
            subject="browser",
            remedy=f"{how_to_install('browser')}, and Chromium (on Debian: apt install chromium)",
        )
    path = find_chromium(named)
    if path is None:
        raise ConfigurationError(
            f"pages cannot be rendered: {f'there is no {named}' if named else 'no Chromium was found'}",
            subject="browser",
            remedy="install Chromium (on Debian: apt install chromium), or name its path with HIREWATCH_CRAWL__BROWSER",
        )
    return path


def how_to_render(name: str) -> str:
    """What a person can do about a site whose pages show nothing without script."""
    try:
        chromium()
    except ConfigurationError as error:
        return f"install what renders them first ({error.remedy}), then `hirewatch sites set {name} --render on`"
    return f"have a browser run them with `hirewatch sites set {name} --render on`"
