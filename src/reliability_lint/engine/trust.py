"""
The user's own settings: what no project may say of itself.

They stand in `reliability-lint/settings.toml` in the user's configuration folder and hold one list, `trusted-projects`: folders whose local rules may be executed.
"""

# ruff: noqa: PTH111, PTH113, PTH117, PTH118

from __future__ import annotations

import os
import sys

from ..mistake import did_you_mean

_KEY = "trusted-projects"


def place() -> str:
    """Where the user's own settings are, or would be; empty where there is no such place."""
    if sys.platform == "win32":
        folder = os.environ.get("APPDATA", "")
    else:
        folder = os.environ.get("XDG_CONFIG_HOME", "")
        if not os.path.isabs(folder):  # as the specification has it, such a path means nothing
            folder = os.path.join(os.path.expanduser("~"), ".config")
    if not os.path.isabs(folder):  # it would be somewhere in what is checked
        return ""
    return os.path.join(folder, "reliability-lint", "settings.toml")


def trusts(root: str) -> bool:
    """Whether the user has said that local rules of the project in this folder (its real path) may be executed. Where he says so cannot lie in the project."""
    from .discover import git_root

    if not os.path.isfile(place()):
        return False
    path = os.path.realpath(place())
    if _is_below(path, git_root(root) or root):
        return False
    return any(_is_below(root, os.path.realpath(os.path.expanduser(folder))) for folder in _trusted(path))


def _is_below(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath([path, folder]) == folder
    except ValueError:  # another drive
        return False


def _trusted(path: str) -> tuple[str, ...]:
    from .settings import user_table

    table, values = user_table(path)
    for key in values:
        if key != _KEY:
            raise table.mistake(
                f"unknown option '{key}' in {path}", (key,), at_key=True, hint=did_you_mean(key, [_KEY]) or f"there is '{_KEY}'"
            )
    folders = table.strings((_KEY,), values.get(_KEY, []))
    for index, folder in enumerate(folders):
        if not os.path.isabs(os.path.expanduser(folder)):
            raise table.mistake(f"'{folder}' is no full path", (_KEY, index), hint="write it from the top, or from '~'")
    return folders
