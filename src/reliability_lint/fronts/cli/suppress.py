"""`reliability-lint suppress`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from . import completing
from .running import How, run_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...diagnostics import Diagnostic
    from ...engine.silence import Silenced


@click.command(short_help="Silence what a rule finds, with a reason.")
@click.argument("rule", metavar="RULE", shell_complete=completing.selector)
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--reason", required=True, metavar="TEXT", help="Why it is right as it stands; written into each comment.")
@click.option("--until", metavar="DATE", help="The last day on which the comments hold, as 2027-01-31.")
@click.option("--diff", "show_diff", is_flag=True, help="Show what would be changed, and write nothing.")
@run_options
def suppress(rule: str, paths: tuple[str, ...], reason: str, until: str | None, show_diff: bool, how: How) -> None:
    """
    Silence what RULE (a name, a code, the beginning of one, or a family) finds in PATHS, or below the working directory.

    Above each statement a comment is written that says which rule it silences and why. Exits with 2 if something could not be silenced.
    """
    from ...engine.selection import expand, problem
    from ...engine.silence import silence
    from ...reports import plural
    from . import MISTAKE
    from .fixing import say
    from .running import ran

    behind = words(reason, until)
    if wrong := problem(rule):
        from ...mistake import Mistake

        raise Mistake(wrong[0], hint=wrong[1])
    codes = expand(rule)
    # What a rule finds that is not selected would not be reported either: its comment would be one that silences nothing.
    found, report, _ = ran(paths, how)
    wanted: dict[str, list[Diagnostic]] = {}
    for one in report.diagnostics:
        if one.code in codes and one.code != "REL000":
            wanted.setdefault(one.region.path, []).append(one)
    done: list[Silenced] = []
    left = False
    for file in found.files:
        if file.shown in wanted:
            outcome = silence(file, wanted[file.shown], behind)
            said = (outcome,) if isinstance(outcome, str) else outcome.said
            for line in said:
                say(f"{file.shown}: {line}")
            left = left or bool(said)
            if not isinstance(outcome, str) and outcome.number:
                done.append(outcome)
    if show_diff:
        _show(done)
    else:
        done, failed = _write(done)
        left = left or failed
    number = sum(one.number for one in done)
    would = "Would silence" if show_diff else "Silenced"
    say(
        f"{would} {plural(number, 'finding')} in {plural(len(done), 'file')}."
        if number
        else f"{rule} finds nothing here that could be silenced."
    )
    if left:
        click.get_current_context().exit(MISTAKE)


def words(reason: str, until: str | None, option: str = "--reason") -> str:
    """What stands in a comment behind the names. `option` is what the reason is called where it is none."""
    from ...engine.days import is_date, today
    from ...engine.suppress import is_reason
    from ...mistake import Mistake

    reason = reason.strip()
    if not is_reason(reason):
        raise Mistake(
            f"{option} '{reason}' is no reason",
            hint="say why it is right as it stands: whoever reads it next decides by that whether it may go",
        )
    if not reason.isprintable() or "#" in reason or "until=" in reason:
        raise Mistake(f"{option} takes one line without '#' and 'until=', for it becomes a comment")
    if until is None:
        return reason
    if not is_date(until):
        raise Mistake(f"--until '{until}' is no day", hint="write it as 2027-01-31")
    if until < today():
        raise Mistake(f"--until {until} has passed", hint="the comments would silence nothing")
    return f"until={until} {reason}"


def _write(done: Sequence[Silenced]) -> tuple[list[Silenced], bool]:
    from ...engine.writing import replace, tidy
    from .fixing import say

    tidy(os.path.dirname(one.found.path) for one in done)  # noqa: PTH120
    written: list[Silenced] = []
    for one in done:
        if why := replace(one.found.path, one.before, one.after, "silenced"):
            say(f"{one.found.shown}: {why}")
        else:
            written.append(one)
    return written, len(written) < len(done)


def _show(done: Sequence[Silenced]) -> None:
    from ...text.source import decode
    from .fixing import unified
    from .output import write_data

    write_data("".join(unified(one.found.shown, decode(one.before), decode(one.after)) for one in done))
