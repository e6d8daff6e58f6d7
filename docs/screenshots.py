"""Makes the pictures of the pages in docs/screenshots/ from a run of the demonstration: `python docs/screenshots.py`.

Needs Chromium and the extra `browser`. A page more is a line more in `PAGES`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import httpx
from playwright.sync_api import sync_playwright

from crawler.chromium import chromium
from hirewatch.demo import living, run

FOLDER = Path(__file__).with_name("screenshots")
WIDTH, HEIGHT, PHONE = 1280, 800, 360

#: before the address of a list: the page that its first row leads to
FIRST = "first of "

#: in an address: where the career site of the demonstration is
CAREERS = "CAREERS"

#: name, address, width, colours
PAGES = (
    ("overview", "/", WIDTH, "light"),
    ("overview-dark", "/", WIDTH, "dark"),
    ("overview-phone", "/", PHONE, "light"),
    ("postings", "/postings", WIDTH, "light"),
    ("posting", f"{FIRST}/postings", WIDTH, "light"),
    ("sites", "/sites", WIDTH, "light"),
    ("site", f"/sites/{quote(run.SITE)}", WIDTH, "light"),
    ("searches", "/searches", WIDTH, "light"),
    ("events", "/events", WIDTH, "light"),
    ("outlets", "/outlets", WIDTH, "light"),
    ("inspect", f"/inspect?url={CAREERS}", WIDTH, "light"),
)


class Nobody:
    """An audience that is told everything and says nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_told: None


def main() -> None:
    """Plays the demonstration and takes the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with run.stage(keep=False) as stage:
        run.play(stage, cast(run.Audience, Nobody()), pause=0)
        with living.serving(stage, port=0) as served, sync_playwright() as playwright:
            search = {"name": "technicians", "query": "title:(engineer OR technician) -senior"}
            httpx.post(f"{served.address.rstrip('/')}/api/v1/searches", json=search, timeout=30).raise_for_status()
            browser = playwright.chromium.launch(executable_path=chromium(), chromium_sandbox=False)
            for name, address, width, scheme in PAGES:
                page = browser.new_page(
                    viewport={"width": width, "height": HEIGHT},
                    color_scheme="dark" if scheme == "dark" else "light",
                    reduced_motion="reduce",
                )
                asked = address.removeprefix(FIRST).replace(CAREERS, quote(stage.site.url, safe=""))
                answer = page.goto(f"{served.address.rstrip('/')}{asked}")
                if address.startswith(FIRST):
                    page.locator("[data-open]").first.click()
                    page.wait_for_load_state()
                if answer is None or not answer.ok:
                    sys.exit(f"{address} answers {answer.status if answer else 'nothing'}")
                page.screenshot(path=FOLDER / f"{name}.png")
                page.close()
            browser.close()
    for path in sorted(FOLDER.glob("*.png")):
        sys.stdout.write(f"{path.stat().st_size // 1000:>5} KB  {path.name}\n")


if __name__ == "__main__":
    main()
