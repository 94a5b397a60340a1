"""What `check` and `fix` do where findings are to be repaired."""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec

from ...engine.fixes import Again, Fixed, brought, repair, together
from ...engine.mending import offered
from ...engine.writing import asked_for, replace, tidy
from ...reports import plural
from ...reports.ink import safe

if TYPE_CHECKING:
    from ...diagnostics import Diagnostic, Report
    from ...engine.discover import Found
    from ...engine.memory import Memory

Only = Callable[["Diagnostic"], bool]


class Repaired(NamedTuple):
    """The files that were written, what is found now, what of it was not found before, and whether a file could not be written."""

    written: list[Fixed]
    left: Report
    new: list[Diagnostic]
    failed: bool


def fix(
    files: Sequence[Found],
    report: Report,
    again: Again,
    asked: Sequence[str],
    *,
    unsafe: bool,
    memory: Memory | None,
    only: Only = lambda _: True,
) -> Repaired:
    """Writes the files that can be repaired. `asked` are the paths that were named."""
    tidy(os.path.dirname(found.path) for found in files)  # noqa: PTH120
    others = elsewhere(files, report, asked, unsafe=unsafe)
    fixed, left = _mended(files, report, again, unsafe=unsafe, memory=memory, except_for=others, only=only)
    written: list[Fixed] = []
    for one in fixed:
        if why := replace(one.found.path, one.before, one.after):
            say(f"{one.found.shown}: {why}")
        else:
            written.append(one)
    failed = len(written) < len(fixed)
    if failed:
        left = again({})
    return Repaired(written, left, brought(report, left, {one.found.shown for one in fixed}), failed)


def what_was_fixed(written: Sequence[Fixed]) -> str:
    """A sentence without its end; empty where nothing was."""
    return summary(_times(written), len(written))


def summary(times: Counter[str], files: int) -> str:
    """How many findings of which rules were repaired, as a sentence without its end; empty where none was."""
    told = ", ".join(f"{name} ×{number}" for name, number in sorted(times.items()))
    return f"Fixed {plural(times.total(), 'finding')} in {plural(files, 'file')} ({told})" if told else ""


def diff(
    files: Sequence[Found],
    report: Report,
    again: Again,
    *,
    unsafe: bool,
    memory: Memory | None,
    overlay: Mapping[str, str] | None = None,
    only: Only = lambda _: True,
) -> str:
    """What would be changed, as a unified diff. `overlay` are texts that stand for files."""
    fixed, _ = _mended(files, report, again, unsafe=unsafe, memory=memory, overlay=overlay, only=only)
    times = _times(fixed)
    more = 0 if unsafe else suggested(report, only)
    told = f"Would fix {plural(times.total(), 'finding')} in {plural(len(fixed), 'file')}; nothing was written."
    say(told + (f" {more} more with --unsafe-fixes." if more else ""))
    return "".join(_diff(one) for one in fixed)


def suggested(report: Report, only: Only = lambda _: True) -> int:
    """How many findings could be repaired in a way that somebody should look at."""
    return sum(only(one) and not how.safe for one, how in offered(report.diagnostics, unsafe=True))


def _mended(
    files: Sequence[Found],
    report: Report,
    again: Again,
    *,
    unsafe: bool,
    memory: Memory | None,
    overlay: Mapping[str, str] | None = None,
    except_for: Set[str] = frozenset(),
    only: Only,
) -> tuple[list[Fixed], Report]:
    """The files that are repaired, and the report on what is left; what was not done is told."""
    told = msgspec.structs.replace(report, diagnostics=tuple(one for one in report.diagnostics if one.region.path not in except_for))
    fixed, alone = repair(files, told, unsafe=unsafe, overlay=overlay, recall=memory.recall if memory is not None else None, only=only)
    for one in fixed:
        alone += one.said
    kept, left, harmful = together([one for one in fixed if one.after != one.before], report, again)
    for line in (*alone, *harmful):
        say(line)
    return kept, left


def elsewhere(files: Sequence[Found], report: Report, asked: Sequence[str], *, unsafe: bool) -> set[str]:
    """The files (as they are shown) that could be repaired and were met by a link only, which leads out of all that was asked for. They are told of."""
    wanted = {one.region.path for one, _ in offered(report.diagnostics, unsafe=unsafe)}
    real = {found.path: found.shown for found in files if found.shown in wanted}
    others = {real[path] for path in real.keys() - asked_for(real, asked)}
    for shown in sorted(others):
        say(f"{shown}: not fixed, for it is a link to a file elsewhere, which was not asked for")
    return others


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
