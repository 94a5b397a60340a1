"""`reliability-lint test`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ...registry import Rule


@click.command(short_help="Test rules of your own.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--fixtures",
    type=click.Path(file_okay=False),
    metavar="FOLDER",
    help="Where there is a folder of fixtures for each rule, named after it.  [default: fixtures]",
)
def test(paths: tuple[str, ...], fixtures: str | None) -> None:
    """
    Test the rules in PATHS, or all those that other distributions have installed: the examples in their docstrings, and their fixtures.

    The code in PATHS is executed, as by pytest: to name it here is the permission.

    Exits with 0 if all is as marked, 1 if something is not, 2 after a mistake.
    """
    from ...mistake import Mistake
    from ...registry import rules as every
    from ...reports import plural
    from ...testing import example_problems, examples, fixture_problems, rules_in
    from . import CLEAN, FINDINGS
    from .output import write_text

    found = [rule for path in paths for rule in rules_in(path)] if paths else [rule for rule in every().values() if rule.origin]
    tested = list({rule.code: rule for rule in found}.values())
    if not tested:
        raise Mistake("no distribution with rules is installed", hint="name the files or folders that hold rules")
    if fixtures is not None and not Path(fixtures).is_dir():
        raise Mistake(f"there is no folder '{fixtures}'", quote=f"--fixtures {fixtures}", column=12, width=len(fixtures))
    folders = _folders(Path(fixtures or "fixtures"), tested)
    failures = 0
    for rule in tested:
        problems = [*example_problems(rule), *(one for folder in folders.get(rule.code, ()) for one in fixture_problems(rule, folder))]
        failures += len(problems)
        lines = (f"{_shown(one.path)}{f':{one.line}' if one.line else ''}: {rule.name}: {one.message}\n" for one in problems)
        write_text("".join(lines))
    counts = (
        plural(len(tested), "rule"),
        plural(sum(1 for rule in tested for _ in examples(rule)), "example"),
        plural(sum(len(list(folder.rglob("*.py"))) for some in folders.values() for folder in some), "fixture"),
    )
    write_text(f"{', '.join(counts)}: {plural(failures, 'failure') if failures else 'all as marked'}\n")
    click.get_current_context().exit(FINDINGS if failures else CLEAN)


def _folders(top: Path, rules: Sequence[Rule]) -> dict[str, list[Path]]:
    """The folders of fixtures of each rule, by code: those that have its name, wherever below."""
    named = {rule.name.replace("-", "_"): rule.code for rule in rules}
    found: dict[str, list[Path]] = {}
    for folder in _below(top):
        if code := named.get(folder.name):
            found.setdefault(code, []).append(folder)
    return found


def _below(top: Path) -> Iterable[Path]:
    return sorted(path for path in top.rglob("*") if path.is_dir())


def _shown(path: Path) -> str:
    from ...text.paths import shown_path

    return shown_path(str(path))
