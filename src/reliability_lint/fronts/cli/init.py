"""`reliability-lint init`."""

# ruff: noqa: PTH112

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ...engine.adoption import Change, Found, Plan

_MOST_LIBRARIES = 12


@click.command(short_help="Set up a project: settings, hooks, continuous integration.")
@click.argument("folder", type=click.Path(), default=".")
@click.option("--yes", "-y", is_flag=True, help="Write without asking.")
@click.option("--diff", "show_diff", is_flag=True, help="Show what would be changed, and write nothing.")
@click.option(
    "--requirement", metavar="REQUIREMENT", help="What pip is to install in hooks and jobs.  [default: where this installation came from]"
)
def init(folder: str, yes: bool, show_diff: bool, requirement: str | None) -> None:
    """
    Set up the project in FOLDER, or in the working directory.

    Looks at what there is, says what would be written, and asks. Files keep their comments and their layout; none is written over.
    Exits with 1 if there was something to write and it was not written.
    """
    from ...engine.adoption import look, plan, requirement_of_this
    from ...mistake import Mistake
    from ...reports import plural
    from . import FINDINGS, MISTAKE
    from .output import write_data, write_text

    if yes and show_diff:
        raise click.UsageError("--yes and --diff exclude each other")
    real = os.path.realpath(folder)
    if not os.path.isdir(real):
        raise Mistake("there is no such folder" if not os.path.exists(real) else "this is no folder", path=folder)  # noqa: PTH110
    told = requirement_of_this() if requirement is None else _checked(requirement)
    found = look(real)
    planned = plan(real, found.tools, told)
    if show_diff:
        write_data("".join(map(_diff, planned.changes)))
        click.get_current_context().exit(FINDINGS if planned.changes else 0)
    write_text(_described(found) + _listed(planned))
    if not planned.changes:
        write_text("Nothing is left to write.\n")
        return
    number = plural(len(planned.changes), "file")
    if not yes and not _agreed(number):
        click.get_current_context().exit(FINDINGS)
    failed = False
    for change in planned.changes:
        if why := change.write():
            click.echo(f"error: {change.shown}: {why}", err=True)
            failed = True
        else:
            write_text(f"{'Changed' if change.before is not None else 'Wrote'} {change.shown}\n")
    if failed:
        click.get_current_context().exit(MISTAKE)
    write_text(_NEXT)


_NEXT = """
What comes next:
  see what is found         reliability-lint check
  accept what is old        reliability-lint baseline create
  read about a rule         reliability-lint explain missing-timeout
"""


def _checked(requirement: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    from ...mistake import Mistake

    hint = "write it as 'reliability-lint==1.0' or 'reliability-lint @ git+https://…@REVISION'"
    try:
        named = Requirement(requirement)
    except InvalidRequirement as problem:
        said = str(problem).partition("\n")[0]
        raise Mistake(f"--requirement '{requirement}' is none: {said}", hint=hint) from None
    if canonicalize_name(named.name) != "reliability-lint" or "'" in requirement or not requirement.isprintable():
        raise Mistake(f"--requirement '{requirement}' would not install reliability-lint", hint=hint)
    return requirement


def _described(found: Found) -> str:
    """What was found, in a few lines."""
    from ...reports import plural
    from ...reports.ink import safe

    parts = [found.python, f"{plural(found.files, 'file')} to check"]
    lines = [" · ".join(filter(None, parts))]
    if found.frameworks:
        lines.append(f"frameworks: {', '.join(found.frameworks)}")
    if found.libraries:
        more = len(found.libraries) - _MOST_LIBRARIES
        lines.append(f"modelled libraries: {', '.join(found.libraries[:_MOST_LIBRARIES])}" + (f" and {more} more" if more > 0 else ""))
    tools = found.tools
    known = {
        "Ruff": tools.ruff,
        "flake8": tools.flake8,
        "pylint": tools.pylint,
        "pre-commit": tools.hooks,
        "GitHub Actions": tools.workflows,
        "GitLab CI": tools.gitlab,
    }
    if found.settings:
        lines.append(f"settings: {found.settings}")
    if set_up := [name for name, there in known.items() if there]:
        lines.append(f"set up: {', '.join(set_up)}")
    return "Found  " + "\n       ".join(map(safe, lines)) + "\n\n"


def _listed(planned: Plan) -> str:
    from ...reports.ink import safe

    out: list[str] = []
    width = max((len(change.shown) for change in planned.changes), default=0)
    for change in planned.changes:
        mark = "new" if change.before is None else "add"
        out += [f"  {mark}  {change.shown:<{width}}  {what}" for what in change.what]
    for line in planned.advice:
        head, *rest = line.splitlines()
        out += [f"  you  {head}", *(f"         {one}" for one in rest)]
    return "".join(f"{safe(line)}\n" for line in out) + "\n" if out else ""


def _agreed(number: str) -> bool:
    if not sys.stdin.isatty():
        click.echo(f"Nothing was written: there is no terminal to ask on. --yes writes the {number}, --diff shows how.", err=True)
        return False
    if click.confirm(f"Write {'this' if number.startswith('1 ') else 'these'} {number}?", default=False):
        return True
    click.echo("Nothing was written.", err=True)
    return False


def _diff(change: Change) -> str:
    from .fixing import unified

    before = (change.before or b"").decode("utf-8-sig")
    text = unified(change.shown, before, change.after.decode("utf-8-sig"))
    return text.replace(f"--- a/{change.shown}\n", "--- /dev/null\n", 1) if change.before is None else text
