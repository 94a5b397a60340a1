"""Which reports are written, and where to: `-f full -f sarif=out.sarif`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ...diagnostics import Report
    from ...reports import TextOf

# As `reports.formats` has them, so that the help need not import it; a test compares the two.
FORMATS = (
    "full", "concise", "grouped", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjsonl", "azure", "teamcity", "markdown", "html",
)  # fmt: skip
DEFAULT = "full"


class Target(NamedTuple):
    """A report that is wanted: its format, and its file, which is empty for standard output."""

    format: str
    file: str = ""


def targets(formats: Sequence[str], output_file: str | None) -> tuple[Target, ...]:
    """The reports that the command line asks for. Each has a place of its own."""
    from ...mistake import Mistake, did_you_mean

    wanted = [_target(text) for text in formats or (DEFAULT,)]
    for text, (name, _) in zip(formats, wanted, strict=False):
        if name not in FORMATS:
            hint = did_you_mean(name, FORMATS) or f"there is {', '.join(FORMATS)}"
            raise Mistake(f"unknown format '{name}'", quote=f"-f {text}", column=4, width=max(1, len(name)), hint=hint)
    free = [number for number, target in enumerate(wanted) if not target.file]
    if output_file:
        if not free:
            raise Mistake("every format has a file of its own, so nothing is left for --output-file", hint="leave --output-file out")
        if len(free) == 1:
            wanted[free[0]] = Target(wanted[free[0]].format, output_file)
    if len(free) > 1:
        names = " and ".join(wanted[number].format for number in free)
        where = "to the same file" if output_file else "to standard output"
        raise Mistake(f"{names} would both go {where}", hint=f"give one a file: -f {wanted[free[-1]].format}=FILE")
    files = [os.path.realpath(target.file) for target in wanted if target.file]
    for target in wanted:
        if target.file and files.count(os.path.realpath(target.file)) > 1:
            raise Mistake("two reports would be written to this file", path=target.file, hint="give each a file of its own")
    return tuple(wanted)


def _target(text: str) -> Target:
    from ...mistake import Mistake

    name, equals, file = text.removeprefix("=").partition("=")  # `-f=json`
    if equals and not file:
        raise Mistake(
            "the file is missing", quote=f"-f {text}", column=len(text) + 4, hint=f"-f {name}=FILE, or -f {name} for standard output"
        )
    return Target(name.strip(), "" if file == "-" else file)


def write(wanted: Sequence[Target], report: Report, text_of: TextOf, *, statistics: bool, show_suppressed: bool) -> None:
    """Writes reports: files first, so that they are there even if whoever reads standard output has gone."""
    from ... import registry
    from ...reports import formats
    from ...reports.ink import coloured, plain, wants_colour
    from .output import write_data, write_file, write_text

    root = repository()
    workspace = os.environ.get("GITHUB_WORKSPACE", "")
    for name, file in sorted(wanted, key=lambda target: not target.file):
        for_people = formats.FORMATS[name].people
        ink = coloured if for_people and not file and wants_colour(sys.stdout) else plain
        text = formats.write(
            name,
            formats.Material(
                report,
                registry.described(),
                text_of,
                root=root,
                workspace=workspace,
                ink=ink,
                statistics=statistics,
                show_suppressed=show_suppressed,
            ),
        )
        if name == "github":
            from ...reports.github import write_summary
            from ...reports.notebooks import in_cells

            write_summary(in_cells(report, text_of)[0])
        if file:
            write_file(file, text)
        elif for_people:
            write_text(text)
        else:
            write_data(text)


def repository() -> str:
    """The top of the repository that we are called in, else the working directory."""
    from ...engine.discover import git_root

    here = str(Path.cwd())
    return git_root(here) or here
