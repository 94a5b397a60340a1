"""Which files may hold settings, in a project and above it."""

# ruff: noqa: PTH110, PTH112, PTH113, PTH118, PTH120

from __future__ import annotations

import os
from collections.abc import Iterable

from ..mistake import Mistake
from .discover import is_excluded
from .settings import DEFAULT_EXCLUDE, OWN_FILE, Lookup, Settings, read_if_any

_NAMES = (OWN_FILE, "pyproject.toml")


def settings_files(paths: Iterable[str]) -> list[str]:
    """
    The files that may hold settings: those that are named, those in the folders that are named, unless they lie where nothing is checked, and those that
    hold for these folders.
    """
    found: dict[str, None] = {}
    for path in paths:
        real = os.path.realpath(path)
        if not os.path.exists(real):
            raise Mistake("no such file or folder", path=path)
        if os.path.isdir(real):
            found.update((one, None) for name in _NAMES if (one := _holding(real, name)))
            found.update((one, None) for one in _below(real))
        elif path.endswith(".toml"):
            found[real] = None
        else:
            raise Mistake("this is no settings file", path=path, hint=f"settings stand in {' or '.join(_NAMES)}")
    return list(found)


def _holding(folder: str, name: str) -> str:
    """The closest file of a name, in a folder or above it, that has our settings or that cannot be read."""
    while True:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            try:
                if read_if_any(path) is not None:
                    return path
            except Mistake:
                return path
        if (above := os.path.dirname(folder)) == folder:
            return ""
        folder = above


def _below(top: str) -> Iterable[str]:
    try:
        settings = Lookup().of_folder(top)
    except Mistake:
        settings = Settings(root=top)
    left_out = {pattern.rstrip("/") for pattern in DEFAULT_EXCLUDE}
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(one for one in folders if one not in left_out and not os.path.exists(os.path.join(folder, one, "pyvenv.cfg")))
        for name in _NAMES:
            path = os.path.join(folder, name)
            if name in files and (folder == top or not is_excluded(path, settings)):
                yield path
