"""`reliability-lint check --watch`: one report after the other, whenever something has changed that it rests on."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ...engine.afresh import forget
from ...engine.baseline import FILE
from ...engine.settings import Lookup
from ...mistake import Mistake
from ...reports.ink import safe
from ...text.paths import shown_path

if TYPE_CHECKING:
    from watchfiles import Change

# What reports rest on: code, settings, models of libraries, lock files and requirements.
_ENDINGS = (".py", ".ipynb", ".toml", ".lock", ".txt", ".in", ".cfg")
_NAMES = frozenset({FILE, ".gitignore"})
_FOLDERS = frozenset({".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__", ".reliability_lint_cache"})
_FIRST_LOOK = 100  # milliseconds: as long as it may take until the first report is begun


def again_and_again(asked: Sequence[str], once: Callable[[], object], *, except_for: Iterable[str] = ()) -> NoReturn:
    """
    Reports on some paths now, and again after each change below their projects. Ends with Ctrl-C, or with a mistake in the first report.

    `except_for` are files that are written by the report itself.
    """
    try:
        from watchfiles import watch
    except ImportError:
        raise Mistake("--watch needs the package watchfiles", hint="pip install 'reliability-lint[watch]'") from None
    folders = _folders(asked)
    written = {os.path.realpath(path) for path in except_for}

    def concerns(_: Change, path: str) -> bool:
        folder, name = os.path.split(path)
        if not (name.endswith(_ENDINGS) or name in _NAMES) or os.path.realpath(path) in written:
            return False
        top = next((one for one in folders if folder.startswith(one)), "")
        return _FOLDERS.isdisjoint(Path(folder[len(top) :]).parts)

    reports = 0
    try:
        # The first answer is that nothing has changed yet: from then on nothing is missed, not even what changes during a report.
        for changes in watch(*folders, watch_filter=concerns, rust_timeout=_FIRST_LOOK, yield_on_timeout=True, debounce=400):
            if reports and not changes:
                continue
            if changes:
                _announce(sorted({path for _, path in changes}))
            try:
                once()
            except click.exceptions.Exit:
                pass
            except Mistake as mistake:
                if not reports:
                    raise
                click.echo(str(mistake), err=True)
            reports += 1
            sys.stdout.flush()
            click.echo("Watching for changes. Ctrl-C ends it.", err=True)
    except OSError as problem:  # more folders than the system can watch
        raise Mistake(f"cannot watch {' and '.join(map(shown_path, folders))}: {problem.strerror or problem}") from None
    raise KeyboardInterrupt


def _folders(asked: Sequence[str]) -> list[str]:
    """The tops of the projects in which some paths lie: what one file is told depends on others."""
    lookup = Lookup()
    found: set[str] = set()
    for path in asked:
        real = os.path.realpath(path)
        folder = real if os.path.isdir(real) else os.path.dirname(real)  # noqa: PTH112, PTH120
        try:
            found.add(lookup.of_folder(folder).root or folder)
        except Mistake:  # it is told by the first report
            found.add(folder)
    return [one for one in sorted(found) if not any(one.startswith(other.rstrip(os.sep) + os.sep) for other in found)]


def _announce(paths: Sequence[str]) -> None:
    if not all(path.endswith((".py", ".ipynb")) for path in paths):
        forget()
    if sys.stdout.isatty():
        click.clear()
    told = safe(shown_path(paths[0])) if len(paths) == 1 else f"{len(paths)} files"
    click.echo(f"{told} changed.", err=True)
