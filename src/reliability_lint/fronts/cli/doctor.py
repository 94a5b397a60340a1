"""`reliability-lint doctor`."""

# ruff: noqa: PTH112

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ...engine.health import Level
    from ...reports.ink import Kind

_KINDS: dict[Level, Kind] = {"ok": "good", "warning": "warning", "problem": "error"}


@click.command(short_help="Look for what stands in the way.")
@click.argument("folder", type=click.Path(), default=".")
@click.option("--output-format", "-f", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor(folder: str, output_format: str) -> None:
    """
    Look for what stands in the way in FOLDER, or in the working directory: the installation, settings, cache, baseline, and other tools that get into each
    other's way with this one. Checks no code and changes nothing.

    Exits with 2 if something is broken; warnings do not count.
    """
    from ...engine.health import health
    from ...mistake import Mistake
    from ...reports import plural
    from ...reports.ink import coloured, plain, safe, wants_colour
    from . import MISTAKE
    from .output import write_data, write_text

    real = os.path.realpath(folder)
    if not os.path.isdir(real):
        raise Mistake("there is no such folder" if not os.path.exists(real) else "this is no folder", path=folder)  # noqa: PTH110
    lines = list(health(real))
    problems = sum(line.level == "problem" for line in lines)
    warnings = sum(line.level == "warning" for line in lines)
    if output_format == "json":
        import msgspec

        document = {"schema": "reliability-lint/doctor/1", "lines": lines}
        write_data(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
    else:
        ink = coloured if wants_colour(sys.stdout) else plain
        width = max(len(line.about) for line in lines)
        for line in lines:
            write_text(f"{ink(_KINDS[line.level], f'{line.level:<7}')}  {line.about:<{width}}  {safe(line.message)}\n")
            if line.cure:
                write_text(f"{'':<7}  {'':<{width}}  → {safe(line.cure)}\n")
        counted = [plural(number, what) for number, what in ((problems, "problem"), (warnings, "warning")) if number]
        write_text(f"\n{' · '.join(counted)}\n" if counted else "\nNothing is wrong.\n")
    if problems:
        click.get_current_context().exit(MISTAKE)
