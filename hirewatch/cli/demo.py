"""`hirewatch demo`: a career site on loopback that changes while you look."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import rich_click as click

from hirewatch.cli.front import Front, command, pass_front
from hirewatch.cli.tables import STYLES
from hirewatch.cli.visiting import Bars, Silent
from hirewatch.cli.why import told
from postings import wording
from postings.cleaning import clean
from postings.events import Event
from postings.sites import Site
from postings.visits import VisitSummary

if TYPE_CHECKING:
    from rich.text import Text

    from crawler.visiting import Progress
    from hirewatch.demo.receiver import Received
    from hirewatch.demo.run import Outcome, Stage

#: a baseline is told by its first postings
_FIRST = 3


@command("demo")
@click.option("--keep", is_flag=True, help="Then show it in the dashboard until Ctrl-C, and keep its data.")
@click.option("--pause", type=click.FloatRange(min=0), hidden=True, help="Seconds that each scene stands.")
@pass_front
def demo(front: Front, keep: bool, pause: float | None) -> None:
    """Watch a small career site on loopback for a minute; needs no network."""
    from hirewatch.demo import living, run

    with run.stage(keep=keep) as stage:
        show = Show(front, keep=keep)
        try:
            outcome = run.play(stage, show, pause=run.PAUSE if pause is None else pause)
        finally:
            show.ends()
        show.sums_up(outcome)
        if keep and outcome.whole:
            living.live_on(stage, show)
    if front.json:
        front.print_json(
            {
                "visits": outcome.visits,
                "events": outcome.events,
                "open": outcome.open,
                "alerts": outcome.alerts,
                "alerts_refused": outcome.refused,
                "requests": outcome.requests,
                "seconds": round(outcome.seconds, 1),
            }
        )
        return
    if keep:
        show.line()
        show.line(f"The data are kept in {stage.folder}; remove the folder when you are done.")
        show.line(f"Look at them again:  hirewatch --config {stage.config_file} serve")
    else:
        show.line("See it in a browser:  hirewatch demo --keep   (or  make demo ARGS=--keep)")
    show.line("Now a real site:  hirewatch inspect URL   then   hirewatch add URL", style="bold")


class Show:
    """Tells the play on stdout; with --json only its end is told."""

    def __init__(self, front: Front, *, keep: bool) -> None:
        self._front = front
        self._keep = keep
        self._out = front.out()
        self._began = time.monotonic()
        self._bars: Silent | None = None

    def line(self, text: str = "", style: str = "") -> None:
        """One line of the story."""
        from rich.text import Text

        self._print(Text(clean(text, keep_lines=True), style=style))

    def begins(self, stage: Stage) -> None:
        """The site is up, nothing is watched yet."""
        site = stage.site
        self.line("hirewatch demo: a small career site, watched while it changes. Nothing leaves this machine.", "bold")
        self.line()
        self.line(f"  the site      {site.employer.name}, {len(site.open_jobs())} open jobs, at {site.url}")
        self.line(f"  the receiver  takes signed webhooks at {stage.receiver.url}")
        self.line(f"  the data      {stage.folder}{'' if self._keep else ' (removed at the end)'}")
        if self._keep:
            self.line("  the dashboard opens after the play, with all of this in it")
        self.line()

    def scene(self, what: str) -> None:
        """What the employer does now."""
        seconds = int(time.monotonic() - self._began)
        self.line()
        self.line(f"{seconds // 60}:{seconds % 60:02d}  {what}", "bold")

    def command(self, text: str) -> None:
        """What a person would type."""
        self.line(f"$ {text}", "cyan")

    def progress(self, site: Site, step: Progress) -> None:
        """A visit has come a step further."""
        if self._bars is None:
            shown = sys.stderr.isatty() and self._front.terminal and not (self._front.quiet or self._front.json)
            self._bars = Bars(self._front) if shown else Silent()
            if isinstance(self._bars, Bars):
                self._bars.bars.start()
        self._bars.told(site, step)

    def visited(self, visit: VisitSummary, events: Sequence[Event]) -> None:
        """A visit has ended, and this is what it recorded."""
        self.ends()
        self.line(f"  visit   {wording.visit_line(visit)}")
        few = events if len(events) <= 2 * _FIRST else events[:_FIRST]
        for event in few:
            self._print(_event_line(event))
        if len(few) < len(events):
            self.line(f"  …       and {len(events) - len(few)} more like these", "dim")

    def alerted(self, received: Received) -> None:
        """The receiver got an alert with a valid signature."""
        body = received.body
        kind = str(body.get("type", "")).removeprefix("posting.") or "message"
        posting = body.get("data", {}).get("posting") or {}
        title = posting.get("title") or ""
        self.line(f'  alert   {received.id}: {kind} "{clean(title)}", signature verified by the receiver', "magenta")

    def remark(self, text: str) -> None:
        """Why what happened is right."""
        self.line(f"  {text}", "dim italic")

    def why(self, events: Sequence[Event]) -> None:
        """The life of one posting."""
        for event in events:
            for line in told(event):
                self.line(f"  {line}")

    def sums_up(self, outcome: Outcome) -> None:
        """What the play came to."""
        self.line()
        self.line(
            f"In {outcome.seconds:.0f} s: {outcome.visits} visits with {outcome.requests} requests, {outcome.events} "
            f"events, {outcome.alerts} alerts (each once, each with a valid signature), {outcome.open} postings open."
        )

    def served(self, address: str) -> None:
        """The dashboard shows all of it at this address."""
        self.line()
        self.line(f"Look at it:  {address}   (Ctrl-C ends it)", "bold")
        self.line(
            "  The site lives on: it changes every few seconds, is visited by itself, and events arrive live.", "dim"
        )

    def ends(self) -> None:
        """Takes the progress bar away."""
        if isinstance(self._bars, Bars):
            self._bars.bars.stop()
        self._bars = None

    def _print(self, text: Text) -> None:
        if not self._front.json:
            self._out.print(text, soft_wrap=True)


def _event_line(event: Event) -> Text:
    from rich.text import Text

    record = event.record
    named = " · ".join(part for part in (wording.title(record), wording.places(record)) if part)
    notes = wording.headline(event).removeprefix(str(event.type)).strip()
    return Text.assemble(
        "  event   ",
        (f"{event.number:>4} ", "dim"),
        (f"{event.type:<9}", STYLES.get(event.type, "")),
        f"{named}  {event.posting_id}",
        (f"  {notes}" if notes else "", "dim"),
    )
