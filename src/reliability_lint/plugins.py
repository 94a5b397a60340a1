"""
What other distributions add: rules, and models of libraries. They are found by their entry points, and nothing of them is imported to find them.

    [project.entry-points."reliability_lint.rules"]
    acme = "acme_lint.rules"                every rule in this package or module; they are the family `acme`

    [project.entry-points."reliability_lint.models"]
    acme = "acme_lint.models"               the folder of this package has a TOML file for each library

`importlib.metadata` takes longer to import than all else that happens here, so it is asked only about distributions that have such entry points.
"""

# ruff: noqa: PTH110, PTH112, PTH118, PTH119, PTH123, PTH207

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from glob import escape, glob
from typing import NamedTuple

from .mistake import Mistake

RULES = "reliability_lint.rules"
MODELS = "reliability_lint.models"
_ANNOUNCED = re.compile(rb"^\s*\[\s*reliability_lint\.(?:rules|models)\s*\]", re.MULTILINE)
_METADATA = (".dist-info", ".egg-info")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


class Plugin(NamedTuple):
    """An entry point of one of our groups: what it is called, the package or module it names, and the distribution it came with."""

    group: str
    name: str
    module: str
    distribution: str
    version: str

    @property
    def origin(self) -> str:
        """The distribution, as messages name it."""
        return f"{self.distribution} {self.version}"

    def wrong(self, said: str) -> Mistake:
        """A mistake that whoever made the distribution has to mend."""
        return Mistake(f"{said} ({self.origin}, entry point '{self.name}')", hint=f"update {self.distribution}, or uninstall it")


@cache
def plugins() -> tuple[Plugin, ...]:
    """All that is installed for us, in order."""
    found: dict[tuple[str, str, str], Plugin] = {}
    for folder in _announcing():
        from importlib.metadata import PathDistribution
        from pathlib import Path

        distribution = PathDistribution(Path(folder))
        for point in distribution.entry_points:
            if point.group in (RULES, MODELS):
                plugin = Plugin(point.group, point.name, point.module, distribution.name, distribution.version)
                found.setdefault((point.group, point.name, distribution.name), plugin)  # what comes first on the path is what is imported
    return tuple(found[key] for key in sorted(found))


def rule_plugins() -> Iterator[Plugin]:
    """Those that have rules. The name of each is that of a family."""
    for plugin in plugins():
        if plugin.group == RULES:
            if not _NAME.fullmatch(plugin.name):
                raise plugin.wrong(f"'{plugin.name}' is no name for a family: it has small letters, digits and hyphens, as 'acme' has")
            yield plugin


@cache
def model_files() -> tuple[tuple[Plugin, str], ...]:
    """The files of all models that are installed for us."""
    found: list[tuple[Plugin, str]] = []
    for plugin in plugins():
        if plugin.group == MODELS:
            files = [path for place in code_of(plugin) for path in sorted(glob(os.path.join(escape(place), "*.toml")))]
            if not files:
                raise plugin.wrong(f"'{plugin.module}' is no package with TOML files in its folder")
            found += [(plugin, path) for path in files]
    return tuple(found)


def code_of(plugin: Plugin) -> list[str]:
    """The folders of the package that a plugin names, or the file of the module."""
    inner = plugin.module.split(".")[1:]
    found = []
    for top in _tops(plugin):
        place = os.path.join(top, *inner) if inner else top
        found += [one for one in (place, f"{place}.py") if os.path.exists(one)]
    return found


def files() -> Iterator[str]:
    """Every file on which it depends what plugins add: all code and data of the packages that they are in."""
    waiting = sorted({place for plugin in plugins() for place in _tops(plugin)})
    while waiting:
        place = waiting.pop()
        if not os.path.isdir(place):
            yield place
            continue
        with os.scandir(place) as scan:
            for entry in scan:
                if entry.name.endswith((".py", ".toml")):
                    yield entry.path
                elif entry.name.isidentifier() and entry.name != "__pycache__" and entry.is_dir():
                    waiting.append(entry.path)


def surroundings() -> tuple[str, ...]:
    """What else is installed, with versions, where anything is installed for us: plugins may import it."""
    return tuple(sorted(os.path.basename(folder) for folder in _metadata())) if plugins() else ()


def _tops(plugin: Plugin) -> list[str]:
    """The folders of the outermost package that a plugin is in, or its file where that is a module. Nothing is imported."""
    from importlib.util import find_spec

    try:
        spec = find_spec(plugin.module.partition(".")[0])
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise plugin.wrong(f"there is no module '{plugin.module}'")
    if spec.submodule_search_locations is not None:
        return list(spec.submodule_search_locations)
    return [spec.origin] if spec.origin else []


def _announcing() -> Iterator[str]:
    for folder in _metadata():
        try:
            with open(os.path.join(folder, "entry_points.txt"), "rb") as file:
                data = file.read()
        except OSError:  # most have none
            continue
        if _ANNOUNCED.search(data):
            yield folder


def _metadata() -> Iterator[str]:
    """
    The metadata of all distributions, in the order in which Python looks for modules.

    Where the working directory is among the places (`python -m`), it is passed over: it may be what is checked, and nothing of that is executed.
    """
    here = os.path.realpath(os.curdir)
    for place in dict.fromkeys(sys.path):
        if not place or os.path.realpath(place) == here:
            continue
        try:
            with os.scandir(place) as scan:
                yield from (entry.path for entry in scan if entry.name.endswith(_METADATA))
        except OSError:  # an archive, or nothing
            continue
