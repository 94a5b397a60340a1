"""What `check` does where findings are to be repaired."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from typing import TYPE_CHECKING

import click
import msgspec

from ...engine.fixes import Fixed, offered, repair, together
from ...engine.writing import asked_for, replace
from ...reports import plural
from ...reports.ink import safe

if TYPE_CHECKING:
    from ...diagnostics import Report
    from ...engine.discover import Found
    from ...engine.memory import Memory

Again = Callable[[Mapping[str, str]], "Report"]


def fix(files: Sequence[Found], report: Report, again: Again, asked: Sequence[str], *, unsafe: bool, memory: Memory | None) -> Report:
    """Writes the files that can be repaired; the report on what is left. `asked` are the paths that were named."""
    others = _others(files, report, asked, unsafe=unsafe)
    for shown in sorted(others):
        say(f"{shown}: not fixed, for it is a link to a file elsewhere, which was not asked for")
    fixed, left = _mended(files, report, again, unsafe=unsafe, memory=memory, except_for=others)
    written: list[Fixed] = []
    for one in fixed:
        if why := replace(one.found.path, one.before, one.after):
            say(f"{one.found.shown}: {why}")
        else:
            written.append(one)
    if len(written) < len(fixed):
        left = again({})
    if times := _times(written):
        told = ", ".join(f"{name} ×{number}" for name, number in sorted(times.items()))
        say(f"Fixed {plural(times.total(), 'finding')} in {plural(len(written), 'file')} ({told}).")
    return left


def diff(files: Sequence[Found], report: Report, again: Again, overlay: Mapping[str, str], *, unsafe: bool, memory: Memory | None) -> str:
    """What would be changed, as a unified diff. `overlay` are texts that stand for files."""
    fixed, _ = _mended(files, report, again, unsafe=unsafe, memory=memory, overlay=overlay)
    times = _times(fixed)
    more = 0 if unsafe else len(offered(report.diagnostics, unsafe=True)) - len(offered(report.diagnostics, unsafe=False))
    told = f"Would fix {plural(times.total(), 'finding')} in {plural(len(fixed), 'file')}; nothing was written."
    say(told + (f" {more} more with --unsafe-fixes." if more else ""))
    return "".join(_diff(one) for one in fixed)


def _mended(
    files: Sequence[Found],
    report: Report,
    again: Again,
    *,
    unsafe: bool,
    memory: Memory | None,
    overlay: Mapping[str, str] | None = None,
    except_for: Set[str] = frozenset(),
) -> tuple[list[Fixed], Report]:
    """The files that are repaired, and the report on what is left; what was not done is told."""
    told = msgspec.structs.replace(report, diagnostics=tuple(one for one in report.diagnostics if one.region.path not in except_for))
    fixed, alone = repair(files, told, unsafe=unsafe, overlay=overlay, recall=memory.recall if memory is not None else None)
    for one in fixed:
        alone += one.said
    kept, left, harmful = together([one for one in fixed if one.after != one.before], report, again)
    for line in (*alone, *harmful):
        say(line)
    return kept, left


def _others(files: Sequence[Found], report: Report, asked: Sequence[str], *, unsafe: bool) -> set[str]:
    """The files that could be repaired and were met by a link only, which leads out of all that was asked for."""
    wanted = {one.region.path for one, _ in offered(report.diagnostics, unsafe=unsafe)}
    real = {found.path: found.shown for found in files if found.shown in wanted}
    return {real[path] for path in real.keys() - asked_for(real, asked)}


def _times(fixed: Sequence[Fixed]) -> Counter[str]:
    times: Counter[str] = Counter()
    for one in fixed:
        times.update(one.times)
    return times


def _diff(one: Fixed) -> str:
    from ...text.source import decode

    return unified(one.found.shown, decode(one.before), one.text)


def unified(shown: str, before: str, after: str) -> str:
    """The difference, which `patch` can apply: lines end as they do in the file."""
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{shown}", f"b/{shown}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Lines with their ends; a carriage return alone ends none for those who read a diff."""
    return [line + "\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rpartition("\n")[2]) else [])


def say(line: str) -> None:
    """Tells something besides the report."""
    click.echo(safe(line), err=True)
