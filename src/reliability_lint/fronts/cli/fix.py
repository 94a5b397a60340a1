"""`reliability-lint fix`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from .choosing import Choice, change_of, choice_options
from .running import How, run_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...diagnostics import Diagnostic, Report
    from ...engine.fixes import Again
    from .running import Ran


@click.command(short_help="Repair what can be repaired.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--diff", "show_diff", is_flag=True, help="Show what would be changed, and write nothing; exits with 1 if anything would be.")
@click.option("--unsafe-fixes", is_flag=True, help="Also make the changes that somebody should look at.")
@click.option("--interactive", is_flag=True, help="Ask about each finding, suggestions included.")
@click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 if a file was changed.")
@choice_options
@run_options
def fix(
    paths: tuple[str, ...],
    show_diff: bool,
    unsafe_fixes: bool,
    interactive: bool,
    exit_non_zero_on_fix: bool,
    choice: Choice,
    how: How,
) -> None:
    """
    Repair what can be repaired safely in PATHS, or below the working directory, and say what was done.

    Exits with 0 even if findings are left, 2 if a file could not be written.
    """
    from . import FINDINGS, MISTAKE
    from .progress import Progress
    from .running import again, ran

    if show_diff and (interactive or exit_non_zero_on_fix):
        raise click.UsageError("--diff writes nothing, so it takes neither --interactive nor --exit-non-zero-on-fix")
    if interactive and unsafe_fixes:
        raise click.UsageError("--interactive asks about suggestions too, so it takes no --unsafe-fixes")
    if "-" in paths:
        raise click.UsageError("fix writes files and cannot write standard input; `check --diff -` shows what would be changed")
    change = change_of(choice)
    progress = Progress()
    try:
        one = ran(paths, how, change, progress)
    finally:
        progress.close()

    def once_more(texts: Mapping[str, str]) -> Report:
        return again(one, paths, how, texts)

    if show_diff:
        changed = _show(one, once_more, unsafe=unsafe_fixes)
        failed = _is_broken(one.report)
    elif interactive:
        changed, failed = _ask(one, once_more, paths or (os.curdir,))
    else:
        changed, failed = _write(one, once_more, paths or (os.curdir,), unsafe=unsafe_fixes)
    if failed:
        click.get_current_context().exit(MISTAKE)
    if changed and (show_diff or exit_non_zero_on_fix):
        click.get_current_context().exit(FINDINGS)


def _show(one: Ran, again: Again, *, unsafe: bool) -> bool:
    from .fixing import diff
    from .output import write_data

    text = diff(one.found.files, one.report, again, unsafe=unsafe, memory=one.memory)
    write_data(text)
    return bool(text)


def _write(one: Ran, again: Again, asked: Sequence[str], *, unsafe: bool) -> tuple[bool, bool]:
    from .fixing import fix, suggested, what_was_fixed

    done = fix(one.found.files, one.report, again, asked, unsafe=unsafe, memory=one.memory)
    _tell(what_was_fixed(done.written), done.left, done.new, 0 if unsafe else suggested(done.left))
    return bool(done.written), done.failed or _is_broken(done.left)


def _ask(one: Ran, again: Again, asked: Sequence[str]) -> tuple[bool, bool]:
    from ...engine.fixes import brought
    from ...engine.stepwise import Stepwise
    from ...engine.writing import tidy
    from ...reports import plural
    from .asking import ask
    from .fixing import elsewhere, say, summary

    files = one.found.files
    tidy(os.path.dirname(found.path) for found in files)  # noqa: PTH120
    session = Stepwise(
        files,
        one.report,
        again,
        recall=one.memory.recall if one.memory is not None else None,
        except_for=elsewhere(files, one.report, asked, unsafe=True),
        say=say,
    )
    interrupted = ask(session)
    left = again({}) if session.changed or session.failed or interrupted else one.report
    done = summary(session.times, len(session.fixed))
    if session.silenced:
        done = f"{done or 'Fixed nothing'}, silenced {plural(session.silenced, 'finding')}"
    _tell(done, left, brought(one.report, left, session.changed), 0)
    return bool(session.changed), session.failed or _is_broken(left)


def _tell(done: str, left: Report, new: Sequence[Diagnostic], suggestions: int) -> None:
    from .output import write_text

    number = len(left.diagnostics)
    if not done and not number:
        write_text("Nothing to fix.\n")
        return
    fresh = ("none new" if not new else f"{len(new)} new") if done else ""
    rest = f"{number or 'nothing'} left" + (f", {fresh}" if fresh and number else "")
    more = f" {suggestions} more with --unsafe-fixes." if suggestions else ""
    write_text(f"{done or 'Fixed nothing'}; {rest}.{more}\n")


def _is_broken(report: Report) -> bool:
    """Whether something of ours failed: then nobody knows what was not found."""
    return any(one.code == "REL000" for one in report.diagnostics)
