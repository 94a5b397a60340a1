"""The face for programs: check a text or paths, as the command line and the plugins do."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .diagnostics import FileReport, Report
from .engine.checker import Checker
from .engine.discover import Found, discover
from .engine.run import run
from .engine.settings import Lookup, Settings, settings_for
from .text.paths import shown_path


def check_source(text: str, path: str, settings: Settings | None = None) -> FileReport:
    """
    The report of one text, as if it stood at `path`; other files are asked where it lies. `settings` default to those found from the path.

    One file alone is checked as well as the whole project.
    """
    real = os.path.realpath(path)
    found = Found(real, shown_path(real), settings if settings is not None else settings_for(real))
    return Checker({real: text}).check(found)


def check_paths(paths: Sequence[str], lookup: Lookup | None = None, *, jobs: int = 1) -> Report:
    """The report of all Python files at or below some paths."""
    discovery = discover(paths, lookup)
    report = run(discovery.files, jobs=jobs, whole=any(map(os.path.isdir, paths)))
    return Report(report.diagnostics, report.suppressed, (*discovery.skips, *report.skips), report.checked, report.rules, report.seconds)
