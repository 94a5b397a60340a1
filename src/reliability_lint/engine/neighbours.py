"""
Which other tools a project has set up, by the files in which they look for their settings.

These are read and never believed further than that: a file that cannot be read names no tool, and no tool is run.
"""

# ruff: noqa: PTH112, PTH113, PTH118, PTH120, PTH123, PTH208

from __future__ import annotations

import configparser
import os
import re
import tomllib
from collections.abc import Iterator
from typing import cast

import msgspec

from .discover import git_root

CODES = "REL"  # the beginning of all our codes, as other linters name it

_FLAKE8 = ("setup.cfg", "tox.ini", ".flake8")
_PYLINT = (".pylintrc", "pylintrc", ".pylintrc.toml", "pylintrc.toml")
_HOOKS = (".pre-commit-config.yaml", ".pre-commit-config.yml")
# Ruff reads these in its top table, too; they were at home there before it had a table `lint`.
_OLD_HOME = frozenset({"select", "ignore", "extend-select", "extend-ignore", "per-file-ignores", "fixable", "unfixable", "external"})


class Ruff(msgspec.Struct, frozen=True):
    """
    The file that holds Ruff's settings. `table` is where they begin in it, `home` the keys from there to the table in which `external` stands or would stand.

    `external` is what it has, None where it is not set. `extends`: it builds upon another file, whose `external` a new one would hide.
    """

    path: str
    table: tuple[str, ...]
    home: tuple[str, ...]
    external: tuple[str, ...] | None = None
    extends: bool = False

    @property
    def knows_us(self) -> bool:
        """Whether comments that name our codes are safe from it."""
        return any(CODES.startswith(code) for code in self.external or ())


class Neighbours(msgspec.Struct, frozen=True):
    """What there is around a folder: real paths, empty where a tool is not set up."""

    top: str
    ruff: Ruff | None = None
    flake8: str = ""
    pylint: str = ""
    pylint_loads_us: bool = False
    hooks: str = ""
    workflows: str = ""
    gitlab: str = ""


def neighbours(folder: str) -> Neighbours:
    """The tools of a folder (its real path): of each, the settings that are closest, up to the top of the repository."""
    top = git_root(folder) or folder
    upward = [folder]
    while upward[-1] != top:
        upward.append(os.path.dirname(upward[-1]))
    pylint = next((path for one in upward if (path := _pylint(one))), "")
    return Neighbours(
        top,
        ruff=next((found for one in upward if (found := _ruff(one)) is not None), None),
        flake8=next((path for one in upward if (path := _flake8(one))), ""),
        pylint=pylint,
        pylint_loads_us="reliability_lint.fronts.pylint" in text_of(pylint),
        hooks=next((path for name in _HOOKS if os.path.isfile(path := os.path.join(top, name))), ""),
        workflows=path if os.path.isdir(path := os.path.join(top, ".github", "workflows")) else "",
        gitlab=path if os.path.isfile(path := os.path.join(top, ".gitlab-ci.yml")) else "",
    )


def text_of(path: str) -> str:
    """A file's text, or the empty string."""
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8-sig", "replace")
    except OSError:
        return ""


def names_us(path: str) -> bool:
    """Whether a file in YAML speaks of this linter, its comments aside."""
    lines = (re.sub(r"(^|\s)#.*", "", line) for line in text_of(path).splitlines())
    return any("reliability-lint" in line or "reliability_lint" in line for line in lines)


def workflows_of(folder: str) -> Iterator[str]:
    """The workflows in a folder of them."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    yield from (os.path.join(folder, name) for name in names if name.endswith((".yml", ".yaml")))


def _toml(path: str) -> dict[str, object]:
    try:
        return tomllib.loads(text_of(path))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _table(value: object, *keys: str) -> dict[str, object] | None:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def _ruff(folder: str) -> Ruff | None:
    # In the order in which Ruff itself looks for them.
    for name, keys in ((".ruff.toml", ()), ("ruff.toml", ()), ("pyproject.toml", ("tool", "ruff"))):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and (found := _table(_toml(path), *keys)) is not None:
            lint = _table(found, "lint")
            old = "external" in found and (lint is None or "external" not in lint)
            old = old or (lint is None and not _OLD_HOME.isdisjoint(found))
            value = (found if old else lint or {}).get("external")
            external = tuple(map(str, value)) if isinstance(value, list) else None
            return Ruff(os.path.realpath(path), keys, keys if old else (*keys, "lint"), external, "extend" in found)
    return None


def _flake8(folder: str) -> str:
    return next((path for name in _FLAKE8 if "flake8" in _sections(path := os.path.join(folder, name))), "")


def _pylint(folder: str) -> str:
    named = next((path for name in _PYLINT if os.path.isfile(path := os.path.join(folder, name))), "")
    if named:
        return named
    project = os.path.join(folder, "pyproject.toml")
    if _table(_toml(project), "tool", "pylint") is not None:
        return project
    setup = os.path.join(folder, "setup.cfg")
    return setup if any(name == "pylint" or name.startswith("pylint.") for name in _sections(setup)) else ""


def _sections(path: str) -> list[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(text_of(path))
    except configparser.Error:
        return []
    return parser.sections()
