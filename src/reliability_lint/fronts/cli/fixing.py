"""What `check` does where findings are to be repaired."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from ...engine.fixes import Fixed, offered, repair, together
from ...engine.writing import is_below, replace
from ...reports import plural
from ...reports.ink import safe

if TYPE_CHECKING:
    from ...diagnostics import Report
    from ...engine.discover import Found

Again = Callable[[Mapping[str, str]], "Report"]


def fix(files: Sequence[Found], report: Report, again: Again, asked: Sequence[str], *, unsafe: bool) -> Report:
    """Writes the files that can be repaired; the report on what is left. `asked` are the paths that were named."""
    allowed = [found for found in files if is_below(found.path, asked)]
    _tell_of_others(files, allowed, report, unsafe=unsafe)
    fixed, left = _mended(allowed, report, again, unsafe=unsafe, overlay={})
    written: list[Fixed] = []
    for one in fixed:
        if why := replace(one.found.path, one.before, one.after):
            _say(f"{one.found.shown}: {why}")
        else:
            written.append(one)
    if len(written) < len(fixed):
        left = again({})
    if times := _times(written):
        told = ", ".join(f"{name} ×{number}" for name, number in sorted(times.items()))
        _say(f"Fixed {plural(times.total(), 'finding')} in {plural(len(written), 'file')} ({told}).")
    return left


def diff(files: Sequence[Found], report: Report, again: Again, overlay: Mapping[str, str], *, unsafe: bool) -> str:
    """What would be changed, as a unified diff. `overlay` are texts that stand for files."""
    fixed, _ = _mended(files, report, again, unsafe=unsafe, overlay=overlay)
    times = _times(fixed)
    more = 0 if unsafe else len(offered(report.diagnostics, unsafe=True)) - len(offered(report.diagnostics, unsafe=False))
    told = f"Would fix {plural(times.total(), 'finding')} in {plural(len(fixed), 'file')}; nothing was written."
    _say(told + (f" {more} more with --unsafe-fixes." if more else ""))
    return "".join(_diff(one) for one in fixed)


def _mended(
    files: Sequence[Found], report: Report, again: Again, *, unsafe: bool, overlay: Mapping[str, str]
) -> tuple[list[Fixed], Report]:
    fixed, alone = repair(files, report, unsafe=unsafe, overlay=overlay)
    for one in fixed:
        alone += one.said
    kept, left, harmful = together([one for one in fixed if one.after != one.before], report, again)
    for line in (*alone, *harmful):
        _say(line)
    return kept, left


def _tell_of_others(files: Sequence[Found], allowed: Sequence[Found], report: Report, *, unsafe: bool) -> None:
    """Of links that lead out of what was asked for."""
    others = {found.shown for found in files} - {found.shown for found in allowed}
    for shown in sorted({one.region.path for one, _ in offered(report.diagnostics, unsafe=unsafe)} & others):
        _say(f"{shown}: not fixed, for it is a link to a file elsewhere, which was not asked for")


def _times(fixed: Sequence[Fixed]) -> Counter[str]:
    times: Counter[str] = Counter()
    for one in fixed:
        times.update(one.times)
    return times


def _diff(one: Fixed) -> str:
    """The difference, which `patch` can apply: lines end as they do in the file."""
    from ...text.source import decode

    before, after = _lines(decode(one.before)), _lines(one.text)
    lines = difflib.unified_diff(before, after, f"a/{one.found.shown}", f"b/{one.found.shown}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Lines with their ends; a carriage return alone ends none for those who read a diff."""
    return [line + "\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rpartition("\n")[2]) else [])


def _say(line: str) -> None:
    click.echo(safe(line), err=True)
