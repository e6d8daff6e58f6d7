"""`hirewatch doctor`: is everything in place on this machine, and what to do where it is not."""

from __future__ import annotations

import rich_click as click

from hirewatch.cli.failures import DONE, NEEDS_A_PERSON
from hirewatch.cli.front import Front, command, pass_front
from postings.cleaning import clean

_SIGNS = {"ok": ("✓", "green"), "warning": ("⚠", "yellow"), "error": ("✗", "red")}


@command("doctor")
@click.option("--online", is_flag=True, help="Look a name up and fetch one page over HTTPS too.")
@click.pass_context
@pass_front
def doctor(front: Front, context: click.Context, online: bool) -> None:
    """Check this installation; exit 1 if something is wrong."""
    from hirewatch import checks

    findings = []
    for finding in checks.all_checks(lambda: front.settings, file=front.config, now=front.now(), online=online):
        findings.append(finding)
        if not front.json:
            _tell(front, finding)
    if front.json:
        front.print_json(
            [{"check": one.name, "verdict": one.verdict, "found": one.found, "remedy": one.remedy} for one in findings]
        )
    context.exit(NEEDS_A_PERSON if any(one.verdict == "error" for one in findings) else DONE)


def _tell(front: Front, finding: object) -> None:
    from rich.text import Text

    from hirewatch.checks import Finding

    assert isinstance(finding, Finding)
    sign, style = _SIGNS[finding.verdict]
    line = Text.assemble((sign, style), f" {clean(finding.name):<14} {clean(finding.found)}")
    front.out().print(line, soft_wrap=True)
    if finding.remedy:
        front.out().print(Text(f"  {'':<14} → {clean(finding.remedy)}"), soft_wrap=True)
