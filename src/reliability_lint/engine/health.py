"""
What may stand in the way of the linter in a project: its installation, the settings, the cache, the baseline, and what other tools do with it.

Nothing is run, and no file is checked. Each line says how it is, and where that is not well, what to do.
"""

# ruff: noqa: PTH110, PTH112, PTH113, PTH116, PTH118, PTH120, PTH208

from __future__ import annotations

import configparser
import contextlib
import os
import platform
import re
import shutil
from collections.abc import Iterator
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Literal

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .. import __version__, plugins, registry
from ..libraries.load import ModelError, installed
from ..mistake import Mistake
from ..text.paths import shown_path
from .baseline import Places
from .baseline import read as read_baseline
from .cache_folder import DATABASE, is_usable, place
from .neighbours import CODES, Neighbours, names_us, neighbours, text_of, workflows_of
from .settings import OWN_FILE, TABLE, Lookup, read_if_any
from .settings_files import settings_files
from .trust import place as own_settings

NAME = "reliability-lint"
Level = Literal["ok", "warning", "problem"]


class Line(msgspec.Struct, frozen=True):
    """How something is; `cure` says what to do where it is not well."""

    level: Level
    about: str
    message: str
    cure: str = ""


def health(folder: str) -> Iterator[Line]:
    """Everything that there is to say about a folder (its real path)."""
    yield from _installation()
    if shutil.which("git") is None:
        yield Line(
            "warning", "git", "there is no git, which --diff-base and --staged ask what has changed", "install it where the linter runs"
        )
    broken = False
    for look in (_third_parties, partial(_settings, folder)):
        for line in () if broken else look():
            broken = broken or line.level == "problem"
            yield line
    yield from _cache(folder)
    if not broken:
        yield from _baseline(folder)
    tools = neighbours(folder)
    yield from _ruff(tools)
    yield from _flake8(tools)
    yield from _pylint(tools)
    yield from _hooks(tools)


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _installation() -> Iterator[Line]:
    parts = [f"{NAME} {__version__}", f"Python {platform.python_version()}", f"LibCST {_version('libcst') or 'not installed'}"]
    yield Line("ok", "versions", " · ".join(parts))
    try:
        told = metadata.distribution(NAME)
    except metadata.PackageNotFoundError:
        yield Line("warning", "installation", "it runs from its source, so plugins of flake8 and pylsp are not known", "pip install it")
        return
    if told.version != __version__:
        yield Line("problem", "installation", f"pip knows version {told.version}, but {__version__} is imported", "install it anew")
    extras: dict[str, list[str]] = {}
    missing: list[str] = []
    for text in told.requires or ():
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            continue
        extra = re.search(r"""extra == ["'](.+?)["']""", str(wanted.marker or ""))
        version = _version(wanted.name)
        lacks = not version or not wanted.specifier.contains(version, prereleases=True)
        if extra is None:
            missing += [str(wanted)] if lacks else []
        elif canonicalize_name(wanted.name) != NAME:
            extras.setdefault(extra[1], []).extend([wanted.name] if lacks else [])
    if missing:
        yield Line("problem", "installation", f"it needs {', '.join(missing)}", f"pip install {' '.join(map(repr, missing))}")
    there = sorted(name for name, lacks in extras.items() if not lacks and name != "dev")
    absent = sorted(name for name, lacks in extras.items() if lacks and name != "dev")
    if there:
        yield Line("ok", "extras", f"installed: {', '.join(there)}")
    if absent:
        yield Line("ok", "extras", f"not installed: {', '.join(absent)}; to have one: pip install '{NAME}[{absent[0]}]'")


def _third_parties() -> Iterator[Line]:
    """What other distributions have installed for us: whether it can be used is known when it has been imported."""
    try:
        for origin in sorted({plugin.origin for plugin in plugins.plugins()}):
            count = sum(rule.origin == origin for rule in registry.rules().values())
            models = sum(plugin.origin == origin for plugin, _ in plugins.model_files())
            installed()
            yield Line("ok", "plugins", f"{origin} (rules: {count}, library models: {models})")
    except Mistake as mistake:
        yield Line("problem", "plugins", mistake.message, mistake.hint)
    except ModelError as problem:
        yield Line("problem", "plugins", str(problem), "update the distribution, or uninstall it")


def _settings(folder: str) -> Iterator[Line]:
    found = 0
    own: dict[str, str] = {}
    for path in settings_files([folder]):
        try:
            settings = read_if_any(path)
            if settings is None:
                continue
        except Mistake as mistake:
            where = f"{mistake.path}:{mistake.line}:{mistake.column}: " if mistake.line else f"{mistake.path}: "
            yield Line("problem", "settings", f"{where}{mistake.message}", mistake.hint or "mend it; `config validate` shows the line")
            found += 1
            continue
        found += 1
        yield Line("ok", "settings", shown_path(path))
        if settings.local_rules and not settings.local_rules_allowed:
            names = " and ".join(map(shown_path, settings.local_rules))
            cure = f"--allow-local-rules runs them, or '{settings.root}' among trusted-projects in {own_settings()}"
            yield Line("warning", "local rules", f"{names}: not run, for it is code of the project", cure)
        home, name = os.path.split(path)
        if name != OWN_FILE and os.path.isfile(os.path.join(home, OWN_FILE)):
            own[path] = os.path.join(home, OWN_FILE)
    for path, other in own.items():
        yield Line(
            "warning", "settings", f"[{TABLE}] in {shown_path(path)} is passed over, for {shown_path(other)} lies beside it", "keep one"
        )
    if not found:
        yield Line("ok", "settings", f"there are none, so the defaults hold; `{NAME} init` writes some")


def _cache(folder: str) -> Iterator[Line]:
    if os.environ.get("RELIABILITY_LINT_NO_CACHE"):
        yield Line("ok", "cache", "switched off by RELIABILITY_LINT_NO_CACHE")
        return
    where = place([folder], os.environ.get("RELIABILITY_LINT_CACHE_DIR", ""))
    shown = shown_path(where)
    if not os.path.lexists(where):
        above = where
        while not os.path.isdir(above):
            above = os.path.dirname(above)
        if os.access(above, os.W_OK):
            yield Line("ok", "cache", f"{shown}: there is none yet")
        else:
            yield Line("warning", "cache", f"{shown} cannot be made, so each run checks everything", "name another folder: `cache-dir`")
        return
    if not is_usable(where):
        yield Line(
            "warning", "cache", f"{shown} holds what is not ours, so nothing is kept", "move it away, or name another folder: `cache-dir`"
        )
        return
    if not os.access(where, os.W_OK):
        yield Line("warning", "cache", f"{shown} cannot be written, so each run checks everything", "name another folder: `cache-dir`")
        return
    size = sum(os.stat(path).st_size for name in os.listdir(where) if os.path.isfile(path := os.path.join(where, name)))
    if said := _damage(os.path.join(where, DATABASE)):
        yield Line("warning", "cache", f"{shown} is damaged ({said}); what is damaged is not used", f"{NAME} clean")
    else:
        yield Line("ok", "cache", f"{shown}: {size / 1_000_000:.1f} MB")


def _damage(database: str) -> str:
    """What SQLite says against a database, or the empty string."""
    import sqlite3

    if not os.path.exists(database):
        return ""
    try:
        with contextlib.closing(sqlite3.connect(f"{Path(database).as_uri()}?mode=ro", uri=True, timeout=0.5)) as connection:
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
            return "" if said == "ok" else said.partition("\n")[0]
    except sqlite3.OperationalError:  # in use, or not to be opened: no word against what it holds
        return ""
    except sqlite3.Error as problem:
        return str(problem)


def _baseline(folder: str) -> Iterator[Line]:
    path = Places().of(folder, Lookup().of_folder(folder))
    if not path:
        yield Line("ok", "baseline", "there is none")
        return
    try:
        baseline = read_baseline(path)
    except Mistake as mistake:
        yield Line("problem", "baseline", f"{mistake.path}: {mistake.message}" if mistake.path else mistake.message, mistake.hint)
        return
    number = len(baseline.entries)
    gone = sum(not os.path.exists(baseline.real(entry)) for entry in baseline.entries)
    ended = sum(entry.has_ended for entry in baseline.entries)
    known = registry.described()
    unknown = sum(entry.rule not in known for entry in baseline.entries)
    said = f"{shown_path(path)}: {number} {'entry' if number == 1 else 'entries'}"
    stale = [
        f"{count} {what}"
        for count, what in (
            (gone, "of files that are gone"),
            (ended, "whose last day has passed"),
            (unknown, "of rules that are not there"),
        )
        if count
    ]
    if stale:
        yield Line("warning", "baseline", f"{said}, {', '.join(stale)}", f"{NAME} baseline prune")
    else:
        yield Line("ok", "baseline", f"{said}; `{NAME} baseline status` tells whether all are still found")


def _ruff(tools: Neighbours) -> Iterator[Line]:
    ruff = tools.ruff
    if ruff is None:
        return
    if ruff.knows_us:
        yield Line("ok", "Ruff", f"{shown_path(ruff.path)}: it leaves comments with our codes alone")
    elif ruff.external is None and ruff.extends:
        yield Line("ok", "Ruff", f'{shown_path(ruff.path)} builds upon another file: see that `external` has "{CODES}" there')
    else:
        home = ".".join((*ruff.home, "external"))
        yield Line(
            "warning",
            "Ruff",
            f"{shown_path(ruff.path)}: with RUF100 or RUF102, --fix deletes `# noqa: {CODES}…`, for it knows no such codes",
            f'add "{CODES}" to {home}: `{NAME} init` does',
        )


def _flake8(tools: Neighbours) -> Iterator[Line]:
    if not tools.flake8 or not _version("flake8"):
        return
    shown = shown_path(tools.flake8)
    elsewhere = _callers(tools)
    if _flake8_ignores_us(tools.flake8):
        yield Line("ok", "flake8", f"{shown}: it leaves our rules out")
    elif not elsewhere:
        yield Line("ok", "flake8", f"{shown}: it shows our rules")
    else:
        yield Line(
            "warning",
            "flake8",
            f"it runs our rules as a plugin, and {shown_path(elsewhere[0])} runs them too, so each finding is told twice",
            f"leave one out: `extend-ignore = {CODES}` in {shown}",
        )


def _callers(tools: Neighbours) -> list[str]:
    """The files of hooks and jobs that call us by ourselves."""
    return [path for path in (tools.hooks, tools.gitlab, *workflows_of(tools.workflows)) if path and names_us(path)]


def _flake8_ignores_us(path: str) -> bool:
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    with contextlib.suppress(configparser.Error):
        parser.read_string(text_of(path))
    told = " ".join(parser.get("flake8", key, fallback="") or "" for key in ("ignore", "extend-ignore", "extend_ignore"))
    return CODES in re.split(r"[\s,]+", told)


def _pylint(tools: Neighbours) -> Iterator[Line]:
    if not tools.pylint_loads_us:
        return
    elsewhere = _callers(tools)
    if _version("pylint") and elsewhere:
        yield Line(
            "warning",
            "pylint",
            f"{shown_path(tools.pylint)} loads our plugin, and {shown_path(elsewhere[0])} calls us too, so each finding is told twice",
            "leave one out",
        )
    elif _version("pylint"):
        yield Line("ok", "pylint", f"{shown_path(tools.pylint)}: it loads our plugin")
    else:
        yield Line(
            "warning",
            "pylint",
            f"{shown_path(tools.pylint)} loads our plugin, but beside us there is no pylint",
            f"install both in one environment: pip install '{NAME}[pylint]'",
        )


def _hooks(tools: Neighbours) -> Iterator[Line]:
    if not tools.hooks or not names_us(tools.hooks):
        return
    git = os.path.join(tools.top, ".git")
    elsewhere = "hookspath" in text_of(os.path.join(git, "config")).lower()
    if os.path.isdir(git) and not elsewhere and not os.path.exists(os.path.join(git, "hooks", "pre-commit")):
        yield Line(
            "warning", "pre-commit", f"{shown_path(tools.hooks)} has our hook, but git does not call pre-commit here", "pre-commit install"
        )
    else:
        yield Line("ok", "pre-commit", f"{shown_path(tools.hooks)} has our hook")
